package pds

import (
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Day is how old a trace may be when a practice is asked (GP Connect, consumer test
// GPC-CORE01-01).
const Day = 24 * time.Hour

// ahead is by how much the clock that stamped a trace may be fast.
const ahead = 5 * time.Minute

// judge holds the trace against the rules. It gives the first refusal that nothing
// overrides, or the overrides without which there would be one.
func (g *Gate) judge(t *Trace, n fhir.NHSNumber, ods string, booking bool) (used []Override, _ error) {
	for _, reason := range g.reasons(t, n, ods, booking) {
		o, ok := g.override(reason)
		if !ok {
			return nil, &Refusal{Reason: reason, ODS: ods, Booking: booking, Trace: t}
		}
		used = append(used, o)
	}
	return used, nil
}

// reasons are all that speak against the call, the gravest first.
func (g *Gate) reasons(t *Trace, n fhir.NHSNumber, ods string, booking bool) []Reason {
	practice, registered := t.Practice(g.config.Now())
	var against []Reason
	for _, rule := range [...]struct {
		reason Reason
		broken bool
	}{
		{Stale, !g.fresh(t)},
		{Superseded, n != t.NHSNumber},
		{NotVerified, t.Verification != Verified},
		{Sensitive, t.Sensitivity != Unrestricted},
		{Deceased, t.Deceased()},
		{NoPractice, !booking && !registered},
		{OtherPractice, !booking && registered && !sameODS(practice.ODS, ods)},
	} {
		if rule.broken {
			against = append(against, rule.reason)
		}
	}
	return against
}

func (g *Gate) override(r Reason) (Override, bool) {
	for _, o := range g.config.Overrides {
		if o.Reason == r {
			return o, true
		}
	}
	return Override{}, false
}

func (g *Gate) fresh(t *Trace) bool {
	age := g.config.Now().Sub(t.At)
	return age <= g.config.MaxAge && age >= -ahead
}
