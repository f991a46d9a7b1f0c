package client

import (
	"context"
	"fmt"
	"io"
	"log/slog"
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
	return nil, errNotYet
}

// CancelAppointment sends the appointment back as it was read, as cancelled
// for that reason, on condition that nobody has changed it since. Errors as
// of AmendAppointment.
func (p *Practice) CancelAppointment(ctx context.Context, a *Appointment, reason string) (*Changed, error) {
	return nil, errNotYet
}
