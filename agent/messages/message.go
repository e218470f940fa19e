// Package messages words the state of the licence for the person in front of the
// application: a title, a sentence, a deadline, who can help, and what a button
// could do. It draws nothing; the application does, in its own style.
//
//	texts, err := messages.New(messages.Options{Languages: messages.UserLanguages()})
//	…
//	m := texts.Of(a)
//	banner.Show(m.Title, m.Text, m.Deadline, m.Action.Label)
//
// English (American and British), German, French, Spanish, Italian, Portuguese
// (Brazil), Japanese and Simplified Chinese come with it. [Options.Catalogs]
// replaces single texts and adds languages.
//
// The package is linked only into programs that import it: it adds some 4 % to
// examples/headless, a seventh of that for the texts. (To measure, import it there
// and compare two builds with -trimpath -ldflags '-s -w'.) Plural rules and the
// choice of a language are those of golang.org/x/text.
package messages

import "github.com/leasehold-dev/leasehold/enforcement"

// Message is what to tell the user. All texts are plain, in one language, and
// short enough for a banner; none is empty but where it says so.
type Message struct {
	// Language is the BCP 47 tag of the texts, such as "pt-BR".
	Language string `json:"language"`
	// State and Cause are those of the decision.
	State enforcement.State `json:"state"`
	Cause enforcement.Cause `json:"cause"`
	// StateName is the state as people say it, such as "Read-only".
	StateName string `json:"state_name"`
	// Title says in a few words what is the matter.
	Title string `json:"title"`
	// Text says in a sentence or two what happened, and what still works.
	Text string `json:"text"`
	// Deadline says how much time is left and what comes then, such as
	// "3 days left, then read-only"; empty when there is no deadline.
	Deadline string `json:"deadline"`
	// Help says what can be done and by whom; empty when nothing needs to be.
	Help string `json:"help"`
	// Who can do it.
	Who enforcement.Actor `json:"who"`
	// Action is what the first button does; of kind None when there is nothing
	// to press.
	Action Action `json:"action"`
	// Others are what further buttons could do, the most useful first.
	Others []Action `json:"other_actions"`
}

// Action is what a button does.
type Action struct {
	Kind Kind `json:"kind"`
	// Label is the button's text; empty for None.
	Label string `json:"label"`
	// URL is where OpenURL, Update and Contact lead. It may be empty for Update,
	// which the application's own updater then does, and for Contact.
	URL string `json:"url"`
}

// Kind says what an application does when a button is pressed.
type Kind string

// The kinds of action.
const (
	// None: there is nothing to press.
	None Kind = "none"
	// EnterKey: ask for a licence key, then call Agent.Activate.
	EnterKey Kind = "enter_key"
	// OpenURL: open the URL in the browser.
	OpenURL Kind = "open_url"
	// GoOnline: call Agent.Heartbeat; the user has connected the computer, or somebody
	// has changed something on the server.
	GoOnline Kind = "go_online"
	// ImportFile: ask for a licence file, then call Agent.ImportFile.
	ImportFile Kind = "import_file"
	// Update: get another release of the application.
	Update Kind = "update"
	// CloseWindow: close this window of the application, in favour of another.
	CloseWindow Kind = "close_window"
	// Contact: write to the vendor, with Agent.Diagnose's report.
	Contact Kind = "contact"
)

// Kinds returns all kinds of action.
func Kinds() []Kind {
	return []Kind{None, EnterKey, OpenURL, GoOnline, ImportFile, Update, CloseWindow, Contact}
}
