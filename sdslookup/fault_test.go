package sdslookup

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func ask(d *LDAP, ods string) func(context.Context) error {
	return func(ctx context.Context) error {
		ep, err := d.Endpoint(ctx, ods, slotSearch)
		if err == nil && ep != practiceEndpoint(ods) {
			return fmt.Errorf("got %+v", ep)
		}
		return err
	}
}

func silence(*asked) {}

// TestFaults: whatever goes wrong, the caller hears of it in time and by its right name, and once the
// directory is well again so is the next lookup.
func TestFaults(t *testing.T) {
	tests := []struct {
		name   string
		handle func(*asked)
		kind   error
		says   string
	}{
		{"silent", silence, ErrUnavailable, "within the time allowed"},
		{"cut before the answer", (*asked).cut, ErrUnavailable, ""},
		{"cut after an entry", func(a *asked) { a.entries(mhsRecord("A12345")); a.cut() }, ErrUnavailable, ""},
		{"entries without end", func(a *asked) { a.entries(mhsRecord("A12345")) }, ErrUnavailable, "within the time allowed"},
		{"half a message", func(a *asked) { a.raw([]byte{0x30, 0x40, 0x02, 0x01}); a.cut() }, ErrUnavailable, ""},
		{"half a message and silence", func(a *asked) { a.raw([]byte{0x30, 0x40, 0x02, 0x01}) }, ErrUnavailable, "within the time allowed"},
		{"a message of one GiB", func(a *asked) { a.raw([]byte{0x30, 0x84, 0x40, 0, 0, 0, 0x02, 0x01, 0x02}) }, ErrUnavailable, "1073741824 bytes"},
		{"a message without bound", func(a *asked) { a.raw([]byte{0x30, 0x80, 0x02, 0x01, 0x02}) }, ErrUnavailable, "without bound"},
		{"no LDAP", func(a *asked) { a.raw([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, ErrUnavailable, "no LDAP message"},
		{"an entry without attributes", func(a *asked) { a.raw([]byte{0x30, 0x07, 0x02, 0x01, byte(a.id), 0x64, 0x02, 0x04, 0x00}) }, ErrUnavailable, ""},
		{"flood", func(a *asked) {
			for range 1000 {
				a.entries(mhsRecord("A12345"))
			}
		}, ErrAmbiguous, "more records"},
		{"size limit", func(a *asked) { a.entries(mhsRecord("A12345")); a.done(4) }, ErrAmbiguous, "more records"},
		{"operations error", func(a *asked) { a.done(1) }, ErrUnavailable, "result 1"},
		{"time limit", func(a *asked) { a.done(3) }, ErrUnavailable, "result 3"},
		{"referral", func(a *asked) { a.done(10) }, ErrUnavailable, "result 10"},
		{"administrative limit", func(a *asked) { a.done(11) }, ErrUnavailable, "result 11"},
		{"no such object", func(a *asked) { a.done(32) }, ErrUnavailable, "no such branch"},
		{"insufficient access", func(a *asked) { a.done(50) }, ErrRefused, "result 50"},
		{"busy", func(a *asked) { a.done(51) }, ErrUnavailable, "result 51"},
		{"unavailable", func(a *asked) { a.done(52) }, ErrUnavailable, "result 52"},
		{"other", func(a *asked) { a.done(80) }, ErrUnavailable, "result 80"},
		{"reference to another directory", func(a *asked) { a.reference("ldap://elsewhere.example/"); a.done(0) }, ErrUnavailable, "referred us"},
		{"reference beside an entry", func(a *asked) {
			a.entries(mhsRecord("A12345"))
			a.reference("ldap://elsewhere.example/")
			a.done(0)
		}, ErrUnavailable, "referred us"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			p := newPeer(t, f.serverTLS(), tt.handle)
			d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = time.Minute }, p) // only the caller's own deadline counts
			err := within(t, 400*time.Millisecond, ask(d, "A12345"))
			if !errors.Is(err, tt.kind) || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v; want %v with %q", err, tt.kind, tt.says)
			}
			var e *Error
			if errors.As(err, &e) && (e.Step != StepMHS || e.ODS != "A12345" || e.Interaction != slotSearch) {
				t.Errorf("got step %q, ODS %q, interaction %q", e.Step, e.ODS, e.Interaction)
			}
			p.behave(practices)
			if err := within(t, time.Second, ask(d, "A12345")); err != nil {
				t.Errorf("after recovery: %v", err)
			}
		})
	}
}

