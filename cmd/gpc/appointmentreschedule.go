package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

type appointmentRescheduleOptions struct {
	oneAppointment
	slotPick
	description, comment *string
	reason               string
	expectation
	confirmation
	calendarFlags
	output
}

func newAppointmentRescheduleCmd(a *app) *cobra.Command {
	var o appointmentRescheduleOptions
	var description, comment string
	cmd := &cobra.Command{
		Use:   "reschedule --ods <code> <id|-> --slot <id>[,<id>…] | --slots <file|->",
		Short: "Move an appointment: book the new slot, then cancel the old one",
		Long: `There is no moving in GP Connect: the new slot is booked first, with the old
texts, and then the old appointment is cancelled, so that the patient is never
left without one. Where the second step fails, both appointments stand, and that
is said; stdout has the new one all the same. The same command again then takes
the second step alone: the journal of writes knows what was booked in whose
place.`,
		Example: `  gpc appointment reschedule --ods A12345 1001 --slot 100044
  gpc appointment reschedule --ods A12345 1001 --slot 100044 --reason "Patient asked for a later time"`,
		Args: oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("description") {
				o.description = &description
			}
			if cmd.Flags().Changed("comment") {
				o.comment = &comment
			}
			return o.run(cmd.Context(), a, args[0])
		},
	}
	o.oneAppointment.addFlags(cmd)
	o.slotPick.addFlags(cmd)
	cmd.Flags().StringVar(&description, "description", "", "another `text` of at most 100 characters")
	cmd.Flags().StringVar(&comment, "comment", "", "another `text` of at most 500 characters")
	cmd.Flags().StringVar(&o.reason, "reason", "Rescheduled", "`text` that the practice is told of the old appointment")
	o.expectation.addFlags(cmd)
	o.confirmation.addFlags(cmd)
	o.calendarFlags.addFlags(cmd)
	o.output.addFlags(cmd, "text", "json")
	return cmd
}

