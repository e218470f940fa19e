package slascone_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// A nil context is context.Background, whatever the call.
func TestNoContext(t *testing.T) {
	server := slasconetest.New(slasconetest.Config{})
	defer server.Close()
	client, err := newClient(server)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for name, m := range reflect.ValueOf(client).Methods() {
		in := make([]reflect.Value, m.Type().NumIn())
		for i := range in {
			in[i] = reflect.Zero(m.Type().In(i))
		}
		if len(in) > 0 && m.Type().In(0) == reflect.TypeFor[context.Context]() {
			calls++
			t.Run(name.Name, func(*testing.T) { m.Call(in) })
		}
	}
	if calls < 10 {
		t.Errorf("%d calls", calls)
	}
	var none context.Context
	answer := func(ctx context.Context) slascone.Answer[int] {
		if ctx == nil {
			t.Error("the call has no context")
		}
		return slascone.Answer[int]{}
	}
	slascone.Twice(none, answer)
	slascone.Try(none, true, answer)
}
