package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/show"
)

func newPatientCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "patient",
		Short: "Find, read and register patients of a practice",
		Long: `A practice knows its patients by ids of its own, which mean nothing at any other
practice; appointments are made with them. Who is not registered at a practice
can be registered there for a time.`,
		Args: knownCommand, SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPatientFindCmd(a), newPatientReadCmd(a), newPatientRegisterCmd(a))
	return cmd
}

type patientFindOptions struct {
	whom
	expectation
	rehearsal
	output
}

func newPatientFindCmd(a *app) *cobra.Command {
	var o patientFindOptions
	cmd := &cobra.Command{
		Use:   "find [--ods <code>] --nhs <number|->",
		Short: "Find a patient at a practice, and the practice's id for them",
		Long: `Asks the practice for the patient with that NHS number. A practice that gives
nobody does not say why: unknown, inactive, deceased, sensitive and not verified
look the same. Without --ods the practice is the one where the trace finds the
patient registered.`,
		Example: `  gpc patient find --ods A12345 --nhs 9000000009
  gpc patient find --nhs - -f json < number`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.whom.addFlags(cmd)
	o.expectation.addFlags(cmd)
	o.rehearsal.addFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "fhir")
	return cmd
}

func (o *patientFindOptions) run(ctx context.Context, a *app) error {
	number, err := o.number(a)
	if err := errors.Join(err, o.expectation.check(), o.output.check()); err != nil {
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
	o.rehearsed = o.dryRun && o.ods != ""
	found, practice, err := o.at(ctx, a, c, number)
	if err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := practice.FindPatient(ctx, found.number)
			return err
		})
	}
	patient, err := practice.FindPatient(ctx, found.number)
	if err != nil {
		return err
	}
	if err := o.holdPatient(a, patient.View().Person(nil), "the patient is withheld"); err != nil {
		return err
	}
	return o.writePatient(a, patient)
}

type patientReadOptions struct {
	whom
	rehearsal
	output
}

func newPatientReadCmd(a *app) *cobra.Command {
	var o patientReadOptions
	cmd := &cobra.Command{
		Use:   "read --ods <code> <id>",
		Short: "Read a patient anew by the practice's id",
		Example: `  gpc patient read --ods A12345 p-1001
  gpc patient read --ods A12345 --nhs 9000000009 p-1001`,
		Args: oneID,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args[0]) },
	}
	o.whom.addFlags(cmd)
	cmd.Flags().Lookup("nhs").Usage = "NHS `number` that the patient must have; then the patient is traced"
	o.rehearsal.addFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "fhir")
	return cmd
}

func (o *patientReadOptions) run(ctx context.Context, a *app, id string) error {
	number, err := o.numberIfGiven(a)
	if err := errors.Join(err, o.needsODS(), o.output.check()); err != nil {
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
	who := client.PatientRef{ODS: practice.ODS(), ID: id, Number: number}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := practice.ReadPatient(ctx, who)
			return err
		})
	}
	patient, err := practice.ReadPatient(ctx, who)
	if err != nil {
		return err
	}
	return o.writePatient(a, patient)
}

// writePatient prints a patient in the format asked for.
func (o *output) writePatient(a *app, p *client.Patient) error {
	switch o.format {
	case "fhir":
		return o.write(a, p.View().Raw)
	case "json":
		return o.writeJSON(a, listed(p))
	}
	var b bytes.Buffer
	describePatient(&b, a.width(o.file), p)
	return o.write(a, b.Bytes())
}

// listed has a list where there is nothing in it, as scripts expect.
func listed(p *client.Patient) *client.Patient {
	whole := *p
	for _, list := range []*[]string{&whole.Given, &whole.Prefix} {
		if *list == nil {
			*list = []string{}
		}
	}
	if whole.Addresses == nil {
		whole.Addresses = []fhir.Address{}
	}
	if whole.Telecoms == nil {
		whole.Telecoms = []fhir.ContactPoint{}
	}
	return &whole
}

func (o *output) writeJSON(a *app, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return o.write(a, append(data, '\n'))
}

func describePatient(b *bytes.Buffer, width int, p *client.Patient) {
	var addresses, telecoms []string
	for _, a := range p.Addresses {
		addresses = append(addresses, joinWords(" ", addressOf(a), inBrackets(a.Use)))
	}
	for _, t := range p.Telecoms {
		telecoms = append(telecoms, joinWords(" ", t.Value, inBrackets(first(t.Use, t.System))))
	}
	lines(b, width, [][2]string{
		{"name", nameOf(p)}, {"NHS number", show.NHSNumber(p.NHSNumber)}, {"born", show.Day(p.BirthDate)}, {"gender", p.Gender},
		{"practice", p.ODS}, {"id there", p.ID}, {"registration", registration(p.RegistrationType)},
		{"address", strings.Join(addresses, "; ")}, {"telephone, email", strings.Join(telecoms, "; ")},
	})
}

// nameOf is as in THACKERAY, Rosalind May (Mrs).
func nameOf(p *client.Patient) string {
	name := joinWords(", ", strings.ToUpper(p.Family), strings.Join(p.Given, " "))
	return joinWords(" ", name, inBrackets(strings.Join(p.Prefix, " ")))
}

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func addressOf(a fhir.Address) string {
	if a.Text != "" {
		return a.Text
	}
	return joinWords(", ", append(append([]string{}, a.Line...), a.City, a.District, a.PostalCode)...)
}

// registration says what a code of RegistrationType-1 means to who books.
func registration(code string) string {
	switch code {
	case "R":
		return "regular (R)"
	case "T":
		return "temporary (T)"
	}
	return code
}
