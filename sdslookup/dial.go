package sdslookup

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	// headStart is how long one server may take before the next one is tried beside it.
	headStart = 300 * time.Millisecond
	// again is how long all of them together may take before they are tried once more beside themselves: what
	// a network has lost TCP sends again only after seconds, so a new attempt may be the first to get through.
	again = 500 * time.Millisecond
)

// dial is one attempt to get a line, with everybody who waits for it. It goes on as long as somebody does.
type dial struct {
	began   time.Time
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int // guarded by LDAP.mu

	line *line // the result, once done is closed
	err  error
}

// joinDial waits along with a dial in progress, or begins one. LDAP.mu is held.
func (d *LDAP) joinDial() *dial {
	if d.dial == nil {
		ctx, cancel := context.WithCancel(context.Background())
		j := &dial{began: time.Now(), done: make(chan struct{}), cancel: cancel}
		d.dial = j
		d.behind.Add(1)
		go d.run(ctx, j, d.first)
	}
	d.dial.waiters++
	return d.dial
}

// leaveDial: a dial that nobody waits for any more is given up, so that the next caller begins afresh.
func (d *LDAP) leaveDial(j *dial) {
	if j.waiters--; j.waiters == 0 {
		j.cancel()
		if d.dial == j {
			d.dial = nil
		}
	}
}

func (j *dial) wait(ctx context.Context) error {
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return ended(ctx)
	}
}

// reached names the server that a finished dial got through to.
func (j *dial) reached() string {
	select {
	case <-j.done:
		if j.line != nil {
			return j.line.server.name
		}
	default:
	}
	return ""
}

func (d *LDAP) run(ctx context.Context, j *dial, first int) {
	defer d.behind.Done()
	l, err := d.reach(ctx, first)
	if l == nil && ctx.Err() != nil { // given up by everybody, or Close: nobody's own ctx
		err = &Error{Kind: ErrUnavailable, Err: net.ErrClosed}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if l != nil {
		if d.closed || d.dial != j {
			l.retired = true
			close(l.gone)
			d.discard(l)
			l, err = nil, &Error{Kind: ErrUnavailable, Err: net.ErrClosed}
		} else {
			d.line, d.first = l, d.indexOf(l.server)
		}
	}
	if d.dial == j {
		d.dial = nil
	}
	j.line, j.err = l, err
	close(j.done)
}

type reached struct {
	server int
	line   *line
	err    error
}

// reach tries the servers in turn, beginning with first; each gets a head start before the next one is
// tried beside it, and the first that answers wins. It gives up when every attempt has failed.
func (d *LDAP) reach(ctx context.Context, first int) (*line, error) {
	n := len(d.servers)
	ctx, cancel := context.WithTimeout(ctx, d.dialTimeout+time.Duration(n-1)*headStart)
	defer cancel()
	results := make(chan reached, n+min(int(d.dialTimeout/again), 10))
	started, ended := 0, 0
	start := func() {
		i := (first + started) % n
		started++
		go func() {
			l, err := d.connect(ctx, &d.servers[i])
			results <- reached{i, l, err}
		}()
	}
	start()
	next := time.NewTimer(pause(started, n))
	defer next.Stop()
	errs := make([]error, n) // the last of each server
	for ended < started {
		select {
		case <-next.C:
			if started < cap(results) {
				start()
				next.Reset(pause(started, n))
			}
		case r := <-results:
			ended++
			if r.err == nil {
				cancel()
				d.sweep(results, started-ended)
				return r.line, nil
			}
			errs[r.server] = r.err
			if started < n {
				start()
			}
		}
	}
	return nil, worst(errs)
}

// pause is how long to wait for started attempts before another one is made.
func pause(started, servers int) time.Duration {
	if started < servers {
		return headStart
	}
	return again
}

// sweep closes what still arrives after another server has won.
func (d *LDAP) sweep(results <-chan reached, n int) {
	d.behind.Add(1)
	go func() {
		defer d.behind.Done()
		for range n {
			if r := <-results; r.line != nil {
				r.line.session.close()
			}
		}
	}()
}

// worst is what several servers' failures amount to: a refusal is worth mending whatever else is wrong, since
// waiting does not mend it.
func worst(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	out := &Error{Kind: ErrUnavailable, Err: errors.Join(errs...)}
	for _, err := range errs {
		for _, refusal := range []error{ErrTLS, ErrRefused} {
			if errors.Is(err, refusal) {
				out.Kind = refusal
			}
		}
	}
	return out
}

// connect opens a line to one server: TCP, TLS, and an anonymous bind (ldapsearch -x in the
// specification). The bind is also the first exchange, and so the moment at which a TLS 1.3 server says
// what it thinks of the client's certificate.
func (d *LDAP) connect(ctx context.Context, s *server) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, d.dialTimeout)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return nil, &Error{Kind: ErrUnavailable, Server: s.name, Err: d.untimed(err)}
	}
	id := new(identification)
	secure := tls.Client(raw, id.observe(d.tls, s.host))
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, &Error{Kind: id.class(err), Server: s.name, Err: d.untimed(id.explain(err))}
	}
	session := newSession(secure)
	if err := session.bind(ctx); err != nil {
		session.cut()
		session.close()
		return nil, d.bindError(s, id, err)
	}
	return &line{server: s, session: session, places: make(chan struct{}, besides), gone: make(chan struct{})}, nil
}

// untimed keeps a connection's own time limit from being taken for the caller's: net's timeouts and a
// dial's context both answer to context.DeadlineExceeded.
func (d *LDAP) untimed(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("no connection within %v", d.dialTimeout)
	}
	return err
}

func (d *LDAP) bindError(s *server, id *identification, err error) error {
	var out *Error
	var r *resultError
	switch {
	case errors.As(err, &r):
		out = failed(err)
	case id.refused(err):
		out = &Error{Kind: ErrTLS, Err: id.explain(err)}
	default:
		out = &Error{Kind: ErrUnavailable, Err: d.untimed(id.explain(err))}
	}
	out.Server = s.name
	return out
}
