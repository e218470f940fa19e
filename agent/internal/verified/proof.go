// Package verified holds the token that proves a signature was checked.
//
// It lies under agent/internal so that only this module's verifiers can make
// one: a [Proof] is what turns a form full of values into a licence.
package verified

import "time"

// Source says which kind of document was verified.
type Source uint8

// The sources of evidence.
const (
	None Source = iota
	Activation
	Heartbeat
	LicenseFile
)

// Proof says that a document's signature held and that the document is bound
// to this product and client. Its zero value proves nothing.
type Proof struct {
	source Source
	issued time.Time
}

// By returns the proof for a document of the given source that the server
// produced at issued. Only call it once signature, shape and binding hold.
func By(source Source, issued time.Time) Proof { return Proof{source, issued} }

// Valid reports whether p proves anything.
func (p Proof) Valid() bool { return p.source != None }

// Source returns which kind of document was verified.
func (p Proof) Source() Source { return p.source }

// Issued returns when the server produced the document.
func (p Proof) Issued() time.Time { return p.issued }

// Make makes the licence that a verified document describes, of a *license.Terms.
// Package license sets it when it is initialised: only that package can make one,
// and it has no exported function for it. Package grant gives it its types.
var Make func(proof Proof, terms any) any
