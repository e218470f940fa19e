package slasconetest

import "time"

// Now returns the server's time, to which every date and lapse refers.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// now is Now under the lock. Answers carry whole seconds, as the service's do.
func (s *Server) now() time.Time { return s.cfg.Now().Add(s.offset).UTC() }

// Advance moves the server's clock forward by d, or back when d is negative.
// Nothing sleeps: sessions and licences that end in between have simply ended.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
}

// SetTime sets the server's clock to at; it runs on from there.
func (s *Server) SetTime(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset = at.Sub(s.cfg.Now())
}
