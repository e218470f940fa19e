package licensefile

import (
	"bytes"
	"os"
	"testing"
)

// heavy reports whether the runs that take minutes are wanted.
func heavy() bool { return os.Getenv("LEASEHOLD_HEAVY") == "1" }

// TestEverySingleByteChange: whatever one byte of a signed file becomes, or
// when one is lost or doubled, the file is refused or says exactly the same.
func TestEverySingleByteChange(t *testing.T) {
	for name, file := range map[string][]byte{
		"own":  sign(short(sampleLicense), sampleLicense),
		"real": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := testConfig()
			if name == "real" {
				file, cfg = vector(t, "license-2026.xml"), demoConfig(t)
			}
			original, err := VerifyLicense(file, cfg)
			if err != nil {
				t.Fatal(err)
			}
			accepted := 0
			try := func(changed []byte, at int) {
				l, err := VerifyLicense(changed, cfg)
				switch {
				case err != nil && !l.IsZero():
					t.Fatalf("offset %d: a refused file left a licence", at)
				case err != nil:
				case !sameLicense(l, original):
					t.Fatalf("offset %d: %q around it was accepted and says %+v", at, changed[max(0, at-20):min(len(changed), at+20)], l.Terms())
				default:
					accepted++
				}
			}
			buf := make([]byte, len(file))
			for at, b := range file {
				copy(buf, file)
				for _, v := range values(b, at) {
					buf[at] = v
					try(buf, at)
				}
			}
			for at := range file {
				try(append(bytes.Clone(file[:at]), file[at+1:]...), at)
				if heavy() {
					try(append(append(bytes.Clone(file[:at+1]), file[at]), file[at+1:]...), at)
				}
			}
			t.Logf("%d changes were accepted because they change nothing", accepted)
		})
	}
}

// values returns what byte b is changed into: its neighbour and one of three values
// that matter to a parser or a number, in turn, or every other value there is.
func values(b byte, at int) []byte {
	all := []byte{b ^ 1, []byte{b ^ 0x20, '<', '0'}[at%3]}
	if heavy() {
		all = nil
		for v := range 256 {
			all = append(all, byte(v))
		}
	}
	n := 0
	for _, v := range all {
		if v != b {
			all[n] = v
			n++
		}
	}
	return all[:n]
}
