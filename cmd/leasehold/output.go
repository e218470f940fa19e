package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/term"

	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// output is where a command prints. It remembers that this was not possible: a
// result that nobody got is no success. What goes on printing, such as watch, is
// ended by failed.
type output struct {
	to     io.Writer
	failed func()

	mu  sync.Mutex
	err error // the first
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	if err != nil {
		o.err = err
		o.failed()
	}
	return n, err
}

func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// style is how text looks: plain, or with colours on a terminal.
type style struct{ colour bool }

// styleFor chooses colours only for a terminal whose user has not declined
// them (NO_COLOR, see no-color.org).
func styleFor(w io.Writer, lookup func(string) (string, bool)) style {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return style{}
	}
	if v, set := lookup("NO_COLOR"); set && v != "" {
		return style{}
	}
	if v, _ := lookup("TERM"); v == "dumb" {
		return style{}
	}
	return style{colour: true}
}

// The escape sequences of the states; they read on light and dark alike.
var stateColours = map[enforcement.State]string{
	enforcement.Active:   "\x1b[32m",
	enforcement.Grace:    "\x1b[33m",
	enforcement.ReadOnly: "\x1b[35m",
	enforcement.Locked:   "\x1b[31m",
}

func (s style) state(st enforcement.State, text string) string {
	if !s.colour {
		return text
	}
	return stateColours[st] + text + "\x1b[0m"
}

func (s style) dim(text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[2m" + text + "\x1b[0m"
}

// printJSON prints one object on one line.
func (a *app) printJSON(v any) {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // a.out remembers that it cannot be written
}

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

// tell says what was done besides what is printed: before it, or with --json on
// stderr.
func (a *app) tell(text string) {
	if a.json {
		fmt.Fprintf(a.err, "hint: %s\n", text)
		return
	}
	a.printf("%s\n\n", text)
}

// complain prints an error and what to do about it on stderr; without a hint,
// what hintOf says.
func (a *app) complain(err error, hint string) {
	fmt.Fprintf(a.err, "error: %s\nhint: %s\n", protocol.Plain(err), cmp.Or(hint, hintOf(err)))
}

// clean takes what a terminal would obey out of a server's text.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}
