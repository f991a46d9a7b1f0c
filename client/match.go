package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

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
	resembling := false
	for _, a := range all {
		switch {
		case others[a.ID]:
		case !i.describes(a):
			resembling = resembling || i.resembles(a)
		case a.Created.Equal(i.Created.Time):
			return a, present, nil // whatever has become of it since
		case a.Status == booked && a.BookedBy.ODS != "":
			// Some practices write a time of their own into created. What holds these very
			// slots for this patient, as booked by us, is what was wanted.
			found = a
		}
	}
	switch {
	case found != nil:
		return found, present, nil
	case resembling:
		return nil, absent, errResembling
	}
	return nil, absent, nil
}

var errResembling = errors.New("the patient has an appointment there that may be it, and the practice does not say enough of it; somebody must look")

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

// veryLate is how long after a booking was given up as not made it is still looked for
// before the patient is booked again.
const veryLate = 24 * time.Hour

// madeAfterAll refuses a booking for a patient for whom an earlier one, of another slot, was
// carried out after the look that decided that it was not: a practice, or a clock, may be
// slower than [Settling] allows for. What is there is told to the journal. Of the same slot
// the practice itself refuses a second booking, and then that is looked into.
func (p *Practice) madeAfterAll(ctx context.Context, next Intent, n fhir.NHSNumber) error {
	if rehearsalFrom(ctx) != nil {
		return nil
	}
	all, err := p.recent(ctx)
	if err != nil {
		return p.invalid(BookAppointment, &journalError{err})
	}
	for _, s := range all {
		if !s.givenUp(next, p.encounter.client.config.Now()) {
			continue
		}
		w := p.booking(s.Intent, n)
		found, is, err := w.look(ctx)
		switch {
		case err != nil:
			return err
		case is != present || found.Status != booked || p.bookedFor(ctx, s.Intent, found) != s.Intent.ID:
			continue
		}
		_ = w.found(ctx, found) // what is not kept is found again
		return &Error{
			Op: opOf(BookAppointment), Layer: LayerSelf, ODS: p.ods, Interaction: BookAppointment,
			Err: &UnsettledError{Intent: s.Intent, Appointment: found.ID}, classes: []error{ErrUnsettled, ErrRefused},
		}
	}
	return nil
}

// recent are the intents of the last day, and perhaps older ones.
func (p *Practice) recent(ctx context.Context) ([]Settled, error) {
	config := p.encounter.client.config
	if j, ok := config.Journal.(interface {
		Since(context.Context, time.Time) ([]Settled, error)
	}); ok {
		return j.Since(ctx, config.Now().Add(-veryLate))
	}
	return config.Journal.Intents(ctx)
}

// givenUp reports whether it is a booking for the same patient that was looked for in vain
// not long ago.
func (s Settled) givenUp(next Intent, now time.Time) bool {
	i, o := s.Intent, s.Outcome
	return o.State == NotDone && o.By == ByReading && i.Interaction == BookAppointment && i.ODS == next.ODS && i.Patient == next.Patient &&
		now.Sub(i.At) < veryLate && i.Start.After(now) && !sameSet(i.Slots, next.Slots)
}

// describes reports whether the appointment is for the intent's patient, in its
// slots, at its time, booked by its organisation.
func (i Intent) describes(a *Appointment) bool {
	return (a.Patient == "" || a.Patient == i.Patient) && sameSet(a.Slots, i.Slots) &&
		a.Start.Equal(i.Start.Time) && (a.BookedBy.ODS == "" || strings.EqualFold(a.BookedBy.ODS, i.Organisation))
}

// resembles reports whether an appointment that the intent does not describe may be its
// own all the same, as a practice shows it that leaves something out or puts something right.
// While there is one, that nothing was booked cannot be said.
func (i Intent) resembles(a *Appointment) bool {
	if a.Patient != "" && a.Patient != i.Patient || a.BookedBy.ODS != "" && !strings.EqualFold(a.BookedBy.ODS, i.Organisation) {
		return false
	}
	created := a.Created.Equal(i.Created.Time)
	if len(a.Slots) == 0 {
		return created || a.Start.Equal(i.Start.Time)
	}
	return created && slices.ContainsFunc(a.Slots, func(id string) bool { return slices.Contains(i.Slots, id) })
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// digest stands for the texts of an amendment where they must not be kept.
func digest(salt, description, comment string) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + description + "\x00" + comment))
	return hex.EncodeToString(sum[:])
}

// amended reports whether the appointment says the texts of the amendment. Some
// practices keep description and comment together, with marks of their own between:
// where the version is another, the letters of both, in either order, are enough.
func (i Intent) amended(a *Appointment) bool {
	if i.Digest == digest(i.ID, a.Description, a.Comment) {
		return true
	}
	together := []string{letters(a.Description + a.Comment), letters(a.Comment + a.Description)}
	return a.Version != i.Version && slices.ContainsFunc(together, func(s string) bool { return i.Joined == digest(i.ID, s, "") })
}

// letters is the text without all that is neither letter nor digit.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}
