package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

type recordOptions struct {
	whom
	downgrade bool
	queryFlags
	expectation
	rehearsal
	output
}

func newRecordCmd(a *app) *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record [--ods <code>] --nhs <number|->",
		Short: "Get a patient's structured record from their practice",
		Long: `Traces the patient where the profile has PDS, looks the practice up, calls it
through the proxy and prints the record: who the patient is, where it comes
from, what is missing from it, then its ten areas. Without --ods the practice is
the one where the trace finds the patient registered.`,
		Example: `  gpc record --nhs 9000000009
  gpc record --ods A12345 --nhs 9000000009
  gpc record --ods A12345 --nhs - --include allergies,medications < number
  gpc record --ods A12345 --nhs 9000000009 -f fhir -o record.json
  gpc record --ods A12345 --nhs 9000000009 --preset summary -f html -o summary.html`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.whom.addFlags(cmd)
	cmd.Flags().BoolVar(&o.downgrade, "downgrade", false, "ask an old system that refuses the question for medication and allergies alone")
	o.queryFlags.addFlags(cmd)
	o.expectation.addFlags(cmd)
	o.rehearsal.addFlags(cmd)
	o.output.addFlags(cmd, recordFormats...)
	return cmd
}

func (o *recordOptions) run(ctx context.Context, a *app) error {
	number, query, err := o.parse(a)
	if err != nil {
		return err
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	if o.allow {
		o.allowMismatch()
	}
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	// A dry run to a practice that is named needs no trace; what --curl prints is to be sent.
	o.rehearsed = o.dryRun && o.ods != ""
	at, err := a.locate(ctx, c, &o.gateFlags, number, o.ods, client.GetStructuredRecord)
	if err != nil {
		return err
	}
	number = at.number
	practice, err := at.encounter.Practice(at.ods)
	if err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := practice.StructuredRecord(ctx, number, query)
			return err
		})
	}
	rec, err := o.get(ctx, a, practice, number, query)
	if err != nil {
		return err
	}
	if err := o.hold(a, rec); err != nil {
		return err
	}
	data, err := o.render(a, rec)
	if err != nil {
		return err
	}
	return o.write(a, data)
}

// get asks for the record; where --downgrade allows it, a system that refuses
// parameters it does not know is asked once more for what every version has.
func (o *recordOptions) get(ctx context.Context, a *app, p *client.Practice, n fhir.NHSNumber, q record.Query) (*record.Record, error) {
	rec, err := p.StructuredRecord(ctx, n, q)
	less, ok := q.Downgraded()
	if !o.downgrade || !ok || (!errors.Is(err, client.InvalidResource) && !errors.Is(err, client.InvalidParameter)) {
		return rec, err
	}
	a.words("the practice's system refused the question; asked again for medication and allergies alone")
	return p.StructuredRecord(ctx, n, less)
}

// parse checks every flag before anything is sent.
func (o *recordOptions) parse(a *app) (fhir.NHSNumber, record.Query, error) {
	number, err := o.number(a)
	query, wrong := o.query()
	err = errors.Join(err, wrong, o.output.check(), o.expectation.check())
	if err == nil {
		_, err = query.Parameters(number, a.now()) // what the specification forbids
	}
	return number, query, err
}
