// Package journal is a durable queue: entries are appended, later delivered in
// order, and acknowledged. It keeps what an application has counted until the
// licence server has it.
//
// # Promises
//
// When [Journal.Append] returns nil, the entries are on the disk. They come
// back from [Claim.Batch], in order, until they are acknowledged, also after
// the process was killed or the power was cut at any point: delivery is at
// least once. Nothing comes back that was not appended. An Append that was
// interrupted, or that failed, is there as a whole or not at all.
//
// # Overflow
//
// A journal has a size that it does not outgrow. When it is full, it first
// forgets what is acknowledged, then asks [Options.Fold] to make fewer entries
// of the pending ones (for counters: to add them up, so that detail is lost
// but no total), and then refuses the new entries with [ErrFull]. What was
// accepted is never dropped: a vendor can bill by it.
//
// # Several processes
//
// All processes of one application share one journal: each operation holds a
// lock file for its moment, and nobody keeps the journal's file open between
// operations. The order is that of the appends. Only one of them delivers at a
// time, because two would deliver the same entries: see [Journal.Claim]. The
// lock of a process that dies is released by the operating system. The
// rejected design was a journal for each process and adoption of the dead
// one's: it needs the same locks, bounds each journal but not their number,
// and loses the order.
//
// # Damage
//
// The end of a write that was cut short is cut off and reported. Where a part
// that was once complete cannot be read, what is before it is kept, and the
// whole file is copied to the journal's path with ".damaged" appended (one
// copy, the latest), which is reported too. A file that cannot be read at all,
// or not with this key, is moved there.
//
// # What the seal protects
//
// Entries are sealed with AES-256-GCM under a key of the file's own, and each
// with its place in the file, so that they cannot be read, changed, reordered,
// taken out, or brought in from another journal. An older copy of the whole
// file, put back, does open: entries delivered since are then delivered again.
package journal
