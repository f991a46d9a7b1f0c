//go:build unix

package matrix

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// fault is what a relay does to the bytes that pass it.
type fault struct {
	refuse bool          // reset at once
	before bool          // reset when the request arrives, before any of it is passed on
	after  bool          // pass the request on, reset when the answer begins
	hold   bool          // pass the request on and nothing of the answer
	cut    int           // pass so many bytes of the answer, then close
	flip   bool          // change a byte of the answer
	delay  time.Duration // hold each piece back, either way
	drip   time.Duration // pass the answer byte by byte, so far apart
	rate   int           // bytes of the answer a second
}

// relay stands between two ends and passes on what they say, but for its fault.
// In front of TLS it knows requests from handshakes by the type of the records.
type relay struct {
	net.Listener
	target string
	fault
	secure bool
	ctx    context.Context
	all    sync.WaitGroup
}

func newRelay(t *testing.T, target string, secure bool, f fault) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &relay{Listener: l, target: target, fault: f, secure: secure, ctx: ctx}
	r.all.Go(r.serve)
	t.Cleanup(func() {
		cancel()
		l.Close()
		r.all.Wait()
	})
	return r
}

func (r *relay) serve() {
	for {
		c, err := r.Accept()
		if err != nil {
			return
		}
		r.all.Go(func() { r.pass(c.(*net.TCPConn)) })
	}
}

// pass joins a connection with the target until either end has had enough.
func (r *relay) pass(from *net.TCPConn) {
	defer from.Close()
	if r.fault.refuse {
		_ = from.SetLinger(0)
		return
	}
	conn, err := net.Dial("tcp", r.target)
	if err != nil {
		return
	}
	to := conn.(*net.TCPConn)
	defer to.Close()
	stop := context.AfterFunc(r.ctx, func() { from.Close(); to.Close() })
	defer stop()
	var both sync.WaitGroup
	both.Go(func() { r.requests(from, to) })
	both.Go(func() { r.answers(to, from) })
	both.Wait()
}

// piece reads the next TLS record, or whatever has come; data is that it is of a
// request or an answer.
func (r *relay) piece(from io.Reader) (piece []byte, data bool, err error) {
	if !r.secure {
		piece = make([]byte, 16<<10)
		n, err := from.Read(piece)
		return piece[:n], true, err
	}
	head := make([]byte, 5)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, false, err
	}
	piece = append(head, make([]byte, binary.BigEndian.Uint16(head[3:]))...)
	_, err = io.ReadFull(from, piece[5:])
	return piece, head[0] == 23, err
}

func (r *relay) requests(from, to *net.TCPConn) {
	for {
		piece, data, err := r.piece(from)
		if data && err == nil && r.fault.before {
			reset(from, to)
			return
		}
		if err == nil && r.wait(r.fault.delay) {
			_, err = to.Write(piece)
		}
		if err != nil {
			_ = to.CloseWrite()
			return
		}
	}
}

func (r *relay) answers(from, to *net.TCPConn) {
	passed := 0
	for {
		piece, data, err := r.piece(from)
		if err != nil {
			_ = to.CloseWrite()
			return
		}
		if !data {
			if _, err := to.Write(piece); err != nil {
				return
			}
			continue
		}
		switch {
		case r.fault.after:
			reset(to, from)
			return
		case r.fault.hold:
			continue
		case r.fault.flip:
			piece[len(piece)-1] ^= 1
		case r.fault.cut > 0 && passed+len(piece) > r.fault.cut:
			_, _ = to.Write(piece[:r.fault.cut-passed])
			from.Close()
			to.Close()
			return
		}
		if !r.send(to, piece) {
			from.Close()
			return
		}
		passed += len(piece)
	}
}

// send passes a piece on as slowly as the fault has it.
func (r *relay) send(to *net.TCPConn, piece []byte) bool {
	if !r.wait(r.fault.delay) {
		return false
	}
	step, pause := len(piece), time.Duration(0)
	switch {
	case r.fault.drip > 0:
		step, pause = 1, r.fault.drip
	case r.fault.rate > 0:
		step, pause = max(1, r.fault.rate/20), 50*time.Millisecond
	}
	for len(piece) > 0 {
		n := min(step, len(piece))
		if _, err := to.Write(piece[:n]); err != nil || !r.wait(pause) {
			return false
		}
		piece = piece[n:]
	}
	return true
}

func (r *relay) wait(d time.Duration) bool {
	if d == 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}

func reset(all ...*net.TCPConn) {
	for _, c := range all {
		_ = c.SetLinger(0)
		c.Close()
	}
}
