package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Settlement is what a look for the outcome of a write has found.
type Settlement struct {
	Intent      Intent
	Outcome     Outcome
	Appointment *Appointment // what was booked, amended or cancelled, where it is Done
	Patient     *Patient     // who was registered
}

const settling = "settle a write"

// Unsettled are the writes whose outcome is not known, of whatever process
// and practice, the oldest first. Those of another process that is at work
// right now are among them.
func (c *Client) Unsettled(ctx context.Context) ([]Intent, error) {
	all, err := c.intents(ctx)
	if err != nil {
		return nil, err
	}
	var open []Intent
	for _, s := range all {
		if s.Outcome.State == "" {
			open = append(open, s.Intent)
		}
	}
	return open, nil
}

func (c *Client) intents(ctx context.Context) ([]Settled, error) {
	if c.config.Journal == nil {
		return nil, notSettled(Intent{}, errors.New("no journal of writes is configured"))
	}
	all, err := c.config.Journal.Intents(ctx)
	if err != nil {
		return nil, notSettled(Intent{}, &journalError{err})
	}
	return all, nil
}

// intent is what the journal has of the write with that id.
func (c *Client) intent(ctx context.Context, id string) (Settled, error) {
	all, err := c.intents(ctx)
	if err != nil {
		return Settled{}, err
	}
	at := slices.IndexFunc(all, func(s Settled) bool { return s.Intent.ID == id })
	if at < 0 {
		return Settled{}, notSettled(Intent{}, errors.New("the journal of writes has no write with that id"))
	}
	return all[at], nil
}

func notSettled(i Intent, err error) *Error {
	return &Error{Op: settling, Layer: LayerSelf, ODS: i.ODS, Interaction: i.Interaction, Err: err, classes: []error{ErrInvalid}}
}

// Settle looks once for the outcome of a write, by reading, and tells the
// journal what it finds. It never sends a write. While nothing can be said the
// error is [ErrOutcomeUnknown]; its [*Doubt] says from when on a look decides.
// The encounter must be of the organisation that made the write. The number is
// needed for a registration alone, because the journal has none.
//
// Of the intent the id counts; the rest is taken from the journal, and one that
// is not there is refused with [ErrInvalid]. One that is settled already, by whomever, is
// answered with its outcome, and nobody is asked.
func (e *Encounter) Settle(ctx context.Context, i Intent, n fhir.NHSNumber) (*Settlement, error) {
	kept, err := e.client.intent(ctx, i.ID)
	switch {
	case err != nil:
		return nil, err
	case kept.Outcome.State != "":
		return &Settlement{Intent: kept.Intent, Outcome: kept.Outcome}, nil
	}
	i = kept.Intent
	if i.Organisation != e.organisation.ODS {
		return nil, notSettled(i, fmt.Errorf("it is a write of %s, and that organisation must look for it", i.Organisation))
	}
	p, err := e.Practice(i.ODS)
	if err != nil {
		return nil, err
	}
	switch i.Interaction {
	case BookAppointment:
		return settleAppointment(ctx, p.booking(i, n))
	case AmendAppointment:
		return settleAppointment(ctx, p.changing(i, i.amended))
	case CancelAppointment:
		return settleAppointment(ctx, p.changing(i, isCancelled))
	case RegisterPatient:
		if n.IsZero() {
			return nil, notSettled(i, errors.New("a registration is found by the NHS number, which the journal does not have"))
		}
		found, outcome, err := p.registering(i, n).resume(ctx)
		return settlement(i, outcome, nil, found, err)
	}
	return nil, notSettled(i, errors.New("it is no write that is known here"))
}

func settleAppointment(ctx context.Context, w *writing[Appointment]) (*Settlement, error) {
	found, outcome, err := w.resume(ctx)
	return settlement(w.intent, outcome, found, nil, err)
}

func settlement(i Intent, o Outcome, a *Appointment, who *Patient, err error) (*Settlement, error) {
	if err != nil {
		return nil, err
	}
	return &Settlement{Intent: i, Outcome: o, Appointment: a, Patient: who}, nil
}

// resume looks once for a write of whose sender nothing is left.
func (w *writing[T]) resume(ctx context.Context) (*T, Outcome, error) {
	config := w.practice.encounter.client.config
	d := &Doubt{Intent: w.intent, Readings: 1, Decides: w.intent.decides(config.Settling.Late)}
	began := config.Now()
	found, s, err := w.look(ctx)
	o := Outcome{State: NotDone, By: ByReading, At: config.Now().UTC()}
	switch {
	case err != nil:
		d.Failed = err
		return nil, o, w.unsettled(d)
	case s == present:
		there := w.found(ctx, found)
		if there.intent == w.intent.ID {
			o.State, o.Appointment = Done, w.idOf(found)
		} else {
			found = nil
		}
		err = there.journal
	case s == absent && began.Before(d.Decides):
		return nil, o, w.unsettled(d)
	default:
		found, err = nil, w.settle(ctx, w.intent.ID, NotDone, ByReading, "")
	}
	if err != nil {
		return nil, o, notSettled(w.intent, &journalError{err})
	}
	return found, o, nil
}

// unsettled is that a look has decided nothing.
func (w *writing[T]) unsettled(d *Doubt) *Error {
	e := &Error{
		Op: settling, Layer: LayerProvider, ODS: w.intent.ODS, Interaction: w.intent.Interaction,
		TraceID: w.intent.TraceID, Err: d, classes: []error{ErrOutcomeUnknown},
	}
	var failed *Error
	if errors.As(d.Failed, &failed) {
		e.Layer, e.StatusCode, e.Codes = failed.Layer, failed.StatusCode, failed.Codes
	}
	return e
}

// SettleByHand tells the journal what somebody has found out in another way,
// such as by ringing the practice.
func (c *Client) SettleByHand(ctx context.Context, id string, s OutcomeState) error {
	open, err := c.Unsettled(ctx)
	if err != nil {
		return err
	}
	if s != Done && s != NotDone {
		return notSettled(Intent{}, errors.New("the outcome is either that it was done or that it was not"))
	}
	for _, i := range open {
		if i.ID != id {
			continue
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := c.config.Journal.Settle(ctx, id, Outcome{State: s, By: ByPerson, At: c.config.Now().UTC()}); err != nil {
			return notSettled(i, &journalError{err})
		}
		return nil
	}
	return notSettled(Intent{}, errors.New("there is no unsettled write with that id"))
}
