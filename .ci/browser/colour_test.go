package browser

import (
	"fmt"
	"testing"

	"github.com/leasehold-dev/leasehold/agent"
)

type agentConfig = agent.Config

// light reports whether a colour such as "rgb(1, 2, 3)" is nearer to white.
func light(t *testing.T, colour string) bool {
	t.Helper()
	var r, g, b int
	if _, err := fmt.Sscanf(colour, "rgb(%d, %d, %d)", &r, &g, &b); err != nil {
		t.Fatalf("%q: %v", colour, err)
	}
	return 299*r+587*g+114*b > 127500
}
