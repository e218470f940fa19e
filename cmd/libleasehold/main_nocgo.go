//go:build !cgo

// Command libleasehold is the C library, which is built with cgo.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "libleasehold is a C library: build it with CGO_ENABLED=1 and -buildmode=c-shared, as its README tells")
	os.Exit(2)
}
