package device

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(namespaceCase) != "" {
		os.Exit(inNamespace())
	}
	goleak.VerifyTestMain(m)
}
