package storage

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"
)

// mark is the small file beside the record that outlives it: what was
// committed to the keyring, so that an older item is noticed and a locked
// keyring is not taken for an empty one; and what was deleted, so that it
// stays deleted.
//
//	offset  length
//	     0       4  "LHSM"
//	     4       2  format, 1
//	     6       2  flags: 1 the keyring may hold the record
//	     8       8  sequence of the newest commit known
//	    16       8  sequence up to which everything was deleted
//	    24      12  high-water mark
//	    36      12  server time
//	    48      16  HMAC-SHA-256, cut, under a key from the seal and the identity
//	    64      16  SHA-256 of all before, cut
//
// The HMAC tells a mark of another device apart. It is no secret of this
// device: a mark is evidence against its user, who could as well delete it.
type mark struct {
	inKeyring bool
	sequence  uint64
	deleted   uint64
	highWater time.Time
	server    time.Time
}

const (
	markMagic  = "LHSM"
	markFormat = 1

	markInKeyring = 1

	markBody = 48
	markLen  = markBody + checkLen + checkLen
)

var (
	errMarkDamaged = errors.New("mark is damaged")
	errMarkForeign = errors.New("mark belongs to another device or product")
)

func (s sealer) encodeMark(m mark) ([]byte, error) {
	b := append(make([]byte, 0, markLen), markMagic...)
	b = binary.BigEndian.AppendUint16(b, markFormat)
	var flags uint16
	if m.inKeyring {
		flags |= markInKeyring
	}
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint64(b, m.sequence)
	b = binary.BigEndian.AppendUint64(b, m.deleted)
	b = appendTime(b, m.highWater)
	b = appendTime(b, m.server)
	mac, err := s.markMAC(b)
	if err != nil {
		return nil, err
	}
	b = append(b, mac...)
	sum := sha256.Sum256(b)
	return append(b, sum[:checkLen]...), nil
}

func (s sealer) decodeMark(b []byte) (mark, error) {
	if len(b) != markLen || string(b[:4]) != markMagic || binary.BigEndian.Uint16(b[4:]) != markFormat {
		return mark{}, errMarkDamaged
	}
	body := b[:markLen-checkLen]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:checkLen], b[len(body):]) {
		return mark{}, errMarkDamaged
	}
	mac, err := s.markMAC(b[:markBody])
	if err != nil {
		return mark{}, err
	}
	if !hmac.Equal(mac, b[markBody:len(body)]) {
		return mark{}, errMarkForeign
	}
	return mark{
		inKeyring: binary.BigEndian.Uint16(b[6:])&markInKeyring != 0,
		sequence:  binary.BigEndian.Uint64(b[8:]),
		deleted:   binary.BigEndian.Uint64(b[16:]),
		highWater: readTime(b[24:]),
		server:    readTime(b[36:]),
	}, nil
}

func (s sealer) markMAC(body []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, s.identity, s.seal, "leasehold/storage/1/mark", keyLen)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return h.Sum(nil)[:checkLen], nil
}
