package storage

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
)

// TestBounds opens records that are sealed with the right key, and still ask
// for too much: whoever has the key can make them.
func TestBounds(t *testing.T) {
	s := sealer{identity: Identity{ISV: "i", Product: "p"}.canonical(), seal: []byte("device")}
	k, err := s.newKeys()
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, MaxData+1)
	for _, c := range []struct {
		name    string
		data    []byte // its length goes into the header
		payload []byte
		flags   byte
		want    string
	}{
		{"more than MaxData", zeros, deflate(zeros, new(sync.Pool)), flagDeflated, "header is impossible"},
		{"bomb", zeros[:10], deflate(zeros, new(sync.Pool)), flagDeflated, "more than the 10 bytes announced"},
		{"too short", zeros[:10], deflate(zeros[:9], new(sync.Pool)), flagDeflated, "inflating"},
		{"not deflated", zeros[:10], []byte("no deflate"), flagDeflated, "inflating"},
		{"too short as it is", zeros[:10], zeros[:9], 0, "length of the data"},
		{"unknown flag", zeros[:10], zeros[:10], 0x40, "header is impossible"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.encode(k, formState, State{Data: c.data}, c.payload, c.flags)
			_, err := s.decode(b, nil)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want ErrDamaged: %s", err, c.want)
			}
		})
	}
	whole := s.encode(k, formState, State{Data: zeros[:MaxData]}, deflate(zeros[:MaxData], new(sync.Pool)), flagDeflated)
	if r, err := s.decode(whole, nil); err != nil || !bytes.Equal(r.state.Data, zeros[:MaxData]) {
		t.Errorf("exactly MaxData: %v", err)
	}
}

// TestLongestRecordIsRead: what Commit can write, Load can read.
func TestLongestRecordIsRead(t *testing.T) {
	if n := len((sealer{}).encode(must((sealer{}).newKeys()), formSpill, State{}, make([]byte, MaxData), 0)); n > maxRecord {
		t.Errorf("%d bytes, the limit is %d", n, maxRecord)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
