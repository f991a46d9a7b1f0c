package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/show"
)

type appointmentBookOptions struct {
	whom
	slotPick
	description, comment string
	registers            bool
	personFlags
	expectation
	confirmation
	calendarFlags
	rehearsal
	output
}

func newAppointmentBookCmd(a *app) *cobra.Command {
	var o appointmentBookOptions
	cmd := &cobra.Command{
		Use:   "book --ods <code> --nhs <number|-> --slot <id>[,<id>…] | --slots <file|->",
		Short: "Book a slot for a patient",
		Long: `Traces the patient, finds them at the practice, searches for the slot again or
takes it from what gpc slots printed, and books it: once. Whoever is not
registered there is registered for a time only with --register. Description and
comment must say nothing clinical.`,
		Example: `  gpc appointment book --ods A12345 --nhs 9000000009 --slot 100012
  gpc appointment book --ods A12345 --nhs 9000000009 --slot 100012,100013 --expect-born 1958-04-17
  gpc slots --ods A12345 -f ndjson | head -n 1 | gpc appointment book --slots - --nhs 9000000009 --yes -f json
  gpc appointment book --ods B82617 --nhs 9000000009 --slot 200012 --register --ics appointment.ics`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.whom.addFlags(cmd)
	o.slotPick.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.description, "description", "", "`text` of at most 100 characters (\"GP Connect appointment\")")
	flags.StringVar(&o.comment, "comment", "", "`text` of at most 500 characters")
	flags.BoolVar(&o.registers, "register", false, "register the patient for a time where the practice does not know them")
	o.personFlags.addFlags(cmd)
	o.expectation.addFlags(cmd)
	o.confirmation.addFlags(cmd)
	o.calendarFlags.addFlags(cmd)
	o.rehearsal.addWriteFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "fhir")
	return cmd
}

func (o *appointmentBookOptions) run(ctx context.Context, a *app) error {
	number, err := o.parse(a)
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
	p, err := o.plan(ctx, a, c, number)
	if err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error { return p.rehearse(ctx, a) })
	}
	if err := o.ask(ctx, a, p.about(), "book it?"); err != nil {
		return err
	}
	if err := p.enrol(ctx, a); err != nil {
		return err
	}
	booked, err := a.book(ctx, p)
	if err != nil {
		return err
	}
	return o.confirm(a, p, booked)
}

// parse checks every flag, and reads what comes from files, before anything is sent.
func (o *appointmentBookOptions) parse(a *app) (fhir.NHSNumber, error) {
	taken, err := readsStdin(o.whom.fromStdin(), o.slotPick.fromStdin(), o.personFlags.fromStdin())
	if err != nil {
		return fhir.NHSNumber{}, err
	}
	wrong := []error{o.checkODS(), o.slotPick.parse(a, &o.ods), o.personFlags.read(a)}
	if o.personFlags.file != "" && !o.registers {
		wrong = append(wrong, &usageError{"--person without --register", "it says who is to be registered"})
	}
	number, err := o.number(a)
	wrong = append(wrong, err, checkTexts(o.description, o.comment))
	wrong = append(wrong, o.confirmation.check(a, taken, o.asked()), o.expectation.check(), o.calendarFlags.check(), o.output.check())
	return number, errors.Join(wrong...)
}

// bookingPlan is a booking that is ready to be made, up to a registration.
type bookingPlan struct {
	practice *client.Practice
	patient  *client.Patient // nil: to be registered
	register client.Registration
	booking  client.Booking
	booked   *client.Booked // of a move: what was booked before, with only the cancellation left
	enrolled bool
}

// plan does all that can be done without writing: the patient is who was expected, the
// slots are there, and the booking is one that can be sent.
func (o *appointmentBookOptions) plan(ctx context.Context, a *app, c *connection, n fhir.NHSNumber) (*bookingPlan, error) {
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	at, practice, err := o.at(ctx, a, c, n)
	if err != nil {
		return nil, err
	}
	p := &bookingPlan{practice: practice, booking: client.Booking{Description: o.description, Comment: o.comment}}
	var person fhir.Person
	switch p.patient, err = practice.FindPatient(ctx, at.number); {
	case err == nil:
		p.booking.Patient, person = p.patient.Ref(), p.patient.View().Person(nil)
	case !o.registers || !nobodyFound(err):
		return nil, err
	default:
		p.patient = nil
		if p.register, err = o.registration(at); err != nil {
			return nil, err
		}
		person = personOf(p.register)
	}
	if err := o.holdPatient(a, person, "nothing was booked"); err != nil {
		return nil, err
	}
	if p.booking.Slots, err = o.find(ctx, practice); err != nil {
		return nil, err
	}
	return p, p.check()
}

