package pds

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// still is a clock that only sleeping moves.
type still struct {
	mu  sync.Mutex
	now time.Time
}

func (c *still) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *still) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return nil
}

// TestLimiter: five a second and no more in any second, whoever asks, and no fewer.
func TestLimiter(t *testing.T) {
	c := &still{now: time.Unix(1900000000, 0)}
	l := newLimiter(5, c)
	var mu sync.Mutex
	var granted []time.Time
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			for range 10 {
				at, err := l.wait(context.Background())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				granted = append(granted, at)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	count := map[time.Time]int{}
	for _, at := range granted {
		count[at]++
	}
	for at := range count {
		within := 0
		for other, n := range count {
			if d := other.Sub(at); d >= 0 && d < time.Second {
				within += n
			}
		}
		if within > 5 {
			t.Errorf("got %d within the second from %v, want 5", within, at)
		}
	}
	if got, want := c.Now().Sub(time.Unix(1900000000, 0)), 59*time.Second; got != want {
		t.Errorf("300 took %v, want %v", got, want)
	}
}

// TestLimiterGivesUp: who gives up uses nothing up, in the queue or at its head.
func TestLimiterGivesUp(t *testing.T) {
	c := &still{now: time.Unix(1900000000, 0)}
	l := newLimiter(1, c)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for range 1000 {
		if _, err := l.wait(ended); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want context.Canceled", err)
		}
	}
	for i := range 2 {
		at, err := l.wait(context.Background())
		if want := time.Unix(1900000000+int64(i), 0); err != nil || !at.Equal(want) {
			t.Errorf("got %v %v, want %v", at, err, want)
		}
	}
}

// TestClockSetBack: nobody waits longer than a second for it.
func TestClockSetBack(t *testing.T) {
	c := &still{now: time.Unix(1900000000, 0)}
	l := newLimiter(1, c)
	_, _ = l.wait(context.Background())
	c.now = c.now.Add(-time.Hour)
	before := c.now
	_, _ = l.wait(context.Background())
	if got := c.now.Sub(before); got != time.Second {
		t.Errorf("waited %v, want 1s", got)
	}
}
