// Package given says what stands for what a caller left out.
package given

import "context"

// Context is ctx, or the background where none was given. Every exported function of the library that takes a context
// begins with it: a nil one must not panic the host, least of all in a goroutine of ours.
func Context(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}
