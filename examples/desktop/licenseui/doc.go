// Package licenseui is the licence as users of a Fyne application see it: a
// gate before the content, a banner above it, an item in the status bar, and the
// dialogs. Its words are those of agent/messages and a few of its own.
//
//	ui, err := licenseui.New(a, window, licenseui.Options{Languages: messages.UserLanguages()})
//	if err != nil { … }
//	ui.OnDecision = func(d enforcement.Decision) { editor.Lock(d.State >= enforcement.ReadOnly) }
//	window.SetContent(ui.Gate(content))
//	ui.Run(ctx) // follows the agent's events until ctx ends
//
// Gate shows the content while the application may at least read, with a banner
// when there is something to say, and the licence screen in its place when the
// state is locked. What was drawn stays where it is, and the licence screen has a
// button to save it.
//
// # Threads
//
// All methods are called on Fyne's main goroutine. Run is the only one that
// starts goroutines: one listens to the agent, and each call to the server has
// one of its own; both come back with [fyne.Do]. Nothing here waits for the
// network on the main goroutine.
package licenseui
