package slasconetest

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"slices"
)

// stateWriter writes the state piece by piece, so that neither the server has to
// stand still while a fleet is saved nor its state is in memory twice. It takes
// the server's lock for a few hundred entries at a time. What clients do
// meanwhile is in it or not; each token, client and session is whole.
type stateWriter struct {
	s   *Server
	st  *store // which a reset meanwhile replaces, and does not change
	w   *bufio.Writer
	err error
}

// pieceOfState is how many entries are read under the lock at a time.
const pieceOfState = 256

// writeState writes the state; key is empty where the signing key is left out.
func (s *Server) writeState(w io.Writer, key string) error {
	s.mu.Lock()
	s.saving++
	head := savedState{Format: stateFormat, Key: key, Offset: Duration(s.offset)}
	products, licenses := []Product{}, slices.Clone(s.store.licenses)
	for _, p := range s.store.products {
		products = append(products, p.clone())
	}
	st := s.store
	usages, measurements := st.usages, st.measurements // which are only appended to
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.saving--; s.saving == 0 {
			s.gone = nil
		}
	}()

	out := &stateWriter{s: s, st: st, w: bufio.NewWriterSize(w, 1<<16)}
	out.text(`{"format":`)
	out.value(head.Format)
	if key != "" {
		out.text(`,"signing_key":`)
		out.value(key)
	}
	out.text(`,"clock_offset":`)
	out.value(head.Offset)
	out.text(`,"products":`)
	out.value(products)
	out.text(`,"licences":[`)
	for i, l := range licenses {
		if i > 0 {
			out.text(",")
		}
		out.license(l)
	}
	// Clients come after the tokens: whom a token names is there, or was forgotten
	// meanwhile and is written as well.
	out.text(`],"clients":[`)
	out.clients()
	out.text(`],"usages":[`)
	list(out, usages, func(u Usage) Usage { return u })
	out.text(`],"measurements":[`)
	list(out, measurements, func(m Measurement) Measurement { return m })
	out.text("]}\n")
	if out.err == nil {
		out.err = out.w.Flush()
	}
	return out.err
}

func (o *stateWriter) text(text string) {
	if o.err == nil {
		_, o.err = o.w.WriteString(text)
	}
}

func (o *stateWriter) value(v any) {
	data, err := json.Marshal(v)
	if o.err == nil {
		o.err = err
	}
	o.text(string(data))
}

// list writes the elements of a list that is only appended to.
func list[T, S any](o *stateWriter, all []T, saved func(T) S) {
	for i := 0; i < len(all) && o.err == nil; i += pieceOfState {
		piece := make([]any, 0, pieceOfState)
		o.s.mu.Lock()
		for _, e := range all[i:min(i+pieceOfState, len(all))] {
			piece = append(piece, saved(e))
		}
		o.s.mu.Unlock()
		o.values(piece, i == 0)
	}
}

func (o *stateWriter) values(values []any, first bool) {
	for _, v := range values {
		if !first {
			o.text(",\n")
		}
		first = false
		o.value(v)
	}
}

func (o *stateWriter) license(l *license) {
	o.s.mu.Lock()
	terms, tokens := l.License.clone(), l.tokens
	sessions := []Session{}
	for _, open := range l.sessions {
		sessions = append(sessions, *open)
	}
	uses := map[string]usage{}
	for id, u := range l.usage {
		uses[id] = usage{u.First, maps.Clone(u.Totals), maps.Clone(u.Transactions), maps.Clone(u.External)}
	}
	o.s.mu.Unlock()
	o.text(`{"terms":`)
	o.value(terms)
	o.text(`,"sessions":`)
	o.value(sessions)
	o.text(`,"usage":`)
	o.value(uses)
	o.text(`,"tokens":[`)
	list(o, tokens, (*token).public)
	o.text("]}")
}

// clients goes through the roll from its end: one that is forgotten meanwhile is
// replaced by the last, which is written already.
func (o *stateWriter) clients() {
	first := true
	o.s.mu.Lock()
	end := len(o.st.roll)
	o.s.mu.Unlock()
	for end > 0 && o.err == nil {
		piece := make([]any, 0, pieceOfState)
		o.s.mu.Lock()
		end = min(end, len(o.st.roll))
		for ; end > 0 && len(piece) < pieceOfState; end-- {
			piece = append(piece, o.st.public(o.st.roll[end-1]))
		}
		o.s.mu.Unlock()
		o.values(piece, first)
		first = first && len(piece) == 0
	}
	o.s.mu.Lock()
	gone := slices.Clone(o.s.gone)
	o.s.mu.Unlock()
	for _, c := range gone {
		o.values([]any{c}, first)
		first = false
	}
}

// forgotten notes a client that goes while the state is being written. The
// caller holds the lock.
func (s *Server) forgotten(c *client) {
	if s.saving > 0 {
		s.gone = append(s.gone, s.store.public(c))
	}
}
