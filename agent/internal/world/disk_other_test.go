//go:build !linux

package world

// fillDisks does nothing: the disks of this system cannot be made to look full.
func fillDisks(bool) bool { return false }

func canFill() bool { return false }
