package slascone

import "testing"

func TestKinds(t *testing.T) {
	var zero Answer[int]
	if zero.Kind != Silence {
		t.Error("an answer that was never given is not Silence")
	}
	for kind, want := range map[Kind]string{Silence: "silence", Yes: "yes", No: "no", 7: "silence"} {
		if kind.String() != want {
			t.Errorf("Kind(%d) = %q", kind, kind)
		}
	}
}
