package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// Booking is an appointment to be made.
type Booking struct {
	Patient     PatientRef
	Slots       []Slot // one, or several of one session that adjoin each other
	Description string // at most 100 characters, nothing clinical; "" is "GP Connect appointment"
	Comment     string // at most 500 characters, nothing clinical; may be ""
	Replaces    string // logical id of the appointment to be cancelled afterwards, for the journal alone; may be ""
}

// Format writes nothing of it, whatever the verb.
func (b Booking) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, b.masked()) }

// LogValue is as Format.
func (b Booking) LogValue() slog.Value { return slog.StringValue(b.masked()) }

func (b Booking) masked() string { return "booking at " + b.Patient.ODS }

// Booked is an appointment that is made.
type Booked struct {
	Appointment *Appointment
	Recovered   bool   // the answer was lost; the appointment was found afterwards
	Intent      string // id in the journal: of an earlier booking where that turned out to have been made

	// Journal is why the journal could not be told of the outcome. The appointment
	// is made all the same; the journal counts it as unsettled until
	// [Encounter.Settle] looks.
	Journal error
}

// Book makes the appointment: it is put into the journal, and then sent, once.
// A definite answer is final. Where the answer is lost, the patient's
// appointments are read back, at once and after the pauses of [Settling];
// found there, it is Recovered. Nothing is ever sent twice.
//
// Errors, beside those of every operation: [ErrSlotTaken] when the slot is no
// longer free, [ErrUnsettled] when the outcome of an earlier booking for this
// patient at this practice is not known, or when one that was given up as not made
// turns out to have been made, [ErrOutcomeUnknown], with a [*Doubt], when that of
// this one is not. With every other error nothing was booked.
//
// When ctx ends after the request may have left, Book still waits for the
// answer, and looks, for at most [Settling].Grace.
func (p *Practice) Book(ctx context.Context, b Booking) (*Booked, error) {
	slots := b.inOrder()
	if err := errors.Join(p.journalled(), p.checkBooking(b, slots)); err != nil {
		return nil, p.invalid(BookAppointment, err)
	}
	intent := p.bookingIntent(b, slots)
	if err := p.madeAfterAll(ctx, intent, b.Patient.Number); err != nil {
		return nil, err
	}
	body, err := p.bookingBody(b, slots, intent.Created)
	if err != nil {
		return nil, p.invalid(BookAppointment, err)
	}
	w := p.booking(intent, b.Patient.Number)
	w.body = body
	w.unread = func(r *Response) *Appointment { return p.unread(b, slots, intent, r) }
	made, err := w.run(ctx)
	if err != nil {
		return nil, p.notBooked(ctx, err, slots)
	}
	return &Booked{Appointment: made.thing, Recovered: made.recovered, Intent: made.intent, Journal: made.journal}, nil
}

func (p *Practice) bookingIntent(b Booking, slots []Slot) Intent {
	i := p.newIntent(BookAppointment)
	i.Patient, i.Start, i.Created, i.Replaces = b.Patient.ID, slots[0].Start, p.now(), b.Replaces
	for _, s := range slots {
		i.Slots = append(i.Slots, s.ID)
	}
	return i
}

// booking is the write of an intent, or, for Settle, what is left of it.
func (p *Practice) booking(i Intent, n fhir.NHSNumber) *writing[Appointment] {
	w := &writing[Appointment]{practice: p, intent: i, number: n, path: "/Appointment"}
	w.idOf = func(a *Appointment) string { return a.ID }
	w.owner = func(ctx context.Context, a *Appointment) string { return p.bookedFor(ctx, i, a) }
	w.look = func(ctx context.Context) (*Appointment, standing, error) { return p.lookForBooking(ctx, i, n) }
	w.accept = func(ctx context.Context, r *Response) (*Appointment, error) { return p.acceptBooking(ctx, i, r) }
	return w
}

var errOtherAppointment = errors.New("the appointment that came is not the one that was to be booked")

// acceptBooking reads the Appointment in the answer, or, where the practice
// keeps to return=minimal, the one that Location names.
func (p *Practice) acceptBooking(ctx context.Context, i Intent, r *Response) (*Appointment, error) {
	var a *Appointment
	if fhir.Sniff(r.Body) != fhir.EmptyBody {
		v, err := view[fhir.Appointment](p, r, BookAppointment)
		if err != nil {
			return nil, err
		}
		a = p.appointment(v, r)
	} else {
		id := located(r)
		if id == "" {
			return nil, errors.New("the answer is empty and does not say where the appointment is")
		}
		read, err := p.ReadAppointment(ctx, id)
		if err != nil {
			return nil, nil // booked, and not shown
		}
		a = read
	}
	if !i.describes(a) || a.Status != booked {
		return nil, errOtherAppointment
	}
	return a, nil
}

// located is the logical id in the Location of an answer, whose address is the
// practice's own and not to be called.
func located(r *Response) string {
	location, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	id := refID(fhir.Reference{Reference: location}, "Appointment")
	if checkID(id) != nil {
		return ""
	}
	return id
}

// unread is what was sent, for a practice that confirmed it without showing it.
func (p *Practice) unread(b Booking, slots []Slot, i Intent, r *Response) *Appointment {
	first, last, o := slots[0], slots[len(slots)-1], p.encounter.organisation
	a := &Appointment{
		ODS: p.ods, ID: located(r), Status: booked, Start: first.Start, End: last.End,
		Minutes: minutes(first.Start, last.End), Channel: first.Channel, Type: first.Type, Session: first.Session,
		Description: b.Description, Comment: b.Comment, Created: i.Created, Slots: i.Slots, Patient: i.Patient,
		Location: first.Location.ID, Practitioners: []string{}, TraceID: r.TraceID, Unread: true,
		BookedBy: Booker{ODS: o.ODS, Name: o.Name, Type: first.Filter.Type, Phone: o.Phone},
	}
	for _, who := range first.Practitioners {
		a.Practitioners = append(a.Practitioners, who.ID)
	}
	return a
}

// notBooked adds to an error what a booking knows: of a 409 that the slot is
// taken, of a doubt whether the slot is still free.
func (p *Practice) notBooked(ctx context.Context, err error, slots []Slot) error {
	var failed *Error
	var doubt *Doubt
	switch {
	case !errors.As(err, &failed):
	case failed.conflicts() && failed.Layer == LayerProvider && !errors.Is(err, ErrOutcomeUnknown):
		failed.classes = append(failed.classes, ErrSlotTaken)
	case errors.As(err, &doubt) && ctx.Err() == nil:
		doubt.Slot = p.slotState(ctx, slots)
	}
	return err
}

// slotState searches for exactly these slots again.
func (p *Practice) slotState(ctx context.Context, slots []Slot) SlotState {
	f := slots[0].Filter
	found, err := p.slots(ctx, window{slots[0].Start.String(), slots[len(slots)-1].End.String()}, f)
	if err != nil {
		return SlotNotLooked
	}
	free := map[string]bool{}
	for _, s := range found {
		free[s.ID] = s.Problem == ""
	}
	for _, s := range slots {
		if !free[s.ID] {
			return SlotGone
		}
	}
	return SlotFree
}
