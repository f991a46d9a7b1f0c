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

// Send sends req once by rt and reads the whole answer. It follows no
// redirect. Every error is a *Failure; the answer beside it, never nil, has
// what was known by then and is not to be read.
func Send(rt http.RoundTripper, req *http.Request, limits Limits) (*Answer, error) {
	limits = limits.orDefault()
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	watch := newWatchdog(cancel, limits.Header, "no answer began")
	defer watch.stop()

	answer := new(Answer)
	way := new(journey)
	resp, err := rt.RoundTrip(once(req.WithContext(way.traced(ctx))))
	if err != nil {
		answer.Hops, answer.Reused = way.end(), way.reused
		return answer, failure(ctx, err, way.sent.Load())
	}
	defer resp.Body.Close()
	answer.Status, answer.Header = resp.StatusCode, resp.Header
	watch.reset(limits.Idle, "the answer stopped")
	answer.Body, err = readAll(resp, limits, watch)
	answer.Hops, answer.Reused = way.end(), way.reused
	if err == nil {
		// An answer without a body can arrive although its watchdog has just given it
		// up; what was given up is not believed.
		_, stalled := isStalled(ctx)
		if !stalled {
			return answer, nil
		}
		err = context.Cause(ctx)
	}
	return answer, failure(ctx, err, true)
}

// once takes from req what would let net/http send it a second time on its
// own: on a kept connection that turns out dead it repeats a GET, or whatever
// it can rewind, with the same token and trace id.
func once(req *http.Request) *http.Request {
	req.GetBody = nil
	if req.Body == nil || req.Body == http.NoBody {
		req.Body, req.ContentLength = io.NopCloser(emptyReader{}), 0
	}
	return req
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, io.EOF }

func readAll(resp *http.Response, limits Limits, watch *watchdog) ([]byte, error) {
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= limits.Body {
		buf.Grow(int(min(n, 64<<20)) + bytes.MinRead) // of more than that the header's word is not enough
	}
	body := &fedReader{r: io.LimitReader(resp.Body, max(limits.Body, limits.Body+1)), watch: watch, every: limits.Idle}
	if _, err := buf.ReadFrom(body); err != nil {
		return buf.Bytes(), err
	}
	if int64(buf.Len()) > limits.Body {
		return nil, &tooLarge{limit: limits.Body}
	}
	return buf.Bytes(), nil
}

// fedReader tells the watchdog of every piece that arrives.
type fedReader struct {
	r     io.Reader
	watch *watchdog
	every time.Duration
}

func (f *fedReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if n > 0 {
		f.watch.reset(f.every, "the answer stopped")
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
	timer *time.Timer
	what  atomic.Pointer[stalled]
}

// stalled is the cause a watchdog cancels with.
type stalled struct {
	what  string
	after time.Duration
}

func (s *stalled) Error() string { return fmt.Sprintf("%s within %v", s.what, s.after) }

func newWatchdog(cancel context.CancelCauseFunc, d time.Duration, what string) *watchdog {
	w := new(watchdog)
	w.what.Store(&stalled{what, d})
	w.timer = time.AfterFunc(d, func() { cancel(w.what.Load()) })
	return w
}

func (w *watchdog) reset(d time.Duration, what string) {
	if s := w.what.Load(); s.what != what || s.after != d {
		w.what.Store(&stalled{what, d})
	}
	w.timer.Reset(d)
}

func (w *watchdog) stop() { w.timer.Stop() }

// isStalled reports whether ctx was ended by a watchdog.
func isStalled(ctx context.Context) (*stalled, bool) {
	var s *stalled
	ok := errors.As(context.Cause(ctx), &s)
	return s, ok
}
