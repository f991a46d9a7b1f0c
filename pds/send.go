package pds

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// way is how requests leave, to PDS or to the token endpoint.
type way struct {
	transport http.RoundTripper
	limits    wire.Limits
	clock     Clock
	attempts  int
	wait      time.Duration // before the second attempt at most; doubles
}

// sending is one operation on its way out. It is the http.RoundTripper beneath a
// retrying client: each attempt is made here, from nothing but the operation, so
// that what must be new each time (an assertion's jti) is, and what must stay the
// same (X-Request-ID) does.
type sending struct {
	*way
	op, requestID string
	address       string                                       // for the retrying client alone; it names no patient
	prepare       func(context.Context) (*http.Request, error) // makes the request of one attempt
	granted       func(context.Context) (time.Time, error)     // waits for the rate limit; nil for none
	judge         func(*wire.Answer) *Error
	renew         func(*http.Request) bool // after a 401: whether other credentials can be had
	tell          func(Exchange)           // nil for nobody

	attempt int
	answer  *wire.Answer // of the latest attempt, when it is one
	verdict *Error       // of the latest attempt, when it is not
	renewed bool         // other credentials were asked for; that is done once
	again   bool         // with other credentials, at once
	pause   time.Duration
}

// send makes the attempts and returns the answer that was judged to be one.
func (s *sending) send(ctx context.Context) (*wire.Answer, error) {
	retrying := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: s, CheckRedirect: refuseRedirects},
		RetryMax:     s.attempts - 1,
		CheckRetry:   s.mayRetry,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return s.rest(ctx) },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, s.address, nil)
	if err != nil {
		return nil, s.sign(&Error{class: ErrInvalid, detail: "the address cannot be used"})
	}
	resp, err := retrying.Do(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	switch {
	case s.answer != nil:
		return s.answer, nil
	case s.verdict == nil:
		return nil, s.sign(failed(err))
	case ctx.Err() != nil && s.verdict.mayPass(): // it ended between two attempts
		return nil, s.sign(failed(ctx.Err()))
	}
	return nil, s.verdict
}

func refuseRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// RoundTrip makes one attempt. Its response carries the whole body, read within
// the limits.
func (s *sending) RoundTrip(outer *http.Request) (*http.Response, error) {
	ctx := outer.Context()
	s.answer, s.verdict, s.again = nil, nil, false
	req, started, err := s.ready(ctx)
	if err != nil {
		s.verdict = s.sign(notSent(err))
		return nil, s.verdict
	}
	s.attempt++
	answer, err := wire.Send(s.transport, req, s.limits)
	switch {
	case err != nil:
		s.verdict = s.sign(failed(err))
	default:
		s.take(req, answer)
	}
	s.told(started, answer)
	if err != nil {
		return nil, s.verdict
	}
	return response(outer, answer), nil
}

// ready has the request of one attempt and the leave to send it.
func (s *sending) ready(ctx context.Context) (*http.Request, time.Time, error) {
	started := s.clock.Now()
	if err := ctx.Err(); err != nil {
		return nil, started, err
	}
	req, err := s.prepare(ctx)
	if err == nil && s.granted != nil {
		started, err = s.granted(ctx)
	}
	return req, started, err
}

// take judges an answer. After a 401 other credentials are asked for, once: a
// token may lapse early, or on the way.
func (s *sending) take(req *http.Request, answer *wire.Answer) {
	e := s.judge(answer)
	if e == nil {
		s.answer = answer
		return
	}
	s.verdict = s.sign(e)
	if answer.Status == http.StatusUnauthorized && !s.renewed && s.renew != nil {
		s.renewed = true
		s.again = s.renew(req)
	}
}

// notSent is an attempt that ended before its first byte.
func notSent(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return &Error{Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return failed(err)
	}
	return &Error{Err: err, class: ErrAccessDenied, detail: "no credentials: the token source gave an error"}
}

func (s *sending) sign(e *Error) *Error {
	e.Op = s.op
	if s.requestID != "" {
		e.RequestID = s.requestID
	}
	return e
}

// mayRetry asks the verdict on the latest attempt: PDS says to try again after
// 408, 429 and 503; a connection that failed may be tried again because nothing
// here changes anything. What would not fit into the deadline is not tried.
func (s *sending) mayRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	if ctx.Err() != nil || s.verdict == nil {
		return false, nil
	}
	if s.again {
		return true, nil
	}
	if !s.verdict.mayPass() {
		return false, nil
	}
	s.pause = s.nextPause()
	deadline, ok := ctx.Deadline()
	return !ok || s.pause < time.Until(deadline), nil
}

// mayPass says whether the failure is one that the same request may get past.
func (e *Error) mayPass() bool {
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case 0:
		f, ok := e.Err.(*wire.Failure) // not one of the token endpoint's, which was retried there
		return ok && f.Temporary()
	}
	return false
}

// nextPause is what the other side asked for, or full jitter.
func (s *sending) nextPause() time.Duration {
	if s.verdict.RetryAfter > 0 {
		return s.verdict.RetryAfter
	}
	most := s.wait
	if s.verdict.StatusCode == http.StatusTooManyRequests {
		most = max(most, time.Second) // they count by the second
	}
	return rand.N(most<<(s.attempt-1) + 1)
}

// rest sleeps by our clock and leaves the retrying client nothing to wait for. It
// need not say that ctx ended: the next attempt looks.
func (s *sending) rest(ctx context.Context) time.Duration {
	if s.pause > 0 {
		_ = s.clock.Sleep(ctx, s.pause)
	}
	s.pause = 0
	return 0
}

func response(req *http.Request, a *wire.Answer) *http.Response {
	return &http.Response{
		Status: http.StatusText(a.Status), StatusCode: a.Status, Header: a.Header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)),
	}
}
