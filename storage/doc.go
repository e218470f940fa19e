// Package storage keeps the state of an installation where it survives.
package storage
