package journal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A journal of format 1, numbers big-endian: a header, then frames to the end.
//
//	offset  length  header
//	     0       4  "LHSJ"
//	     4       2  format, 1
//	     6       2  zero
//	     8      16  random ID of the file
//	    24       8  position of the first entry
//	    32      28  AES-256-GCM of nothing; additional data: the 32 bytes before
//
//	offset  length  frame
//	     0       4  "LHJF"
//	     4       8  number of the frame in this file, from 0
//	    12       4  length n of the rest
//	    16       n  AES-256-GCM of the content; additional data: the 16 bytes before
//
//	content: 1 byte kind, then
//	    kind 1  entries, each: length (uvarint), bytes; length 0 stands for one
//	            that is acknowledged beside kind 2
//	    kind 2  position through which entries are acknowledged (8 bytes)
//	    kind 3  positions of entries that are acknowledged beside kind 2 (8 bytes
//	            each)
//
// What AES-GCM gives is nonce (12 bytes, random), text, tag (16 bytes). Its key
// comes by HKDF-SHA256 from the caller's key, with the file's ID as salt, so
// that frames of one file mean nothing in another. The first six bytes are the
// same in every format to come.
//
// One Append, or several that came together, are one frame: a write that is
// cut short leaves one broken frame at the end and nothing else. Frames are
// numbered, not entries, so that acknowledgements have their place too; the
// position of an entry follows from the header and the frames before it.
const (
	headerMagic   = "LHSJ"
	frameMagic    = "LHJF"
	journalFormat = 1

	idLen       = 16
	sealedAt    = 32 // in the header
	sealLen     = 12 + 16
	headerLen   = sealedAt + sealLen
	frameHead   = 16
	frameBounds = frameHead + sealLen
	maxContent  = 1 << 20

	kindEntries = 1
	kindAck     = 2
	kindAckEach = 3
)

var (
	errHeader  = errors.New("its header cannot be read with this key")
	errBroken  = errors.New("a frame cannot be read")
	errContent = errors.New("the content of a frame is impossible")
)

// newAEAD returns the cipher of the file with this ID.
func newAEAD(key [32]byte, id [idLen]byte) (cipher.AEAD, error) {
	own, err := hkdf.Key(sha256.New, key[:], id[:], "leasehold/journal/1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return nil, err
	}
	// Random nonces, because a frame that was torn is written again, under the
	// same number, with other content. They are safe for 2^32 frames.
	return cipher.NewGCMWithRandomNonce(block)
}

// newHeader makes the header of a new file.
func newHeader(key [32]byte, first uint64) ([]byte, state, error) {
	st := state{done: point{offset: headerLen, position: first}, acked: first - 1}
	st.next = st.done
	rand.Read(st.id[:])
	var err error
	if st.aead, err = newAEAD(key, st.id); err != nil {
		return nil, state{}, err
	}
	b := make([]byte, 0, headerLen)
	b = append(b, headerMagic...)
	b = binary.BigEndian.AppendUint16(b, journalFormat)
	b = append(b, 0, 0)
	b = append(b, st.id[:]...)
	b = binary.BigEndian.AppendUint64(b, first)
	return st.aead.Seal(b, nil, nil, b), st, nil
}

// readHeader returns the state of a file without frames. Errors: ErrNewerFormat,
// errHeader.
func readHeader(key [32]byte, b []byte) (state, error) {
	if len(b) < 6 || string(b[:4]) != headerMagic {
		return state{}, errHeader
	}
	if v := binary.BigEndian.Uint16(b[4:]); v > journalFormat {
		return state{}, fmt.Errorf("%w: format %d, this one reads up to %d; update the application", ErrNewerFormat, v, journalFormat)
	}
	if len(b) < headerLen {
		return state{}, errHeader
	}
	first := binary.BigEndian.Uint64(b[24:])
	st := state{id: headerID(b), done: point{offset: headerLen, position: first}, acked: first - 1}
	st.next = st.done
	var err error
	if st.aead, err = newAEAD(key, st.id); err != nil {
		return state{}, err
	}
	if _, err := st.aead.Open(nil, nil, b[sealedAt:headerLen], b[:sealedAt]); err != nil || first == 0 {
		return state{}, errHeader
	}
	return st, nil
}

