package ledger

import "fmt"

// Unlasting returns why what was committed last holds only until the process ends;
// nil when it is kept.
func (l *Ledger) Unlasting() error {
	s, ok := l.Store.(interface{ Unkept() error })
	if !ok {
		return nil
	}
	if err := s.Unkept(); err != nil {
		return fmt.Errorf("what was learned holds only until the application ends: %w", err)
	}
	return nil
}

// Outlived returns why the record cannot be removed from this machine; nil when it
// can.
func (l *Ledger) Outlived() error {
	s, ok := l.Store.(interface{ Outlived() error })
	if !ok {
		return nil
	}
	if err := s.Outlived(); err != nil {
		return fmt.Errorf("the licence cannot be removed from this machine, so its seat is not given back: %w", err)
	}
	return nil
}
