package pds

import (
	"context"
	"time"
)

// A Clock tells the time and waits. The rate limit, retries, the life of tokens
// and the age of traces go by it; deadlines of contexts do not.
type Clock interface {
	Now() time.Time
	Sleep(context.Context, time.Duration) error // ctx.Err() when ctx ends first
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
