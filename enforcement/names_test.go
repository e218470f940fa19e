package enforcement

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// text is what every enumeration of the package is.
type text[T any] interface {
	*T
	encoding.TextUnmarshaler
}

func checkNames[T interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}, P text[T]](t *testing.T, want string) {
	t.Helper()
	names := strings.Split(want, "|")
	for i, name := range names {
		v := T(i)
		if v.String() != name {
			t.Errorf("%T(%d).String() = %q, want %q", v, i, v.String(), name)
		}
		if b, err := v.MarshalText(); err != nil || string(b) != name {
			t.Errorf("%T(%d).MarshalText() = %q, %v", v, i, b, err)
		}
		var back T
		if err := P(&back).UnmarshalText([]byte(name)); err != nil || back != v {
			t.Errorf("%T from %q = %d, %v", v, name, uint8(back), err)
		}
	}
	beyond := T(len(names))
	if b, err := beyond.MarshalText(); err == nil {
		t.Errorf("%T(%d) marshals as %q, which no value should", beyond, len(names), b)
	}
	if got := beyond.String(); !strings.HasSuffix(got, fmt.Sprintf("(%d)", len(names))) {
		t.Errorf("%T(%d).String() = %q", beyond, len(names), got)
	}
	kept := T(0)
	if err := P(&kept).UnmarshalText([]byte("no such name")); err == nil || kept != 0 {
		t.Errorf("%T reads an unknown name as %d, %v", kept, uint8(kept), err)
	}
}

func TestNames(t *testing.T) {
	checkNames[State](t, "active|grace|read_only|locked")
	checkNames[Cause](t, "|suspended|inactive|expired|not_yet_valid|version_not_covered|user_inactive|user_limit|"+
		"not_activated|device_mismatch|connection_limit|session_limit|session_missing|clock_rolled_back|"+
		"signature_invalid|unauthorized|unreachable")
	checkNames[Source](t, "|heartbeat|activation|licence_file")
	checkNames[Channel](t, "licence|session")
	checkNames[SilenceKind](t, "|network|unauthorized|signature|proxy")
	checkNames[Scope](t, "call|licence|seat|device|vendor")
	checkNames[Actor](t, "|user|administrator|vendor|developer")
	checkNames[Remedy](t, "|enter_key|check_key|import_activation|activate_again|renew|update|go_online|close_window|free_seat|free_device|deactivate_there|add_user|remove_user|"+
		"wait_for_start|wait_for_reset|correct_clock|correct_input|contact_vendor|vendor_access|check_network|"+
		"vendor_configuration|vendor_back_office|fix_application")
}

func TestStatesAreOrderedBySeverity(t *testing.T) {
	if !slices.IsSorted([]State{Active, Grace, ReadOnly, Locked}) {
		t.Error("the order of states is not that of severity")
	}
}

func TestCauses(t *testing.T) {
	list := Causes()
	if len(list) != int(causeCount)-1 || list[0] != Suspended || list[len(list)-1] != Unreachable || !slices.IsSorted(list) {
		t.Errorf("Causes() = %v", list)
	}
}

func TestRemedies(t *testing.T) {
	for r := EnterKey; r < remedyCount; r++ {
		if r.Sentence() == "" || r.Who() == Nobody {
			t.Errorf("%s has no sentence, or nobody who can do it", r)
		}
		if strings.HasSuffix(r.Sentence(), ".") || strings.ToLower(r.Sentence()[:1]) != r.Sentence()[:1] {
			t.Errorf("%s: %q is not lower case without a full stop", r, r.Sentence())
		}
	}
	for _, r := range []Remedy{NoRemedy, remedyCount} {
		if r.Sentence() != "" || r.Who() != Nobody {
			t.Errorf("%s says %q, by %s", r, r.Sentence(), r.Who())
		}
	}
	for r, begins := range map[Remedy]string{
		EnterKey: "enter a licence key", RenewLicense: "renew the licence", UpdateApplication: "update the application",
		GoOnline: "go online", CloseWindow: "close another window", FreeSeat: "close another window",
		ContactVendor: "contact the vendor", CorrectClock: "correct the computer's clock",
	} {
		if !strings.HasPrefix(r.Sentence(), begins) {
			t.Errorf("%s: %q does not begin with %q", r, r.Sentence(), begins)
		}
	}
}

func TestRemediesListsThemAll(t *testing.T) {
	list := Remedies()
	if !slices.IsSorted(list) || len(list) == 0 || list[0] != NoRemedy+1 {
		t.Errorf("Remedies() = %v", list)
	}
	for _, r := range list {
		text, err := r.MarshalText()
		if err != nil || len(text) == 0 || r.Sentence() == "" {
			t.Errorf("remedy %d: %q, %v", r, text, err)
		}
	}
	if next := list[len(list)-1] + 1; next.Sentence() != "" {
		t.Errorf("%s is missing", next)
	}
}

func TestEveryCauseHasARemedy(t *testing.T) {
	for _, c := range Causes() {
		if causeRemedy[c] == NoRemedy {
			t.Errorf("nothing helps against %s", c)
		}
	}
}

func TestEndpointNames(t *testing.T) {
	all := Endpoint(0)
	for _, e := range allEndpoints() {
		all |= e
		if len(e.Names()) != 1 {
			t.Errorf("%b has the names %q", e, e.Names())
		}
	}
	if len(all.Names()) != len(endpointNames) || all != endpointEnd-1 {
		t.Errorf("the endpoints are %s", all)
	}
	both := EndpointHeartbeat | EndpointActivation
	if both.String() != "activation, heartbeat" || !both.Has(EndpointHeartbeat) || both.Has(EndpointUnassign|EndpointHeartbeat) {
		t.Errorf("both = %s", both)
	}
	if b, err := both.MarshalJSON(); err != nil || string(b) != `["activation","heartbeat"]` {
		t.Errorf("JSON %s, %v", b, err)
	}
	if b, err := Endpoint(0).MarshalJSON(); err != nil || string(b) != `[]` {
		t.Errorf("JSON of none %s, %v", b, err)
	}
}
