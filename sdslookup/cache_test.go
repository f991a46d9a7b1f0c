package sdslookup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// moody is a directory whose answers and failures the test decides on.
type moody struct {
	asked  atomic.Int64
	answer atomic.Pointer[func(context.Context, string) (Endpoint, error)]
}

func (m *moody) Endpoint(ctx context.Context, ods string, id Interaction) (Endpoint, error) {
	m.asked.Add(1)
	return (*m.answer.Load())(ctx, ods)
}

func (m *moody) behave(f func(context.Context, string) (Endpoint, error)) { m.answer.Store(&f) }

func (m *moody) fails(kind error) {
	m.behave(func(context.Context, string) (Endpoint, error) { return Endpoint{}, &Error{Kind: kind} })
}

func newMoody() *moody {
	m := new(moody)
	m.behave(func(_ context.Context, ods string) (Endpoint, error) { return practiceEndpoint(ods), nil })
	return m
}

// clock is moved by hand.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(1_800_000_000, c.now.Load()) }
func (c *clock) forward(d time.Duration) { c.now.Add(int64(d)) }

func newCache(t testing.TB, d Directory, p Policy) *Cache {
	t.Helper()
	c, err := Cached(d, p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCacheAges(t *testing.T) {
	var now clock
	m := newMoody()
	c := newCache(t, m, Policy{TTL: 10 * time.Minute, MaxAge: time.Hour, ServeStale: true, Now: now.Now})
	expect := func(when string, asked int64, stale bool, kind error) {
		t.Helper()
		ep, err := c.Endpoint(brief(t), " a12345", slotSearch)
		if m.asked.Load() != asked || ep.Stale != stale || !errors.Is(err, kind) || err == nil && ep.Address != practiceEndpoint("A12345").Address {
			t.Errorf("%s: got %+v, %v after %d lookups; want stale %v, %v after %d", when, ep, err, m.asked.Load(), stale, kind, asked)
		}
	}
	expect("at first", 1, false, nil)
	now.forward(9*time.Minute - time.Second)
	expect("before its time", 1, false, nil)
	now.forward(time.Minute + time.Second)
	expect("past its time", 2, false, nil)
	m.fails(ErrUnavailable)
	now.forward(11 * time.Minute)
	expect("past its time, no answer", 3, true, nil)
	expect("and again", 4, true, nil)
	now.forward(49 * time.Minute)
	expect("past the greatest age", 5, false, ErrUnavailable)
	m.behave(*newMoody().answer.Load())
	expect("answering again", 6, false, nil)
	for i, kind := range []error{ErrNotFound, ErrAmbiguous, ErrAddressRefused} {
		now.forward(11 * time.Minute)
		m.fails(kind)
		expect("an answer that is a no", int64(7+3*i), false, kind)
		m.fails(ErrUnavailable)
		expect("is not undone by silence", int64(8+3*i), false, ErrUnavailable)
		m.behave(*newMoody().answer.Load())
		expect("nor kept", int64(9+3*i), false, nil)
	}
	now.forward(-time.Hour)
	expect("from the future", 16, false, nil)
}

func TestCacheWithoutStale(t *testing.T) {
	var now clock
	m := newMoody()
	c := newCache(t, m, Policy{TTL: time.Minute, MaxAge: time.Hour, Now: now.Now})
	if _, err := c.Endpoint(brief(t), "A12345", slotSearch); err != nil {
		t.Fatal(err)
	}
	now.forward(2 * time.Minute)
	m.fails(ErrUnavailable)
	if ep, err := c.Endpoint(brief(t), "A12345", slotSearch); !errors.Is(err, ErrUnavailable) || ep != (Endpoint{}) {
		t.Errorf("got %+v, %v", ep, err)
	}
}

// TestCacheKeys: another interaction, practice or environment is another question.
func TestCacheKeys(t *testing.T) {
	m := newMoody()
	shared := NewMemoryStore(0)
	live := newCache(t, m, Policy{TTL: time.Hour, Environment: "live", Store: shared})
	dev := newCache(t, m, Policy{TTL: time.Hour, Environment: "dev", Store: shared})
	ask := func(c *Cache, ods string, id Interaction) {
		t.Helper()
		if _, err := c.Endpoint(brief(t), ods, id); err != nil {
			t.Error(err)
		}
	}
	for range 3 {
		ask(live, "A12345", slotSearch)
		ask(live, "a12345", slotSearch)
		ask(live, "A12345", structured)
		ask(live, "A54321", slotSearch)
		ask(dev, "A12345", slotSearch)
	}
	if m.asked.Load() != 4 {
		t.Errorf("got %d lookups, want 4", m.asked.Load())
	}
	one, other := Key{"a|b", "C", "d", 1}, Key{"a", "b|C", "d", 1}
	if one.String() == other.String() {
		t.Errorf("two keys are both %q", one)
	}
}

func TestCacheForget(t *testing.T) {
	m := newMoody()
	c := newCache(t, m, Policy{TTL: time.Hour})
	ctx := brief(t)
	for range 2 {
		if _, err := c.Endpoint(ctx, "A12345", slotSearch); err != nil {
			t.Fatal(err)
		}
		if err := c.Forget(ctx, "a12345", slotSearch); err != nil {
			t.Fatal(err)
		}
	}
	arrived, release := make(chan struct{}), make(chan struct{})
	m.behave(func(_ context.Context, ods string) (Endpoint, error) {
		arrived <- struct{}{}
		<-release
		return practiceEndpoint(ods), nil
	})
	done := make(chan error)
	go func() {
		_, err := c.Endpoint(ctx, "A12345", slotSearch)
		done <- err
	}()
	<-arrived
	if err := c.Forget(ctx, "A12345", slotSearch); err != nil {
		t.Fatal(err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	m.behave(*newMoody().answer.Load())
	if _, err := c.Endpoint(ctx, "A12345", slotSearch); err != nil || m.asked.Load() != 4 {
		t.Errorf("got %v after %d lookups; want the fourth, since the third was forgotten on its way", err, m.asked.Load())
	}
}

// TestCacheShares: a thousand callers, one lookup; the first one's end is its own.
func TestCacheShares(t *testing.T) {
	m := newMoody()
	release := make(chan struct{})
	m.behave(func(ctx context.Context, ods string) (Endpoint, error) {
		select {
		case <-release:
			return practiceEndpoint(ods), nil
		case <-ctx.Done():
			return Endpoint{}, ended(ctx)
		}
	})
	c := newCache(t, m, Policy{TTL: time.Hour})
	first, cancel := context.WithCancel(context.Background())
	gaveUp := make(chan error, 1)
	go func() {
		_, err := c.Endpoint(first, "A12345", slotSearch)
		gaveUp <- err
	}()
	for m.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	var wg sync.WaitGroup
	var traced atomic.Int64
	for range 1000 {
		wg.Go(func() {
			ctx := WithTrace(brief(t), &Trace{Remembered: func(Remembered) { traced.Add(1) }})
			if ep, err := c.Endpoint(ctx, "A12345", slotSearch); err != nil || ep != practiceEndpoint("A12345") {
				t.Errorf("got %+v, %v", ep, err)
			}
		})
	}
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who gave up: got %v", err)
	}
	close(release)
	wg.Wait()
	// The thousand may all have come after the first had given up, and its question with it.
	if n := m.asked.Load(); n > 2 {
		t.Errorf("got %d lookups for a thousand callers", n)
	}
}

// TestCacheGivesUp: a question that nobody waits for any more is not asked to its end.
func TestCacheGivesUp(t *testing.T) {
	m := newMoody()
	ended := make(chan error, 1)
	m.behave(func(ctx context.Context, _ string) (Endpoint, error) {
		<-ctx.Done()
		ended <- ctx.Err()
		return Endpoint{}, ctx.Err()
	})
	c := newCache(t, m, Policy{TTL: time.Hour})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.Endpoint(ctx, "A12345", slotSearch); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the directory saw %v", err)
	}
}

// TestCacheExplains: everybody who waited for a lookup is told what it did, in their own goroutine.
func TestCacheExplains(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	c := newCache(t, directoryAt(t, f, nil, p), Policy{TTL: time.Hour, Environment: "test"})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			searches, remembered := 0, 0
			ctx := WithTrace(brief(t), &Trace{Searched: func(Search) { searches++ }, Remembered: func(Remembered) { remembered++ }})
			if _, err := c.Endpoint(ctx, "A12345", slotSearch); err != nil {
				t.Error(err)
			}
			if !(searches == 2 && remembered == 0 || searches == 0 && remembered == 1) {
				t.Errorf("told of %d searches and %d memories", searches, remembered)
			}
		})
	}
	wg.Wait()
	if p.searches.Load() != 2 {
		t.Errorf("got %d searches, want 2", p.searches.Load())
	}
}

