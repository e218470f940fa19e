package agent

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// arguments are zero values for a method: nil for a context, "" for a key.
func arguments(m reflect.Value) (in []reflect.Value) {
	for i := range m.Type().NumIn() {
		in = append(in, reflect.Zero(m.Type().In(i)))
	}
	return in
}

// An agent that New has not made refuses each call, and grants nothing.
func TestAnAgentThatWasNotMade(t *testing.T) {
	for name, a := range map[string]*Agent{"nil": nil, "zero": {}} {
		v := reflect.ValueOf(a)
		for i := range v.NumMethod() {
			method := v.Type().Method(i).Name
			t.Run(name+"/"+method, func(t *testing.T) {
				out := v.Method(i).Call(arguments(v.Method(i)))
				if len(out) == 0 {
					return
				}
				if err, ok := out[len(out)-1].Interface().(error); ok != (out[len(out)-1].Type() == reflect.TypeFor[error]()) {
					t.Errorf("it returns %v", err)
				}
				if allowed, ok := out[0].Interface().(bool); ok && allowed {
					t.Error("it is allowed")
				}
			})
		}
		for range a.Changes(context.Background()) {
			t.Errorf("%s: an event", name)
		}
	}
}

// A nil context is context.Background, whatever the call.
func TestNoContext(t *testing.T) {
	methods := reflect.TypeFor[*Agent]()
	for i := range methods.NumMethod() {
		m := methods.Method(i)
		if m.Type.NumIn() < 2 || m.Type.In(1) != reflect.TypeFor[context.Context]() {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, _ := w.activated(floating)
				call := reflect.ValueOf(a).Method(i)
				call.Call(arguments(call))
				_ = a.Close(nil)           //nolint:staticcheck // which is what this test is about
				for range a.Changes(nil) { //nolint:staticcheck // likewise
					continue // until the last, as the agent is closed
				}
			})
		})
	}
}

func TestNoContextWithoutAnAgent(t *testing.T) {
	_, cfg := licensed(t)
	if _, err := Identify(nil, cfg); err != nil { //nolint:staticcheck // which is what this test is about
		t.Error(err)
	}
	now, file := time.Now(), []byte("<x/>")
	got, err := InspectFile(nil, cfg, file, now) //nolint:staticcheck // likewise
	want, wantErr := InspectFile(t.Context(), cfg, file, now)
	if fmt.Sprintf("%+v, %v", got, err) != fmt.Sprintf("%+v, %v", want, wantErr) {
		t.Errorf("%+v, %v; with a context %+v, %v", got, err, want, wantErr)
	}
}