// TestOneFailureIsMended: a connection that breaks once costs the caller nothing but time.
func TestOneFailureIsMended(t *testing.T) {
	for name, fault := range map[string]func(*asked){
		"cut":         (*asked).cut,
		"busy":        func(a *asked) { a.done(51) },
		"garbled":     func(a *asked) { a.raw([]byte("garbled")) },
		"lasting too": silence,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			var once sync.Once
			p := newPeer(t, f.serverTLS(), func(a *asked) {
				spoiled := false
				once.Do(func() { spoiled = true; fault(a) })
				if !spoiled {
					practices(a)
				}
			})
			d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = 2 * time.Second }, p)
			if err := ask(d, "A12345")(brief(t)); err != nil {
				t.Error(err)
			}
			if got := p.dials.Load(); got != 2 {
				t.Errorf("got %d connections, want 2", got)
			}
		})
	}
}

// TestIdleClosed: a connection that the server closed between two lookups is replaced unseen.
func TestIdleClosed(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	d := directoryAt(t, f, nil, p)
	for i := range 20 {
		if err := ask(d, "A12345")(brief(t)); err != nil {
			t.Fatalf("lookup %d: %v", i, err)
		}
		p.cutAll()
	}
	if got := p.dials.Load(); got > 21 {
		t.Errorf("got %d connections for 20 lookups", got)
	}
}

// TestTwoServers: one that is dead, in whichever way, does not keep the other from answering.
func TestTwoServers(t *testing.T) {
	hold := func(c net.Conn) bool { // takes the connection and never says a word
		buf := make([]byte, 1024)
		for {
			if _, err := c.Read(buf); err != nil {
				return false
			}
		}
	}
	for name, kill := range map[string]func(*peer){
		"refuses":           func(p *peer) { p.listener.Close() },
		"mute":              func(p *peer) { p.onAccept.Store(&hold) },
		"answers no search": func(p *peer) { p.behave(silence) },
		"is shutting down":  func(p *peer) { p.behave(func(a *asked) { a.done(52) }) },
		"cuts every search": func(p *peer) { p.behave((*asked).cut) },
		"is of another kind": func(p *peer) {
			hello := func(c net.Conn) bool { c.Write([]byte("220 hello\r\n")); return false }
			p.onAccept.Store(&hello)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			dead, alive := newPeer(t, f.serverTLS(), practices), newPeer(t, f.serverTLS(), practices)
			kill(dead)
			d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = 2 * time.Second }, dead, alive)
			for i := range 3 {
				if err := within(t, 10*time.Second, ask(d, "A12345")); err != nil {
					t.Errorf("lookup %d: %v", i, err)
				}
			}
			if got := dead.dials.Load(); got > 1 {
				t.Errorf("the dead server was tried %d times; the one that answers should be kept", got)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	q := newPeer(t, f.serverTLS(), practices)
	p.listener.Close()
	q.listener.Close()
	d := directoryAt(t, f, nil, p, q)
	err := within(t, time.Second, ask(d, "A12345"))
	var e *Error
	if !errors.As(err, &e) || e.Kind != ErrUnavailable || !e.Temporary() {
		t.Errorf("got %v; want ErrUnavailable, temporary", err)
	}
	for _, url := range []string{p.url, q.url} {
		if !strings.Contains(err.Error(), url) {
			t.Errorf("got %v; want %s named", err, url)
		}
	}
}

// TestMuteAtTheDoor: a server that takes the connection and says nothing ends with the caller's deadline,
// or with the dial's own, whichever is first; the caller's deadline is told from the dial's.
func TestMuteAtTheDoor(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	mute := func(c net.Conn) bool { c.Read(make([]byte, 1<<16)); c.Read(make([]byte, 1)); return false }
	p.onAccept.Store(&mute)
	patient := directoryAt(t, f, func(c *LDAPConfig) { c.DialTimeout = time.Minute }, p)
	err := within(t, 100*time.Millisecond, ask(patient, "A12345"))
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's deadline first: got %v", err)
	}
	hasty := directoryAt(t, f, func(c *LDAPConfig) { c.DialTimeout = 100 * time.Millisecond }, p)
	err = within(t, 10*time.Second, ask(hasty, "A12345"))
	if !errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no connection within 100ms") {
		t.Errorf("the dial's own limit first: got %v", err)
	}
	p.onAccept.Store(nil)
	if err := within(t, time.Second, ask(patient, "A12345")); err != nil {
		t.Errorf("after recovery: %v", err)
	}
}

