package agent

import (
	"context"
	"fmt"
	"time"
)

// unlasting returns why what was learned holds only until the process ends; nil
// when it is kept.
func (a *Agent) unlasting() error {
	s, ok := a.ledger.Store.(interface{ Unkept() error })
	if !ok {
		return nil
	}
	err := s.Unkept()
	if err != nil {
		err = fmt.Errorf("what was learned holds only until the application ends: %w", err)
	}
	return err
}

// outlived returns why the licence cannot be removed from this machine; nil when
// it can.
func (a *Agent) outlived() error {
	s, ok := a.ledger.Store.(interface{ Outlived() error })
	if !ok {
		return nil
	}
	err := s.Outlived()
	if err != nil {
		err = fmt.Errorf("the licence cannot be removed from this machine, so its seat is not given back: %w", err)
	}
	return err
}

// noteTimeout bounds how long Close waits for what noteDrift writes.
const noteTimeout = 10 * time.Second

// noteDrift keeps, in the background, that the change of the device was told.
func (a *Agent) noteDrift() {
	a.noting.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
		defer cancel()
		a.install.NoteDrift(ctx)
	})
}
