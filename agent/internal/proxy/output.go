//go:build unix

package proxy

import (
	"bytes"
	"context"
	"os/exec"
	"time"
)

// output runs a program that prints settings. One that is missing, fails or does
// not end in time has none.
func output(ctx context.Context, name string, args ...string) (string, bool) {
	var text limited
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout = &text
	cmd.WaitDelay = 100 * time.Millisecond // a child of it may hold the pipe
	err := cmd.Run()
	return text.kept.String(), err == nil
}

// limited keeps the beginning of what is written to it.
type limited struct{ kept bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	const most = 64 << 10
	_, _ = l.kept.Write(p[:min(len(p), max(most-l.kept.Len(), 0))]) // never fails
	return len(p), nil
}
