package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/show"
)

// movedBefore finds what an earlier move of the appointment has booked in its place, without
// coming to cancel it: its process was killed, or the cancellation failed. To book once more
// would leave the patient with two new appointments.
func (o *appointmentRescheduleOptions) movedBefore(ctx context.Context, c *connection, p *client.Practice, old *client.Appointment) (*client.Booked, error) {
	kept, err := c.intents.Intents(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range kept {
		if s.Intent.ODS != p.ODS() || s.Intent.Replaces != old.ID || s.Outcome.State != client.Done || s.Outcome.Appointment == "" {
			continue
		}
		found, err := p.ReadAppointment(ctx, s.Outcome.Appointment)
		switch {
		case errors.Is(err, client.ErrNotFound), err == nil && found.Status != old.Status:
			continue // it has been cancelled since
		case err != nil:
			return nil, err
		case !o.slotPick.wants(found.Slots):
			return nil, &goneError{
				fmt.Sprintf("it is being moved already: appointment %s is booked in its place, and this one is not cancelled yet", shown(found.ID)),
				fmt.Sprintf("`gpc appointment cancel --ods %s %s --reason …` ends that move; then move %s", old.ODS, shown(old.ID), shown(found.ID)),
			}
		}
		return &client.Booked{Appointment: found, Intent: s.Intent.ID}, nil
	}
	return nil, nil
}

// wants says whether these are the slots that the flags name.
func (s *slotPick) wants(slots []string) bool {
	ids := slices.Clone(s.ids)
	if len(ids) == 0 {
		for _, one := range s.read {
			ids = append(ids, one.ID)
		}
	}
	return slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(slots)))
}

// finish takes the second step of a move alone.
func (o *appointmentRescheduleOptions) finish(ctx context.Context, a *app, p *bookingPlan, old *client.Appointment, instead [2]string) error {
	made := p.booked.Appointment
	a.words("appointment %s has been booked in its place before; only cancelling %s is left", shown(made.ID), shown(old.ID))
	about := [][2]string{{"who", nameOf(p.patient) + ", born " + show.Day(p.patient.BirthDate)}, {"when", when(made.Start, made.End)}, instead}
	if err := o.ask(ctx, a, about, "cancel the old one?"); err != nil {
		return err
	}
	return o.withdraw(ctx, a, p, old, p.booked)
}
