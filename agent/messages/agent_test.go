package messages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// From an agent come the application, the dates and the links, filled in.
func TestOfAgent(t *testing.T) {
	srv := slasconetest.New(slasconetest.Config{})
	defer srv.Close()
	l := srv.AddLicense(slasconetest.License{Name: "Pro", Freeride: new(7), Expires: srv.Now().Add(48 * time.Hour)})
	a, err := agent.New(agent.Config{
		ServerURL: srv.URL, ISVID: srv.ISV(), ProductID: srv.Products()[0].ID, ProvisioningKey: srv.ProvisioningKey(),
		Signature: agent.Signature{PublicKey: []byte(srv.PublicKeyPEM())},
		App:       agent.App{Name: "Sketch & Co", Version: "1.4.2"}, DeviceID: "device 1",
		Links: agent.Links{
			Buy: "https://vendor.example/{version}/buy", Renew: "https://vendor.example/renew?key={license}&device={device}&app={app}",
			Support: "mailto:help@vendor.example?subject={app}",
		},
		StateDir: t.TempDir(), Store: storage.KindFile, Now: srv.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(t.Context())
	texts := textsIn(t, "en")
	m := texts.Of(a)
	if m.Action.Kind != messages.EnterKey || m.State != enforcement.Locked || !strings.HasPrefix(m.Text, "Sketch & Co is not activated") {
		t.Errorf("not activated: %+v", m)
	}
	if len(m.Others) != 2 || m.Others[0].URL != "https://vendor.example/1.4.2/buy" || m.Others[1] != (messages.Action{Kind: messages.Contact, Label: "Contact support", URL: "mailto:help@vendor.example?subject=Sketch%20%26%20Co"}) {
		t.Errorf("not activated: %+v", m.Others)
	}
	if _, err := a.Activate(t.Context(), l.Key); err != nil {
		t.Fatal(err)
	}
	if m := texts.Of(a); m.Action.Kind != messages.None || len(m.Others) != 0 || m.Title != "License active" || m.Deadline != "" {
		t.Errorf("active: %+v", m)
	}
	srv.Advance(72 * time.Hour)
	if _, err := a.Heartbeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	m = texts.Of(a)
	want := messages.Action{Kind: messages.OpenURL, Label: "Renew license", URL: "https://vendor.example/renew?key=" + l.Key + "&device=device%201&app=Sketch%20%26%20Co"}
	if m.State != enforcement.Grace || m.Action != want || m.Deadline != "5 days left, then read-only" && m.Deadline != "6 days left, then read-only" {
		t.Errorf("expired: %+v", m)
	}
}
