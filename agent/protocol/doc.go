// Package protocol shows the licence agent as JSON: what the command line prints
// with --json, and the calls by which programs that are not written in Go use it.
//
// A [Server] holds the agents of one caller and answers calls: a method's name,
// parameters and a result, all JSON. Two transports carry them: [Serve] speaks
// JSON-RPC 2.0 over a pair of streams (leasehold serve --stdio), and the C
// library in cmd/libleasehold calls a Server inside the host's process.
//
// schema.json describes every method, parameter, result, event and error; it is
// generated from this package, and so is REFERENCE.md, which is written for
// people. The files in vectors show what is asked, what the licence server does
// and what is answered; every transport and every binding passes them.
//
// # Compatibility
//
// Within a major version methods, members and events are added and never
// removed, and none changes its meaning. A caller therefore ignores members and
// events that it does not know. A server refuses parameters that it does not know.
package protocol
