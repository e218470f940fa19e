package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf8"
)

// Identity names a record. Upper and lower case are the same, as in the IDs
// of the server.
type Identity struct {
	ISV     string // the vendor's ID; required
	Product string // the product's ID; required
	Client  string // the client's ID; "" for what belongs to the installation itself
}

// maxID bounds each part of an Identity; IDs are GUIDs or hashes.
const maxID = 1024

func (id Identity) validate() error {
	switch {
	case strings.TrimSpace(id.ISV) == "":
		return errors.New("Identity.ISV is empty: set the vendor's ID")
	case strings.TrimSpace(id.Product) == "":
		return errors.New("Identity.Product is empty: set the product's ID")
	}
	for _, part := range []string{id.ISV, id.Product, id.Client} {
		if len(part) > maxID || !utf8.ValidString(part) {
			return errors.New("an ID in Identity is longer than 1024 bytes or not UTF-8")
		}
	}
	return nil
}

// canonical is an encoding of the identity that is the same for all spellings
// and different for different identities: each part comes with its length.
func (id Identity) canonical() []byte {
	return joinParts(id.ISV, id.Product, id.Client)
}

// folder names the folder of the product.
func (id Identity) folder() string { return nameOf(joinParts(id.ISV, id.Product)) }

// nameOf makes a name for files of what joinParts returned: a hash, so that no
// ID can leave the folder, be too long for a file system, or be a reserved
// name.
func nameOf(parts []byte) string {
	sum := sha256.Sum256(parts)
	return hex.EncodeToString(sum[:16])
}

func joinParts(parts ...string) []byte {
	n := 0
	for _, p := range parts {
		n += 4 + len(p)
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		p = strings.ToLower(p)
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}
