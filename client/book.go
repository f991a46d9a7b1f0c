package client

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// Booking is an appointment to be made.
type Booking struct {
	Patient     PatientRef
	Slots       []Slot // one, or several of one session that adjoin each other
	Description string // at most 100 characters, nothing clinical; "" is "GP Connect appointment"
	Comment     string // at most 500 characters, nothing clinical; may be ""
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
	Intent      string // id in the journal

	// Journal is why the journal could not be told of the outcome. The
	// appointment is made all the same; the journal counts it as unsettled
	// until [Encounter.Settle] looks.
	Journal error
}

// Check says everything that can be seen to be wrong with the booking before
// anything is sent.
func (p *Practice) CheckBooking(b Booking) error { return errNotYet }

// Book makes the appointment: it is put into the journal, and then sent, once.
// A definite answer is final. Where the answer is lost, the patient's
// appointments are read back, at once and after the pauses of
// [Settling]; found there, it is Recovered. Nothing is ever sent twice.
//
// Errors, beside those of every operation: [ErrSlotTaken] when the slot is no
// longer free, [ErrUnsettled] when the outcome of an earlier booking for this
// patient at this practice is not known, [ErrOutcomeUnknown], with
// a [*Doubt], when that of this one is not.
//
// When ctx ends after the request may have left, Book still waits for the
// answer, and looks, for at most [Settling].Grace.
func (p *Practice) Book(ctx context.Context, b Booking) (*Booked, error) {
	return nil, errNotYet
}
