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
// the Reason; later ones are not tried. Redirects are followed within the
// server only. No response is read beyond 4 MiB, and no call takes longer than
// [Config.Timeout].
//
// # What a signature does not say
//
// The signature covers a body's bytes, not its status, path, headers or
// request, and the nonce's signature is independent of the body's. Somebody on
// the way who may call the same server can therefore join an old signed body to
// a fresh nonce signature. The client bounds what that gains:
//
//   - A licence must name the right product, client and licence, and must not
//     be older than what was already accepted ([Known]).
//   - A session's answer names nobody. It must not be over, and the caller must
//     keep it where only its licence and client belong.
//   - An acknowledgement or a conflict can be an old one. Its shape is all that
//     ties it to its call.
//
// # Use
//
// A [Client] is safe for concurrent use. It starts no goroutine of its own, and
// each call ends the connection that it made. Calls made by a person go through
// [Twice].
package slascone