// check looks for what is wrong with the booking. Of a patient who is still to be
// registered the id is not known; any will do for that.
func (p *bookingPlan) check() error {
	b := p.booking
	if p.patient == nil {
		b.Patient = client.PatientRef{ODS: p.practice.ODS(), ID: "to-be-registered", Number: p.register.NHSNumber}
	}
	return p.practice.CheckBooking(b)
}

// about says what is about to be booked.
func (p *bookingPlan) about() [][2]string {
	slots := p.booking.Slots
	who, so := p.patient, ""
	if who == nil {
		who = &client.Patient{Family: p.register.Family, Given: p.register.Given, Prefix: p.register.Prefix, BirthDate: p.register.BirthDate}
		so = " (not known there: to be registered for a time)"
	}
	first, last := &slots[0], &slots[len(slots)-1]
	for i := range slots {
		if slots[i].Start.Before(first.Start.Time) {
			first = &slots[i]
		}
		if slots[i].End.After(last.End.Time) {
			last = &slots[i]
		}
	}
	about := [][2]string{
		{"who", nameOf(who) + ", born " + show.Day(who.BirthDate) + so}, {"when", when(first.Start, last.End)},
		{"where", placeOf(first)}, {"with", peopleOf(first.Practitioners)}, {"how", first.Channel},
		{"type", joinWords(" / ", first.Type, first.Session)},
	}
	for _, text := range [][2]string{{"description", p.booking.Description}, {"comment", p.booking.Comment}} {
		if text[1] != "" {
			about = append(about, text)
		}
	}
	return about
}

// enrol registers the patient who is not known there.
func (p *bookingPlan) enrol(ctx context.Context, a *app) error {
	if p.patient != nil {
		return nil
	}
	done, err := a.register(ctx, p.practice, p.register)
	if err != nil {
		return err
	}
	a.words("the patient is registered at %s for a time", p.practice.ODS())
	p.patient, p.enrolled = done.Patient, !done.Already
	if p.patient.ID == "" { // confirmed without being shown
		if p.patient, err = p.practice.FindPatient(ctx, p.register.NHSNumber); err != nil {
			return err
		}
	}
	p.booking.Patient = p.patient.Ref()
	return nil
}

// rehearse does what would be written first: a registration where there has to be one.
func (p *bookingPlan) rehearse(ctx context.Context, a *app) error {
	if err := p.enrol(ctx, a); err != nil {
		return err
	}
	_, err := p.practice.Book(ctx, p.booking)
	return err
}

// book books, and says of an interruption what it did.
func (a *app) book(ctx context.Context, p *bookingPlan) (*client.Booked, error) {
	defer a.patience(ctx)()
	booked, err := p.practice.Book(ctx, p.booking)
	switch {
	case ctx.Err() == nil:
	case err == nil:
		a.words("booked all the same")
	case !isUnknown(err):
		a.words("nothing was booked")
	}
	return booked, err
}

// confirm prints what was booked. What goes wrong from here on takes nothing of it back.
func (o *appointmentBookOptions) confirm(a *app, p *bookingPlan, booked *client.Booked) error {
	a.recovered(booked.Recovered, booked.Journal)
	v := viewOf(booked.Appointment, p.booking.Slots).written(booked.Recovered, booked.Intent)
	v.Registered = &p.enrolled
	o.save(a, v)
	return o.printed(a, v)
}

// checkTexts refuses what the specification has no room for (Book an appointment).
func checkTexts(description, comment string) error {
	var wrong []error
	for _, text := range []struct {
		flag, text string
		longest    int
	}{{"description", description, 100}, {"comment", comment, 500}} {
		if n := len([]rune(text.text)); n > text.longest {
			wrong = append(wrong, tooLong(text.flag, n, text.longest))
		}
	}
	return errors.Join(wrong...)
}
