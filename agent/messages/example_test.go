package messages_test

import (
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func ExampleTexts_Message() {
	texts, err := messages.New(messages.Options{Languages: []string{"de-AT", "en"}, Location: time.UTC})
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, time.November, 27, 9, 0, 0, 0, time.UTC)
	end := now.AddDate(0, 0, 3)
	m := texts.Message(enforcement.Decision{ // an application passes its agent to Texts.Of instead
		State: enforcement.Grace, Cause: enforcement.Expired, Remedy: enforcement.RenewLicense, Until: end, Then: enforcement.ReadOnly,
	}, messages.Situation{App: "Sketch", Now: now, Expires: now.AddDate(0, 0, -4), Links: agent.Links{Renew: "https://vendor.example/renew"}})
	fmt.Println(m.Title)
	fmt.Println(m.Text)
	fmt.Println(m.Deadline)
	fmt.Println(m.Help)
	fmt.Println(m.Action.Label, m.Action.Kind, m.Action.URL)
	// Output:
	// Lizenz abgelaufen
	// Die Lizenz endete am 23. November 2026. Sie können bis 30. November 2026, 09:00 Uhr weiterarbeiten.
	// Noch 3 Tage, danach nur Lesezugriff
	// Ihre Lizenzverwaltung kann sie verlängern.
	// Lizenz verlängern open_url https://vendor.example/renew
}

// A vendor's own words for one case, in one language.
func ExampleParse() {
	own, err := messages.Parse([]byte(`{"language": "en", "texts": {"help.renew": "Your {app} dealer renews it within a day."}}`))
	if err != nil {
		panic(err)
	}
	texts, err := messages.New(messages.Options{Catalogs: []messages.Catalog{own}})
	if err != nil {
		panic(err)
	}
	m := texts.Message(enforcement.Decision{State: enforcement.ReadOnly, Cause: enforcement.Expired, Remedy: enforcement.RenewLicense}, messages.Situation{App: "Sketch"})
	fmt.Println(m.Help)
	// Output: Your Sketch dealer renews it within a day.
}
