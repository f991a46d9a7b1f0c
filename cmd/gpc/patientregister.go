package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/show"
)

type patientRegisterOptions struct {
	whom
	personFlags
	expectation
	confirmation
	rehearsal
	output
}

func newPatientRegisterCmd(a *app) *cobra.Command {
	var o patientRegisterOptions
	cmd := &cobra.Command{
		Use:   "register --ods <code> --nhs <number|->",
		Short: "Register a patient with a practice for a time",
		Long: `Registers the patient temporarily, as the trace knows them, or as --person says.
It is sent once. Where the answer is lost the patient is looked for; one who is
registered already is found and shown.`,
		Example: `  gpc patient register --ods B82617 --nhs 9000000009
  gpc patient find --nhs 9000000009 -f json | gpc patient register --ods B82617 --nhs 9000000009 --person - --yes`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.whom.addFlags(cmd)
	o.personFlags.addFlags(cmd)
	o.expectation.addFlags(cmd)
	o.confirmation.addFlags(cmd)
	o.rehearsal.addWriteFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "fhir")
	return cmd
}

func (o *patientRegisterOptions) run(ctx context.Context, a *app) error {
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
	tracing, end := context.WithTimeout(ctx, a.flags.timeout)
	at, practice, err := o.at(tracing, a, c, number)
	end()
	if err != nil {
		return err
	}
	r, err := o.registration(at)
	if err != nil {
		return err
	}
	if err := o.holdPatient(a, personOf(r), "nobody was registered"); err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := practice.RegisterPatient(ctx, r)
			return err
		})
	}
	if err := o.ask(ctx, a, aboutRegistration(practice, r), "register them there for a time?"); err != nil {
		return err
	}
	done, err := a.register(ctx, practice, r)
	if err != nil {
		return err
	}
	if err := o.print(a, done); err != nil {
		return &unprintedError{"the patient is registered at " + practice.ODS(), err}
	}
	return nil
}

func (o *patientRegisterOptions) parse(a *app) (fhir.NHSNumber, error) {
	taken, err := readsStdin(o.whom.fromStdin(), o.personFlags.fromStdin())
	if err != nil {
		return fhir.NHSNumber{}, err
	}
	wrong := []error{o.needsODS(), o.confirmation.check(a, taken, o.asked()), o.expectation.check(), o.output.check()}
	number, err := o.number(a)
	return number, errors.Join(append(wrong, err, o.personFlags.read(a))...)
}

func personOf(r client.Registration) fhir.Person {
	return fhir.Person{NHSNumber: r.NHSNumber, Family: r.Family, Given: r.Given, BirthDate: r.BirthDate, Gender: r.Gender}
}

func aboutRegistration(p *client.Practice, r client.Registration) [][2]string {
	who := &client.Patient{Family: r.Family, Given: r.Given, Prefix: r.Prefix}
	return [][2]string{{"to register", nameOf(who) + ", born " + show.Day(r.BirthDate)}, {"at", p.ODS()}}
}

// register registers, and says what is out of the ordinary about how it went.
func (a *app) register(ctx context.Context, p *client.Practice, r client.Registration) (*client.Registered, error) {
	defer a.patience(ctx)()
	done, err := p.RegisterPatient(ctx, r)
	if err != nil {
		return nil, err
	}
	if done.Already {
		a.words("the practice had the patient before")
	}
	a.recovered(done.Recovered, done.Journal)
	return done, nil
}

// recovered says that an answer was lost and how that ended.
func (a *app) recovered(found bool, journal error) {
	if found {
		a.words("the answer was lost; what was asked for was found to be done")
	}
	if journal != nil {
		a.words("warning: it is done, and the journal of writes could not be told: %v", journal)
		a.words("to do: `gpc appointment resume` tells it")
	}
}

func (o *patientRegisterOptions) print(a *app, done *client.Registered) error {
	p := done.Patient
	switch {
	case o.format == "json":
		return o.writeJSON(a, struct {
			*client.Patient
			Already   bool   `json:"already"`
			Recovered bool   `json:"recovered"`
			Intent    string `json:"intent"`
		}{listed(p), done.Already, done.Recovered, done.Intent})
	case p.View() == nil:
		a.words("the practice confirmed the registration without showing the patient")
		if o.format == "fhir" {
			return nil
		}
	}
	if o.format == "fhir" {
		return o.write(a, p.View().Raw)
	}
	var b bytes.Buffer
	describePatient(&b, a.width(o.output.file), p)
	return o.write(a, b.Bytes())
}
