package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/show"
)

func tooLong(flag string, has, longest int) error {
	return &usageError{fmt.Sprintf("--%s has %d characters", flag, has), fmt.Sprintf("at most %d fit", longest)}
}

// changeOptions are those of amend and cancel.
type changeOptions struct {
	oneAppointment
	confirmation
	calendarFlags
	rehearsal
	output

	description, comment *string // amend
	reason               string  // cancel
	question             string
	send                 func(context.Context, *client.Practice, *client.Appointment) (*client.Changed, error)
}

func (o *changeOptions) addFlags(cmd *cobra.Command) {
	o.oneAppointment.addFlags(cmd)
	o.confirmation.addFlags(cmd)
	o.calendarFlags.addFlags(cmd)
	o.rehearsal.addWriteFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "fhir")
}

func newAppointmentAmendCmd(a *app) *cobra.Command {
	o := changeOptions{question: "amend it?"}
	var description, comment string
	cmd := &cobra.Command{
		Use:   "amend --ods <code> <id|-> [--description <text>] [--comment <text>]",
		Short: "Change the description or the comment of an appointment",
		Long: `Sends the appointment back as it was read, with another description or comment;
nothing else of an appointment can be amended. A --comment of "" takes the
comment away. Who has changed it in the meantime is not overwritten.`,
		Example: `  gpc appointment amend --ods A12345 1001 --comment "Will come by taxi"
  gpc appointment show --ods A12345 1001 -f json | gpc appointment amend - --comment "" --yes`,
		Args: oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("description") {
				o.description = &description
			}
			if cmd.Flags().Changed("comment") {
				o.comment = &comment
			}
			return o.run(cmd.Context(), a, args[0], o.checkAmendment())
		},
	}
	cmd.Flags().StringVar(&description, "description", "", "`text` of at most 100 characters")
	cmd.Flags().StringVar(&comment, "comment", "", "`text` of at most 500 characters; \"\" takes it away")
	o.send = func(ctx context.Context, p *client.Practice, v *client.Appointment) (*client.Changed, error) {
		return p.AmendAppointment(ctx, v, client.Amendment{Description: o.description, Comment: o.comment})
	}
	o.addFlags(cmd)
	return cmd
}

func (o *changeOptions) checkAmendment() error {
	if o.description == nil && o.comment == nil {
		return &usageError{"nothing to amend", "give --description or --comment"}
	}
	return checkTexts(orEmpty(o.description), orEmpty(o.comment))
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func newAppointmentCancelCmd(a *app) *cobra.Command {
	o := changeOptions{question: "cancel it?"}
	cmd := &cobra.Command{
		Use:   "cancel --ods <code> <id|-> --reason <text>",
		Short: "Cancel an appointment",
		Long: `Sends the appointment back as it was read, as cancelled for that reason. Who has
changed it in the meantime is not overwritten.`,
		Example: `  gpc appointment cancel --ods A12345 1001 --reason "Patient feels better"
  gpc appointment cancel - --reason "Booked by mistake" --yes < appointment.json`,
		Args: oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), a, args[0], checkReason(o.reason))
		},
	}
	cmd.Flags().StringVar(&o.reason, "reason", "", "`text` that the practice is told")
	o.send = func(ctx context.Context, p *client.Practice, v *client.Appointment) (*client.Changed, error) {
		return p.CancelAppointment(ctx, v, o.reason)
	}
	o.addFlags(cmd)
	return cmd
}

func checkReason(reason string) error {
	if shown(reason) == "" {
		return &usageError{"no reason", "give it with --reason; the practice is told"}
	}
	return nil
}

func (o *changeOptions) run(ctx context.Context, a *app, id string, wrong error) error {
	number, err := o.parse(a, id)
	if err := errors.Join(err, wrong, o.confirmation.check(a, o.taken(), o.asked()), o.calendarFlags.check(), o.output.check()); err != nil {
		return err
	}
	c, err := a.connectToWrite(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	practice, found, err := o.read(ctx, a, c, number)
	if err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := o.send(ctx, practice, found)
			return err
		})
	}
	a.bookedElsewhere(c, found)
	if err := o.ask(ctx, a, o.about(ctx, a, practice, found, number), o.question); err != nil {
		return err
	}
	end := a.patience(ctx)
	changed, err := o.send(ctx, practice, found)
	end()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		a.words("done all the same")
	}
	a.recovered(changed.Recovered, changed.Journal)
	v := (&appointmentView{Appointment: changed.Appointment}).written(changed.Recovered, changed.Intent)
	o.save(a, v)
	return o.printed(a, v)
}

// read gets the appointment that is to be changed.
func (o *oneAppointment) read(ctx context.Context, a *app, c *connection, n fhir.NHSNumber) (*client.Practice, *client.Appointment, error) {
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	n, practice, err := o.atKnown(ctx, a, c, n)
	if err != nil {
		return nil, nil, err
	}
	found, err := o.get(ctx, practice, n)
	return practice, found, err
}

// about says what is about to be changed; where somebody is asked, also whose it is.
func (o *changeOptions) about(ctx context.Context, a *app, p *client.Practice, v *client.Appointment, n fhir.NHSNumber) [][2]string {
	if !o.asks(a) {
		return nil
	}
	who := "not read"
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	if patient, err := p.ReadPatient(ctx, client.PatientRef{ODS: p.ODS(), ID: v.Patient, Number: n}); err == nil {
		who = nameOf(patient) + ", born " + show.Day(patient.BirthDate)
	}
	about := [][2]string{
		{"who", who},
		{"appointment", v.ID + " at " + v.ODS + " (" + v.Status + ")"}, {"when", when(v.Start, v.End)}, {"how", v.Channel},
		{"description", v.Description}, {"comment", v.Comment}, {"booked by", bookedBy(v.BookedBy)},
	}
	if o.description != nil {
		about = append(about, [2]string{"new description", first(*o.description, "(taken away)")})
	}
	if o.comment != nil {
		about = append(about, [2]string{"new comment", first(*o.comment, "(taken away)")})
	}
	if o.reason != "" {
		about = append(about, [2]string{"reason", o.reason})
	}
	return about
}
