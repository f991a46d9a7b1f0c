package sdslookup

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// patience is for one write. What is written is small and the searches under way are few, so a peer that
// reads at all has room for it.
const patience = 50 * time.Millisecond

var (
	errHungUp   = errors.New("the directory closed the connection")
	errDeaf     = errors.New("the directory does not read what is sent to it")
	errTimedOut = errors.New("no answer within the directory's time limit")
	errTooMany  = errors.New("more records than a lookup may have")
)

// session is one LDAP connection with everybody's searches side by side on it. Filters and result codes are
// go-ldap's; its Conn is not used, because it lets no caller end its own wait: a search there cannot be left
// before its time is up, and a write to a peer that stopped reading, or a Close, not at all.
type session struct {
	conn    *tls.Conn
	born    time.Time
	heard   atomic.Int64 // when the peer was last heard, in nanoseconds after born
	writing sync.Mutex

	mu        sync.Mutex
	under     map[int64]*operation // under way, by message ID
	lastID    int64
	unwritten error // why a write failed, until the reader knows better
	broken    error // why the session is over
	over      chan struct{}
}

// operation is a request and what has come of it so far. It belongs to the reader until done is closed.
type operation struct {
	limit    int // of entries
	entries  []*entry
	referred bool
	err      error
	done     chan struct{}
}

func newSession(conn *tls.Conn) *session {
	s := &session{conn: conn, born: time.Now(), under: make(map[int64]*operation), over: make(chan struct{})}
	go s.read()
	return s
}

// search returns the entries, or an error, or both with errTooMany. When ctx ends first its error is returned
// as it is, and the server told not to go on.
func (s *session) search(ctx context.Context, q query, limit time.Duration) (*operation, error) {
	request, err := searchRequest(q, int64(math.Ceil(limit.Seconds())))
	if err != nil {
		return nil, err
	}
	return s.exchange(ctx, request, q.limit, limit)
}

func (s *session) bind(ctx context.Context) error {
	_, err := s.exchange(ctx, bindRequest(), 0, math.MaxInt64)
	return err
}

func (s *session) exchange(ctx context.Context, request *ber.Packet, entries int, limit time.Duration) (*operation, error) {
	o := &operation{limit: entries, done: make(chan struct{})}
	id, err := s.enter(o)
	if err != nil {
		return o, err
	}
	if err := s.write(envelope(id, request)); err != nil {
		s.unwritable(err)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-o.done:
		if errors.Is(o.err, errTooMany) {
			s.leave(id)
		}
		return o, o.err
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = errTimedOut
	}
	s.leave(id)
	return new(operation), err
}

func (s *session) enter(o *operation) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return 0, s.broken
	}
	if s.lastID++; s.lastID > math.MaxInt32 {
		s.lastID = 1
	}
	s.under[s.lastID] = o
	return s.lastID, nil
}

// leave forgets an operation before the server has ended it, and tells the server, if that can be done at
// once.
func (s *session) leave(id int64) {
	s.mu.Lock()
	delete(s.under, id)
	s.lastID++
	abandon := s.lastID
	s.mu.Unlock()
	if s.writing.TryLock() {
		defer s.writing.Unlock()
		_ = s.writeLocked(envelope(abandon, abandonRequest(id)))
	}
}

func (s *session) write(b []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.writeLocked(b)
}

func (s *session) writeLocked(b []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := s.conn.Write(b)
	return err
}

// unwritable gives the reader a moment to find out why: a server that turns a certificate down says so and
// closes the connection, and what it said may still be on the way when the write has failed.
func (s *session) unwritable(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unwritten == nil {
		s.unwritten = err
		_ = s.conn.SetReadDeadline(time.Now().Add(patience))
	}
}

// read hands what comes to whom it concerns, until the connection ends.
func (s *session) read() {
	defer close(s.over)
	r := bufio.NewReader(s.conn)
	for {
		raw, err := readMessage(r)
		s.heard.Store(int64(time.Since(s.born)))
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

// fail ends the session: whoever waits is told why, and the connection is cut.
func (s *session) fail(err error) {
	s.mu.Lock()
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
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
func (s *session) quiet() time.Duration { return time.Since(s.born) - time.Duration(s.heard.Load()) }

// cut ends the connection at once; whoever reads or writes on it is released.
func (s *session) cut() { s.conn.NetConn().Close() }

// close says good-bye, though not for longer than a moment, and waits for the reader.
func (s *session) close() {
	t := time.AfterFunc(4*patience, s.cut)
	defer t.Stop()
	if s.failure() == nil {
		_ = s.write(envelope(0x7fffffff, unbindRequest()))
	}
	s.conn.Close()
	<-s.over
}
