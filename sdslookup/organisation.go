package sdslookup

import (
	"context"
	"errors"
	"time"
)

// errNoBranch: the directory does not have the branch that was searched.
var errNoBranch = errors.New("the directory has no such branch")

// Organisation reads the organisation's own entry. A directory without a branch of organisations answers
// ErrNotKnown.
func (d *LDAP) Organisation(ctx context.Context, ods string) (Organisation, error) {
	code, err := ParseODS(ods)
	if err != nil {
		return Organisation{}, err
	}
	o, err := d.findOrganisation(ctx, code)
	if err != nil {
		e := about(err, StepOrganisation, code, "")
		if errors.Is(err, errNoBranch) {
			e.Kind = ErrNotKnown
		}
		return Organisation{}, e
	}
	return o, nil
}

func (d *LDAP) findOrganisation(ctx context.Context, ods string) (Organisation, error) {
	a, err := d.search(ctx, organisationQuery(ods))
	cs := make([]Candidate, len(a.entries))
	for i, e := range a.entries {
		cs[i] = Candidate{Record: e.dn, Why: whyOther}
	}
	var o Organisation
	switch {
	case err != nil:
	case len(cs) == 0:
		err = &Error{Kind: ErrNotFound, Reason: UnknownODS}
	case len(cs) > 1:
		err = &Error{Kind: ErrAmbiguous, Candidates: cs}
	default:
		cs[0].Taken, cs[0].Why = true, whyTaken
		o = readOrganisation(ods, a.entries[0])
	}
	return o, a.tell(ctx, cs, err)
}

func readOrganisation(ods string, e *entry) Organisation {
	return Organisation{
		ODS:        ods,
		Name:       e.first("o"),
		Type:       e.first("nhsOrgTypeCode"),
		Postcode:   e.first("postalCode"),
		Opened:     readDay(e.first("nhsOrgOpenDate")),
		Closed:     readDay(e.first("nhsOrgCloseDate")),
		Successors: e.values("nhsOcsSuccessor"),
	}
}

// readDay reads the day of 20240601, 20240601101010 or 2024-06-01; anything else is no date.
func readDay(s string) time.Time {
	for _, layout := range []string{"20060102", time.DateOnly} {
		if len(s) >= len(layout) {
			if t, err := time.Parse(layout, s[:len(layout)]); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}

// explainMiss asks once or twice more why there was no MHS record: whether the code is unknown, the
// practice closed, or only this interaction missing. What the directory cannot tell stays NotToldApart;
// a failure here never turns the miss into something else, but the caller's ctx does.
func (d *LDAP) explainMiss(ctx context.Context, ods string, miss *Error) error {
	if miss.Kind != ErrNotFound || miss.Reason != NotToldApart {
		return miss
	}
	o, err := d.findOrganisation(ctx, ods)
	switch {
	case err == nil && o.ClosedAt(time.Now()):
		miss.Reason, miss.Organisation = Closed, &o
	case err == nil:
		miss.Reason = NotEnabled
	case errors.Is(err, ErrNotFound):
		miss.Reason = UnknownODS
	case errors.Is(err, errNoBranch):
		if d.hasAnyRecord(ctx, ods) {
			miss.Reason = NotEnabled
		}
	}
	if ctx.Err() != nil {
		return about(ended(ctx), miss.Step, miss.ODS, miss.Interaction)
	}
	return miss
}

// hasAnyRecord helps where organisations have no branch of their own: a code with some record is known.
func (d *LDAP) hasAnyRecord(ctx context.Context, ods string) bool {
	a, err := d.search(ctx, anyRecordQuery(ods))
	cs := make([]Candidate, len(a.entries))
	for i, e := range a.entries {
		cs[i] = Candidate{Record: e.dn, Taken: true, Why: "the organisation is known"}
	}
	if errors.Is(err, errTooMany) { // one was allowed, and there are more
		err = nil
	}
	return a.tell(ctx, cs, err) == nil && len(cs) > 0
}
