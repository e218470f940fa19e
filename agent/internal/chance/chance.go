// Package chance draws the numbers by which the agent spreads its calls, so that
// many installations do not call at one instant.
package chance

import (
	"crypto/rand"
	"encoding/binary"
)

// Float64 returns a number from [0, 1). It comes from the system's source of
// randomness and not from math/rand/v2: this one a test can seed, with
// testing/cryptotest, and so the world plays one seed as one story.
func Float64() float64 {
	const bits = 53 // of a float64's mantissa
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return float64(binary.LittleEndian.Uint64(b[:])>>(64-bits)) / (1 << bits)
}
