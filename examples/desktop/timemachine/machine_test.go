package timemachine

import (
	"context"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

func started(t *testing.T, m *Machine, device string) *agent.Agent {
	t.Helper()
	a, err := agent.New(m.Config(device))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	return a
}

// stands waits until an agent that works by itself has come to a state.
func stands(t *testing.T, a *agent.Agent, state enforcement.State, code enforcement.Code) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if d := a.Decision(); d.State == state && d.Code == code {
			return
		}
	}
	t.Fatalf("%v, want %v with code %d", a.Decision(), state, code)
}

func do(t *testing.T, m *Machine, a *agent.Agent, name string) {
	t.Helper()
	for _, act := range m.Acts() {
		if act.Name == name {
			if err := act.Do(t.Context(), a); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return
		}
	}
	t.Fatalf("there is no act %q", name)
}

// TestActs plays each act with an agent that works by itself, as in the program,
// and makes it good again.
func TestActs(t *testing.T) {
	m := New(t.TempDir(), time.Now())
	t.Cleanup(func() { _ = m.Close() })
	a := started(t, m, Computer)
	if _, err := a.Activate(t.Context(), Key); err != nil {
		t.Fatal(err)
	}
	stands(t, a, enforcement.Active, 0)
	for _, step := range []struct {
		act   string
		state enforcement.State
		code  enforcement.Code
	}{
		{"1001 Expired", enforcement.Grace, 1001},
		{"The next change", enforcement.ReadOnly, 1001},
		{"The next change", enforcement.Locked, 1001},
		{"All is well again", enforcement.Active, 0},
		{"1002 Switched off", enforcement.Locked, 1002},
		{"All is well again", enforcement.Active, 0},
		{"1003 Release", enforcement.Grace, 1003},
		{"All is well again", enforcement.Active, 0},
		{"1007 No seat", enforcement.ReadOnly, 1007},
		{"Colleague leaves", enforcement.Active, 0},
		{"1007 No seat", enforcement.ReadOnly, 1007},
		{"All is well again", enforcement.Active, 0},
		{"12002 Sessions", enforcement.Locked, 12002},
		{"All is well again", enforcement.Active, 0},
		{"Outage", enforcement.Active, 0},
		{"+1 day", enforcement.Active, 0},
		{"+8 days", enforcement.ReadOnly, 0},
		{"Network is back", enforcement.Active, 0},
		{"Captive portal", enforcement.Active, 0},
		{"+8 days", enforcement.ReadOnly, 0},
		{"Network is back", enforcement.Active, 0},
		{"Clock set back", enforcement.Grace, 0},
		{"Clock set right", enforcement.Active, 0},
		{"Keyring gone", enforcement.Active, 0},
		{"+1 day", enforcement.Active, 0},
		{"Keyring back", enforcement.Active, 0},
	} {
		do(t, m, a, step.act)
		t.Logf("%s: %v", step.act, a.Decision())
		stands(t, a, step.state, step.code)
	}
}

// TestKeyringGone wants the licence to be read and kept while the keyring is away.
func TestKeyringGone(t *testing.T) {
	m := New(t.TempDir(), time.Now())
	t.Cleanup(func() { _ = m.Close() })
	a := started(t, m, Computer)
	if _, err := a.Activate(t.Context(), Key); err != nil {
		t.Fatal(err)
	}
	if kind := a.Diagnose().Store; kind != storage.KindKeyring {
		t.Fatalf("the licence is kept in %s", kind)
	}
	do(t, m, a, "Keyring gone")
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	again := started(t, m, Computer)
	stands(t, again, enforcement.Active, 0)
	if kind := again.Diagnose().Store; kind == storage.KindKeyring {
		t.Errorf("without a keyring the licence is kept in %s", kind)
	}
}

// TestSecondWindow wants two windows of one computer to share a seat, and another
// computer to wait until both are closed.
func TestSecondWindow(t *testing.T) {
	m := New(t.TempDir(), time.Now())
	t.Cleanup(func() { _ = m.Close() })
	first := started(t, m, Computer)
	if _, err := first.Activate(t.Context(), Key); err != nil {
		t.Fatal(err)
	}
	stands(t, first, enforcement.Active, 0)
	second := started(t, m, Computer)
	stands(t, second, enforcement.Active, 0)

	other := started(t, m, "another-computer")
	if _, err := other.Activate(t.Context(), Key); err != nil {
		t.Fatal(err)
	}
	stands(t, other, enforcement.ReadOnly, 1007)

	do(t, m, first, "1002 Switched off")
	_ = m.ask(t.Context(), second)
	stands(t, second, enforcement.Locked, second.Decision().Code)
	do(t, m, first, "All is well again")
	_ = m.ask(t.Context(), second)
	stands(t, second, enforcement.Active, 0)

	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !second.Session().Held {
		t.Error("closing one window took the other's seat")
	}
	if err := second.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(m.Server.Sessions()); n != 0 {
		t.Fatalf("%d sessions are left after both windows", n)
	}
	if _, err := other.OpenSession(t.Context(), 0); err != nil {
		t.Error(err)
	}
	stands(t, other, enforcement.Active, 0)
}
