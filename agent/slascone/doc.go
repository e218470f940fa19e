// Package slascone speaks the SLASCONE licensing API v2 and believes nothing
// it cannot prove.
//
// Every call ends in one [Answer] of three kinds:
//
//   - [Yes]: a 200 whose signature holds, that answers this very request and
//     is bound to this product, client and licence;
//   - [No]: a 409 whose signature holds, or such a 200 whose flags say no;
//   - [Silence]: everything else, with a [Reason].
//
// Only Yes and No may change what a user may do. A response is checked in this
// order: status, content type, size, signature over the exact bytes, signature
// over the nonce, shape, binding, freshness. The first check that fails names
// the Reason; later ones are not tried.
//
// The signatures of body and nonce are independent of one another, so a valid
// nonce signature says nothing about the body beside it. That is why a body
// must also name the right product, client and licence, and must not be older
// than what was already accepted.
//
// A [Client] is safe for concurrent use. It starts no goroutine of its own; its
// idle connections end with [Client.Close].
package slascone
