// Package storage keeps the state of one installation where it survives
// crashes, power cuts, full disks, a second process and a keyring that hangs.
//
//	s, err := storage.Open(ctx, storage.Config{
//		Identity: storage.Identity{ISV: isv, Product: product, Client: client},
//		Seal:     deviceID,
//	})
//	state, err := s.Load(ctx)
//	if errors.Is(err, storage.ErrNotFound) { ... } // nothing stored, and only that
//	state, err = storage.Update(ctx, s, func(st storage.State) (storage.State, error) { ... })
//
// [Open] gives a [Local], which keeps its record in the keyring of the
// operating system, or in a file where no keyring answers. [Store] is the
// contract; package storagetest tests implementations of it, also yours.
// [NewMemory] forgets. The package starts no goroutine that outlives its call,
// with one exception: a keyring call that missed its deadline cannot be
// stopped, so up to four of them are left behind.
//
// # The record
//
// A record is sealed with AES-256-GCM. The key comes by HKDF-SHA256 from a
// random data key in the record's header and from Config.Seal, the device ID;
// the header (with the format's version, in the clear), the vendor, product
// and client are the additional data. Two check values in the header tell a
// record of another device or product (ErrForeign) from one that was edited
// (ErrDamaged), and a checksum that is the same in all formats tells damage
// from a newer format (ErrNewerFormat). Records of every format ever released
// stay readable; testdata holds some of each.
//
// A keyring holds one item per identity: the whole record, in base64, if that
// fits. On Windows and macOS these are 2,560 bytes, the limit of Windows: about 1,750
// bytes of data, longer data being deflated first. A Secret Service is given up to
// 8 KiB, about 6,000 bytes of data, and a Config.Keyring of the application's own
// 2,560 bytes, neither deflated but on Windows and macOS. Otherwise the item is a record
// of about 250 bytes that holds the data key and names a spill file by its
// SHA-256, and the state is sealed in that file.
//
// # Files
//
// All files lie in one folder per product, mode 0700, in Config.Dir, with mode
// 0600. Their names are hashes of the identity, so that no ID can leave the
// folder, with these endings:
//
//	.state                the record, if it is not in the keyring
//	.copy                 with Config.Copy, what was committed to the keyring
//	.<number>-<hash>.spill  what did not fit the keyring item
//	.mark                 what was committed, and deleted
//	.lock                 taken for each commit; stays
//	.damaged .foreign .newer  copies of what could not be read, for support
//
// Open and Load change and make no file, and no folder. What stands in the place of a file without being
// one (a pipe, a device, a link, a folder), or belongs to somebody else, is neither
// waited for nor followed: it counts as damaged, and the next
// commit moves it out of the way. A process of root in a user's folder leaves files
// of the user. In a folder that its mode gives to a group, files are the group's.
//
// # Order of writes
//
// A file is written under a temporary name, synced, renamed, and its folder is
// synced. A commit, under the lock, is:
//
//  1. Read what is stored; stop with ErrConflict unless the caller has seen it.
//  2. Keep copies of bytes that cannot be read.
//  3. Before the first record, and before the first keyring item: write the mark
//     that there will be one.
//  4. If needed, write the spill file, under a name that did not exist.
//  5. Replace the keyring item, or else the state file. This is the commit.
//  6. With Config.Copy, write the copy of what went to the keyring.
//  7. Write the new sequence and times into the mark.
//  8. Remove the state file if the record moved to the keyring, spill files
//     that are no longer named, and temporary files.
//
// An interruption up to 5 leaves the old state, and files that a later commit
// removes. After 5 it leaves the new state: a mark that is behind proves
// nothing, and a state file that is still there is older than the item. Delete
// writes its mark first, and what it did not get to remove is dead.
//
// # Keyring and file
//
// With KindAuto the keyring is used whenever it answers. If it does not, the
// record goes to the state file, and comes back with the next commit that
// reaches the keyring. While both hold a record, the one with the newer
// server time counts, then the one with the larger sequence. The other is
// overwritten or removed by the next commit.
//
// The mark is what keeps a locked keyring from looking like an empty one: if
// the mark says that the keyring may hold a newer record than the file, Load
// returns ErrOutOfReach, an ErrUnavailable. Then Commit takes a state that is
// based on that newer record, or on nothing, and writes it to the file.
//
// With Config.Copy the same record is in a file as well, and a keyring that
// does not answer, or was reset, is missed only when that cannot be read. While
// the keyring does not answer, the copy counts only if the mark knows of nothing
// newer. While it does, whichever of the two is newer counts.
//
// # No place at all
//
// With Config.Memory, what neither the keyring nor a file takes is kept in memory,
// and each commit tries the others again; [Local.Unkept] says why it is so. A file
// that cannot be read now, but perhaps another time, is not replaced meanwhile.
// If no file lock can be had, the store goes on without one and says so once: of
// two processes that write at once, one may then undo what the other has learned,
// but no record is ever torn.
//
// Each keyring call has a goroutine of its own, a deadline (Config.Timeout)
// and a breaker: after a call that missed its deadline none is made for
// Config.BreakerPause. Calls of one store and its siblings never overlap,
// except that a read may be tried again while an earlier one hangs. Only reads
// are used to find out whether a keyring is there. On a Secret Service that is
// locked, the user is asked once for the password.
//
// # Restored copies
//
// Whatever is found of a record bears witness to how new the newest was: the
// mark, the header of a keyring item, of its copy, of a state file, and of a spill
// file, which is at most one commit ahead of what was stored when it was written.
// Load returns the newest state that can be read. State.RestoredCopy reports
// that it is an older copy: if any authentic header is newer, or if something is
// missing that is always written before what is there, which are the mark of a
// record that was written beside one, and the spill file of an item. A file that
// was spoilt is one that is missing. The test TestMixtures goes through all
// mixtures of parts that are current, older or removed, and the crash tests hold
// that no interruption looks like one.
//
// A record that was deleted stays deleted even if it is put back. Somebody who
// restores the keyring and the folder together to one and the same moment is not
// noticed; nor is, with KindFile, somebody who restores the folder, because
// nothing outside of it is written. A keyring item that is gone, beside a copy and
// a mark of one moment, is taken for what it mostly is: a keyring that was reset.
//
// # What this protects
//
// The root of trust is the server's signature inside State.Data, which the
// caller verifies each time. Sealing makes it more work to copy a record to
// another device, to edit it, and to set clocks back; it does not make it
// impossible. The data key lies beside what it seals: in the keyring item,
// which on macOS and Linux any process of the user can read, or in the state
// file or its copy. The seal is a device ID, which is no secret either. So whoever
// can run code as the user, and reads this source, can open and forge records.
// A state file in a backup is safe from another user and from being used on
// another device by accident, not from analysis. Bit rot is detected always.
//
// # Limits
//
// Durability ends where the keyring's begins: gnome-keyring, Credential
// Manager and the macOS keychain decide when an item is on the disk. Waiting
// for a lock or a keyring ends with the context; a disk that hangs does not.
// A keyring Set
// that missed its deadline may still take effect; until it has ended, that
// process makes no other keyring call.
//
// The tests run on Linux with the real gnome-keyring, and as a Windows program
// under Wine with its Credential Manager; not on Windows itself. Nothing was
// run on macOS: its keychain is covered by a fake with the limits of the
// security command, and the package is compiled for it. With LEASEHOLD_KEYRING
// set, TestRealKeyring runs on the keyring of any platform.
//
// # Rejected designs
//
//   - The key in the keyring, the state always in a file: two things to keep
//     in step, and one file more to lose, for the licences that fit an item.
//   - Config.Copy as the only way: the copy brings its own key, so what it
//     holds is not protected by the keyring any more.
//   - Locking files that hold a process ID: stale after every crash. The
//     kernel's lock ends with its process.
//   - google/renameio for the state file: not for Windows, does not sync the
//     folder, and cannot be interrupted at each step by a test.
//   - A write as a probe for the keyring: two processes that start together
//     delete each other's probe.
//   - Raw bytes in the item instead of base64, for a third more room: some
//     implementations of the Secret Service take every secret for text.
package storage
