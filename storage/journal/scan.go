package journal

import (
	"bufio"
	"crypto/cipher"
	"errors"
	"io"
)

// point is the place of a frame.
type point struct {
	offset   int64
	frame    uint64 // its number
	position uint64 // of its first entry, or of the next one to come
}

// scanner reads frames one after another.
type scanner struct {
	r    *bufio.Reader
	aead cipher.AEAD
	at   point // of the frame that next reads
}

// scan reads the frames from a point up to an offset.
func (s *session) scan(from point, to int64) *scanner {
	return &scanner{
		r:    bufio.NewReaderSize(io.NewSectionReader(s.f, from.offset, to-from.offset), 64<<10),
		aead: s.j.st.aead,
		at:   from,
	}
}

// next returns a frame and moves on. Errors: io.EOF at the end, errBroken where
// a frame cannot be read, or what the file gave.
func (c *scanner) next() (frame, error) {
	var head [frameHead]byte
	if err := c.fill(head[:]); err != nil {
		return frame{}, err
	}
	number, sealed, ok := readFrameHead(head[:])
	if !ok || number != c.at.frame {
		return frame{}, errBroken
	}
	body := make([]byte, sealed)
	if err := c.fill(body); errors.Is(err, io.EOF) {
		return frame{}, errBroken
	} else if err != nil {
		return frame{}, err
	}
	content, err := c.aead.Open(nil, nil, body, head[:])
	if err != nil {
		return frame{}, errBroken
	}
	f, err := readContent(content)
	if err != nil || f.furthest() >= c.at.position {
		return frame{}, errBroken
	}
	c.at.offset += int64(frameHead + sealed)
	c.at.frame++
	c.at.position += uint64(len(f.entries))
	return f, nil
}

func (c *scanner) fill(b []byte) error {
	_, err := io.ReadFull(c.r, b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errBroken
	}
	return err
}

// catchUp reads what was added since this process last looked. broken means
// that the file goes on after j.st.next with something that is no frame.
func (s *session) catchUp(size int64) (broken bool, err error) {
	st := &s.j.st
	c := s.scan(st.next, size)
	for err == nil {
		var f frame
		if f, err = c.next(); err == nil {
			st.add(f, st.next.position)
			st.next = c.at
		}
	}
	switch {
	case errors.Is(err, io.EOF):
	case errors.Is(err, errBroken):
		broken = true
	default:
		return false, err
	}
	return broken, s.passAcked()
}

// add notes what a frame says of acknowledgements; position is that of its
// first entry.
func (st *state) add(f frame, position uint64) {
	for i, e := range f.entries {
		if len(e) == 0 {
			st.settle(position + uint64(i))
		}
	}
	for _, p := range f.ackedEach {
		st.settle(p)
	}
	st.acknowledge(f.acked)
}

// passAcked moves the beginning of what is pending over acknowledged frames.
func (s *session) passAcked() error {
	st := &s.j.st
	c := s.scan(st.done, st.next.offset)
	for st.done != st.next {
		_, err := c.next()
		if err != nil {
			return s.changed(err)
		}
		if c.at.position > st.acked+1 {
			return nil
		}
		st.done = c.at
	}
	return nil
}

// pending returns up to most entries that are not acknowledged.
func (s *session) pending(most int) ([]Entry, error) {
	st := &s.j.st
	var list []Entry
	c := s.scan(st.done, st.next.offset)
	for c.at != st.next {
		position := c.at.position
		f, err := c.next()
		if err != nil {
			return nil, s.changed(err)
		}
		for i, data := range f.entries {
			if p := position + uint64(i); p > st.acked && !st.isSettled(p) {
				if len(list) == most {
					return list, nil
				}
				list = append(list, Entry{Position: p, Data: data})
			}
		}
	}
	return list, nil
}

// remaining returns what a new file must have from the first entry on that is
// not acknowledged: data, or nothing where a later one is acknowledged,
// so that all others keep their positions.
func (s *session) remaining() ([][]byte, error) {
	pending, err := s.pending(noLimit)
	if err != nil {
		return nil, err
	}
	list := make([][]byte, s.j.st.next.position-s.j.st.acked-1)
	for _, e := range pending {
		list[e.Position-s.j.st.acked-1] = e.Data
	}
	return list, nil
}
