package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// The statuses of an appointment that gpc deals with.
const (
	booked    = "booked"
	cancelled = "cancelled"
)

// Amendment is the new text of an appointment; nothing else of it can be
// amended. A nil member leaves it as it is; a Comment of "" takes it away.
type Amendment struct {
	Description *string // at most 100 characters
	Comment     *string // at most 500 characters
}

// Format writes nothing of it, whatever the verb.
func (c Amendment) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "amendment") }

// LogValue is as Format.
func (c Amendment) LogValue() slog.Value { return slog.StringValue("amendment") }

// Changed is an appointment that was amended or cancelled.
type Changed struct {
	Appointment *Appointment
	Recovered   bool   // the answer was lost; the change was found afterwards
	Intent      string // id in the journal
	Journal     error  // as in Booked
}

// AmendAppointment sends the appointment back as it was read, with another
// description or comment, on condition that nobody has changed it since
// (If-Match). Errors: [ErrVersionConflict] when somebody has;
// [ErrOutcomeUnknown] as with Book.
func (p *Practice) AmendAppointment(ctx context.Context, a *Appointment, c Amendment) (*Changed, error) {
	err := p.changeable(a)
	if err == nil {
		err = c.check(a)
	}
	if err != nil {
		return nil, p.invalid(AmendAppointment, err)
	}
	body, err := amended(a.view.Resource, c)
	if err != nil {
		return nil, p.invalid(AmendAppointment, err)
	}
	i := p.changeIntent(AmendAppointment, a)
	description, comment := c.texts(a)
	i.Digest, i.Joined = digest(i.ID, description, comment), digest(i.ID, letters(description+comment), "")
	return p.change(ctx, a, i, body.Raw, i.amended)
}

// CancelAppointment sends the appointment back as it was read, as cancelled
// for that reason, on condition that nobody has changed it since. Errors as of
// AmendAppointment.
func (p *Practice) CancelAppointment(ctx context.Context, a *Appointment, reason string) (*Changed, error) {
	err := p.changeable(a)
	if err == nil && strings.TrimSpace(reason) == "" {
		err = errors.New("a cancellation needs a reason")
	}
	if err != nil {
		return nil, p.invalid(CancelAppointment, err)
	}
	body, err := withdrawn(a.view.Resource, reason)
	if err != nil {
		return nil, p.invalid(CancelAppointment, err)
	}
	return p.change(ctx, a, p.changeIntent(CancelAppointment, a), body.Raw, isCancelled)
}

func isCancelled(a *Appointment) bool { return a.Status == cancelled }

// changeable says why the appointment can be neither amended nor cancelled.
func (p *Practice) changeable(a *Appointment) error {
	if err := p.journalled(); err != nil {
		return err
	}
	switch {
	case a == nil || a.view == nil:
		return errors.New("the appointment was not read; what is sent back is what was read")
	case a.ODS != p.ods:
		return errors.New("the appointment is that of another practice")
	case a.Status == cancelled:
		return errors.New("the appointment is cancelled already")
	case a.Status != booked:
		return errors.New("only a booked appointment can be changed")
	case a.Channel == visit:
		return errors.New("a home visit cannot be changed this way")
	case a.ifMatch() == "":
		return errors.New("the appointment came without a version; read it again")
	case !a.Start.After(p.encounter.client.config.Now()):
		return errors.New("the appointment lies in the past, or its start cannot be read")
	}
	return checkID(a.ID)
}

func (c Amendment) check(a *Appointment) error {
	description, comment := c.texts(a)
	switch {
	case c.Description != nil && strings.TrimSpace(description) == "":
		return errors.New("an appointment keeps a description")
	case description == a.Description && comment == a.Comment:
		return errors.New("that is what the appointment says already")
	}
	var wrong []error
	if c.Description != nil {
		wrong = append(wrong, checkText("the description", description, longestDescription))
	}
	if c.Comment != nil {
		wrong = append(wrong, checkText("the comment", comment, longestComment))
	}
	return errors.Join(wrong...)
}

