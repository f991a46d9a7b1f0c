package sdslookup

import (
	"bufio"
	"errors"
	"io"
	"math"
	"os"
	"time"
)

// write writes what is queued, all that there is at a time.
func (s *session) write() {
	for {
		var b []byte
		select {
		case b = <-s.out:
		case <-s.over:
			return
		}
		for range len(s.out) {
			b = append(b, <-s.out...)
		}
		err := s.conn.SetWriteDeadline(time.Now().Add(patience))
		if err == nil {
			_, err = s.conn.Write(b)
		}
		if err != nil {
			s.unwritable(err)
			return
		}
	}
}

// unwritable gives the reader a moment to find out why: a server that turns a certificate down says so and
// closes the connection, and what it said may still be on the way when the write has failed.
func (s *session) unwritable(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unwritten == nil {
		s.unwritten = err
		_ = s.conn.SetReadDeadline(time.Now().Add(moment))
	}
}

// read hands what comes to whom it concerns, until the connection ends.
func (s *session) read() {
	defer close(s.over)
	r := bufio.NewReader(s.conn)
	for {
		raw, err := readMessage(r)
		var m message
		if err == nil {
			m, err = decodeMessage(raw)
		}
		if err != nil {
			s.fail(err)
			return
		}
		s.deliver(m)
	}
}

// deliver adds a message to its operation. An answer to one that was left is nobody's.
func (s *session) deliver(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = time.Now()
	defer s.settle()
	o := s.under[m.id]
	switch {
	case o == nil:
		return
	case m.entry != nil && len(o.entries) >= o.limit:
		o.err = errTooMany
	case m.entry != nil:
		o.entries = append(o.entries, m.entry)
		return
	case m.referral:
		o.referred = true
		return
	case m.done && m.code != 0:
		o.err = &resultError{m.code}
	case !m.done:
		return
	}
	delete(s.under, m.id)
	close(o.done)
}

// settle: a peer that was just heard owes only those who still wait, and from now on.
func (s *session) settle() {
	s.owed = time.Time{}
	if len(s.under) > 0 {
		s.owed = s.heard
	}
}

// fail ends the session: whoever waits is told why, and the connection is cut.
func (s *session) fail(err error) {
	s.mu.Lock()
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded): // the reader has a deadline only after a failed write
	case errors.Is(s.unwritten, os.ErrDeadlineExceeded):
		err = errDeaf
	default:
		err = s.unwritten
	}
	if errors.Is(err, io.EOF) {
		err = errHungUp
	}
	s.broken = err
	for id, o := range s.under {
		o.err = s.broken
		delete(s.under, id)
		close(o.done)
	}
	s.mu.Unlock()
	s.cut()
}

// failure is why the session is over, or nil.
func (s *session) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

// quiet is how long nothing has come from the peer.
func (s *session) quiet() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.heard)
}

// silence is how long the peer has owed an answer and not said a word.
func (s *session) silence() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owed.IsZero() {
		return 0
	}
	return time.Since(s.owed)
}

// cut ends the connection at once; whoever reads or writes on it is released.
func (s *session) cut() { s.conn.NetConn().Close() }

// close says good-bye, though not for longer than a moment, and returns when nothing is left behind.
func (s *session) close() {
	t := time.AfterFunc(moment, s.cut)
	defer t.Stop()
	if s.failure() == nil && s.conn.SetWriteDeadline(time.Now().Add(moment)) == nil {
		_, _ = s.conn.Write(envelope(math.MaxInt32, unbindRequest()))
	}
	s.conn.Close()
	s.ended.Wait()
}
