package client

import (
	"context"
	"errors"

	"github.com/gpconnect-go/gpc/fhir"
)

// Registered is how a registration ended well.
type Registered struct {
	Patient   *Patient
	Recovered bool   // the answer was lost; the patient was found afterwards
	Already   bool   // the practice had the patient before
	Intent    string // id in the journal
	Journal   error  // as in Booked
}

// RegisterPatient registers the patient with the practice for a time. It is
// sent once. Where the answer is lost, or says that the patient is registered
// already, the patient is looked for; one who is found is registered. Where
// nobody is found the error is [ErrOutcomeUnknown]; see [Encounter.Settle].
func (p *Practice) RegisterPatient(ctx context.Context, r Registration) (*Registered, error) {
	if err := errors.Join(p.journalled(), clocks(), r.check(today(p.now()))); err != nil {
		return nil, p.invalid(RegisterPatient, err)
	}
	body, err := r.body()
	if err != nil {
		return nil, p.invalid(RegisterPatient, err)
	}
	w := p.registering(p.newIntent(RegisterPatient), r.NHSNumber)
	w.body = body
	done, err := w.run(ctx)
	if err != nil {
		return nil, err
	}
	if done.thing.view != nil {
		// The registration stands whatever the gates say; they may still say that it is not
		// the patient who was meant.
		if err := p.confirmed(&Response{Status: 200, TraceID: done.thing.TraceID}, RegisterPatient, done.thing); err != nil {
			return nil, err
		}
	}
	return &Registered{
		Patient: done.thing, Recovered: done.recovered && !done.refused, Already: done.refused,
		Intent: done.intent, Journal: done.journal,
	}, nil
}

// registering is the write of an intent, or, for Settle, what is left of it.
func (p *Practice) registering(i Intent, n fhir.NHSNumber) *writing[Patient] {
	w := &writing[Patient]{practice: p, intent: i, number: n, path: "/Patient/$gpc.registerpatient"}
	w.idOf = func(*Patient) string { return "" }
	w.look = func(ctx context.Context) (*Patient, standing, error) {
		found, _, err := p.findPatient(ctx, n)
		switch {
		case err == nil:
			return found, present, nil
		case nobodyThere(err):
			return nil, absent, nil
		}
		return nil, absent, err
	}
	w.accept = func(_ context.Context, r *Response) (*Patient, error) {
		if fhir.Sniff(r.Body) == fhir.EmptyBody {
			return nil, nil
		}
		return p.onePatient(r, RegisterPatient, n)
	}
	w.unread = func(r *Response) *Patient {
		return &Patient{ODS: p.ods, NHSNumber: n.Digits(), TraceID: r.TraceID, ref: PatientRef{ODS: p.ods, Number: n}}
	}
	return w
}

// nobodyThere reports whether the practice itself said that it has no such patient. The
// directory's "no such practice", or a page of something on the way, says nothing of that.
func nobodyThere(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Layer == LayerProvider && errors.Is(e, ErrNotFound)
}
