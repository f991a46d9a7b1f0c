package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/show"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sdslookup"
)

type recordOptions struct {
	ods     string
	nhs     string
	include []string
	noTrace bool
	rehearsal
	output
}

func newRecordCmd(a *app) *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record --ods <code> --nhs <number|->",
		Short: "Get a patient's structured record from their practice",
		Long: `Looks the practice up, calls it through the proxy and prints the record: who the
patient is, where it comes from, what is missing from it, then its ten areas.`,
		Example: `  gpc record --ods A12345 --nhs 9000000009
  gpc record --ods A12345 --nhs - --include allergies,medications < number
  gpc record --ods A12345 --nhs 9000000009 -f fhir -o record.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.ods, "ods", "", "`ODS code` of the practice")
	flags.StringVar(&o.nhs, "nhs", "", "NHS `number`; - reads it from stdin")
	flags.StringSliceVar(&o.include, "include", nil, "`areas` to ask for: "+strings.Join(record.AreaNames(), ", ")+" (all)")
	flags.BoolVar(&o.noTrace, "no-trace", false, "do not trace the patient first (where the profile has PDS)")
	o.rehearsal.addFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "fhir", "ndjson")
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
	defer c.close()
	encounter, err := a.encounter(c)
	if err != nil {
		return err
	}
	practice, err := encounter.Practice(o.ods)
	if err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := practice.StructuredRecord(ctx, number, query)
			return err
		})
	}
	rec, err := practice.StructuredRecord(ctx, number, query)
	if err != nil {
		return err
	}
	data, err := o.render(a, rec)
	if err != nil {
		return err
	}
	return o.write(a, data)
}

// parse checks every flag before anything is sent.
func (o *recordOptions) parse(a *app) (fhir.NHSNumber, record.Query, error) {
	var wrong []error
	if o.nhs == "" {
		wrong = append(wrong, &usageError{"no NHS number", "give it with --nhs, or --nhs - to read it from stdin"})
	}
	if o.ods == "" {
		wrong = append(wrong, &usageError{"no practice", "give its ODS code with --ods"})
	} else if _, err := sdslookup.ParseODS(o.ods); err != nil {
		wrong = append(wrong, err)
	}
	wrong = append(wrong, o.check())
	if o.nhs == "-" {
		line, err := a.secret()
		if err != nil {
			return fhir.NHSNumber{}, record.Query{}, err
		}
		o.nhs = line
	}
	number, err := fhir.ParseNHSNumber(o.nhs)
	if o.nhs != "" {
		wrong = append(wrong, err)
	}
	query, err := o.query()
	return number, query, errors.Join(append(wrong, err)...)
}

func (o *recordOptions) query() (record.Query, error) {
	if len(o.include) == 0 {
		return record.Full(), nil
	}
	for _, name := range o.include {
		if !slices.Contains(record.AreaNames(), name) {
			return record.Query{}, &usageError{fmt.Sprintf("no area %q", name), "--include takes: " + strings.Join(record.AreaNames(), ", ")}
		}
	}
	return record.Only(o.include...)
}

func (o *recordOptions) render(a *app, rec *record.Record) ([]byte, error) {
	var b bytes.Buffer
	switch o.format {
	case "json":
		data, err := json.MarshalIndent(rec, "", "  ")
		return append(data, '\n'), err
	case "fhir":
		return rec.Bundle().Bytes(), nil
	case "ndjson":
		for r := range rec.Bundle().All() {
			if err := json.Compact(&b, r.Raw); err != nil {
				return nil, fmt.Errorf("entry %d: %w", r.Index, err)
			}
			b.WriteByte('\n')
		}
		return b.Bytes(), nil
	}
	err := show.Record(&b, rec, show.Options{Width: a.width(o.file), Colour: a.colour(o.file)})
	return b.Bytes(), err
}