// TestWriteToADeafPeer: the library below would wait for ever in Write, and then in Close.
func TestWriteToADeafPeer(t *testing.T) {
	f := newFamily(t)
	ours, theirs := net.Pipe()
	c := f.clientTLS()
	c.ServerName = "directory.test"
	served := make(chan error, 1)
	go func() { served <- tls.Server(theirs, f.serverTLS()).Handshake() }()
	secure := tls.Client(ours, c)
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	s := newSession(secure)
	ctx, cancel := context.WithTimeout(context.Background(), patience/20)
	defer cancel()
	if _, err := s.search(ctx, mhsQuery("A12345", slotSearch), time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v; want the caller's own deadline", err)
	}
	select {
	case <-s.over:
	case <-time.After(10 * time.Second):
		t.Error("the session goes on with a peer that does not read")
	}
	if err := s.failure(); !errors.Is(err, errDeaf) {
		t.Errorf("got %v, want %v", err, errDeaf)
	}
	s.close()
	theirs.Close()
}

var faulty = flag.Int("faulty", 2000, "how many lookups TestNothingLeftBehind makes among faults")

// TestNothingLeftBehind: some thousand lookups among faults later there are as many goroutines and descriptors
// (the peer's end of each connection is one, too) as before. For more of them:
//
//	go test ./sdslookup -run NothingLeftBehind -faulty 10000
func TestNothingLeftBehind(t *testing.T) {
	f := newFamily(t)
	faults := []func(*asked){(*asked).cut, silence, func(a *asked) { a.done(51) }, func(a *asked) { a.raw([]byte("x")) }, practices,
		func(a *asked) { a.entries(mhsRecord("A12345")); a.cut() }}
	var n atomic.Int64
	p := newPeer(t, f.serverTLS(), func(a *asked) { faults[n.Add(1)%int64(len(faults))](a) })
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors()
	d := directoryAt(t, f, func(c *LDAPConfig) { c.Timeout = 20 * time.Millisecond }, p)
	var wg sync.WaitGroup
	var done atomic.Int64
	for range 8 {
		wg.Go(func() {
			for i := done.Add(1); i <= int64(*faulty); i = done.Add(1) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(5+i%20)*time.Millisecond)
				if err := ask(d, "A12345")(ctx); errors.Is(err, ErrNotFound) {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if p.dials.Load() < int64(*faulty)/100 {
		t.Errorf("got %d connections for %d lookups; the faults did not break any", p.dials.Load(), *faulty)
	}
	d.Close()
	comeBackTo(t, goroutines, descriptors)
}

// comeBackTo waits for the process to have no more goroutines and descriptors than before.
func comeBackTo(t *testing.T, goroutines, descriptors int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if runtime.NumGoroutine() <= goroutines && openDescriptors() <= descriptors {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d goroutines, %d descriptors; before %d and %d", runtime.NumGoroutine(), openDescriptors(), goroutines, descriptors)
		}
	}
}

// openDescriptors counts them where the system has a folder of them, and is 0 elsewhere.
func openDescriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}