// headerID returns the ID in a header, which is not verified.
func headerID(b []byte) [idLen]byte { return [idLen]byte(b[8:24]) }

// sealFrame appends a frame to b.
func sealFrame(b []byte, aead cipher.AEAD, number uint64, content []byte) []byte {
	at := len(b)
	b = append(b, frameMagic...)
	b = binary.BigEndian.AppendUint64(b, number)
	b = binary.BigEndian.AppendUint32(b, uint32(len(content)+sealLen))
	return aead.Seal(b, nil, content, b[at:at+frameHead:at+frameHead])
}

// readFrameHead returns number and length of a frame, which are not verified.
func readFrameHead(b []byte) (number uint64, sealed int, ok bool) {
	n := binary.BigEndian.Uint32(b[12:])
	if string(b[:4]) != frameMagic || n < sealLen || n > maxContent+sealLen {
		return 0, 0, false
	}
	return binary.BigEndian.Uint64(b[4:]), int(n), true
}

// frame is what a frame says.
type frame struct {
	entries   [][]byte // an empty one is acknowledged
	acked     uint64   // through here; 0: the frame says something else
	ackedEach []uint64
}

// furthest is the last position that a frame acknowledges.
func (f frame) furthest() uint64 {
	last := f.acked
	for _, p := range f.ackedEach {
		last = max(last, p)
	}
	return last
}

func entriesContent(entries [][]byte) []byte {
	size := 1
	for _, e := range entries {
		size += entrySize(e)
	}
	b := make([]byte, 1, size)
	b[0] = kindEntries
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(len(e)))
		b = append(b, e...)
	}
	return b
}

// entrySize is the most that an entry takes in a frame.
func entrySize(e []byte) int { return binary.MaxVarintLen32 + len(e) }

func ackContent(through uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{kindAck}, through)
}

func ackEachContent(positions []uint64) []byte {
	b := make([]byte, 1, 1+8*len(positions))
	b[0] = kindAckEach
	for _, p := range positions {
		b = binary.BigEndian.AppendUint64(b, p)
	}
	return b
}

// readContent reads what sealFrame was given. The frame refers to b.
func readContent(b []byte) (frame, error) {
	if len(b) == 0 {
		return frame{}, errContent
	}
	kind, b := b[0], b[1:]
	var f frame
	switch kind {
	case kindEntries:
		for len(b) > 0 {
			n, used := binary.Uvarint(b)
			if used <= 0 || n > MaxEntry || uint64(len(b)-used) < n {
				return frame{}, errContent
			}
			end := used + int(n)
			f.entries = append(f.entries, b[used:end:end])
			b = b[end:]
		}
		if f.entries == nil {
			return frame{}, errContent
		}
	case kindAck, kindAckEach:
		if len(b) == 0 || len(b)%8 != 0 || kind == kindAck && len(b) > 8 {
			return frame{}, errContent
		}
		for ; len(b) > 0; b = b[8:] {
			position := binary.BigEndian.Uint64(b)
			if position == 0 {
				return frame{}, errContent
			}
			if kind == kindAck {
				f.acked = position
			} else {
				f.ackedEach = append(f.ackedEach, position)
			}
		}
	default:
		return frame{}, errContent
	}
	return f, nil
}

// maxCandidates bounds the work that a crafted file can cause.
const maxCandidates = 64

// holdsFrame reports whether anywhere in b, the rest of a file after its last
// readable frame, there is a frame that was once complete. If there is, more
// is lost than an unfinished write.
func holdsFrame(aead cipher.AEAD, b []byte) bool {
	for range maxCandidates {
		at := bytes.Index(b, []byte(frameMagic))
		if at < 0 {
			return false
		}
		b = b[at:]
		if len(b) < frameHead {
			return false
		}
		if _, sealed, ok := readFrameHead(b); ok && len(b) >= frameHead+sealed {
			if _, err := aead.Open(nil, nil, b[frameHead:frameHead+sealed], b[:frameHead]); err == nil {
				return true
			}
		}
		b = b[len(frameMagic):]
	}
	return true
}
