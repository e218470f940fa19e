// Package agent enforces a licence inside a desktop application.
//
//	a, err := agent.New(agent.Config{
//		ServerURL: "https://api365.slascone.com", ISVID: isv, ProductID: product, ProvisioningKey: key,
//		Signature: agent.Signature{PublicKey: publicKeyPEM},
//		App:       agent.App{Name: "Sketch", Version: "1.4.2"},
//	})
//	if err != nil { … }
//	defer a.Close(ctx)
//	a.Start(ctx)
//	if a.Allows("pdf-export") { … }
//
// [New] reads what is kept on this machine and decides from that, without the
// network. [Agent.Start] begins heartbeats in the background. From then on
// [Agent.Decision] and [Agent.Allows] tell, at any moment and without waiting,
// what the user may do and why. [Agent.Activate], [Agent.Heartbeat] and
// [Agent.Deactivate] talk to the server for a person who waits.
//
// # A user's other devices
//
// The service offers an application's key no list of the seats, devices or users
// of a licence, and frees a seat only for a caller who knows its token key, which
// only the device that holds the seat is told. So an application cannot show a user which
// other devices hold the licence, nor free one of them from here: [Agent.Deactivate]
// frees this device's seat on this device, and for the others a user is sent to
// the vendor's portal by [Links].Manage, which is what the texts of package
// messages offer when all seats are taken (2000, 1007).
//
// # Giving a licence back
//
//	                  the server is told    stays here                        for
//	[Agent.Deactivate]  the seat is free      reports that are not delivered    moving to another device
//	[Agent.SignOut]     the same              the same                          a user who leaves; without a licence it does nothing
//	[Agent.Abandon]     nothing: the seat     reports that are not delivered    a device that will not reach the server again
//	                    stays taken
//	[Agent.Erase]       nothing: the seat     nothing                           an uninstaller, after Deactivate
//	                    stays taken
//
// # Compatibility
//
// Before version 1.0 a minor version may change this API; the CHANGELOG says how.
// From 1.0 on nothing that is exported here is taken away or changes its meaning
// within a major version. An application must not rely on the text of errors and of
// [enforcement.Decision.String], on the order and number of events beyond what their
// comments say, or on what is written to the log. Every later version reads what a
// version has kept on a machine; an earlier version leaves alone what it cannot
// read.
//
// # How it is built
//
// The agent is a façade: it checks the configuration, wires rooms of one job each
// (agent/internal), leads them where two are needed, and words their errors and
// what they report. Each room keeps its state and its lock to itself and says in
// its package documentation what it is for:
//
//	record, view       what is kept and proves, what readers see; both are pure
//	ledger, clock      the only writer of what is known, and the trusted time
//	turn, lease, seat  one call at a time; the licence; the floating seat
//	outbox, quota      what the vendor is told; what is taken of a limitation
//	installation       the device ID, and what belongs to the installation
//	pace, process      when the background calls; whether other processes run
//	alarm, settling    when to tell of a change; what is not told of yet
//	hub, guard         who listens; panics of what the application gave
//	seeding, preseed   a key, and settings, that an administrator laid down
//
// Followed through them by name:
//
//	one heartbeat    agent.Agent.Heartbeat → turn.Turn.Join → turn.Turn.Call → ledger.Ledger.Refresh →
//	                 lease.Lease.Heartbeat → slascone.Client.Heartbeat → ledger.Ledger.Keep → storage.Update → record.Record.Encode →
//	                 view.Judge → hub.Hub.Publish; and then outbox.Outbox.Deliver
//	one seat         heartbeat.Runner → seat.Holder.Next → turn.Turn.Call → seat.Holder.Renew → seat.Holder.Take →
//	                 slascone.Client.OpenFloating → ledger.Learn
//	one consumption  agent.Agent.Consume → turn.Turn.Call → quota.Quota.Take → slascone.Client.Consume →
//	                 ledger.Ledger.Keep; without an answer quota.Quota.Book → outbox.Outbox.Recount →
//	                 ledger.Learn → outbox.Outbox.Add
//	one read         agent.Agent.Decision → ledger.Ledger.Current → view.View.Holds
//
// While a lock is held, only those after it may be taken:
//
//	turn → outbox claim → outbox    → ledger → announcing → alarm, hub, settling
//	                      process   →        → quota, proxy
//	                      seeding   →
//
// # Goroutines and timers
//
// New starts none. Start starts the heartbeat runner (one goroutine, and one
// more while a call is under way) and arms one timer for the next change of
// the decision. Close ends them all; where a store hangs, one that waits for it
// ends up to 15 seconds later. Connections that are kept alive for 30
// seconds after a call have goroutines of net/http.
//
// # Concurrency
//
// All methods are safe for concurrent use, and several agents can live in one
// process. Of calls to the server only one is under way at a time; a Heartbeat
// joins the one that is.
//
// # What is written where
//
// One sealed record for the client and one small record for the installation,
// in the keyring with a copy in the state folder, or only there, as package
// storage describes; a journal beside them, once something is reported; and for
// a floating licence small lock files, which tell whose process still lives.
// Nothing is written to stdout or stderr; nothing that is logged holds a key or
// token.
package agent
