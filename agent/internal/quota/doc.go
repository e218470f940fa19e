// Package quota takes amounts of limitations: from the server, or, where that
// cannot be asked and it is permitted, from what was last known to remain.
//
// An amount is booked in the record first and in the journal then, so that a crash
// between the two leaves less to take off line, never more.
//
// Its own lock is taken within the ledger's, to see what the server is being asked
// for while an amount is booked.
package quota
