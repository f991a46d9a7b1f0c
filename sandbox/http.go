package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// What a request may cost: no honest one comes near these.
const (
	maxBody   = 1 << 20          // octets
	smallBody = 16 << 10         // larger ones take a place
	places    = 64               // for larger bodies at once, of all connections
	bodyTime  = 30 * time.Second // for a whole body to arrive
)

var errNoPlace = errors.New("too many large bodies at once")

// serveHTTP answers a listener with a bare handler until the server closes: no ServeMux,
// which would redirect a path that has https:// in it. HTTP/1.1 only, as through the proxy.
// Without a configuration it speaks no TLS.
func (s *Server) serveHTTP(l net.Listener, config *tls.Config, handle http.HandlerFunc) {
	h := &http.Server{
		Handler:           handle,
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: handshakeTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew: // called by Serve's own goroutine, which the group counts
				s.wg.Add(1)
			case http.StateClosed:
				s.wg.Done()
			}
		},
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	s.wg.Go(func() { h.Serve(l) })
	s.stop = append(s.stop, func() { h.Close() })
}

// readBody takes the whole body, within size and time. A body that is not small takes one of
// the places until its request ends.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Now().Add(bodyTime))
	defer control.SetReadDeadline(time.Time{}) // a hang must outlast it, and still see the client leave
	whole := http.MaxBytesReader(w, r.Body, maxBody)
	b, err := io.ReadAll(io.LimitReader(whole, smallBody))
	if err != nil || len(b) < smallBody {
		return b, err
	}
	select {
	case s.places <- struct{}{}:
		context.AfterFunc(r.Context(), func() { <-s.places }) // net/http ends it with the request
	default:
		return nil, errNoPlace
	}
	rest, err := io.ReadAll(whole)
	return append(b, rest...), err
}

// tooLarge says whether reading a body ended at the limit.
func tooLarge(err error) bool {
	var limit *http.MaxBytesError
	return errors.As(err, &limit)
}

// unread answers a request whose body could not be read.
func unread(err error) answer {
	switch {
	case tooLarge(err):
		return answer{status: http.StatusRequestEntityTooLarge, header: http.Header{}, rule: "the body is too large"}
	case err == errNoPlace:
		return answer{status: http.StatusServiceUnavailable, header: http.Header{"Retry-After": {"1"}}, rule: err.Error()}
	}
	return answer{status: http.StatusBadRequest, header: http.Header{}, rule: "the body did not arrive whole"}
}

// drip writes a body piece by piece, until it is written or nobody waits for it any more.
func drip(w http.ResponseWriter, a answer) {
	control := http.NewResponseController(w)
	control.Flush()
	piece := len(a.body)/20 + 1
	for rest := a.body; len(rest) > 0 && outlast(a.waits, a.pause); rest = rest[min(piece, len(rest)):] {
		if _, err := w.Write(rest[:min(piece, len(rest))]); err != nil {
			return
		}
		control.Flush()
	}
}

// deliver writes an answer. Its request must be settled before.
func deliver(w http.ResponseWriter, a answer) {
	if a.lent != nil {
		defer buffers.Put(a.lent)
	}
	if a.lost {
		panic(http.ErrAbortHandler) // ends the connection without a word
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	switch {
	case a.chunked && len(a.body) > 0 && !a.cut:
		w.WriteHeader(a.status)
		half := len(a.body) / 2
		w.Write(a.body[:half])
		http.NewResponseController(w).Flush() // a second chunk: clients that read one are found out
		w.Write(a.body[half:])
		return
	case a.status >= 200 && a.status != http.StatusNoContent && a.status != http.StatusNotModified:
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if a.pause > 0 {
		drip(w, a)
		return
	}
	if a.cut {
		w.Write(a.body[:len(a.body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(a.body)
}

// compressors are used again and again: each takes most of a megabyte.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// compressed is a body as gzip.
func compressed(body []byte) []byte {
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	var b bytes.Buffer
	z.Reset(&b)
	z.Write(body)
	z.Close()
	return b.Bytes()
}
