package license

import (
	"testing"

	"pgregory.net/rapid"
)

// TestIndex: a long list is searched like a short one.
func TestIndex(t *testing.T) {
	text := rapid.OneOf(
		rapid.StringMatching(`[aAbB]{0,3}`),
		rapid.StringMatching(`[éÉa]{1,2}`),
		rapid.StringMatching(`[aA]{60,70}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) key {
			return key{id: text.Draw(t, "ID"), name: text.Draw(t, "name")}
		}), few+1, few+6).Draw(t, "keys")
		long := newIndex(len(keys), func(i int) key { return keys[i] })
		short := index{keys: keys}
		for range 20 {
			wanted := text.Draw(t, "wanted")
			if got, want := long.find(wanted), short.find(wanted); got != want {
				t.Fatalf("%q is found at %d, and one by one at %d of %q", wanted, got, want, keys)
			}
		}
	})
}
