//go:build cgo

// Command libleasehold is the C library: leasehold.h says what it offers, and
// README.md how it is built and used. It is built with -buildmode=c-shared or
// c-archive; as a program it does nothing.
package main

func main() {}
