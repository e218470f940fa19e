// Package ledger is the one writer of what is known of the licence.
//
// A [Ledger] reads the record from the store, opens it, and hands out what it
// proves: [Ledger.Known] to who calls the server, [Ledger.Current] to readers.
// Whoever has learned something says how that changes what is known, as a fold
// for [Learn] or [Ledger.Keep]. The fold is applied to the newest record that any
// process of the application has stored, kept, and published as a new
// [view.View]. What cannot be kept counts all the same for this process and is
// kept later.
//
// # Locks
//
// The ledger's lock is held while the store works. Readers never take it. The
// lock of announcing is taken within it, by whoever replaces the view; the hook
// Changed runs under it, so that changes are told in order. Neither hook may call
// the ledger.
package ledger
