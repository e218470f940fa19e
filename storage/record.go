package storage

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"
)

// A record of format 1, numbers big-endian:
//
//	offset  length
//	     0       4  "LHSR"
//	     4       2  format, 1
//	     6       1  form: 1 state, 2 reference to a spill file, 3 spill file
//	     7       1  flags: 1 deflated, 2 restored copy, 4 a mark was written before
//	     8       8  sequence
//	    16      12  high-water mark: seconds since 1970, signed, and nanoseconds
//	    28      12  server time, likewise
//	    40       4  length of State.Data
//	    44      32  data key (a spill file has zeros: its key is in the item)
//	    76      16  product check, from the data key and the identity
//	    92      16  device check, from the data key and the seal
//	   108      12  nonce
//	   120       n  AES-256-GCM of the payload, with its tag; additional data:
//	                the 120 bytes before it, then the identity
//	 120+n      16  SHA-256 of all before, cut to 16 bytes
//
// The payload is State.Data (perhaps deflated), or for form 2 the SHA-256 of
// the spill file. The first six bytes and the last sixteen are the same in
// every format to come, so that a newer record is told apart from a damaged
// one.
const (
	recordMagic  = "LHSR"
	recordFormat = 1

	formState     = 1
	formReference = 2
	formSpill     = 3

	flagDeflated  = 1
	flagRestored  = 2
	flagWitnessed = 4

	headerLen   = 120
	nonceAt     = 108
	checkLen    = 16
	keyLen      = 32
	tagLen      = 16
	overheadLen = headerLen + tagLen + checkLen

	// maxRecord bounds what is read; deflate is used only where it shortens.
	maxRecord = MaxData + overheadLen
)

// sealer makes and opens the records of one identity on one device.
type sealer struct {
	identity []byte // canonical
	seal     []byte
	last     *atomic.Pointer[keys] // what was derived last: a record keeps its data key; nil for none
}

// keys are what a data key gives.
type keys struct {
	data           [keyLen]byte
	aead           cipher.AEAD
	product, owner [checkLen]byte
}

// derive never uses a key for two purposes: each has a text of its own. The
// seal is the salt, so that the key in the record opens nothing on another
// device. The checks are plain hashes, which cost less than more of HKDF: they
// hide neither the data key, which is next to them, nor what is sealed.
func (s sealer) derive(data [keyLen]byte) (*keys, error) {
	if s.last != nil {
		if k := s.last.Load(); k != nil && k.data == data {
			return k, nil
		}
	}
	k := &keys{data: data}
	key, err := hkdf.Key(sha256.New, k.data[:], s.seal, "leasehold/storage/1/seal\x00"+string(s.identity), keyLen)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if k.aead, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	k.product = k.check("leasehold/storage/1/product\x00", s.identity)
	k.owner = k.check("leasehold/storage/1/device\x00", s.seal)
	if s.last != nil {
		s.last.Store(k)
	}
	return k, nil
}

func (k *keys) check(purpose string, of []byte) [checkLen]byte {
	var room [256]byte // for IDs of usual length
	text := append(append(append(room[:0], purpose...), k.data[:]...), of...)
	sum := sha256.Sum256(text)
	return [checkLen]byte(sum[:])
}

// newKeys makes keys for a new record.
func (s sealer) newKeys() (*keys, error) {
	var data [keyLen]byte
	rand.Read(data[:])
	return s.derive(data)
}

// record is an opened record: authentic, for this identity and this device.
type record struct {
	keys   *keys
	state  State  // without Data where digest is set
	form   byte   // formState, formReference or formSpill
	size   int    // of State.Data
	digest []byte // of the spill file, where form is formReference

	witnessed bool // there was a mark before it was written
}

// encode seals payload under the header of st. For formState and formSpill
// payload and flags come from pack, for formReference the payload is the
// digest of the spill file.
func (s sealer) encode(k *keys, form byte, st State, payload []byte, flags byte) []byte {
	if st.RestoredCopy {
		flags |= flagRestored
	}
	b := make([]byte, 0, overheadLen+len(payload))
	b = append(b, recordMagic...)
	b = binary.BigEndian.AppendUint16(b, recordFormat)
	b = append(b, form, flags)
	b = binary.BigEndian.AppendUint64(b, st.Sequence)
	b = appendTime(b, st.HighWater)
	b = appendTime(b, st.ServerTime)
	b = binary.BigEndian.AppendUint32(b, uint32(len(st.Data)))
	if form == formSpill {
		b = append(b, make([]byte, keyLen)...)
	} else {
		b = append(b, k.data[:]...)
	}
	b = append(b, k.product[:]...)
	b = append(b, k.owner[:]...)
	// Random nonces are safe for 2^32 seals under one data key; a commit a
	// second takes 136 years for that.
	b = b[:headerLen]
	rand.Read(b[nonceAt:])
	b = k.aead.Seal(b, b[nonceAt:headerLen:headerLen], payload, s.additional(b[:headerLen]))
	sum := sha256.Sum256(b)
	return append(b, sum[:checkLen]...)
}

