package client

import (
	"context"
	"fmt"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// Exchange is one attempt, in fields that are safe to log: nothing in it
// names the patient, and the token is not in it.
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
	Patient fhir.NHSNumber // zero when the call is about nobody
	Remarks []string       // of the encounter
}

// Auditor is told of every attempt before its first byte leaves, and again
// when its outcome is known. An error of Begin stops the call. A call that is
// refused before there is an attempt, by us, by a gate or for want of an
// address, is told by End alone, with Attempt 0.
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

func (k *call) event(x Exchange) Event {
	return Event{
		Exchange: x, By: k.practitioner, For: k.organisation, Device: k.client.config.Device,
		Reason: k.reason(), Scope: k.row.Scope, Patient: k.patient, Remarks: k.remarks,
	}
}

func (k *call) exchange(now time.Time) Exchange {
	return Exchange{
		Op: k.op, Interaction: k.row.ID, ODS: k.ods,
		Organisation: k.organisation.ODS, Practitioner: k.practitioner.ID,
		From: k.organisation.ASID, To: k.endpoint.ASID,
		TraceID: k.trace, Attempt: k.attempt, Started: now,
	}
}

// told adds the outcome to x.
func (k *call) told(x Exchange, a *wire.Answer, now time.Time) Exchange {
	x.Duration = now.Sub(x.Started)
	if a != nil {
		x.Status, x.Bytes, x.Reused = a.Status, len(a.Body), a.Reused
	}
	if k.verdict != nil {
		x.Layer, x.Codes, x.Err = k.verdict.Layer, k.verdict.Codes, k.verdict
	}
	return x
}
