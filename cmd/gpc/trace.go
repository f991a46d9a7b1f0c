package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/show"
	"github.com/gpconnect-go/gpc/pds"
)

type traceOptions struct {
	nhs   string
	query pds.Query
	given string
	born  string
	output
}

func newTraceCmd(a *app) *cobra.Command {
	var o traceOptions
	cmd := &cobra.Command{
		Use:   "trace --nhs <number|-> | --family <name> --born <date>",
		Short: "Ask PDS who a patient is and whether they may be asked about",
		Long: `Asks PDS who a patient is, where they are registered, and whether they may be
asked about.`,
		Example: `  gpc trace --nhs 9000000009
  gpc trace --family Thackeray --born 1958-04-17 --gender female`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.nhs, "nhs", "", "NHS `number`; - reads it from stdin")
	flags.StringVar(&o.query.Family, "family", "", "family `name`; * stands for any end after two letters")
	flags.StringVar(&o.given, "given", "", "given `names`")
	flags.StringVar(&o.born, "born", "", "`date` of birth, or from..to")
	flags.StringVar(&o.query.Gender, "gender", "", "`gender`: male, female, other, unknown")
	flags.StringVar(&o.query.Postcode, "postcode", "", "`postcode`; restricted patients are never found by it")
	flags.StringVar(&o.query.Practice, "practice", "", "`ODS code` of the registered practice; restricted patients are never found by it")
	flags.BoolVar(&o.query.Fuzzy, "fuzzy", false, "names that sound alike, too")
	flags.BoolVar(&o.query.Exact, "exact", false, "exact matches alone")
	flags.BoolVar(&o.query.History, "history", false, "previous names and addresses, too")
	o.addFlags(cmd, "text", "json", "fhir")
	return cmd
}

func (o *traceOptions) run(ctx context.Context, a *app) error {
	number, err := o.parse(a)
	if err != nil {
		return err
	}
	c := new(connection)
	defer a.close(c)
	if c.profile, err = a.profile(ctx, c); err != nil {
		return err
	}
	if !c.profile.HasPDS() {
		return &usageError{"the profile has no PDS", "set pds.url and its credentials in the profile"}
	}
	organisation, err := c.profile.Organisation(a.flags.as)
	if err != nil {
		return err
	}
	tracer, end, err := c.profile.Tracer(organisation.ODS)
	if err != nil {
		return err
	}
	c.closers = append(c.closers, end)
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	if number.IsZero() {
		return o.search(ctx, a, tracer)
	}
	trace, err := tracer.Patient(ctx, number)
	if err != nil {
		return err
	}
	facts := factsOf(trace.Demographics, a.now(), o.gateWords(ctx, a, tracer, trace))
	facts.Superseded = trace.Superseded()
	return o.print(a, trace.Raw, facts)
}

// parse checks the flags before anything is sent.
func (o *traceOptions) parse(a *app) (number fhir.NHSNumber, err error) {
	if err := o.check(); err != nil {
		return number, err
	}
	o.query.Given = strings.Fields(o.given)
	from, to, stretch := strings.Cut(o.born, "..")
	if !stretch {
		to = from
	}
	o.query.Born = pds.DateRange{From: fhir.Date(from), To: fhir.Date(to)}
	searching := o.query.Family != "" || o.born != "" || o.query.Postcode != ""
	switch {
	case o.nhs != "" && searching:
		return number, &usageError{"both a number and a search", "give --nhs alone, or names and a date of birth"}
	case o.nhs == "" && !searching:
		return number, &usageError{"nobody to trace", "give --nhs, or --family and --born"}
	case o.nhs == "":
		return number, nil
	}
	return a.numberOf(o.nhs)
}

// gateWords says whether the patient's practice may be asked for the record.
func (o *traceOptions) gateWords(ctx context.Context, a *app, tracer *pds.Client, trace *pds.Trace) string {
	gate, err := pds.NewGate(pds.GateConfig{Tracer: tracer, Trace: trace, Now: a.now})
	if err != nil {
		return "no: " + err.Error()
	}
	_, ods, err := gate.Locate(ctx, trace.Asked)
	var refusal *pds.Refusal
	switch {
	case errors.As(err, &refusal):
		return "no: " + refusal.Reason.Error()
	case err != nil:
		return "no: " + err.Error()
	}
	return "yes, at " + ods
}

