package client

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// CheckBooking says everything that can be seen to be wrong with the booking
// before anything is sent.
func (p *Practice) CheckBooking(b Booking) error {
	if err := p.checkBooking(b, b.inOrder()); err != nil {
		return p.invalid(BookAppointment, err)
	}
	return nil
}

// inOrder are the slots by their start.
func (b Booking) inOrder() []Slot {
	return slices.SortedStableFunc(slices.Values(b.Slots), func(x, y Slot) int { return x.Start.Compare(y.Start.Time) })
}

// checkBooking holds a booking against the rules of "Book an appointment".
func (p *Practice) checkBooking(b Booking, slots []Slot) error {
	o := p.encounter.organisation
	wrong := []error{p.own(b.Patient), clocks(), checkText("the description", b.Description, longestDescription), checkText("the comment", b.Comment, longestComment)}
	if strings.TrimSpace(o.Phone) == "" {
		wrong = append(wrong, errors.New("a booking names the asking organisation's telephone number, and none is configured"))
	}
	if len(slots) == 0 {
		wrong = append(wrong, errors.New("there is no slot to book"))
	}
	for i := range slots {
		wrong = append(wrong, p.checkSlot(&slots[i]))
		if i > 0 {
			wrong = append(wrong, checkNeighbours(&slots[i-1], &slots[i]))
		}
	}
	if len(slots) > 0 && !slots[0].Start.After(p.encounter.client.config.Now()) {
		wrong = append(wrong, errors.New("the slot lies in the past"))
	}
	return errors.Join(wrong...)
}

// checkSlot refuses a slot that this practice did not give, or not to this organisation.
func (p *Practice) checkSlot(s *Slot) error {
	o := p.encounter.organisation
	switch {
	case s.ODS != p.ods:
		return errors.New("the slot is of another practice")
	case s.Problem != "":
		return fmt.Errorf("the slot cannot be booked: %s", s.Problem)
	case checkID(s.ID) != nil || checkID(s.Schedule) != nil || checkID(s.Location.ID) != nil:
		return errors.New("the slot does not know its id, its session or its location; search for it again")
	case s.Start.IsZero() || !s.End.After(s.Start.Time):
		return errors.New("the slot has no start, or does not end after it")
	case s.Filter.ODS != "" && s.Filter.ODS != o.ODS:
		return errors.New("the slot was searched for by another organisation")
	case s.Filter.Type != "" && s.Filter.Type != o.Type:
		return errors.New("the slot was searched for by an organisation of another type")
	case s.Channel == visit:
		return errors.New("a home visit cannot be booked this way")
	}
	return nil
}

// checkNeighbours: several slots are booked as one only if they adjoin each
// other and are alike.
func checkNeighbours(a, b *Slot) error {
	switch {
	case a.ID == b.ID:
		return errors.New("the same slot is there twice")
	case !a.End.Equal(b.Start.Time):
		return errors.New("the slots do not adjoin each other")
	case a.Schedule != b.Schedule || a.Location.ID != b.Location.ID:
		return errors.New("the slots are of different sessions")
	case a.Channel != b.Channel:
		return errors.New("the slots differ in their delivery channel")
	case a.Type != b.Type:
		return errors.New("the slots differ in their type")
	case a.Filter != b.Filter:
		return errors.New("the slots were searched for with different filters")
	}
	return nil
}

const (
	longestDescription = 100
	longestComment     = 500
)

func checkText(what, text string, longest int) error {
	switch {
	case !utf8.ValidString(text):
		return fmt.Errorf("%s is not UTF-8", what)
	case utf8.RuneCountInString(text) > longest:
		return fmt.Errorf("%s is longer than %d characters", what, longest)
	}
	return nil
}

// now is the time of the installation's clock, to the second, as bookings carry it.
func (p *Practice) now() UKTime {
	return InUK(p.encounter.client.config.Now().Truncate(time.Second))
}
