package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/pds"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// gateFlags are how a patient is traced before a practice is asked.
type gateFlags struct {
	noTrace   bool
	overrides []string
	why       string

	rehearsed bool // nothing will be sent to the practice
	asIs      bool // the number stands in what the user sends, and cannot be replaced
}

func (g *gateFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&g.noTrace, "no-trace", false, "do not trace the patient first (where the profile has PDS); it is in the journal")
	flags.StringArrayVar(&g.overrides, "override", nil, "go on in spite of a `reason`: deceased, no-practice, other-practice, mismatch; needs --why")
	flags.StringVar(&g.why, "why", "", "the user's `justification` of an override, for the journal; it must not name the patient")
}

func (g *gateFlags) check(ods string) error {
	var wrong []error
	for _, o := range g.overrides {
		if !pds.Reason(o).MayBeOverridden() {
			wrong = append(wrong, &usageError{fmt.Sprintf("%q cannot be overridden", o), "only deceased, no-practice, other-practice and mismatch can"})
		}
	}
	if len(g.overrides) > 0 && strings.TrimSpace(g.why) == "" {
		wrong = append(wrong, &usageError{"an override without a reason", "give the user's justification with --why"})
	}
	if g.noTrace && ods == "" {
		wrong = append(wrong, &usageError{"--no-trace without --ods", "without a trace nobody knows the practice; name it with --ods"})
	}
	return errors.Join(wrong...)
}

// allowMismatch is the override of a patient who differs from PDS.
func (g *gateFlags) allowMismatch() {
	g.overrides = append(g.overrides, string(pds.Mismatch))
	if g.why == "" {
		g.why = "--allow-mismatch"
	}
}

// located is a patient as the gate lets them through: with which number, at
// which practice, and in what encounter.
type located struct {
	number    fhir.NHSNumber
	ods       string
	encounter *client.Encounter
	trace     *pds.Trace // nil where there was none
}

// locate traces the patient where the profile has PDS, and begins the
// encounter behind the gate. Without PDS, or with --no-trace, the number and
// the practice are taken as they were given, and that is said. first is what the
// practice will be asked first.
func (a *app) locate(ctx context.Context, c *connection, g *gateFlags, number fhir.NHSNumber, ods string, first client.Interaction) (*located, error) {
	row, _ := client.RowOf(first)
	organisation, err := c.profile.Organisation(a.flags.as)
	if err != nil {
		return nil, err
	}
	if g.noTrace || g.rehearsed || !c.profile.HasPDS() {
		return a.untraced(c, g, organisation, number, ods)
	}
	gate, err := a.gate(ctx, c, g, organisation)
	if err != nil {
		return nil, err
	}
	encounter, err := c.client.Encounter(organisation, c.profile.Practitioner(), gate)
	if err != nil {
		return nil, err
	}
	for _, o := range g.overrides {
		encounter.Remark("override " + o + ": " + g.why)
	}
	trace, registered, err := gate.Locate(ctx, number)
	elsewhere := ods != "" && (row.Anywhere() || slices.Contains(g.overrides, string(pds.NoPractice)))
	if err != nil && (!elsewhere || !errors.Is(err, pds.NoPractice)) {
		encounter.Refused(ctx, client.Request{Interaction: first, Patient: number}, ods, err)
		return nil, err
	}
	if trace != nil && trace.Superseded() && g.asIs {
		refusal := &pds.Refusal{Reason: pds.Superseded, ODS: ods, Trace: trace}
		encounter.Refused(ctx, client.Request{Interaction: first, Patient: number}, ods, refusal)
		return nil, refusal
	}
	if trace != nil && trace.Superseded() {
		a.words("the NHS number has been superseded; asked for its successor instead (`gpc trace` shows it)")
		number = trace.NHSNumber
	}
	if ods == "" {
		ods = registered
	}
	return &located{number, ods, encounter, trace}, nil
}

func (a *app) untraced(c *connection, g *gateFlags, o client.Organisation, number fhir.NHSNumber, ods string) (*located, error) {
	if ods == "" {
		return nil, &usageError{"no practice", "give its ODS code with --ods; a profile with PDS finds it by itself"}
	}
	encounter, err := c.client.Encounter(o, c.profile.Practitioner())
	if err != nil {
		return nil, err
	}
	switch {
	case g.rehearsed:
		a.words("the patient was not traced, as nothing is sent; trace them before it is sent by other means")
	case c.profile.HasPDS():
		a.words("the patient was not traced, as --no-trace asks")
		encounter.Remark("not traced: --no-trace")
	default:
		a.words("the patient was not traced: the profile has no PDS")
		encounter.Remark("not traced: no PDS")
	}
	return &located{number, ods, encounter, nil}, nil
}