func (o *traceOptions) search(ctx context.Context, a *app, tracer *pds.Client) error {
	found, err := tracer.Search(ctx, o.query)
	if err != nil {
		return err
	}
	if found.RestrictedLeftOut {
		a.words("restricted patients are not found by postcode or practice: nobody found does not mean nobody there")
	}
	match, err := found.One()
	if err != nil {
		return err
	}
	return o.print(a, match.Raw, factsOf(match.Demographics, a.now(), "trace the number before any practice is asked: a search tells less"))
}

// facts are what a consumer needs of a trace, in words.
type facts struct {
	NHSNumber    string   `json:"nhs_number"`
	Superseded   bool     `json:"superseded,omitempty"` // the number asked for, by this one
	Verified     bool     `json:"verified"`
	Name         string   `json:"name"`
	BirthDate    string   `json:"birth_date"`
	Gender       string   `json:"gender"`
	Sensitivity  string   `json:"sensitivity"`
	Practice     string   `json:"practice,omitempty"`
	Registered   []string `json:"registrations"`
	Deceased     bool     `json:"deceased"`
	DeathDate    string   `json:"death_date,omitempty"`
	Notification string   `json:"death_notification,omitempty"`
	Removal      string   `json:"removal,omitempty"`
	MayAsk       string   `json:"record_may_be_asked_for"`

	registrations []pds.Registration // as they are, for people
}

func factsOf(d pds.Demographics, now time.Time, mayAsk string) facts {
	f := facts{
		NHSNumber: d.NHSNumber.Digits(), Verified: d.Verification == pds.Verified,
		BirthDate: string(d.BirthDate), Gender: d.Gender, Sensitivity: string(d.Sensitivity),
		Registered: []string{}, Deceased: d.Deceased(), DeathDate: string(d.Death.Date), Notification: string(d.Death.Notification),
		MayAsk: mayAsk, registrations: d.Registrations,
	}
	name := d.Name()
	f.Name = strings.TrimSpace(strings.ToUpper(name.Family) + ", " + strings.Join(name.Given, " "))
	if p, ok := d.Practice(now); ok {
		f.Practice = p.ODS
	}
	for _, r := range d.Registrations {
		f.Registered = append(f.Registered, strings.TrimSpace(fmt.Sprintf("%s %s – %s", r.ODS, r.Period.Start, r.Period.End)))
	}
	if d.Removal != nil {
		f.Removal = strings.TrimSpace(d.Removal.Code + " " + d.Removal.Display)
	}
	return f
}

func (o *traceOptions) print(a *app, raw []byte, f facts) error {
	switch o.format {
	case "fhir":
		return o.write(a, raw)
	case "json":
		return o.writeJSON(a, f)
	}
	verified, deceased := "not verified", "no"
	if f.Verified {
		verified = "verified"
	}
	if f.Deceased {
		told := map[string]string{string(pds.InformalDeath): "told by a local organisation", string(pds.FormalDeath): "told by the registrar of deaths"}
		deceased = joinWords(", ", "yes", show.Day(fhir.Date(f.DeathDate)), first(told[f.Notification], f.Notification))
	}
	if f.Superseded {
		verified += ", in place of the number that was asked for"
	}
	var at []string
	for _, r := range f.registrations {
		at = append(at, joinWords(" ", r.ODS, show.Period(r.Period)))
	}
	var b bytes.Buffer
	lines(&b, a.width(o.file), [][2]string{
		{"name", f.Name}, {"NHS number", fmt.Sprintf("%s (%s)", show.NHSNumber(f.NHSNumber), verified)}, {"born", show.Day(fhir.Date(f.BirthDate))}, {"gender", f.Gender},
		{"registered at", f.Practice}, {"registrations", strings.Join(at, ", ")}, {"sensitivity", f.Sensitivity},
		{"deceased", deceased}, {"removed because", f.Removal}, {"record may be asked for", f.MayAsk},
	})
	return o.write(a, b.Bytes())
}
