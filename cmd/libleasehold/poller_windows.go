//go:build cgo

package main

// pollerReady: on Windows the runtime needs nothing of which a process can have
// none left.
func pollerReady() bool { return true }