// texts are description and comment as they are to be.
func (c Amendment) texts(a *Appointment) (description, comment string) {
	description, comment = a.Description, a.Comment
	if c.Description != nil {
		description = *c.Description
	}
	if c.Comment != nil {
		comment = *c.Comment
	}
	return description, comment
}

// amended is the resource as it was read with other texts.
func amended(r fhir.Resource, c Amendment) (fhir.Resource, error) {
	for _, text := range []struct {
		path string
		to   *string
	}{{"/description", c.Description}, {"/comment", c.Comment}} {
		var err error
		switch {
		case text.to == nil:
			continue
		case *text.to == "":
			if r, err = r.Remove(text.path); errors.Is(err, fhir.ErrNotThere) {
				continue
			}
		default:
			r, err = r.SetText(text.path, *text.to)
		}
		if err != nil {
			return fhir.Resource{}, err
		}
	}
	return r, nil
}

const cancellationReason = profiles + "Extension-GPConnect-AppointmentCancellationReason-1"

// withdrawn is the resource as it was read, cancelled, with the reason.
func withdrawn(r fhir.Resource, reason string) (fhir.Resource, error) {
	extension, err := json.Marshal(bodyExtension{URL: cancellationReason, ValueString: reason})
	if err != nil {
		return fhir.Resource{}, err
	}
	if r, err = r.SetText("/status", cancelled); err != nil {
		return fhir.Resource{}, err
	}
	return r.Set("/extension/-", extension)
}

func (p *Practice) changeIntent(id Interaction, a *Appointment) Intent {
	i := p.newIntent(id)
	i.Appointment, i.Version = a.ID, a.Version
	return i
}

// change sends an amendment or a cancellation: the intent's interaction is all
// that tells the practice which.
func (p *Practice) change(ctx context.Context, a *Appointment, i Intent, body []byte, made func(*Appointment) bool) (*Changed, error) {
	w := p.changing(i, made)
	w.body, w.ifMatch, w.number = body, a.ifMatch(), a.number
	w.unread = func(r *Response) *Appointment {
		after := *a
		after.Unread, after.TraceID, after.Version, after.etag = true, r.TraceID, "", ""
		if i.Interaction == CancelAppointment {
			after.Status = cancelled
		}
		return &after
	}
	done, err := w.run(ctx)
	if err != nil {
		return nil, notChanged(err)
	}
	return &Changed{Appointment: done.thing, Recovered: done.recovered, Intent: i.ID, Journal: done.journal}, nil
}

// changing is the write of an intent, or, for Settle, what is left of it.
func (p *Practice) changing(i Intent, made func(*Appointment) bool) *writing[Appointment] {
	w := &writing[Appointment]{practice: p, intent: i, path: "/Appointment/" + i.Appointment}
	w.idOf = func(a *Appointment) string { return a.ID }
	w.look = func(ctx context.Context) (*Appointment, standing, error) {
		now, err := p.ReadAppointment(ctx, i.Appointment)
		switch {
		case err != nil:
			return nil, absent, err
		case made(now):
			return now, present, nil
		case now.Version != "" && i.Version != "" && now.Version != i.Version:
			return nil, never, nil // If-Match forbids it from now on
		}
		return nil, absent, nil
	}
	w.accept = func(_ context.Context, r *Response) (*Appointment, error) {
		if fhir.Sniff(r.Body) == fhir.EmptyBody {
			return nil, nil
		}
		v, err := view[fhir.Appointment](p, r, i.Interaction)
		if err != nil {
			return nil, err
		}
		after := p.appointment(v, r)
		if after.ID != i.Appointment || i.Interaction == CancelAppointment && !isCancelled(after) {
			return nil, errors.New("the appointment that came is not the changed one")
		}
		return after, nil
	}
	return w
}

// notChanged makes every 409 and 412 a conflict of versions: that is the one
// thing that a change can be in conflict with.
func notChanged(err error) error {
	var failed *Error
	if errors.As(err, &failed) && failed.conflicts() && !errors.Is(err, ErrVersionConflict) {
		failed.classes = append(failed.classes, ErrVersionConflict)
	}
	return err
}
