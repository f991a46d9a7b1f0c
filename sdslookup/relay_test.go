package sdslookup

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay stands before a server and holds every byte back for a while, each way, however many there are: a
// long line, not a slow one. It can also swallow what comes, as a network does that has lost its way.
type relay struct {
	listener net.Listener
	to       string
	delay    time.Duration
	mu       sync.Mutex
	conns    []net.Conn
	gates    []*gate // the last one is for new connections
	wg       sync.WaitGroup
}

// gate lets bytes pass, or has them wait as those do that TCP sends again and again.
type gate struct {
	mu   sync.Mutex
	open chan struct{} // closed while bytes pass
}

func newGate() *gate {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	return g
}

func (g *gate) state() chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

func (g *gate) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.open:
	default:
		close(g.open)
	}
}

// gate is that of new connections.
func (r *relay) gate() *gate {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gates[len(r.gates)-1]
}

// forget leaves the connections there are as they are, held for ever, and lets new ones through: a firewall
// that has lost its table.
func (r *relay) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gates = append(r.gates, newGate())
}

func newRelay(t testing.TB, url string, delay time.Duration) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, to: strings.TrimPrefix(url, "ldaps://"), delay: delay, gates: []*gate{newGate()}}
	r.wg.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

func (r *relay) url() string { return "ldaps://" + r.listener.Addr().String() }

// cut ends every connection there is.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.Close()
	}
	r.conns = nil
}

func (r *relay) close() {
	r.listener.Close()
	r.cut()
	r.mu.Lock()
	for _, g := range r.gates {
		g.release()
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
		g := r.gate()
		r.wg.Go(func() { r.carry(in, out, g) })
		r.wg.Go(func() { r.carry(out, in, g) })
	}
}

type parcel struct {
	data []byte
	due  time.Time
}

func (r *relay) carry(from, to net.Conn, g *gate) {
	line := make(chan parcel, 1024)
	r.wg.Go(func() {
		defer to.Close()
		for p := range line {
			time.Sleep(time.Until(p.due))
			<-g.state()
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
