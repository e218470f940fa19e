// Package slasconetest is a SLASCONE licence server for tests, as
// [net/http/httptest] is a web server for tests. It is a real HTTP server with
// real accounting: it seats clients, counts sessions, lets licences expire by a
// clock that you move, signs as the service does, and fails on demand.
//
// [New] starts one, [Server.AddLicense] gives it something to license, and
// [Server.URL], [Server.ISV], [Server.ProvisioningKey] and
// [Server.PublicKeyPEM] are what the client under test is configured with:
//
//	srv := slasconetest.New(slasconetest.Config{})
//	defer srv.Close()
//	lic := srv.AddLicense(slasconetest.License{TokenLimit: new(1)})
//
// Package agent/agenttest gives agents that are configured for it.
//
// From then on a test drives it: [Server.UpdateLicense] changes what is
// granted, [Server.Advance] moves time, [Server.Inject] and [Server.Outage]
// make calls fail, [Server.Requests] tells what the client sent.
//
// For more control, [NewUnstarted] returns a server that does not listen, to be
// used through [Server.Serve] or [Server.Handler]; it also is what reports a
// wrong configuration as an error. The calls of a running test have nobody to
// report to: they panic when they are used wrongly, as New does.
//
// The server shares the definitions of the wire with the client of this module
// and nothing else, so that a misunderstanding of the protocol cannot hide in
// both.
//
// # What it serves
//
// Below /api/v2/isv/{isv}, as published for the licensing API v2, with the
// conflicts (409) that it gives:
//
//	POST /provisioning/activations                    1000 1001 1002 1003 1009 1010 2000 2001 2010 3000
//	GET  /provisioning/activations/offline            the same; answers with a signed activation file
//	POST /provisioning/heartbeats                     2002 2003 2006 2010 3000 5000 5001
//	POST /provisioning/session/open                   1000 1001 1002 1007 2002 2006 2010 12000 12002 12003 12004 12005 12006
//	POST /provisioning/session/close                  1000 2006 2010 12000 12001 12005
//	POST /provisioning/unassign                       2003 2004
//	POST /provisioning/validate                       1000
//	POST /provisioning/validate/consumption           1000 3003
//	POST /provisioning/licenses/by_user               3000; asks for a bearer token as well
//	POST /provisioning/licenses/by_customer           3000 4000
//	POST /provisioning/licenses/by_license            3000
//	POST /provisioning/licenses/state/toggle          1000 3000
//	GET  /provisioning/licenses/{license_id}/tokens/floating/active/count  1000
//	POST /lookup/customer                             4000
//	POST /lookup/product                              3000
//	POST /lookup/licenses                             3000 4000 4001
//	POST /data_gathering/consumption_heartbeats       1001 1002 2002 2003 2006 2010 5000 6006 6007 6009
//	POST /data_gathering/consumption_heartbeats/rollback  6006
//	POST /data_gathering/usage_heartbeats             2002 2003 2006 2010 5000 6002 6004
//	POST /data_gathering/usage_heartbeats_by_name     the same and 3000
//	POST /data_gathering/analytical_heartbeats        2002 2003 2006 2010 5000 6000 6001 6003 6005
//
// Nulls stand only where the models of the vendor's generated clients, of 2022
// as of 2026, take one, as theirs throw at others.
//
// Every 200 and 409 carries x-slascone-signature over its exact body and, when
// the request had an X-Nonce of 16 to 64 bytes, X-Nonce-Signature over the
// decoded nonce. 400, 401, 403, 413 and 415 carry an unsigned problem document.
//
// # What the service does not publish
//
// Where the documentation of the service is silent, the server does what
// follows; a client must not rely on it.
//
//   - IDs are compared without regard to case, and answers repeat the client ID
//     as it was first activated.
//   - An inactive licence is refused as such (1002) even when it has expired too.
//   - A licence that has not started yet can be activated, and its flags say that
//     it is not valid; a session of it is refused with 1002.
//   - is_license_valid needs an active licence within its dates and a covered
//     release, unless the licence allows other releases.
//   - A client that gives no token key and holds no seat of the product is
//     unknown (2006); one that gives a key that is not assigned gets 2002.
//   - A temporary licence that has expired has released its seats, so that a
//     heartbeat falls back to the client's normal licence, or gets 2006, or 2002
//     when it gives the released token's key.
//   - A suspended client gets [Config.SuspendedConflict], or the ID given to
//     [Server.SuspendWith], on every call.
//   - A client that activates again what it holds gets its token again, or
//     [Config.SecondActivation].
//   - A licence for users takes the user from user_id or from a client ID of the
//     form device/user, and gives 1010 where there is none.
//   - A client that gives no session ID has one session, which opening again
//     renews; only licences for users insist on an ID (12005) and a user (12004).
//   - A licence for users has sessions, be it named or floating.
//   - A session that lapsed is opened anew by its renewal, if a seat is free.
//   - Unassigning a token ends its client's sessions on the licence.
//   - max_open_session_count is the licence's floating limit,
//     max_active_client_count its token limit; no limit is 2147483647 there and as
//     token_limit.
//   - Consumption is booked at the server's time. A use repeated under the same
//     external_id is answered with its first transaction and not booked again.
//   - remaining is what is left and goes below zero on goodwill; of a static
//     limitation it is all, of an unlimited one null. What balance is says
//     [Config.Balance].
//   - last_reset_date_utc is the licence's date of issue where counting does not
//     begin anew, and before it has.
//   - Rolling back what is not there is answered like a refusal, with a
//     transaction_id of null.
//   - A missing or blank client_id is conflict 2010; other missing fields are a 400.
//
// # The page
//
// A browser that opens /emulator/ gets a page that shows and changes licences,
// clients, sessions, the clock and faults, with the last requests, and follows
// what happens. It works by keyboard and without JavaScript. Like all of the control
// it answers only to an address, to localhost and to names that are nobody's on
// the web, and takes nothing that a page of another origin sends.
//
// # Control over HTTP
//
// What Go code does through methods, other programs do through JSON, unless
// [Config.NoControl]. Bodies and answers are the JSON forms of the types of
// this package; durations are text such as "90s" or "24h". Unknown members are
// errors that name them. Answers are 200, 204 when there is nothing to say, and
// 400 or 404 with {"error": "…"}. IDs in paths are percent-encoded. Requests
// that a browser sends for a page of another origin are refused.
//
//	GET    /emulator                                  the server's ISV, signing, clock and counts
//	GET    /emulator/public-key                       the public key as PEM; ?format=xml for RSAKeyValue
//	GET    /emulator/products                         every Product
//	POST   /emulator/products                         add a Product
//	PATCH  /emulator/products/{id}                    change the members given
//	GET    /emulator/licences                         every Licence
//	POST   /emulator/licences                         add a Licence
//	GET    /emulator/licences/{key}                   one Licence
//	PATCH  /emulator/licences/{key}                   change the members given; null undoes one
//	DELETE /emulator/licences/{key}                   remove it with its seats
//	GET    /emulator/licences/{key}/tokens            every Token of the licence
//	POST   /emulator/licences/{key}/tokens            issue a token: {"token_key"}
//	GET    /emulator/licences/{key}/file              the signed licence file
//	POST   /emulator/licences/{key}/file              the same bound to a client, which is seated: {"client_id"}
//	POST   /emulator/licences/{key}/activation-file   seat a client and get its activation file: {"client_id"}
//	GET    /emulator/licences/{key}/consumption       the Consumption of each limitation
//	DELETE /emulator/tokens/{key}                     take a seat from its client
//	GET    /emulator/clients                          every Client
//	DELETE /emulator/clients/{id}                     forget a client and free its seats
//	POST   /emulator/clients/{id}/suspend             {"until": date} or {"for": duration}, {"conflict": ID}
//	POST   /emulator/clients/{id}/resume              end the suspension
//	GET    /emulator/sessions                         every open Session
//	DELETE /emulator/sessions/{id}                    end a session
//	GET    /emulator/usage                            every Usage that was reported
//	GET    /emulator/measurements                     every Measurement that was reported
//	GET    /emulator/faults                           every Fault still to come
//	POST   /emulator/faults                           inject a Fault
//	DELETE /emulator/faults                           clear all
//	DELETE /emulator/faults/{id}                      clear one
//	PUT    /emulator/outage                           {"on": true} resets every licensing call
//	GET    /emulator/clock                            {"now"}
//	PUT    /emulator/clock                            {"now": date} sets the clock
//	POST   /emulator/clock/advance                    {"by": duration} moves it
//	GET    /emulator/requests                         every Request; ?endpoint=heartbeat for one endpoint's, ?last=20
//	DELETE /emulator/requests                         empty the log
//	GET    /emulator/state                            the whole state, without the signing key
//	POST   /emulator/state/save                       write Config.StateFile
//	POST   /emulator/state/load                       read it again
//	POST   /emulator/reset                            back to what Config says
//
// # A fleet
//
// A vendor can try a fleet on the server. What it answers a second is bounded by
// the signatures, two of RSA-2048 each; it reaches at least 0.8 of what they leave
// possible on the machine, with the clients beside it (go test -run '^$' -bench
// Signatures). A client costs it some hundred bytes; the logs of requests,
// reports and answers keep the last ones only.
//
// # Goroutines and files
//
// The server runs a goroutine for its listener and those of net/http for its
// connections; [Server.Close] ends them all, hanging faults too, and waits for
// them. Nothing is written except [Config.StateFile], and nothing is logged.
package slasconetest
