//go:build windows || darwin

package storage

// systemItem is the longest item of this system's keyring.
const systemItem = maxItem

// systemPress is what this system's keyring needs.
var systemPress press = deflate
