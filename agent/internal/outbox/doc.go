// Package outbox is the journal of what the vendor has not been told yet, its
// delivery, and the verdict on what the server refuses.
//
// [Outbox.Add] keeps entries durably; [Outbox.Deliver] sends them, oldest first and
// of one kind at a time, and acknowledges what the server has taken. An entry that
// is refused for its own sake is dropped; one that is refused for another reason
// waits. Where the server does not say which it is, verdict.go finds out.
//
// # Locks
//
// The claim (claiming) is taken before the outbox's own lock (mu), and that before
// the ledger's.
package outbox
