package sdslookup

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestRealServerBlackholed: the network on the way to OpenLDAP loses everything without a word, and then
// either has all that was held arrive, or knows the old connections no more and lets only new ones through.
// Callers may be patient or hasty, alone or in a crowd that never leaves a dial without somebody who waits.
func TestRealServerBlackholed(t *testing.T) {
	s := realDirectory(t)
	type callers struct {
		wait  time.Duration
		crowd int
	}
	for ending, mend := range map[string]func(*relay){
		"late, then all at once":      func(r *relay) { r.gate().release() },
		"the connection is forgotten": func(r *relay) { r.forget() },
	} {
		for _, c := range []callers{{400 * time.Millisecond, 0}, {60 * time.Millisecond, 0}, {400 * time.Millisecond, 5}} {
			t.Run(fmt.Sprintf("%s, callers wait %v, %d beside", ending, c.wait, c.crowd), func(t *testing.T) {
				t.Parallel()
				way := newRelay(t, s.url, 0)
				d := s.directory(t, func(c *LDAPConfig) { c.Servers = []string{way.url()} })
				lookup := func(ctx context.Context) error {
					_, err := d.Endpoint(ctx, "A80001", slotSearch)
					return err
				}
				if err := within(t, 5*time.Second, lookup); err != nil {
					t.Fatal(err)
				}
				way.gate().hold()
				stop := crowd(c.crowd, c.wait, lookup)
				defer stop()
				for began := time.Now(); time.Since(began) < 5*suspicion; {
					if err := within(t, c.wait, lookup); !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("in the dark: got %v", err)
					}
				}
				mend(way)
				if err := within(t, time.Second, lookup); err != nil {
					t.Errorf("after recovery: %v", err)
				}
			})
		}
	}
}

// crowd has n callers ask all the time, each waiting so long, and not at the same moments.
func crowd(n int, wait time.Duration, lookup func(context.Context) error) (stop func()) {
	ended := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			time.Sleep(wait * time.Duration(i) / time.Duration(n))
			for {
				select {
				case <-ended:
					return
				default:
				}
				ctx, cancel := context.WithTimeout(context.Background(), wait)
				_ = lookup(ctx)
				cancel()
			}
		})
	}
	return func() { close(ended); wg.Wait() }
}

// TestRealNothingLeftBehind: callers of OpenLDAP over a way that breaks every few milliseconds, some of whom
// give up, leave nothing behind. -faulty says how many lookups.
func TestRealNothingLeftBehind(t *testing.T) {
	s := realDirectory(t)
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors()
	way := newRelay(t, s.url, 0)
	d := s.directory(t, func(c *LDAPConfig) { c.Servers = []string{way.url()} })
	var done, found, failed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := done.Add(1); i <= int64(*faulty); i = done.Add(1) {
				if i%20 == 0 {
					way.cut()
				}
				patience := time.Duration(1+i%40) * time.Millisecond
				if i%10 == 0 {
					patience = 10 * time.Second
				}
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				_, err := d.Endpoint(ctx, "A80001", slotSearch)
				cancel()
				switch {
				case err == nil:
					found.Add(1)
				case errors.Is(err, ErrUnavailable):
					failed.Add(1)
				default:
					t.Errorf("got %v", err)
				}
			}
		})
	}
	wg.Wait()
	if found.Load() == 0 || failed.Load() == 0 {
		t.Errorf("got %d found, %d failed; want some of both", found.Load(), failed.Load())
	}
	d.Close()
	way.close()
	comeBackTo(t, goroutines, descriptors)
}
