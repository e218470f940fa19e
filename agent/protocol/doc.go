// Package protocol shows the licence agent as JSON: what the command line prints
// with --json, and what is not written in Go is told.
package protocol
