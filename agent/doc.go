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
// of a licence, and frees a seat only for who knows its token key, which is told
// to the device that holds it alone. So an application cannot show a user which
// other devices hold the licence, nor free one of them from here: [Agent.Deactivate]
// frees this device's seat on this device, and for the others a user is sent to
// the vendor's portal by [Links].Manage, which is what the texts of package
// messages offer when all seats are taken (2000, 1007).
//
// # One heartbeat, from wire to decision
//
// [Agent.Heartbeat] (or the schedule, in beat) asks [slascone.Client.Heartbeat],
// which returns a Yes, a No or Silence. The answer is folded into the record
// by learn (learn.go): the record is kept by package storage, and with the
// licence that its evidence proves it makes the facts (facts.go), which
// [enforcement.Decide] turns into a decision; the decision is published as a
// snapshot (snapshot.go), which readers load with one atomic read.
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
