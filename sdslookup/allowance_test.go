package sdslookup

import (
	"context"
	"sync"
	"testing"
	"time"
)

// allowance is a context whose deadline counts only the time in which this process ran. A machine that
// stops the whole process for a second has not shown that a lookup takes a second.
type allowance struct {
	context.Context
	done chan struct{}

	mu   sync.Mutex
	used time.Duration
	err  error
}

const tick = 2 * time.Millisecond

func allow(d time.Duration) (a *allowance, stop func()) {
	a = &allowance{Context: context.Background(), done: make(chan struct{})}
	ended := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(tick)
		defer t.Stop()
		for last := time.Now(); ; {
			select {
			case <-ended:
				return
			case <-t.C:
			}
			now := time.Now()
			a.count(min(now.Sub(last), 2*tick), d)
			last = now
		}
	})
	return a, func() { close(ended); wg.Wait() }
}

func (a *allowance) count(d, allowed time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.used += d
	if a.used >= allowed && a.err == nil {
		a.err = context.DeadlineExceeded
		close(a.done)
	}
}

func (a *allowance) Done() <-chan struct{} { return a.done }

func (a *allowance) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

func (a *allowance) took() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.used
}

// within fails the test when f takes longer than the caller allowed it, plus 100 ms.
func within(t testing.TB, allowed time.Duration, f func(context.Context) error) error {
	t.Helper()
	ctx, stop := allow(allowed)
	defer stop()
	err := f(ctx)
	if took := ctx.took(); took > allowed+100*time.Millisecond {
		t.Errorf("took %v, the caller allowed %v", took, allowed)
	}
	return err
}
