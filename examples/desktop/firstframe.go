package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/examples/desktop/app"
	"github.com/leasehold-dev/leasehold/examples/desktop/timemachine"
)

// The values of --frame.
const (
	licensed   = "with"
	unlicensed = "without"
)

// startedAt is the environment variable by which a measured process learns when it
// was started, in nanoseconds of Unix time.
const startedAt = "SKETCH_STARTED_AT"

// probe says how long the first frame took, and ends the program. It is a picture
// of one pixel that Fyne asks for while it paints. Fyne's own Quit, called as early
// as this, sometimes meets an event for the window that it has just destroyed, and
// panics or hangs.
func probe(w fyne.Window, end func()) {
	var once sync.Once
	pixel := canvas.NewRaster(func(int, int) image.Image {
		once.Do(func() {
			if at, err := strconv.ParseInt(os.Getenv(startedAt), 10, 64); err == nil {
				fmt.Println(time.Since(time.Unix(0, at)).Microseconds())
			}
			go func() {
				end()
				os.Exit(0)
			}()
		})
		return image.NewUniform(color.Transparent)
	})
	w.SetContent(container.NewStack(w.Content(), pixel))
}

func showUnlicensed(f fyne.App) {
	w := f.NewWindow("Sketch")
	app.NewUnlicensed(w)
	w.Resize(windowSize)
	probe(w, func() {})
	w.ShowAndRun()
}

const runs = 15

// firstFrames starts the program by turns with a licence, which is activated and
// kept in a file, and without one, and tells the medians.
func firstFrames() error {
	folder, err := os.MkdirTemp("", "sketch-frame")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	m := timemachine.New(folder, time.Now())
	defer func() { _ = m.Close() }()
	config := filepath.Join(folder, "config.json")
	if err := prepare(m, config, folder); err != nil {
		return err
	}
	took, worked := map[string][]time.Duration{}, map[string][]time.Duration{}
	for range runs {
		for _, how := range []string{unlicensed, licensed} {
			d, work, err := firstFrame("--frame", how, "--config", config, "--state-dir", folder)
			if err != nil {
				return fmt.Errorf("%s a licence: %w", how, err)
			}
			took[how], worked[how] = append(took[how], d), append(worked[how], work)
		}
	}
	with, without := median(took[licensed]), median(took[unlicensed])
	fmt.Printf("from start to first frame, medians of %d: %d ms with a licence, %d ms without; the licence takes %+d ms (%+.1f %%)\n",
		runs, with.Milliseconds(), without.Milliseconds(), (with - without).Milliseconds(), 100*float64(with-without)/float64(without))
	fmt.Printf("processor time of the whole run: %+d ms with a licence\n", (median(worked[licensed]) - median(worked[unlicensed])).Milliseconds())
	return nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// prepare writes a configuration and activates the licence.
func prepare(m *timemachine.Machine, config, folder string) error {
	cfg := m.Config(timemachine.Computer)
	data, err := json.Marshal(map[string]any{
		"server_url": cfg.ServerURL, "isv_id": cfg.ISVID, "product_id": cfg.ProductID, "provisioning_key": cfg.ProvisioningKey, "device_id": cfg.DeviceID,
		"signature": map[string]any{"mode": "rsa", "public_key": string(cfg.Signature.PublicKey)},
		"app":       map[string]any{"name": cfg.App.Name, "version": cfg.App.Version},
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(config, data, 0o600); err != nil {
		return err
	}
	if cfg, err = load(config, ""); err != nil {
		return err
	}
	cfg.StateDir = folder
	a, err := agent.New(cfg)
	if err != nil {
		return err
	}
	defer closeAgent(a)
	_, err = a.Activate(context.Background(), timemachine.Key)
	return err
}

// firstFrame starts the program and returns how long its first frame took, and how
// long processors worked for it until it had ended.
func firstFrame(args ...string) (took, worked time.Duration, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, self, args...)
	c.Stderr = os.Stderr
	c.Env = append(os.Environ(), startedAt+"="+strconv.FormatInt(time.Now().UnixNano(), 10))
	out, err := c.Output()
	if err != nil {
		return 0, 0, err
	}
	us, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("no frame was drawn: %w", err)
	}
	return time.Duration(us) * time.Microsecond, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
}
