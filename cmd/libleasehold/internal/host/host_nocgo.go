//go:build !cgo

// Package host is the C side of the library; without cgo there is none.
package host
