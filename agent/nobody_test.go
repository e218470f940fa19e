package agent

import (
	"context"
	"reflect"
	"testing"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// TestNobodyIsNoAgent calls every method of an agent that was never made. None
// panics, none grants anything, and each that can says so with an error.
func TestNobodyIsNoAgent(t *testing.T) {
	for name, a := range map[string]*Agent{"nil": nil, "zero": {}} {
		v := reflect.ValueOf(a)
		for i := range v.NumMethod() {
			method := v.Type().Method(i)
			t.Run(name+" "+method.Name, func(t *testing.T) {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("panics: %v", p)
					}
				}()
				var args []reflect.Value
				for n := 1; n < method.Type.NumIn(); n++ {
					arg := reflect.New(method.Type.In(n)).Elem()
					if method.Type.In(n) == reflect.TypeFor[context.Context]() {
						arg = reflect.ValueOf(t.Context())
					}
					args = append(args, arg)
				}
				for _, r := range v.Method(i).Call(args) {
					if r.Type() == reflect.TypeFor[error]() && r.IsNil() {
						t.Error("returns no error")
					}
					if d, ok := r.Interface().(enforcement.Decision); ok && d.State != enforcement.Locked {
						t.Errorf("decides %v", d)
					}
					if yes, ok := r.Interface().(bool); ok && yes {
						t.Error("says yes")
					}
				}
			})
		}
		for range a.Changes(t.Context()) {
			t.Errorf("%s: something is told", name)
		}
	}
}
