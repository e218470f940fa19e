// Package benchmarks measures Leasehold beside its peers, in one run on one
// machine, so that the ratio is what counts. It is a module of its own: the
// peers never become dependencies of the library.
//
//	go test -bench . -count 5
package benchmarks
