//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// A child process whose host or terminal goes gives its seat back, whatever it had
// still to answer.
func TestServeIsLeftAlone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		leave func(child *exec.Cmd, in io.WriteCloser, out io.Closer)
	}{
		{"the host dies", func(_ *exec.Cmd, in io.WriteCloser, out io.Closer) {
			out.Close() // who writes to it now gets a signal
			for range 20 {
				fmt.Fprintln(in, `{"jsonrpc":"2.0","id":9,"method":"version"}`)
			}
			in.Close()
		}},
		{"the host reads no more", func(_ *exec.Cmd, in io.WriteCloser, out io.Closer) {
			out.Close()
			fmt.Fprintln(in, `{"jsonrpc":"2.0","id":9,"method":"version"}`)
		}},
		{"the terminal goes", func(child *exec.Cmd, _ io.WriteCloser, _ io.Closer) { child.Process.Signal(syscall.SIGHUP) }},
		{"an interrupt", func(child *exec.Cmd, _ io.WriteCloser, _ io.Closer) { child.Process.Signal(syscall.SIGINT) }},
		{"the system ends it", func(child *exec.Cmd, _ io.WriteCloser, _ io.Closer) { child.Process.Signal(syscall.SIGTERM) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "the terminal goes" && signal.Ignored(syscall.SIGHUP) {
				t.Skip("this process was started to live on without its terminal, and so would the child")
			}
			srv := slasconetest.New(slasconetest.Config{Key: signingKey(), Licenses: emulatorLicenses()})
			defer srv.Close()
			dir := t.TempDir()
			config := filepath.Join(dir, "c.json")
			if err := writeClientConfig(config, viewEmulator(srv, srv.URL), "rsa", ""); err != nil {
				t.Fatal(err)
			}
			child := exec.Command("leasehold", "--config", config, "serve", "--stdio")
			in, err := child.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			answers := bufio.NewReader(out)
			for _, request := range []string{
				`"open","params":{"manual_sessions":true,"store":"file","state_dir":` + quoted(dir) + `}`,
				`"activate","params":{"agent":1,"key":"` + floatingKey + `"}`,
				`"session.open","params":{"agent":1}`,
			} {
				fmt.Fprintln(in, `{"jsonrpc":"2.0","id":1,"method":`+request+`}`)
				if answer, err := answers.ReadString('\n'); err != nil || !strings.Contains(answer, `"result"`) {
					t.Fatal(answer, err)
				}
			}
			if n := len(srv.Sessions()); n != 1 {
				t.Fatalf("%d seats are held", n)
			}
			tt.leave(child, in, out)
			state, err := child.Process.Wait()
			in.Close()
			if err != nil || state.ExitCode() < 0 {
				t.Errorf("it ends with %v, %v", state, err)
			}
			if n := len(srv.Sessions()); n != 0 {
				t.Errorf("%d seats are still held", n)
			}
		})
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
