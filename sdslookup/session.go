package sdslookup

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
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