func (a *app) gate(ctx context.Context, c *connection, g *gateFlags, o client.Organisation) (*pds.Gate, error) {
	tracer, end, err := c.profile.Tracer(o.ODS)
	if err != nil {
		return nil, err
	}
	c.closers = append(c.closers, end)
	config := pds.GateConfig{Tracer: tracer, Now: a.now}
	for _, reason := range g.overrides {
		config.Overrides = append(config.Overrides, pds.Override{Reason: pds.Reason(reason), Why: g.why})
	}
	if !slices.Contains(g.overrides, string(pds.Mismatch)) {
		config.Overrides = append(config.Overrides, pds.Override{Reason: pds.Mismatch, Why: "nothing differs but a code by which no practice can be asked"})
	}
	config.OnOverride = func(used pds.Overridden) error { return a.overridden(ctx, c, g, used) }
	return pds.NewGate(config)
}

// overridden says what a gate lets pass. The encounter's remarks have it in the
// journal with the call. A patient who differs from PDS passes on the user's
// word, or where nothing differs but the code of the practice and the directory
// knows no practice by it that could be asked: many systems name a branch or a
// host there. It is said all the same.
func (a *app) overridden(ctx context.Context, c *connection, g *gateFlags, used pds.Overridden) error {
	if used.Reason != pds.Mismatch {
		a.words("overridden: %s", used.Reason.Error())
		return nil
	}
	if !slices.Contains(g.overrides, string(pds.Mismatch)) && !a.branchAlone(ctx, c, used.Differences) {
		return used.Differences
	}
	for _, d := range used.Differences {
		a.differs(string(d.Field), "PDS has", d.PDS, d.Provider)
	}
	return nil
}

// branchAlone says whether nothing differs but the code of the practice, and that
// is no practice's that could have been asked instead. What cannot be found out is
// a difference.
func (a *app) branchAlone(ctx context.Context, c *connection, found pds.Differences) bool {
	if len(found) != 1 || found[0].Field != pds.FieldPractice {
		return false
	}
	_, err := c.directory.Endpoint(ctx, found[0].Provider, client.GetStructuredRecord)
	return isAny(err, sdslookup.ErrNotFound, sdslookup.ErrInvalid)
}

// pdsExit is the exit code of a failure of the gate or of PDS; 0 when it is neither.
func pdsExit(err error) int {
	switch {
	case isAny(err, pds.NotFound, pds.Invalidated, pds.NoPractice, pds.ErrNotFound, pds.ErrInvalidated):
		return exitNotThere
	case isAny(err, pds.ErrUnavailable, pds.ErrThrottled):
		return exitNoAnswer
	case isAny(err, pds.Mismatch, pds.ErrMismatch, pds.ErrUnreadable, pds.ErrTooManyMatches):
		return exitUnreliable
	case isAny(err, pds.ErrInvalid):
		return exitNotSent
	case isAny(err, pds.ErrAccessDenied, pds.ErrTLS, pds.ErrRefused):
		return exitRefused
	}
	var refusal *pds.Refusal
	if errors.As(err, &refusal) {
		return exitRefused
	}
	return 0
}

func isAny(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

// pdsCures says what to do about the gate's and PDS's refusals.
var pdsCures = [...]struct {
	of   error
	cure string
}{
	{pds.Sensitive, "GP Connect must not be asked about this patient; tell the user that the record is restricted"},
	{pds.Superseded, "`gpc trace` shows the number that holds now; put it into what is sent"},
	{pds.Deceased, "--override deceased with --why goes on where the purpose allows it"},
	{pds.NotVerified, "the number is not known to be this person's; have it verified before anything is asked by it"},
	{pds.OtherPractice, "leave --ods out: the practice is found by the trace; a booking elsewhere needs no override"},
	{pds.NoPractice, "there is no practice to ask; appointments can be booked elsewhere with --ods"},
	{pds.NotFound, "check the number against its source, or search with `gpc trace --family … --born …`"},
	{pds.Invalidated, "the number may not be used; find the patient anew with `gpc trace --family … --born …`"},
	{pds.Mismatch, "make sure who the patient is; --override mismatch with --why goes on"},
	{pds.ErrThrottled, "wait, then try again; PDS allows so many requests a second"},
	{pds.ErrAccessDenied, "check pds.client_id, pds.kid and pds.key, or the API key, against the environment; and the clock"},
	{pds.ErrUnavailable, "try again later; if it stays, report the request id to the API platform's service desk"},
}

func pdsCure(err error) string {
	for _, c := range pdsCures {
		if errors.Is(err, c.of) {
			return c.cure
		}
	}
	return ""
}
