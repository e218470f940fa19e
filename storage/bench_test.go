package storage_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// licenseLike is what an agent keeps: the text of a server's answer with so
// many features, its signature, and a few fields of its own.
func licenseLike(features int) []byte {
	r := rand.New(rand.NewPCG(6, uint64(features)))
	guid := func() string {
		return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xffff, r.Uint32()&0xffff, r.Uint64()&0xffffffffffff)
	}
	var list []map[string]any
	for i := range features {
		list = append(list, map[string]any{
			"id": guid(), "name": fmt.Sprintf("feature_%d", i), "description": "",
			"is_active": r.IntN(4) > 0, "expiration_date_utc": "2027-06-30T00:00:00Z",
		})
	}
	answer, err := json.Marshal(map[string]any{
		"license_key": guid(), "token_key": guid(), "template_name": "Professional", "product_name": "Example",
		"license_name": "Professional, yearly", "customer": map[string]any{"company_name": "Example Ltd", "email": "someone@example.com"},
		"client_id": guid(), "is_license_valid": true, "is_license_expired": false, "is_license_active": true,
		"created_date_utc": "2026-01-05T10:11:12Z", "expiration_date_utc": "2027-06-30T00:00:00Z",
		"freeride": 14, "heartbeat_period": 1, "features": list,
	})
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 256)
	for i := range signature {
		signature[i] = byte(r.Uint32())
	}
	data, err := json.Marshal(map[string]any{
		"answer": string(answer), "signature": base64.StdEncoding.EncodeToString(signature), "nonce": guid(),
		"checked": "2026-11-23T04:05:06Z", "session": guid(),
	})
	if err != nil {
		panic(err)
	}
	return data
}

// benchStores are the stores to measure: a file, a keyring without costs of
// its own, and the real one under .ci/keyring/with-keyring.sh.
func benchStores(b *testing.B) map[string]storage.Config {
	m := map[string]storage.Config{
		"file":        {Kind: storage.KindFile},
		"fakekeyring": {Kind: storage.KindKeyring, Keyring: &storagetest.Keyring{}},
	}
	if os.Getenv("LEASEHOLD_KEYRING") != "" {
		m["realkeyring"] = storage.Config{Kind: storage.KindKeyring, KeyringService: fmt.Sprintf("bench-%d", time.Now().UnixNano())}
	}
	for name, cfg := range m {
		cfg.Identity, cfg.Seal, cfg.Dir = someone, "device", b.TempDir()
		m[name] = cfg
	}
	return m
}

func BenchmarkCommit(b *testing.B) {
	for name, cfg := range benchStores(b) {
		for _, features := range []int{5, 50, 500} {
			data := licenseLike(features)
			b.Run(fmt.Sprintf("%s/features=%d", name, features), func(b *testing.B) {
				s := mustOpen(b, cfg)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Update(b.Context(), func(st storage.State) (storage.State, error) {
						st.Data = data
						return st, nil
					}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(data)), "data-B")
				if ring, ok := cfg.Keyring.(*storagetest.Keyring); ok {
					for _, item := range ring.Items() {
						b.ReportMetric(float64(len(item)), "item-B")
					}
				}
			})
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for name, cfg := range benchStores(b) {
		for _, features := range []int{5, 50, 500} {
			b.Run(fmt.Sprintf("%s/features=%d", name, features), func(b *testing.B) {
				s := mustOpen(b, cfg)
				if _, err := s.Update(b.Context(), func(st storage.State) (storage.State, error) {
					st.Data = licenseLike(features)
					return st, nil
				}); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Load(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkOpenAndLoad is the part that storage has in the cold start of an
// application.
func BenchmarkOpenAndLoad(b *testing.B) {
	for name, cfg := range benchStores(b) {
		b.Run(name, func(b *testing.B) {
			if _, err := mustOpen(b, cfg).Commit(b.Context(), storage.State{Data: licenseLike(10)}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				s, err := storage.Open(b.Context(), cfg)
				if err == nil {
					_, err = s.Load(b.Context())
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