func (s sealer) additional(header []byte) []byte {
	return slices.Concat(header, s.identity)
}

// decode opens a record. spill holds the keys for a spill file, and is nil
// for a record that brings its own. Errors: ErrDamaged, ErrForeign,
// ErrNewerFormat.
//
// It is long because it follows the format from the first byte to the last.
func (s sealer) decode(b []byte, spill *keys) (*record, error) {
	if len(b) < len(recordMagic)+2+checkLen || string(b[:4]) != recordMagic {
		return nil, fmt.Errorf("%w: it does not begin like a record", ErrDamaged)
	}
	body := b[:len(b)-checkLen]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:checkLen], b[len(body):]) {
		return nil, fmt.Errorf("%w: checksum does not match", ErrDamaged)
	}
	if v := binary.BigEndian.Uint16(b[4:]); v > recordFormat {
		return nil, fmt.Errorf("%w: format %d, this one reads up to %d", ErrNewerFormat, v, recordFormat)
	} else if v != recordFormat {
		return nil, fmt.Errorf("%w: there is no format %d", ErrDamaged, v)
	}
	if len(b) < overheadLen || len(b) > maxRecord {
		return nil, fmt.Errorf("%w: length %d is impossible", ErrDamaged, len(b))
	}
	flags := b[7]
	r := &record{form: b[6], size: int(binary.BigEndian.Uint32(b[40:])), witnessed: flags&flagWitnessed != 0}
	if (r.form == formSpill) != (spill != nil) || r.form < formState || r.form > formSpill ||
		flags&^(flagDeflated|flagRestored|flagWitnessed) != 0 || r.size > MaxData {
		return nil, fmt.Errorf("%w: header is impossible", ErrDamaged)
	}
	r.keys = spill
	if r.keys == nil {
		var err error
		if r.keys, err = s.derive([keyLen]byte(b[44:76])); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	if subtle.ConstantTimeCompare(b[76:92], r.keys.product[:]) != 1 {
		return nil, fmt.Errorf("%w: it was sealed for another product or client", ErrForeign)
	}
	if subtle.ConstantTimeCompare(b[92:108], r.keys.owner[:]) != 1 {
		return nil, fmt.Errorf("%w: it was sealed for another device", ErrForeign)
	}
	payload, err := r.keys.aead.Open(nil, b[nonceAt:headerLen], body[headerLen:], s.additional(b[:headerLen]))
	if err != nil {
		return nil, fmt.Errorf("%w: seal is broken, it was edited", ErrDamaged)
	}
	r.state = State{
		Sequence:     binary.BigEndian.Uint64(b[8:]),
		HighWater:    readTime(b[16:]),
		ServerTime:   readTime(b[28:]),
		RestoredCopy: flags&flagRestored != 0,
	}
	if r.form == formReference {
		if len(payload) != sha256.Size {
			return nil, fmt.Errorf("%w: reference is impossible", ErrDamaged)
		}
		r.digest = payload
		return r, nil
	}
	if flags&flagDeflated != 0 {
		if payload, err = inflate(payload, r.size); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	if len(payload) != r.size {
		return nil, fmt.Errorf("%w: length of the data does not match", ErrDamaged)
	}
	r.state.Data = payload
	return r, nil
}

// spillName is the name of the spill file of a reference.
func spillName(base string, sequence uint64, digest []byte) string {
	return fmt.Sprintf("%s.%016x-%s%s", base, sequence, hex.EncodeToString(digest[:8]), spillSuffix)
}

func appendTime(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

func readTime(b []byte) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint32(b[8:]))).UTC()
}

// inflate reads exactly size bytes, so that a small record cannot ask for
// more memory than its authenticated header says.
func inflate(b []byte, size int) ([]byte, error) {
	r := flate.NewReader(bytes.NewReader(b))
	defer r.Close()
	out := make([]byte, size)
	if _, err := io.ReadFull(r, out); err != nil {
		return nil, fmt.Errorf("inflating: %w", err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return nil, fmt.Errorf("inflating: more than the %d bytes announced", size)
	}
	return out, nil
}