// brokenStore fails at everything.
type brokenStore struct{}

func (brokenStore) Get(context.Context, Key) (Entry, bool, error) {
	return Entry{Endpoint: at("https://wrong.example", "1", "x")}, true, errors.New("broken")
}
func (brokenStore) Set(context.Context, Key, Entry, time.Duration) error { return errors.New("broken") }
func (brokenStore) Delete(context.Context, Key) error                    { return errors.New("broken") }

func TestCacheWithABrokenStore(t *testing.T) {
	m := newMoody()
	c := newCache(t, m, Policy{TTL: time.Hour, Store: brokenStore{}})
	for range 2 {
		if ep, err := c.Endpoint(brief(t), "A12345", slotSearch); err != nil || ep != practiceEndpoint("A12345") {
			t.Errorf("got %+v, %v", ep, err)
		}
	}
}

func TestMemoryStoreIsBounded(t *testing.T) {
	s := NewMemoryStore(10)
	for i := range 100 {
		if err := s.Set(brief(t), Key{ODS: fmt.Sprint(i)}, Entry{}, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.(*memoryStore).entries); n != 10 {
		t.Errorf("got %d entries, want 10", n)
	}
}

func TestCachePolicy(t *testing.T) {
	for _, p := range []Policy{{}, {TTL: -1}, {TTL: time.Hour, MaxAge: time.Minute}} {
		if _, err := Cached(newMoody(), p); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: got %v", p, err)
		}
	}
	if _, err := Cached(nil, Policy{TTL: time.Hour}); !errors.Is(err, ErrInvalid) {
		t.Error("no directory: no error")
	}
}

// TestCacheAgesWhileTheMachineSleeps: the clock that stands still then must not be the one that counts.
func TestCacheAgesWhileTheMachineSleeps(t *testing.T) {
	c := newCache(t, newMoody(), Policy{TTL: time.Hour})
	if e := c.entry(Endpoint{}); e.Stored != e.Stored.Round(0) || e.Expires != e.Expires.Round(0) {
		t.Errorf("got %v and %v; want no monotonic reading in them", e.Stored, e.Expires)
	}
}
