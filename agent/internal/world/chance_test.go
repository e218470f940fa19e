package world

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
	"testing"
	"testing/cryptotest"
	"time"
)

// seeded makes all that is random in a story come from its number: how the agent
// spreads its calls, IDs, nonces, keys and the names of temporary files. It is the
// standard library's seam for tests. Each draw is also a moment at which a machine
// can be killed: before a file is written its name is drawn.
func (w *world) seeded(t *testing.T) {
	cryptotest.SetGlobalRandom(t, w.chance)
	rand.Reader = drawn{rand.Reader, w} // which cryptotest puts back
}

// drawn has every draw be a moment. How calls are spread depends on when that is
// drawn alone: of several agents that draw at one instant nobody knows which comes
// first.
type drawn struct {
	io.Reader
	world *world
}

func (d drawn) Read(p []byte) (int, error) {
	d.world.moment()
	if len(p) == spread {
		r := mathrand.NewPCG(d.world.chance, uint64(time.Now().UnixNano()))
		binary.LittleEndian.PutUint64(p, r.Uint64())
		return len(p), nil
	}
	return d.Reader.Read(p)
}

// spread is how many bytes package chance draws.
const spread = 8
