package pds

import (
	"context"
	"time"
)

// limiter lets no more than len(granted) through in any one second, which is how
// PDS counts an application ("rate limits": 5 a second by default). It is a window
// and not a bucket: a bucket would let twice as many through in its first second.
//
// Waiting is in turn, and who gives up while waiting uses nothing up.
type limiter struct {
	clock   Clock
	turn    chan struct{} // holds one token: who has it may look at the rest
	granted []time.Time   // the latest, as a ring
	oldest  int
}

func newLimiter(perSecond int, clock Clock) *limiter {
	return &limiter{clock: clock, turn: make(chan struct{}, 1), granted: make([]time.Time, perSecond)}
}

// wait returns when the next request may go, and when that was.
func (l *limiter) wait(ctx context.Context) (time.Time, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	now := l.clock.Now()
	if first := l.granted[l.oldest]; !first.IsZero() {
		// A clock that was set back must not make anybody wait longer than a second.
		if d := min(first.Add(time.Second).Sub(now), time.Second); d > 0 {
			if err := l.clock.Sleep(ctx, d); err != nil {
				return time.Time{}, err
			}
			now = l.clock.Now()
		}
	}
	l.granted[l.oldest] = now
	l.oldest = (l.oldest + 1) % len(l.granted)
	return now, nil
}
