package heartbeat

import "log/slog"

// cronLogger passes cron's messages to slog. Cron reports each wake, so its routine messages are for debugging.
type cronLogger struct{ log *slog.Logger }

func (l cronLogger) Info(msg string, keysAndValues ...any) {
	l.log.Debug("heartbeat: cron: "+msg, keysAndValues...)
}

func (l cronLogger) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error("heartbeat: cron: "+msg, append([]any{"error", err}, keysAndValues...)...)
}
