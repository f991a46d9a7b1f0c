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
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

const (
	// patience is for one write: what is written is small, so a peer that reads at all has room for it.
	patience = time.Second
	// moment is how long an ending may take that does nobody any good.
	moment = 100 * time.Millisecond
)

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
	conn  *tls.Conn
	out   chan []byte // to be written
	ended sync.WaitGroup

	mu        sync.Mutex
	under     map[int64]*operation // under way, by message ID
	lastID    int64
	heard     time.Time // when the peer was last heard
	owed      time.Time // since when it owes an answer, also to those who left; zero where it owes none
	unwritten error     // why a write failed, until the reader knows better
	broken    error     // why the session is over
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
	s := &session{
		conn: conn, heard: time.Now(), out: make(chan []byte, 4*besides),
		under: make(map[int64]*operation), over: make(chan struct{}),
	}
	s.ended.Go(s.read)
	s.ended.Go(s.write)
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
	if !s.send(envelope(id, request)) {
		s.unwritable(errDeaf)
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
	id := s.nextID()
	s.under[id] = o
	if s.owed.IsZero() {
		s.owed = time.Now()
	}
	return id, nil
}

func (s *session) nextID() int64 {
	s.lastID = s.lastID%(math.MaxInt32-1) + 1
	return s.lastID
}

// leave forgets an operation before the server has ended it, and tells the server.
func (s *session) leave(id int64) {
	s.mu.Lock()
	delete(s.under, id)
	abandon := s.nextID()
	s.mu.Unlock()
	s.send(envelope(abandon, abandonRequest(id)))
}

// send queues a message; false means that the queue is full, because the peer does not read.
func (s *session) send(message []byte) bool {
	select {
	case s.out <- message:
		return true
	default:
		return false
	}
}

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
