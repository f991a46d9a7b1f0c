package sdslookup

import (
	"context"
	"time"
)

// Candidate is one value that a search brought up, and what became of it.
type Candidate struct {
	Record                  string // the entry's distinguished name, or the resource's URL
	Address, PartyKey, ASID string // what of these the step asked for
	Taken                   bool
	Why                     string // why it was taken or not, in a few words
}

// Search is one question put to a directory.
type Search struct {
	Step         Step
	Server, Base string
	Filter       string
	Attributes   []string
	Candidates   []Candidate   // in the directory's order
	Took         time.Duration // without the wait for a connection
	Err          error
}

// Connect is one wait for a connection to a directory.
type Connect struct {
	Server string // "" when none answered
	Took   time.Duration
	Err    error
}

// Remembered is an answer that was not looked up.
type Remembered struct {
	Key   Key
	Age   time.Duration
	Stale bool
}

// Trace is told what a lookup does, in the calling goroutine. Each function may be nil.
type Trace struct {
	Searched   func(Search)
	Connected  func(Connect)    // only when the lookup had to wait for a new connection
	Remembered func(Remembered) // by a Cache
}

type traceKey struct{}

// WithTrace returns a context whose lookups tell t; an earlier trace in ctx is told first.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, t.after(traceOf(ctx)))
}

func traceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

func (t *Trace) after(earlier *Trace) *Trace {
	if earlier == nil {
		return t
	}
	return &Trace{
		Searched:   func(s Search) { earlier.searched(s); t.searched(s) },
		Connected:  func(c Connect) { earlier.connected(c); t.connected(c) },
		Remembered: func(r Remembered) { earlier.remembered(r); t.remembered(r) },
	}
}

func (t *Trace) searched(s Search) {
	if t != nil && t.Searched != nil {
		t.Searched(s)
	}
}

func (t *Trace) connected(c Connect) {
	if t != nil && t.Connected != nil {
		t.Connected(c)
	}
}

func (t *Trace) remembered(r Remembered) {
	if t != nil && t.Remembered != nil {
		t.Remembered(r)
	}
}

// Shared returns a context for a lookup that several callers wait for. It
// outlives ctx, and what the lookup does is kept, not told to ctx's trace, whose
// owner may have left. Once the lookup is over, each of those who still wait
// calls tell, with a context of its own, for its own trace.
func Shared(ctx context.Context) (shared context.Context, tell func(context.Context)) {
	r := new(recording)
	shared = context.WithValue(context.WithoutCancel(ctx), traceKey{}, r.trace())
	return shared, func(ctx context.Context) { r.replay(traceOf(ctx)) }
}

// recording keeps what a shared lookup does, for each of those who wait for it.
type recording struct{ events []func(*Trace) }

func (r *recording) trace() *Trace {
	return &Trace{
		Searched:   func(s Search) { r.events = append(r.events, func(t *Trace) { t.searched(s) }) },
		Connected:  func(c Connect) { r.events = append(r.events, func(t *Trace) { t.connected(c) }) },
		Remembered: func(m Remembered) { r.events = append(r.events, func(t *Trace) { t.remembered(m) }) },
	}
}

func (r *recording) replay(t *Trace) {
	if t == nil {
		return
	}
	for _, event := range r.events {
		event(t)
	}
}
