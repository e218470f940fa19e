package licensefile

import (
	"testing"
)

// BenchmarkVerifyLicense reads, verifies and decodes a licence file: of the
// tests' own, and the real one of 2026 when it is present.
func BenchmarkVerifyLicense(b *testing.B) {
	run := func(b *testing.B, file []byte, cfg Config) {
		b.SetBytes(int64(len(file)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := VerifyLicense(file, cfg); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("own", func(b *testing.B) { run(b, sign(short(sampleLicense), sampleLicense), testConfig()) })
	b.Run("real", func(b *testing.B) { run(b, vector(b, "license-2026.xml"), demoConfig(b)) })
}

func BenchmarkVerifyActivation(b *testing.B) {
	l, err := VerifyLicense(signed(sampleLicense), testConfig())
	if err != nil {
		b.Fatal(err)
	}
	file := signed(sampleActivation)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := VerifyActivation(file, l, testConfig()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefuseLargest is the most that a hostile file can cost.
func BenchmarkRefuseLargest(b *testing.B) {
	text := []byte("<slascone_license_file>")
	for len(text) < MaxSize-40 {
		text = append(text, "<a/>"...)
	}
	text = append(text, "</slascone_license_file>"...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := VerifyLicense(text, testConfig()); err == nil {
			b.Fatal("accepted")
		}
	}
}

// BenchmarkGoxmldsig verifies the same file with the library that was weighed
// against this package's own code, without its gate and without decoding.
func BenchmarkGoxmldsig(b *testing.B) {
	file, key := sign(short(sampleLicense), sampleLicense), &signingKey().PublicKey
	b.ReportAllocs()
	for b.Loop() {
		if !goxmldsigAccepts(b, file, key) {
			b.Fatal("refused")
		}
	}
}
