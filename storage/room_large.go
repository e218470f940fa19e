//go:build !windows && !darwin

package storage

// systemItem is the longest item of this system's keyring. A Secret Service has no
// limit of its own, but gnome-keyring holds secrets in locked memory, of which a
// process may have as little as 64 KiB.
const systemItem = 8 << 10

// systemPress is what this system's keyring needs: most records fit it as they are,
// and what does not goes to a spill file as it is. The half of compress/flate that
// writes is then not linked.
var systemPress press
