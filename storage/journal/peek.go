package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

// Extent is what a journal says of itself.
type Extent struct {
	// Pending is how many entries are not acknowledged.
	Pending int
	// Last is the position of the entry that was appended last; 0 for none. It
	// never becomes less while the file exists. A record that has noted a larger
	// one has seen a newer journal, which was lost or replaced by an older copy.
	Last uint64
	// Acknowledged is the position through which all entries are acknowledged.
	Acknowledged uint64
}

func (st *state) extent() Extent {
	n := st.next.position - 1 - st.acked - uint64(len(st.settled))
	return Extent{Pending: int(min(n, math.MaxInt)), Last: st.next.position - 1, Acknowledged: st.acked}
}

// Peek returns what the journal at path says of itself, without waiting for
// those who use it, without a lock, and without changing or making any file. What
// cannot be read at its end is left out. The zero Extent says that there is no
// journal. Errors match [ErrNewerFormat], or are what the file system gave.
func Peek(path string, key [32]byte) (Extent, error) {
	e, err := peek(path, key)
	if err != nil {
		return Extent{}, fmt.Errorf("journal: peek: %w", err)
	}
	return e, nil
}

func peek(path string, key [32]byte) (Extent, error) {
	f, err := durable.Open(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return Extent{}, nil
	}
	if err != nil {
		return Extent{}, err
	}
	s := &session{j: &Journal{path: path, key: key}, f: osFile{f}}
	defer s.close()
	size, err := s.f.Size()
	if err != nil {
		return Extent{}, err
	}
	header := make([]byte, min(size, headerLen))
	if _, err := s.f.ReadAt(header, 0); err != nil {
		return Extent{}, err
	}
	if s.j.st, err = readHeader(key, header); err != nil {
		return Extent{}, err
	}
	if _, err := s.catchUp(size); err != nil {
		return Extent{}, err
	}
	return s.j.st.extent(), nil
}
