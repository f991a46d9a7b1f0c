package sdslookup

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// maxMessage bounds one LDAP message from the directory. A record of the largest practice is some
// kilobytes; the library beneath would take two gigabytes.
const maxMessage = 1 << 20

// wire is what the LDAP library reads and writes: it bounds each write in time and each message in size,
// remembers what went wrong first, and when the peer was last heard. The library does none of these: a
// peer that stopped reading would hold it for ever, and its errors are text.
type wire struct {
	*tls.Conn
	patience time.Duration // for one write
	born     time.Time
	heard    atomic.Int64 // nanoseconds after born
	frame    frame        // of the message being read

	mu    sync.Mutex
	first error
}

var errHungUp = errors.New("the directory closed the connection")

func newWire(c *tls.Conn, patience time.Duration) *wire {
	return &wire{Conn: c, patience: patience, born: time.Now()}
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.heard.Store(int64(time.Since(w.born)))
		if bad := w.frame.advance(p[:n]); bad != nil {
			n, err = 0, bad
		}
	}
	if err != nil {
		w.fail(err)
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	if err := w.Conn.SetWriteDeadline(time.Now().Add(w.patience)); err != nil {
		w.fail(err)
		return 0, err
	}
	n, err := w.Conn.Write(p)
	if err != nil {
		w.fail(err)
	}
	return n, err
}

// Close says good-bye, but not for longer than a moment: a peer that stopped reading hears nothing.
func (w *wire) Close() error {
	t := time.AfterFunc(200*time.Millisecond, w.cut)
	defer t.Stop()
	return w.Conn.Close()
}

// cut ends the connection at once; whoever reads or writes on it is released.
func (w *wire) cut() { w.Conn.NetConn().Close() }

// fail keeps the first error and cuts the connection, so that the library lets go of everybody.
func (w *wire) fail(err error) {
	w.mu.Lock()
	if w.first == nil {
		w.first = err
	}
	w.mu.Unlock()
	w.cut()
}

func (w *wire) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if errors.Is(w.first, io.EOF) {
		return errHungUp
	}
	return w.first
}

// quiet is how long nothing has come from the peer.
func (w *wire) quiet() time.Duration { return time.Since(w.born) - time.Duration(w.heard.Load()) }

// frame follows the outermost BER headers of a stream of LDAP messages, without looking inside.
type frame struct {
	head [7]byte // tag, length octet, up to five more
	n    int     // of head
	left int     // bytes of the present message still to come
}

// advance takes the next bytes of the stream, and objects to a message that is no LDAP message or is
// larger than maxMessage.
func (f *frame) advance(p []byte) error {
	for len(p) > 0 {
		if f.left > 0 {
			n := min(f.left, len(p))
			f.left -= n
			p = p[n:]
			continue
		}
		f.head[f.n] = p[0]
		f.n++
		p = p[1:]
		done, length, err := readHead(f.head[:f.n])
		if err != nil {
			return err
		}
		if done {
			f.n, f.left = 0, length
		}
	}
	return nil
}

// readHead reads the tag and the length of a message (RFC 4511, section 5.1: definite lengths only).
func readHead(h []byte) (done bool, length int, err error) {
	if h[0] != 0x30 {
		return false, 0, fmt.Errorf("what the directory sent is no LDAP message (it begins with byte %#x)", h[0])
	}
	if len(h) == 1 {
		return false, 0, nil
	}
	if h[1] < 0x80 {
		return true, int(h[1]), nil
	}
	octets := int(h[1] & 0x7f)
	if octets == 0 || octets > 4 {
		return false, 0, errors.New("what the directory sent is no LDAP message (a length without bound)")
	}
	if len(h) < 2+octets {
		return false, 0, nil
	}
	var n uint64
	for _, b := range h[2 : 2+octets] {
		n = n<<8 | uint64(b)
	}
	if n > maxMessage {
		return false, 0, fmt.Errorf("the directory announced a message of %d bytes; %d is the limit", n, maxMessage)
	}
	return true, int(n), nil
}
