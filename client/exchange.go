package client

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// Exchange is one attempt, in fields that are safe to log: nothing in it
// names the patient, and the token is not in it. As a value for package slog it
// is a group of them.
type Exchange struct {
	Op           string
	Interaction  Interaction
	ODS          string // the practice's
	Organisation string // ODS code of who asked
	Practitioner string // id of the user who asked
	From, To     string // ASIDs
	TraceID      string
	Attempt      int // 1 for the first
	Started      time.Time

	// Of the outcome; zero before it is known.
	Duration time.Duration
	Status   int // 0 when no answer came
	Bytes    int
	Reused   bool // the connection was a kept one
	Layer    Layer
	Codes    []Code
	Err      error // nil when the answer is one
	Hops     []Hop // in the order they were made, those before a first attempt included

	ctx context.Context
}

// Context is the one that the operation was called with, for hooks that carry
// on its trace.
func (x Exchange) Context() context.Context {
	if x.ctx == nil {
		return context.Background()
	}
	return x.ctx
}

// Hop is a part of a call's way and how long it took; one that failed has the
// time until then.
type Hop struct {
	Name    string // HopGate … HopRead
	Started time.Time
	Took    time.Duration
}

// The hops. Gate and directory belong to a call's first attempt; an encounter
// that remembers the practice needs no directory, and a connection that was
// kept neither HopConnect nor HopTLS.
const (
	HopGate      = "gate"
	HopDirectory = "directory"
	HopConnect   = wire.Connect
	HopTLS       = wire.Secure
	HopWrite     = wire.Write // the request
	HopWait      = wire.Wait  // until the answer begins
	HopRead      = wire.Read  // until the answer is whole
)

// LogValue is what a log may have of an exchange: a group of safe fields, the
// empty ones left out.
func (x Exchange) LogValue() slog.Value {
	all := []slog.Attr{
		slog.String("op", x.Op), slog.String("interaction", string(x.Interaction)), slog.String("practice", x.ODS),
		slog.String("organisation", x.Organisation), slog.String("user", x.Practitioner),
		slog.String("from", x.From), slog.String("to", x.To), slog.String("trace", x.TraceID), slog.Int("attempt", x.Attempt),
	}
	if x.Duration > 0 {
		all = append(all, slog.Duration("duration", x.Duration), slog.Bool("reused", x.Reused))
	}
	if x.Status != 0 {
		all = append(all, slog.Int("status", x.Status), slog.Int("bytes", x.Bytes))
	}
	if len(x.Codes) > 0 {
		all = append(all, slog.Any("codes", x.Codes))
	}
	if x.Err != nil {
		all = append(all, slog.String("layer", string(x.Layer)), slog.String("error", x.Err.Error()))
	}
	return slog.GroupValue(all...)
}

// Event is an attempt as an auditor is told of it (consumer obligations,
// audit): what an Exchange has, and who asked about whom. The patient's number
// masks itself wherever it is printed; an auditor that keeps it must not keep
// its digits.
type Event struct {
	Exchange
	By      Practitioner
	For     Organisation
	Device  Device
	Reason  string // reason_for_request
	Scope   Scope
	Token   Token          // zero when there was no attempt
	Patient fhir.NHSNumber // zero when the call is about nobody
	Remarks []string       // of the encounter

	// Withheld says that an answer came, was told of as such, and was not given to the
	// caller after all, for Err: about somebody else, other demographics, unreadable.
	Withheld bool
}

// Token is what identifies an attempt's audit token beside what an Event has of
// it already; its sub is By.ID.
type Token struct {
	Issuer, Audience string // iss, aud
	Issued, Expires  int64  // iat, exp: seconds since 1970
}

// Auditor is told of every attempt before its first byte leaves, and again
// when its outcome is known. An error of Begin stops the call. A call that is
// refused before there is an attempt, by us, by a gate or for want of an
// address, is told by End alone, with Attempt 0. An answer that is withheld when it
// is read is told by another End, with Withheld.
type Auditor interface {
	Begin(context.Context, Event) error
	End(context.Context, Event)
}

type vetoed struct{ err error }

func (v *vetoed) Error() string { return fmt.Sprintf("the auditor did not allow it: %v", v.err) }
func (v *vetoed) Unwrap() error { return v.err }

// admit asks the auditor.
func (k *call) admit(ctx context.Context, x Exchange) error {
	if k.client.config.Auditor == nil {
		return nil
	}
	return k.client.config.Auditor.Begin(ctx, k.event(x))
}

// tell tells the auditor and the hook how it ended.
func (k *call) tell(ctx context.Context, x Exchange) {
	if k.client.config.Auditor != nil {
		k.client.config.Auditor.End(ctx, k.event(x))
	}
	if k.client.config.OnExchange != nil && x.Attempt > 0 {
		k.client.config.OnExchange(x)
	}
}

// withhold tells the auditor of an answer that the caller does not get.
func (k *call) withhold(ctx context.Context, verdict *Error) {
	if k.client.config.Auditor == nil {
		return
	}
	k.verdict = verdict
	k.remark(verdict.Err)
	event := k.event(k.told(k.exchange(ctx, k.client.config.Now()), nil, 0))
	event.Status, event.Withheld = verdict.StatusCode, true
	k.client.config.Auditor.End(ctx, event)
}

func (k *call) event(x Exchange) Event {
	return Event{
		Exchange: x, By: k.practitioner, For: k.organisation, Device: k.client.config.Device,
		Reason: k.reason(), Scope: k.row.Scope, Patient: k.patient, Remarks: k.remarks, Token: k.token,
	}
}

func (k *call) exchange(ctx context.Context, now time.Time) Exchange {
	return Exchange{
		ctx: ctx,
		Op:  k.op, Interaction: k.row.ID, ODS: k.ods,
		Organisation: k.organisation.ODS, Practitioner: k.practitioner.ID,
		From: k.organisation.ASID, To: k.endpoint.ASID,
		TraceID: k.trace, Attempt: k.attempt, Started: now,
	}
}

// told adds the outcome to x. Its duration is that of the hops to the proxy and
// back: what an auditor takes is not the other side's.
func (k *call) told(x Exchange, a *wire.Answer, took time.Duration) Exchange {
	x.Duration = took
	x.Hops, k.hops = k.hops, nil
	if a != nil {
		x.Status, x.Bytes, x.Reused = a.Status, len(a.Body), a.Reused
		x.Hops = slices.Grow(x.Hops, len(a.Hops))
		for _, h := range a.Hops {
			x.Hops = append(x.Hops, Hop(h))
		}
	}
	if k.verdict != nil {
		verdict := *k.verdict // what the operation adds to its error is not told
		x.Layer, x.Codes, x.Err = verdict.Layer, verdict.Codes, &verdict
	}
	return x
}

// hop notes a part of the way that came before an attempt.
func (k *call) hop(name string, started time.Time) {
	k.hops = append(k.hops, Hop{Name: name, Started: started, Took: time.Since(started)})
}
