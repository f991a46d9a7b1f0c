package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Limits bound one exchange. A zero member takes the default.
type Limits struct {
	Header time.Duration // from the beginning, dial included, to the first byte of the answer; 60 s
	Idle   time.Duration // between two pieces of the body; 20 s
	Body   int64         // bytes after decompression; 64 MiB
}

func (l Limits) orDefault() Limits {
	if l.Header == 0 {
		l.Header = 60 * time.Second
	}
	if l.Idle == 0 {
		l.Idle = 20 * time.Second
	}
	if l.Body == 0 {
		l.Body = 64 << 20
	}
	return l
}

// Answer is what came back, read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Reused bool  // the connection had carried a request before
	Hops   []Hop // in the order they were made
}

// exchange is what one Send needs, in one piece of memory.
type exchange struct {
	answer Answer
	way    journey
	watch  watchdog
	body   fedReader
}

// Send sends req once by rt and reads the whole answer. It follows no
// redirect. Every error is a *Failure; the answer beside it, never nil, has
// what was known by then and is not to be read.
func Send(rt http.RoundTripper, req *http.Request, limits Limits) (*Answer, error) {
	limits = limits.orDefault()
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	x := new(exchange)
	x.watch.begin(cancel, limits)
	defer x.watch.stop()
	sent, err := x.send(rt, req.WithContext(x.way.traced(ctx)), limits)
	x.answer.Hops, x.answer.Reused = x.way.end(), x.way.reused
	if err == nil {
		// An answer without a body can arrive although its watchdog has just given it
		// up; what was given up is not believed.
		if ctx.Err() == nil {
			return &x.answer, nil
		}
		if _, stalled := isStalled(ctx); !stalled {
			return &x.answer, nil
		}
		err = context.Cause(ctx)
	}
	return &x.answer, failure(ctx, err, sent)
}

// send says beside an error whether some of the request left.
func (x *exchange) send(rt http.RoundTripper, req *http.Request, limits Limits) (sent bool, err error) {
	resp, err := rt.RoundTrip(once(req))
	if err != nil {
		return x.way.sent.Load(), err
	}
	defer resp.Body.Close()
	x.answer.Status, x.answer.Header = resp.StatusCode, resp.Header
	x.watch.fed()
	x.body = fedReader{r: resp.Body, left: max(limits.Body, limits.Body+1), watch: &x.watch}
	x.answer.Body, err = readAll(&x.body, resp.ContentLength, limits.Body)
	x.body = fedReader{} // whoever keeps the answer does not keep the connection
	return true, err
}

// once takes from req what would let net/http send it a second time on its
// own: on a kept connection that turns out dead it repeats a GET, or whatever
// it can rewind, with the same token and trace id.
func once(req *http.Request) *http.Request {
	req.GetBody = nil
	if req.Body == nil || req.Body == http.NoBody {
		req.Body, req.ContentLength = empty{}, 0
	}
	return req
}

// empty is a body without bytes that net/http does not know for one.
type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }
func (empty) Close() error             { return nil }

func readAll(body *fedReader, length, limit int64) ([]byte, error) {
	var buf bytes.Buffer
	if length > 0 && length <= limit {
		buf.Grow(int(min(length, 64<<20)) + bytes.MinRead) // of more than that the header's word is not enough
	}
	if _, err := buf.ReadFrom(body); err != nil {
		return buf.Bytes(), err
	}
	if int64(buf.Len()) > limit {
		return nil, &tooLarge{limit: limit}
	}
	return buf.Bytes(), nil
}

// fedReader reads so many bytes at most, and tells the watchdog of every piece
// that arrives.
type fedReader struct {
	r     io.Reader
	left  int64
	watch *watchdog
}

func (f *fedReader) Read(p []byte) (int, error) {
	if f.left <= 0 {
		return 0, io.EOF
	}
	n, err := f.r.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	if n > 0 {
		f.watch.fed()
	}
	return n, err
}

type tooLarge struct{ limit int64 }

func (e *tooLarge) Error() string {
	return fmt.Sprintf("the answer is longer than the limit of %d bytes", e.limit)
}

// watchdog ends an exchange that does not move. ResponseHeaderTimeout of
// net/http cannot: a body that drips is beyond it.
type watchdog struct {
	cancel context.CancelCauseFunc
	timer  *time.Timer
	begun  atomic.Bool // the answer has begun

	header, idle stalled
}

// stalled is the cause a watchdog cancels with.
type stalled struct {
	what  string
	after time.Duration
}

func (s *stalled) Error() string { return fmt.Sprintf("%s within %v", s.what, s.after) }

func (w *watchdog) begin(cancel context.CancelCauseFunc, l Limits) {
	w.cancel = cancel
	w.header, w.idle = stalled{"no answer began", l.Header}, stalled{"the answer stopped", l.Idle}
	w.timer = time.AfterFunc(l.Header, w.bark)
}

func (w *watchdog) bark() {
	if w.begun.Load() {
		w.cancel(&w.idle)
	} else {
		w.cancel(&w.header)
	}
}

// fed is called when the answer begins, and at each piece of it.
func (w *watchdog) fed() {
	w.begun.Store(true)
	w.timer.Reset(w.idle.after)
}

func (w *watchdog) stop() { w.timer.Stop() }

// isStalled reports whether ctx was ended by a watchdog.
func isStalled(ctx context.Context) (*stalled, bool) {
	var s *stalled
	ok := errors.As(context.Cause(ctx), &s)
	return s, ok
}
