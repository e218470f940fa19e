// Package record is what the agent keeps for one client, and what that proves.
//
// A [Record] is the JSON in the store. It holds evidence, not conclusions: an
// [Opener] verifies the evidence anew on each load and makes a [Known] of it,
// which every change is made to and every decision is made from.
//
// The package is pure. It reads no clock and no store and calls nobody; the time
// is an argument.
package record
