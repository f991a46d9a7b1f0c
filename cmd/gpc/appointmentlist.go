package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/fhir"
)

type appointmentListOptions struct {
	whom
	from, to string
	output
}

func newAppointmentListCmd(a *app) *cobra.Command {
	var o appointmentListOptions
	cmd := &cobra.Command{
		Use:   "list [--ods <code>] --nhs <number|->",
		Short: "List a patient's appointments at a practice, cancelled ones too",
		Long: `Lists the appointments of today and later, whoever booked them; practices show
no past ones. Without --ods the practice is the one where the trace finds the
patient registered.`,
		Example: `  gpc appointment list --ods A12345 --nhs 9000000009
  gpc appointment list --nhs 9000000009 --to +30d -f json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.whom.addFlags(cmd)
	cmd.Flags().Var(&once{into: &o.from}, "from", "first `day`, 2026-12-01 or +1d from today (today)")
	cmd.Flags().Var(&once{into: &o.to}, "to", "last `day`; a year after the first where it is left out")
	o.output.addFlags(cmd, "text", "json", "ndjson", "csv")
	return cmd
}

func (o *appointmentListOptions) run(ctx context.Context, a *app) error {
	number, err := o.number(a)
	from, to, wrong := o.days(a.now())
	if err := errors.Join(err, wrong, o.output.check()); err != nil {
		return err
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	at, practice, err := o.at(ctx, a, c, number)
	if err != nil {
		return err
	}
	patient, err := practice.FindPatient(ctx, at.number)
	if err != nil {
		return err
	}
	found, err := practice.SearchAppointments(ctx, patient.Ref(), from, to)
	if err != nil {
		return err
	}
	a.words("%s from %s to %s; practices show none that is past", plural(len(found), "appointment"), from, to)
	return o.printAppointments(a, found)
}

// days are whole ones: practices take no times here.
func (o *appointmentListOptions) days(now time.Time) (from, to fhir.Date, err error) {
	first, err := parseMoment("from", orToday(o.from), now)
	last := moment{first.at.AddDate(1, 0, 0), true}
	if o.to != "" {
		var wrong error
		last, wrong = parseMoment("to", o.to, now)
		err = errors.Join(err, wrong)
	}
	from, to = fhir.Date(first.at.Format(time.DateOnly)), fhir.Date(last.at.Format(time.DateOnly))
	today := fhir.Date(now.In(fhir.London()).Format(time.DateOnly))
	switch {
	case err != nil:
	case !first.day || !last.day:
		err = &usageError{"--from and --to are days here, without a time", "write them as 2026-12-01"}
	case to < from:
		err = &usageError{"the last day lies before the first", "exchange --from and --to"}
	case from < today:
		err = &usageError{"--from is past", "practices show appointments of today and later alone"}
	}
	return from, to, err
}