func (o *appointmentRescheduleOptions) run(ctx context.Context, a *app, id string) error {
	number, err := o.parse(a, id)
	if err != nil {
		return err
	}
	c, err := a.connectToWrite(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	if o.allow {
		o.allowMismatch()
	}
	p, old, err := o.plan(ctx, a, c, number)
	if err != nil {
		return err
	}
	a.bookedElsewhere(c, old)
	instead := [2]string{"instead of", old.ID + ", " + when(old.Start, old.End)}
	if p.booked != nil {
		return o.finish(ctx, a, p, old, instead)
	}
	if err := o.ask(ctx, a, append(p.about(), instead), "book this, then cancel the old one?"); err != nil {
		return err
	}
	booked, err := a.book(ctx, p)
	if err != nil {
		a.words("the old appointment %s stands as it was", old.ID)
		return err
	}
	a.recovered(booked.Recovered, booked.Journal)
	return o.withdraw(ctx, a, p, old, booked)
}

// parse checks the flags, and reads what comes from files, before anything is sent.
func (o *appointmentRescheduleOptions) parse(a *app, id string) (fhir.NHSNumber, error) {
	taken, err := readsStdin(id == "-", o.whom.fromStdin(), o.slotPick.fromStdin())
	if err != nil {
		return fhir.NHSNumber{}, err
	}
	number, err := o.oneAppointment.parse(a, id)
	return number, errors.Join(err, o.slotPick.parse(a, &o.ods), checkReason(o.reason), checkTexts(orEmpty(o.description), orEmpty(o.comment)),
		o.confirmation.check(a, taken, false), o.expectation.check(), o.calendarFlags.check(), o.output.check())
}

// plan reads the old appointment and whose it is, and prepares the new one. The patient is
// traced before anything is booked, also where the user named none: the practice knows the
// number.
func (o *appointmentRescheduleOptions) plan(ctx context.Context, a *app, c *connection, n fhir.NHSNumber) (*bookingPlan, *client.Appointment, error) {
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	n, practice, err := o.atKnown(ctx, a, c, n)
	if err != nil {
		return nil, nil, err
	}
	old, err := o.get(ctx, practice, n)
	if err != nil {
		return nil, nil, err
	}
	if err := movable(old, client.InUK(a.now())); err != nil {
		return nil, nil, err
	}
	p := &bookingPlan{practice: practice}
	if n.IsZero() {
		p.patient, err = practice.ReadPatient(ctx, old.PatientRef())
		if err == nil {
			p.practice, err = o.traced(ctx, a, c, p.patient)
		}
		if err != nil {
			return nil, nil, err
		}
		n = p.patient.Ref().Number
	}
	if p.patient, err = p.practice.FindPatient(ctx, n); err != nil {
		return nil, nil, err
	}
	if p.patient.ID != old.Patient {
		return nil, nil, &otherPatientError{}
	}
	if err := o.holdPatient(a, p.patient.View().Person(nil), "nothing was booked"); err != nil {
		return nil, nil, err
	}
	if p.booked, err = o.movedBefore(ctx, c, p.practice, old); err != nil || p.booked != nil {
		return p, old, err
	}
	p.booking = client.Booking{Patient: p.patient.Ref(), Description: orElse(o.description, old.Description), Comment: orElse(o.comment, old.Comment), Replaces: old.ID}
	if p.booking.Slots, err = o.find(ctx, p.practice); err != nil {
		return nil, nil, err
	}
	return p, old, p.check()
}

func orElse(given *string, otherwise string) string {
	if given != nil {
		return *given
	}
	return otherwise
}

// traced begins an encounter behind the gate for a patient whom only the practice has named.
func (o *appointmentRescheduleOptions) traced(ctx context.Context, a *app, c *connection, p *client.Patient) (*client.Practice, error) {
	number, err := fhir.ParseNHSNumber(p.NHSNumber)
	if err != nil {
		return nil, &goneError{"the practice does not say which NHS number the patient has", "say it with --nhs"}
	}
	_, practice, err := o.at(ctx, a, c, number)
	return practice, err
}

// movable refuses what could not be cancelled once the new one is booked.
func movable(old *client.Appointment, now client.UKTime) error {
	switch {
	case old.Status != "booked":
		return &goneError{"the appointment is " + shown(old.Status) + ", and only a booked one can be moved", "`gpc appointment book` makes a new one"}
	case !old.Start.After(now.Time):
		return &goneError{"the appointment is past", "`gpc appointment book` makes a new one"}
	case old.Channel == "Visit":
		return &goneError{"a home visit cannot be moved this way", "ring the practice"}
	}
	return nil
}

// withdraw cancels the old appointment, and prints where things stand, whatever comes of it.
func (o *appointmentRescheduleOptions) withdraw(ctx context.Context, a *app, p *bookingPlan, old *client.Appointment, booked *client.Booked) error {
	v := viewOf(booked.Appointment, p.booking.Slots)
	if p.booked != nil {
		v = a.named(ctx, p.practice, booked.Appointment)
	}
	v.written(booked.Recovered, booked.Intent).Replaced = old
	// Who interrupts between the two steps is left with one appointment all the same.
	changed, failed := p.practice.CancelAppointment(context.WithoutCancel(ctx), old, o.reason)
	if failed == nil {
		a.recovered(changed.Recovered, changed.Journal)
		v.Replaced = changed.Appointment
	}
	o.save(a, v)
	err := o.printed(a, v)
	switch {
	case failed == nil:
		return err
	case errors.Is(failed, client.ErrOutcomeUnknown):
		a.words("the new appointment %s is booked; whether the old one, %s, is cancelled is not known", v.ID, old.ID)
	default:
		a.words("the new appointment %s is booked, and the old one, %s, stands as well", v.ID, old.ID)
		a.words("to do: `gpc appointment cancel --ods %s %s --reason …`", old.ODS, old.ID)
	}
	return errors.Join(failed, err)
}
