// Package lease holds the licence: it takes it, renews it and gives it up.
//
// A [Lease] asks the server ([Lease.Activate], [Lease.Heartbeat],
// [Lease.GiveBack]) or reads a file ([Lease.Import]), judges whether the answer is
// a new one and whether a refusal must be heard twice, and has the ledger learn
// from it. It does not know the floating seat, the reports or the events: the
// façade leads those, and is told by the hooks what it has to tell.
//
// All methods that call the server or change what is held are for whoever has the
// turn. The Lease has no lock: what it keeps for itself is one atomic flag.
package lease
