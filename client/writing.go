package client

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/gpconnect-go/gpc/fhir"
)

// writing is one write of something that can be looked at afterwards: an
// Appointment, or a Patient. It is sent once; what its answer leaves open is
// found out by looking.
type writing[T any] struct {
	practice *Practice
	intent   Intent
	number   fhir.NHSNumber
	path     string
	body     []byte
	ifMatch  string

	// accept reads an answer with status 2xx: what is there now, or nil where the
	// answer does not show it. An error means that it is no answer to this write.
	accept func(context.Context, *Response) (*T, error)
	// look asks the practice, by reading, whether the write took place.
	look func(context.Context) (*T, standing, error)
	// unread stands for what the practice confirmed and did not show.
	unread func(*Response) *T
	idOf   func(*T) string
	// owner is the id of the intent that brought about what a look has found.
	owner func(context.Context, *T) string

	begun bool
}

// standing is what a look has found.
type standing int

const (
	absent  standing = iota // not there; it may yet come
	present                 // it took place
	never                   // it did not, and no longer can
)

// ended is a write that took place.
type ended[T any] struct {
	thing     *T
	recovered bool
	refused   bool // by the answer, and yet it is there
	intent    string
	journal   error
}

// newIntent begins the intent of a write by this encounter.
func (p *Practice) newIntent(id Interaction) Intent {
	return Intent{ID: uuid.NewString(), Interaction: id, ODS: p.ods, Organisation: p.encounter.organisation.ODS}
}

// journalled refuses writes where there is no journal.
func (p *Practice) journalled() error {
	if p.encounter.client.config.Journal == nil {
		return errors.New("no journal of writes is configured, and without one nothing is written")
	}
	return nil
}

// run sends the write and finds out how it ended. Of an *Error that is not
// ErrOutcomeUnknown the write did not take place.
func (w *writing[T]) run(ctx context.Context) (ended[T], error) {
	a := &attempt{ifMatch: w.ifMatch, begin: w.begin}
	r, err := w.practice.Do(ctx, Request{Interaction: w.intent.Interaction, Path: w.path, Body: w.body, Patient: w.number, write: a})
	if err == nil {
		return w.answered(ctx, r)
	}
	var failed *Error
	switch {
	case !errors.As(err, &failed):
		return ended[T]{}, err
	case w.begun && (failed.conflicts() || !failed.final(a.left.Load())):
		return w.recover(ctx, failed)
	}
	if w.begun {
		_ = w.settle(ctx, w.intent.ID, NotDone, ByAnswer, "") // what is not kept is settled by looking, later
	}
	return ended[T]{}, err
}

// begin tells the journal, and is the last that happens before sending.
func (w *writing[T]) begin(ctx context.Context, trace string) error {
	config := w.practice.encounter.client.config
	w.intent.TraceID, w.intent.At = trace, config.Now().UTC()
	w.intent.Decides = w.intent.At.Add(config.Settling.Late)
	err := config.Journal.Begin(ctx, w.intent)
	w.begun = err == nil
	return err
}

// settle tells the journal, whatever has become of the caller.
func (w *writing[T]) settle(ctx context.Context, id string, s OutcomeState, by OutcomeBy, appointment string) error {
	config := w.practice.encounter.client.config
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return config.Journal.Settle(ctx, id, Outcome{State: s, By: by, Appointment: appointment, At: config.Now().UTC()})
}

// answered takes an answer with status 2xx.
func (w *writing[T]) answered(ctx context.Context, r *Response) (ended[T], error) {
	looking, end := w.outlive(ctx)
	defer end()
	thing, err := w.accept(looking, r)
	if err != nil {
		var cause *Error // of which the auditor has been told
		if !errors.As(err, &cause) || !errors.Is(cause, ErrUnreadable) {
			cause = w.practice.unreadable(r, w.intent.Interaction, err)
		}
		return w.recover(ctx, cause)
	}
	if thing == nil { // confirmed, and not shown
		if found, s, err := w.look(looking); err == nil && s == present {
			thing = found
		} else {
			thing = w.unread(r)
		}
	}
	return ended[T]{thing: thing, intent: w.intent.ID, journal: w.settle(ctx, w.intent.ID, Done, ByAnswer, w.idOf(thing))}, nil
}

// found settles what a look has found.
func (w *writing[T]) found(ctx context.Context, thing *T) ended[T] {
	owner := w.intent.ID
	if w.owner != nil {
		owner = w.owner(ctx, thing)
	}
	err := w.settle(ctx, owner, Done, ByReading, w.idOf(thing))
	if owner != w.intent.ID {
		err = errors.Join(err, w.settle(ctx, w.intent.ID, NotDone, ByReading, ""))
	}
	return ended[T]{thing: thing, recovered: true, intent: owner, journal: err}
}

// recover looks for a write whose answer was lost, at once and after each
// pause. When the caller's ctx ends there is one more look, the last.
//
// A 409 or 412 is looked at in the same way, and there the first look that is
// made decides: it may be the answer to this very write having been carried
// out, if something between here and the practice sent it twice.
func (w *writing[T]) recover(ctx context.Context, cause *Error) (ended[T], error) {
	config := w.practice.encounter.client.config
	looking, end := w.outlive(ctx)
	defer end()
	d := &Doubt{Intent: w.intent, Cause: cause, Decides: w.intent.decides(config.Settling.Late)}
	for i := 0; ; i++ {
		last := i >= len(config.Settling.Pauses) || ctx.Err() != nil
		began := config.Now()
		found, s, err := w.look(looking)
		d.Readings, d.Failed = d.Readings+1, err
		switch {
		case err != nil:
		case s == present:
			there := w.found(ctx, found)
			there.refused = cause.conflicts()
			return there, nil
		case s == never:
			_ = w.settle(ctx, w.intent.ID, NotDone, ByReading, "")
			return ended[T]{}, w.practice.changedBySomebody(w.intent, cause)
		case cause.conflicts(), !began.Before(d.Decides):
			_ = w.settle(ctx, w.intent.ID, NotDone, ByReading, "")
			return ended[T]{}, cause
		}
		if last {
			return ended[T]{}, doubtful(d, cause)
		}
		_ = config.Settling.Sleep(ctx, config.Settling.Pauses[i])
	}
}

// outlive makes a context that goes on for half of the grace when ctx has ended.
func (w *writing[T]) outlive(ctx context.Context) (context.Context, func()) {
	s := w.practice.encounter.client.config.Settling
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = s.Sleep(own, s.Grace/2)
		cancel()
	})
	return own, func() { stop(); cancel() }
}

// doubtful is an error that says what is not known.
func doubtful(d *Doubt, cause *Error) *Error {
	e := *cause
	e.Err, e.classes = d, []error{ErrOutcomeUnknown}
	return &e
}

// changedBySomebody is a change that is not in effect and no longer can be: the
// version it is based on is gone.
func (p *Practice) changedBySomebody(i Intent, cause *Error) *Error {
	return &Error{
		Op: opOf(i.Interaction), Layer: LayerProvider, ODS: p.ods, Interaction: i.Interaction, TraceID: cause.TraceID,
		Err:     errors.New("the appointment has been changed since it was read, and does not say what was sent"),
		classes: []error{ErrVersionConflict, ErrRefused},
	}
}
