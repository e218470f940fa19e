// Package logging is what the library needs of the application's logger: four methods of *slog.Logger. An interface
// keeps log/slog, 82 kB, out of programs that do not use it themselves (docs/size.md).
package logging

import "reflect"

// Logger has the methods of *slog.Logger that the library calls. The packages that take a logger from outside have an
// interface of their own with the same methods, for the reader of their documentation.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// OrNone returns l, or a logger that does nothing if there is none: l is nil or holds a nil pointer, such as a
// *slog.Logger that was never set.
func OrNone(l Logger) Logger {
	if v := reflect.ValueOf(l); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return &none{}
	}
	return l
}

type none struct{}

func (*none) Debug(string, ...any) {}
func (*none) Info(string, ...any)  {}
func (*none) Warn(string, ...any)  {}
func (*none) Error(string, ...any) {}
