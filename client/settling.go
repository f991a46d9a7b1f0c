package client

import (
	"context"
	"errors"
	"time"
)

// Settling says how the outcome of a write is looked for when its answer was
// lost. Zero members take the defaults in brackets.
type Settling struct {
	// Pauses between the looks; the first look is made at once (2 s, 5 s).
	Pauses []time.Duration
	// Late is how long after sending a practice may still carry out a write whose
	// answer was lost: only a look after that, finding nothing, means that there is nothing (5 min, or more where
	// Config.Timeout is long).
	Late time.Duration
	// Grace is how long a write goes on after its caller's ctx has ended, to get its answer
	// and to look (10 s).
	Grace time.Duration
	// Sleep waits; time's own unless a test has another clock.
	Sleep func(context.Context, time.Duration) error
}

func (s Settling) withDefaults(timeout time.Duration) Settling {
	if s.Pauses == nil {
		s.Pauses = []time.Duration{2 * time.Second, 5 * time.Second}
	}
	if s.Grace == 0 {
		s.Grace = 10 * time.Second
	}
	if s.Late == 0 {
		s.Late = max(5*time.Minute, 2*timeout+s.Grace)
	}
	if s.Sleep == nil {
		s.Sleep = sleep
	}
	return s
}

// check refuses a Late that falls into the time of the write itself.
func (s Settling) check(timeout time.Duration) error {
	if s.Late <= timeout+s.Grace {
		return errors.New("a write's outcome may be decided by its absence only after its timeout and grace: Settling.Late is too short")
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
