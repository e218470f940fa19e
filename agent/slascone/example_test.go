package slascone_test

import (
	"context"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// newClient is how an application makes its client. The server stands in for
// the service.
func newClient(server *slasconetest.Server) (*slascone.Client, error) {
	keys, err := slascone.ParsePublicKeys([]byte(server.PublicKeyPEM()))
	if err != nil {
		return nil, err
	}
	verifier, err := slascone.RSA(keys...)
	if err != nil {
		return nil, err
	}
	return slascone.New(slascone.Config{
		ServerURL:       server.URL,
		ISVID:           server.ISV(),
		ProductID:       slasconetest.DemoProduct,
		ProvisioningKey: server.ProvisioningKey(),
		Verifier:        verifier,
	})
}

// A person types a key; the answer is kept and read again at the next start.
func Example() {
	server := slasconetest.New(slasconetest.Config{Licenses: []slasconetest.License{{
		Key: slasconetest.DemoLicense, Name: "Gold", Features: []slasconetest.Feature{{Name: "PDF export"}},
	}}})
	defer server.Close()
	client, err := newClient(server)
	if err != nil {
		fmt.Println(err)
		return
	}

	answer := slascone.Twice(context.Background(), func(ctx context.Context) slascone.Answer[license.License] {
		return client.Activate(ctx, slascone.Activation{Key: slasconetest.DemoLicense, ClientID: "device-1"}, slascone.Known{})
	})
	fmt.Println(answer.Kind, answer.Value.Terms().Name)

	kept, err := client.Open(answer.Evidence, "device-1")
	if err != nil {
		fmt.Println(err)
		return
	}
	feature, _ := kept.Feature("PDF export")
	fmt.Println(feature.Name, feature.Active)

	_, err = client.Open(answer.Evidence, "device-2")
	fmt.Println(err)
	// Output:
	// yes Gold
	// PDF export true
	// slascone: the kept licence data belongs to another product or device: the licence server's answer is for another client
}

// A heartbeat can end in three ways, and only two of them say anything about
// the licence.
func ExampleClient_Heartbeat() {
	server := slasconetest.New(slasconetest.Config{Licenses: []slasconetest.License{{Key: slasconetest.DemoLicense, Expires: time.Now().Add(time.Hour)}}})
	defer server.Close()
	client, err := newClient(server)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	held := client.Activate(ctx, slascone.Activation{Key: slasconetest.DemoLicense, ClientID: "device-1"}, slascone.Known{})

	beat := func() {
		answer := client.Heartbeat(ctx, slascone.Heartbeat{
			ClientID: "device-1", LicenseKey: held.Value.Key(), SoftwareVersion: "1.0", OperatingSystem: "Plan 9",
		}, slascone.Known{NotBefore: held.At})
		switch answer.Kind {
		case slascone.Yes:
			fmt.Println("yes")
		case slascone.No:
			fmt.Println("no:", answer.Conflict.ID, "expired:", answer.Value.Verdict().Expired)
		case slascone.Silence:
			fmt.Println("silence:", answer.Err)
		}
	}
	beat()
	server.Advance(2 * time.Hour)
	beat()
	server.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: 503})
	beat()
	// Output:
	// yes
	// no: 0 expired: true
	// silence: the server answered 503 Service Unavailable; try again later
}
