package heartbeat

// cronLogger passes cron's messages on. Cron reports each wake, so its routine messages are for debugging. It logs
// from its own loop, where a logger's panic would end the process.
type cronLogger struct{ log Logger }

func (l *cronLogger) Info(msg string, keysAndValues ...any) {
	defer func() { _ = recover() }()
	l.log.Debug("heartbeat: cron: "+msg, keysAndValues...)
}

func (l *cronLogger) Error(err error, msg string, keysAndValues ...any) {
	defer func() { _ = recover() }()
	l.log.Error("heartbeat: cron: "+msg, append([]any{"error", err}, keysAndValues...)...)
}
