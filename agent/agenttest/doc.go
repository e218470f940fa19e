// Package agenttest gives the tests of an application a licence server and
// agents of it that are ready to use:
//
//	srv := agenttest.NewServer(t)
//	lic := srv.AddLicense(slasconetest.License{TokenLimit: new(1)})
//	a := agenttest.Activated(t, srv, lic.Key)
//
// From there a test makes happen what it is about, with the methods of
// [slasconetest.Server], and looks at what the agent decides. An application that
// makes its agent itself does it with [Config]. Everything ends with the test.
//
// # Time
//
// Server and agent have the same clock, the server's. There are two ways to move
// it:
//
//   - [slasconetest.Server.Advance] is to an agent what a night asleep is to a
//     laptop: it sees the new time in every decision, and a started one looks
//     within a minute of real time whether a call is due. The line that does not
//     wait is a.Heartbeat(ctx).
//   - In a [Bubble], time.Sleep is all there is to it: the days pass as soon as
//     everything waits for them, with every heartbeat and renewal that falls due
//     meanwhile.
//
// It is a package of its own, and not part of slasconetest, because that one
// serves the tests of package agent themselves, which a package that they import
// cannot import in turn.
package agenttest
