package sdslookup

import (
	"context"
	"errors"
	"net"
	"time"
)

const (
	// besides: searches side by side on one connection. OpenLDAP closes an anonymous session that has
	// more than 100 requests pending (conn_max_pending).
	besides = 64
	// idleTrust: firewalls forget silent connections without a word; an older one is replaced unasked.
	idleTrust = 45 * time.Second
	// suspicion: when a caller gives up and the peer has owed somebody an answer for this long without a
	// word, the connection is replaced, so that the next caller does not wait on a dead one too.
	suspicion = 250 * time.Millisecond
)

// line is one connection with everybody's searches on it. The fields below the gap are guarded by
// LDAP.mu.
type line struct {
	server  *server
	session *session
	places  chan struct{} // one for each search under way
	gone    chan struct{} // closed when the line is retired

	users   int
	retired bool
}

// borrow returns a working line with a place on it; giveBack must follow.
func (d *LDAP) borrow(ctx context.Context) (*line, error) {
	for {
		if ctx.Err() != nil {
			return nil, ended(ctx)
		}
		l, err := d.current(ctx)
		if err != nil {
			return nil, err
		}
		select {
		case l.places <- struct{}{}:
			return l, nil
		case <-ctx.Done():
			d.leave(l)
			return nil, ended(ctx)
		case <-l.gone:
			d.leave(l)
		}
	}
}

// current returns the line in use, or waits for a new one. The caller counts as its user.
func (d *LDAP) current(ctx context.Context) (*line, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	began := time.Now()
	for round := 0; ; round++ {
		switch {
		case d.closed:
			return nil, &Error{Kind: ErrUnavailable, Err: net.ErrClosed, permanent: true}
		case round > 3:
			return nil, &Error{Kind: ErrUnavailable, Err: errors.New("it closes each connection as soon as it is open")}
		}
		if l := d.line; l != nil {
			if !l.stale() {
				d.enter(l)
				return l, nil
			}
			d.retireLocked(l)
		}
		j := d.joinDial()
		d.mu.Unlock()
		err := j.wait(ctx)
		traceOf(ctx).connected(Connect{Server: j.reached(), Took: time.Since(began), Err: err})
		d.mu.Lock()
		d.leaveDial(j)
		if err != nil && (ctx.Err() != nil || !j.began.Before(began)) { // an older dial's failure is old news
			return nil, err
		}
	}
}

func (d *LDAP) enter(l *line) {
	l.users++
	d.behind.Add(1)
}

// stale: closed by either side, or idle for so long that nobody knows.
func (l *line) stale() bool {
	return l.session.failure() != nil || l.users == 0 && l.session.quiet() > idleTrust
}

func (d *LDAP) giveBack(l *line) {
	<-l.places
	d.leave(l)
}

func (d *LDAP) leave(l *line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.users--
	if l.retired && l.users == 0 {
		d.discard(l)
	}
	d.behind.Done()
}

// retire takes a line out of use: nobody new comes on, who is on it may finish, the last one closes it.
func (d *LDAP) retire(l *line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.retireLocked(l)
}

func (d *LDAP) retireLocked(l *line) {
	if l.retired {
		return
	}
	l.retired = true
	close(l.gone)
	if d.line == l {
		d.line = nil
	}
	if l.users == 0 {
		d.discard(l)
		return
	}
	d.first = (d.indexOf(l.server) + 1) % len(d.servers) // it failed somebody; an idle one did not
}

func (d *LDAP) indexOf(s *server) int {
	for i := range d.servers {
		if s == &d.servers[i] {
			return i
		}
	}
	return 0
}

// discard closes a line that nobody uses, without holding anybody up.
func (d *LDAP) discard(l *line) {
	d.behind.Go(l.session.close)
}

// Close ends every search and waits until nothing is left behind.
func (d *LDAP) Close() error {
	d.mu.Lock()
	d.closed = true
	if d.dial != nil {
		d.dial.cancel()
	}
	if l := d.line; l != nil {
		if l.users > 0 {
			l.session.cut()
		}
		d.retireLocked(l)
	}
	d.mu.Unlock()
	d.behind.Wait()
	return nil
}
