// Package wire holds the bodies of the SLASCONE licensing API v2 as they
// travel: what a client sends, what the server answers, and how both name
// headers and paths.
//
// Client and test server share these types so that they cannot drift apart.
// They are unverified data, which is why they lie in an internal package.
package wire
