package client

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/gpconnect-go/gpc/fhir"
)

// Appointment is a booking as the practice has it. As JSON it holds everything
// in plain text; String, every fmt verb and slog show none of it.
type Appointment struct {
	ODS     string `json:"ods"` // the practice that was asked
	ID      string `json:"id"`
	Version string `json:"version,omitzero"` // what an amendment or cancellation will say it is based on
	Status  string `json:"status"`           // "booked", "cancelled"
	Start   UKTime `json:"start"`
	End     UKTime `json:"end"`
	Minutes int    `json:"minutes"`

	Channel            string   `json:"delivery_channel,omitzero"` // In-person, Telephone, Video, Visit
	Type               string   `json:"slot_type,omitzero"`
	Session            string   `json:"session_type,omitzero"`
	Role               string   `json:"practitioner_role,omitzero"`
	RoleCode           string   `json:"practitioner_role_code,omitzero"` // SDS job role, such as R0260
	Description        string   `json:"description,omitzero"`
	Comment            string   `json:"comment,omitzero"`
	CancellationReason string   `json:"cancellation_reason,omitzero"`
	Created            UKTime   `json:"created"`
	Slots              []string `json:"slots"`         // logical ids
	Patient            string   `json:"patient"`       // logical id
	Location           string   `json:"location"`      // logical id
	Practitioners      []string `json:"practitioners"` // logical ids
	BookedBy           Booker   `json:"booked_by"`

	// Unread says that the practice confirmed the booking without showing it,
	// and that it could not be read afterwards: what stands here is what was sent.
	Unread bool `json:"unread,omitzero"`

	TraceID string `json:"trace_id,omitzero"` // of the answer that it was in

	etag   string
	number fhir.NHSNumber // where it is known whose appointment it is
	view   *fhir.Appointment
}

// Booker is the organisation that booked, as the appointment has it. Whoever
// may book may change it, whichever organisation booked.
type Booker struct {
	ODS   string `json:"ods,omitzero"`
	Name  string `json:"name,omitzero"`
	Type  string `json:"type,omitzero"`
	Phone string `json:"phone,omitzero"`
}

// View is the whole resource as the practice sent it, its bytes in Raw; nil
// where Unread.
func (a *Appointment) View() *fhir.Appointment { return a.view }

// PatientRef is the patient whose appointment it is, at the practice where it is.
// The number is there where the appointment was found by it.
func (a *Appointment) PatientRef() PatientRef {
	return PatientRef{ODS: a.ODS, ID: a.Patient, Number: a.number}
}

// Format writes that this is an appointment and where, whatever the verb.
func (a Appointment) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.masked()) }

// LogValue is as Format.
func (a Appointment) LogValue() slog.Value { return slog.StringValue(a.masked()) }

func (a Appointment) masked() string { return "appointment at " + a.ODS }
