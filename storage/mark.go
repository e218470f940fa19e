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
//	     4       2  format, 2
//	     6       2  flags: 1 the keyring may hold the record
//	     8       8  sequence of the newest commit known
//	    16       8  sequence up to which everything was deleted
//	    24      12  high-water mark
//	    36      12  server time
//	    48      16  SHA-256, cut, of a purpose, the seal, the identity, and all before;
//	                in format 1 an HMAC under a key made of them
//	    64      16  SHA-256 of all before, cut
//
// The hash tells a mark of another device apart. It holds no secret: the mark is
// evidence against the user of this device, who could as well delete it, and reading
// it costs as little as it can.
type mark struct {
	inKeyring bool
	sequence  uint64
	deleted   uint64
	highWater time.Time
	server    time.Time
}

const (
	markMagic  = "LHSM"
	markFormat = 2

	markInKeyring = 1

	markBody = 48
	markLen  = markBody + checkLen + checkLen
)

var (
	errMarkDamaged = errors.New("mark is damaged")
	errMarkForeign = errors.New("mark belongs to another device or product")
)

func (s sealer) encodeMark(m mark) []byte {
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
	own := s.markCheck(b)
	b = append(b, own[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:checkLen]...)
}

func (s sealer) decodeMark(b []byte) (mark, error) {
	if len(b) != markLen || string(b[:4]) != markMagic {
		return mark{}, errMarkDamaged
	}
	format := binary.BigEndian.Uint16(b[4:])
	if format < 1 || format > markFormat {
		return mark{}, errMarkDamaged
	}
	body := b[:markLen-checkLen]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:checkLen], b[len(body):]) {
		return mark{}, errMarkDamaged
	}
	own := s.markCheck(b[:markBody])
	if format == 1 {
		var err error
		if own, err = s.markMAC(b[:markBody]); err != nil {
			return mark{}, err
		}
	}
	if !bytes.Equal(own[:], b[markBody:len(body)]) {
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

// markCheck says whose mark a body is. All of a mark has one length, so that
// nothing can be added to what is hashed.
func (s sealer) markCheck(body []byte) [checkLen]byte {
	var room [512]byte // for IDs of usual length
	text := append(room[:0], "leasehold/storage/2/mark\x00"...)
	text = binary.BigEndian.AppendUint32(text, uint32(len(s.seal)))
	text = append(append(append(text, s.seal...), s.identity...), body...)
	sum := sha256.Sum256(text)
	return [checkLen]byte(sum[:])
}

func (s sealer) markMAC(body []byte) ([checkLen]byte, error) {
	key, err := hkdf.Key(sha256.New, s.identity, s.seal, "leasehold/storage/1/mark", keyLen)
	if err != nil {
		return [checkLen]byte{}, err
	}
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return [checkLen]byte(h.Sum(nil)), nil
}
