package client

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// lookForBooking reads the patient's appointments of the day and looks for the
// one that the intent describes.
func (p *Practice) lookForBooking(ctx context.Context, i Intent, n fhir.NHSNumber) (*Appointment, standing, error) {
	day := today(i.Start)
	if day < today(p.now()) {
		return nil, absent, errors.New("the day of the appointment is past, and practices show no past appointments")
	}
	others, err := p.otherBookings(ctx, i)
	if err != nil {
		return nil, absent, err
	}
	all, err := p.retrieve(ctx, PatientRef{ODS: p.ods, ID: i.Patient, Number: n}, day, day)
	if err != nil {
		return nil, absent, err
	}
	var found *Appointment
	for _, a := range all {
		if others[a.ID] || !i.describes(a) {
			continue
		}
		if a.Created.Equal(i.Created.Time) {
			return a, present, nil // whatever has become of it since
		}
		// Some practices write a time of their own into created. What holds these very
		// slots for this patient, as booked by us, is what was wanted.
		if a.Status == booked && a.BookedBy.ODS != "" {
			found = a
		}
	}
	if found == nil {
		return nil, absent, nil
	}
	return found, present, nil
}

// otherBookings are the appointments that the journal knows to be other
// intents'.
func (p *Practice) otherBookings(ctx context.Context, i Intent) (map[string]bool, error) {
	all, err := p.encounter.client.config.Journal.Intents(ctx)
	if err != nil {
		return nil, &journalError{err}
	}
	others := map[string]bool{}
	for _, s := range all {
		if s.Intent.ODS == i.ODS && s.Intent.ID != i.ID && s.Outcome.State == Done && s.Outcome.Appointment != "" {
			others[s.Outcome.Appointment] = true
		}
	}
	return others, nil
}

// bookedFor is the id of the intent that the appointment was made for: another
// than i where an earlier booking of the same slots, given up as not made, was carried out
// after all. Its time of creation tells.
func (p *Practice) bookedFor(ctx context.Context, i Intent, a *Appointment) string {
	all, err := p.encounter.client.config.Journal.Intents(ctx)
	if err != nil || a.Created.Equal(i.Created.Time) {
		return i.ID
	}
	for _, s := range all {
		if s.Intent.ODS == i.ODS && s.Intent.Interaction == BookAppointment && s.Intent.describes(a) && s.Intent.Created.Equal(a.Created.Time) {
			return s.Intent.ID
		}
	}
	return i.ID
}

// describes reports whether the appointment is for the intent's patient, in its
// slots, at its time, booked by its organisation.
func (i Intent) describes(a *Appointment) bool {
	return (a.Patient == "" || a.Patient == i.Patient) && sameSet(a.Slots, i.Slots) &&
		a.Start.Equal(i.Start.Time) && (a.BookedBy.ODS == "" || strings.EqualFold(a.BookedBy.ODS, i.Organisation))
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
