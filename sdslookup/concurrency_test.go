package sdslookup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestOneConnectionManyCallers: callers share a connection, side by side, but never more than a server
// takes from an anonymous session.
func TestOneConnectionManyCallers(t *testing.T) {
	f := newFamily(t)
	var now, most atomic.Int64
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		practices(a)
	})
	d := directoryAt(t, f, nil, p)
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			if err := ask(d, fmt.Sprintf("A%05d", i))(brief(t)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if p.dials.Load() != 1 {
		t.Errorf("got %d connections, want 1", p.dials.Load())
	}
	if m := most.Load(); m < 32 || m > besides {
		t.Errorf("got %d searches side by side, want up to %d", m, besides)
	}
}

// TestCancellationIsPrivate: a caller that gives up gets its own error at once, and nobody else notices.
func TestCancellationIsPrivate(t *testing.T) {
	f := newFamily(t)
	arrived := make(chan struct{}, 10)
	release := make(chan struct{})
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		if strings.Contains(a.filter, "nhsMhs)") {
			arrived <- struct{}{}
			<-release
		}
		practices(a)
	})
	d := directoryAt(t, f, nil, p)
	ctx, cancel := context.WithCancel(context.Background())
	gaveUp, stayed := make(chan error, 1), make(chan error, 1)
	go func() { gaveUp <- ask(d, "A11111")(ctx) }()
	go func() { stayed <- ask(d, "A22222")(brief(t)) }()
	<-arrived
	<-arrived
	cancel()
	err := <-gaveUp
	var e *Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Kind != context.Canceled || e.Temporary() || errors.Is(err, ErrUnavailable) {
		t.Errorf("the one who gave up: got %v", err)
	}
	close(release)
	if err := <-stayed; err != nil {
		t.Errorf("the one who stayed: %v", err)
	}
	if got := p.dials.Load(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}

// TestOneSlowSearch: a search that times out has its connection retired, and those that share it finish.
func TestOneSlowSearch(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		switch {
		case strings.Contains(a.filter, "=A00000)"): // never
		case strings.Contains(a.filter, "=A11111)"):
			time.Sleep(150 * time.Millisecond)
			practices(a)
		default:
			practices(a)
		}
	})
	d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = 200 * time.Millisecond }, p)
	if err := ask(d, "A22222")(brief(t)); err != nil {
		t.Fatal(err)
	}
	never := make(chan error, 1)
	go func() { never <- ask(d, "A00000")(brief(t)) }()
	for range 4 {
		if err := ask(d, "A11111")(brief(t)); err != nil {
			t.Errorf("a search beside the slow one: %v", err)
		}
	}
	if err := <-never; !errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "time limit") {
		t.Errorf("the slow one: got %v; want ErrUnavailable by the directory's own time limit", err)
	}
}

func TestEndedBeforeItBegan(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	d := directoryAt(t, f, nil, p)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ask(d, "A12345")(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if p.dials.Load() != 0 {
		t.Error("a connection was made")
	}
}

// TestCloseEndsEverything: searches and dials under way end at once, later lookups are refused.
func TestCloseEndsEverything(t *testing.T) {
	f := newFamily(t)
	arrived := make(chan struct{}, 4)
	p := newPeer(t, f.serverTLS(), func(*asked) { arrived <- struct{}{} })
	d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = time.Minute }, p)
	results := make(chan error, 4)
	for range 4 {
		go func() { results <- ask(d, "A12345")(context.Background()) }()
	}
	for range 4 {
		<-arrived
	}
	began := time.Now()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	for range 4 {
		if err := <-results; !errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
	if err := ask(d, "A12345")(brief(t)); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("twice: %v", err)
	}
}
