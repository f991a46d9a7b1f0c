package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

type appointmentShowOptions struct {
	oneAppointment
	calendarFlags
	output
}

func newAppointmentShowCmd(a *app) *cobra.Command {
	o := appointmentShowOptions{oneAppointment: oneAppointment{looks: true}}
	cmd := &cobra.Command{
		Use:   "show --ods <code> <id|->",
		Short: "Show an appointment: when, where, with whom, who booked it",
		Example: `  gpc appointment show --ods A12345 1001
  gpc appointment show --ods A12345 1001 --ics appointment.ics`,
		Args: oneID,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args[0]) },
	}
	o.oneAppointment.addFlags(cmd)
	o.calendarFlags.addFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "fhir")
	return cmd
}

func (o *appointmentShowOptions) run(ctx context.Context, a *app, id string) error {
	number, err := o.parse(a, id)
	if err := errors.Join(err, o.calendarFlags.check(), o.output.check()); err != nil {
		return err
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	number, practice, err := o.atKnown(ctx, a, c, number)
	if err != nil {
		return err
	}
	found, err := o.get(ctx, practice, number)
	if err != nil {
		return err
	}
	v := a.named(ctx, practice, found)
	if err := o.printAppointment(a, v); err != nil {
		return err
	}
	o.save(a, v)
	return nil
}
