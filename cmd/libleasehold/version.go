//go:build cgo

package main

// version is that of the library, its headers and all bindings, which move
// together.
const version = "0.1.0"
