//go:build !unix && !windows

package proxy

import "context"

func readSystem(context.Context) (Settings, bool) { return Settings{}, false }
