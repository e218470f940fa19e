//go:build !unix && !windows

package preseed

import "errors"

// Machine returns this machine's places, of which there are none.
func Machine() Places {
	return Places{trusted: func(string) error { return errors.New("its owner is not known here") }}
}
