package sdslookup

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay stands before a server and holds every byte back for a while, each way, however many there are: a
// long line, not a slow one.
type relay struct {
	listener net.Listener
	to       string
	delay    time.Duration
	mu       sync.Mutex
	conns    []net.Conn
	wg       sync.WaitGroup
}

func newRelay(t testing.TB, url string, delay time.Duration) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, to: strings.TrimPrefix(url, "ldaps://"), delay: delay}
	r.wg.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

func (r *relay) url() string { return "ldaps://" + r.listener.Addr().String() }

func (r *relay) close() {
	r.listener.Close()
	r.mu.Lock()
	for _, c := range r.conns {
		c.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}

func (r *relay) accept() {
	for {
		in, err := r.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.to)
		if err != nil {
			in.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, in, out)
		r.mu.Unlock()
		r.wg.Go(func() { r.carry(in, out) })
		r.wg.Go(func() { r.carry(out, in) })
	}
}

type parcel struct {
	data []byte
	due  time.Time
}

func (r *relay) carry(from, to net.Conn) {
	line := make(chan parcel, 1024)
	r.wg.Go(func() {
		defer to.Close()
		for p := range line {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.data); err != nil {
				from.Close()
			}
		}
	})
	defer close(line)
	for {
		buf := make([]byte, 16<<10)
		n, err := from.Read(buf)
		if n > 0 {
			line <- parcel{buf[:n], time.Now().Add(r.delay)}
		}
		if err != nil {
			return
		}
	}
}
