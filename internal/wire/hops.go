package wire

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// The hops of an exchange. A kept connection has neither Connect nor Secure.
const (
	Connect = "connect" // from when a connection was wanted: the name looked up, and TCP
	Secure  = "tls"
	Write   = "write" // the request
	Wait    = "wait"  // from the request's last byte to the answer's first
	Read    = "read"  // the answer
)

// Hop is a part of the way and how long it took. One that failed has the time
// until then.
type Hop struct {
	Name    string
	Started time.Time
	Took    time.Duration
}

// journey notes the hops of one exchange. A transport may go on dialling after
// it has let an exchange go, and may give it a connection that was dialled for
// another one: so what it tells is guarded, and ends with end.
type journey struct {
	sent   atomic.Bool // some of the request left
	reused bool        // set before RoundTrip returns

	mu    sync.Mutex
	at    int // of order
	since time.Time
	hops  []Hop
	room  [5]Hop // for all there are
}

// order is the one in which hops follow each other, whoever tells of them when.
var order = [...]string{"", Connect, Secure, "", Write, Wait, Read, ""}

const (
	dialling = 1 + iota
	securing
	secured
	writing
	waiting
	reading
	over
)

func (j *journey) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:              func(string) { j.reach(dialling) },
		TLSHandshakeStart:    func() { j.reach(securing) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { j.reach(secured) },
		GotConn:              j.got,
		WroteHeaders:         func() { j.sent.Store(true) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { j.reach(waiting) },
		GotFirstResponseByte: func() { j.reach(reading) },
	})
}

// got is told of the connection that is used. Where that is a kept one, the
// time that it took to find, or to dial another in vain, is no part of the way.
func (j *journey) got(i httptrace.GotConnInfo) {
	j.reused = i.Reused
	j.reach(writing)
	if i.Reused {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.hops = j.room[:0]
	}
}

// reach ends the hop under way and begins a later one. What is told late, of a
// hop that has passed, is not noted.
func (j *journey) reach(next int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if next <= j.at {
		return
	}
	now := time.Now()
	if j.hops == nil {
		j.hops = j.room[:0]
	}
	if name := order[j.at]; name != "" {
		j.hops = append(j.hops, Hop{name, j.since, now.Sub(j.since)})
	}
	j.at, j.since = next, now
}

// end ends the last hop and gives them all.
func (j *journey) end() []Hop {
	j.reach(over)
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.hops
}
