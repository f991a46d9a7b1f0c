package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// attempt is what a write adds to its call: the condition it is sent on,
// the intent that must be on disk first, and whether anything can have left.
type attempt struct {
	ifMatch string
	begin   func(ctx context.Context, trace string) error // tells the journal; nil for a write of Do's caller
	left    atomic.Bool                                   // there was a connection to the proxy, ready for the request
}

// raw reports whether the write is one that no journal is told of.
func (w *attempt) raw() bool { return w.begin == nil }

// transport is the one that the row's requests leave by. A kept connection
// that the other side has just closed looks, to a write, like an answer that
// was lost; so each write has a connection of its own.
func (c *Client) transport(r Row) *http.Transport {
	if r.Write {
		return c.single
	}
	return c.raw
}

// intend is the last thing before the first byte of a write.
func (k *call) intend(ctx context.Context) *Error {
	if k.write == nil {
		return nil
	}
	err := ctx.Err()
	if err == nil && !k.write.raw() {
		err = k.write.begin(ctx, k.trace)
	}
	if err = late(ctx, err); err == nil {
		return nil
	}
	var classes []error
	switch {
	case errors.Is(err, ErrUnsettled):
		classes = []error{ErrUnsettled, ErrRefused}
	case errors.Is(err, context.DeadlineExceeded):
		classes = []error{ErrNoAnswer}
	case !errors.Is(err, context.Canceled):
		err, classes = &journalError{err}, []error{ErrInvalid}
	}
	k.verdict = k.fail(LayerSelf, err, classes...)
	return k.verdict
}

// journalError is a journal that cannot keep an intent.
type journalError struct{ err error }

func (e *journalError) Error() string { return "the journal of writes: " + e.err.Error() }
func (e *journalError) Unwrap() error { return e.err }

// detach makes the context that a write is sent under. The caller's end ends
// it at once while nothing can have left; afterwards the answer is waited for, for
// half of the grace, because nothing tells the outcome as well.
func (w *attempt) detach(caller context.Context, s Settling) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(caller))
	stop := context.AfterFunc(caller, func() {
		if w.left.Load() {
			_ = s.Sleep(ctx, s.Grace/2)
		}
		cancel(caller.Err())
	})
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { w.left.Store(true) },
	})
	return ctx, func() { stop(); cancel(nil) }
}

// late tells a write that ran out of time from one that was cancelled: detach
// ends both in the same way, and differs in the cause.
func late(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return &wire.Failure{Kind: wire.Deadline, Err: context.DeadlineExceeded}
	}
	return err
}

// doubt makes the verdict on a write of Do's caller [ErrOutcomeUnknown] where it is: nobody
// looks for that write, and so nobody will say it later.
func (k *call) doubt(verdict *Error) *Error {
	if verdict != nil && k.write != nil && k.write.raw() && !verdict.final(k.write.left.Load()) {
		verdict.classes = append(verdict.classes, ErrOutcomeUnknown)
	}
	return verdict
}
