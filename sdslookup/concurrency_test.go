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

// TestRetiredInUse: a connection that is taken out of use while searches are on it sees them to their end,
// and then goes.
func TestRetiredInUse(t *testing.T) {
	f := newFamily(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		if strings.Contains(a.filter, "=A11111)(objectClass=nhsMhs)") {
			arrived <- struct{}{}
			<-release
		}
		practices(a)
	})
	d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = time.Minute }, p)
	result := make(chan error, 1)
	go func() { result <- ask(d, "A11111")(brief(t)) }()
	<-arrived
	d.mu.Lock()
	old := d.line
	d.retireLocked(old)
	d.mu.Unlock()
	if err := ask(d, "A22222")(brief(t)); err != nil {
		t.Errorf("the next lookup: %v", err)
	}
	if old.session.failure() != nil {
		t.Error("the connection was closed under a search")
	}
	close(release)
	if err := <-result; err != nil {
		t.Errorf("the search on the old connection: %v", err)
	}
	<-old.session.over
	if got := p.dials.Load(); got != 2 {
		t.Errorf("got %d connections, want 2", got)
	}
}

// TestOneThatFailedNobody: an idle connection that ended says nothing against its server, which stays the
// preferred one; a connection that failed somebody has the next server tried first.
func TestOneThatFailedNobody(t *testing.T) {
	f := newFamily(t)
	d := directoryAt(t, f, nil, newPeer(t, f.serverTLS(), practices), newPeer(t, f.serverTLS(), practices))
	for i, want := range []int{0, 1} {
		d.first = 0
		if err := ask(d, "A12345")(brief(t)); err != nil {
			t.Fatal(err)
		}
		d.mu.Lock()
		l := d.line
		l.users += i
		d.retireLocked(l)
		if d.first != want {
			t.Errorf("with %d on it: got server %d to try first, want %d", i, d.first, want)
		}
		l.users -= i
		if i > 0 {
			d.discard(l)
		}
		d.mu.Unlock()
	}
}

// TestHastyCallers: callers who never wait long enough for one of them to suspect the connection find out
// together.
func TestHastyCallers(t *testing.T) {
	f := newFamily(t)
	var dead atomic.Pointer[asked] // nobody on this one's connection is answered
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		if first := dead.Load(); first == nil || first.conn != a.conn {
			practices(a)
		}
		dead.CompareAndSwap(nil, a)
	})
	d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = time.Minute }, p)
	for began := time.Now(); time.Since(began) < suspicion+100*time.Millisecond; {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		if err := ask(d, "A12345")(ctx); err != nil && !errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		cancel()
	}
	if err := ask(d, "A12345")(brief(t)); err != nil {
		t.Errorf("got %v; want a new connection", err)
	}
}

// TestHastyCallerOfAHealthyOne: who gives up early says nothing against a connection that answers others.
func TestHastyCallerOfAHealthyOne(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		if !strings.Contains(a.filter, "=A11111)") {
			practices(a)
		}
	})
	d := directoryAt(t, f, nil, p)
	for range 3 {
		if err := ask(d, "A22222")(brief(t)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(suspicion)
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		if err := ask(d, "A11111")(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		cancel()
	}
	if got := p.dials.Load(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}

// TestAbandoned: the server is told of searches that nobody waits for, so that it need not finish them.
func TestAbandoned(t *testing.T) {
	f := newFamily(t)
	ids := make(chan int64, 1)
	p := newPeer(t, f.serverTLS(), nil)
	d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = time.Minute }, p)
	for name, handle := range map[string]func(*asked){
		"given up": func(a *asked) { ids <- a.id },
		"too many records": func(a *asked) {
			ids <- a.id
			for range sizeLimit + 1 {
				a.entries(mhsRecord("A12345"))
			}
		},
	} {
		p.behave(handle)
		ctx, cancel := context.WithTimeout(context.Background(), suspicion/2)
		if err := ask(d, "A12345")(ctx); err == nil {
			t.Errorf("%s: got no error", name)
		}
		cancel()
		id := <-ids
		for deadline := time.Now().Add(10 * time.Second); !p.hasAbandoned(id); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: the server was not told", name)
			}
		}
	}
}

// TestDialThatNobodyWaitsFor: what it brings after all is closed, and not put to use beside a later dial's.
func TestDialThatNobodyWaitsFor(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	d := directoryAt(t, f, nil, p)
	j := &dial{done: make(chan struct{}), cancel: func() {}}
	d.behind.Add(1)
	d.run(context.Background(), j, 0) // d.dial is another one's, or nobody's
	d.mu.Lock()
	l := d.line
	d.mu.Unlock()
	if l != nil || j.line != nil || !errors.Is(j.err, ErrUnavailable) {
		t.Errorf("got line %v, the dial's %v, %v; want none", l, j.line, j.err)
	}
	d.behind.Wait()
	for deadline := time.Now().Add(10 * time.Second); p.open() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the connection stays open")
		}
	}
}

// TestTimeLimit: the directory's own limit is not the caller's deadline, and the second attempt has one too.
func TestTimeLimit(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), silence)
	d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = 50 * time.Millisecond }, p)
	err := ask(d, "A12345")(brief(t))
	var e *Error
	if !errors.As(err, &e) || e.Kind != ErrUnavailable || !e.Temporary() || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "time limit") {
		t.Errorf("got %v; want ErrUnavailable by the directory's own time limit", err)
	}
	if p.searches.Load() != 2 || p.dials.Load() != 2 {
		t.Errorf("got %d searches over %d connections, want 2 over 2", p.searches.Load(), p.dials.Load())
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
