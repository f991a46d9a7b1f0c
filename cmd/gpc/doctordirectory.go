package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// directory tries the servers' hops, and a search. The first server that answers
// is asked, so one that does not is a warning where there is another.
func (x *examination) directory(ctx context.Context, c *connection, config *tls.Config) {
	if c.profile != nil && !x.broken {
		reached := 0
		for _, server := range c.profile.SDS.LDAP {
			if x.branch(func() { x.reach(ctx, "directory", server, "636", config) }) {
				reached++
			}
		}
		x.broken = reached == 0 && len(c.profile.SDS.LDAP) > 0
		if !x.broken {
			x.forgive("directory: ", "calls ask another server, after the time that this one takes to fail")
		}
	}
	var o client.Organisation
	var found string
	var unknown error
	answered := x.try("directory: a search", func() (saw string, err error) {
		if err := c.open(config); err != nil {
			return "", err
		}
		if o, err = c.profile.Organisation(x.a.flags.as); err != nil {
			return "", err
		}
		found, err = c.directory.OwnASID(ctx, sdslookup.OwnQuery{ODS: o.ODS, Interaction: client.GetStructuredRecord})
		if errors.Is(err, sdslookup.ErrNotFound) || errors.Is(err, sdslookup.ErrAmbiguous) || errors.Is(err, sdslookup.ErrNotKnown) {
			unknown, err = err, nil // it answered
		}
		if err != nil {
			return "", err
		}
		return "it answers", nil
	})
	if answered {
		x.ownASID(o, found, unknown)
	}
}

// forgive makes warnings of the hops that failed, with what that means.
func (x *examination) forgive(hops, meaning string) {
	for i := range x.findings {
		if f := &x.findings[i]; f.Result == failed && strings.HasPrefix(f.Hop, hops) {
			f.Result, f.Cure = warned, f.Cure+"; "+meaning
		}
	}
}

// ownASID compares what the directory says of the asking organisation with the
// configuration. The directory need not know it.
func (x *examination) ownASID(o client.Organisation, found string, err error) {
	const hop = "own ASID"
	var e *sdslookup.Error
	switch {
	case err == nil && found == o.ASID:
		x.findings = append(x.findings, finding{Hop: hop, Result: fine, Saw: fmt.Sprintf("%s has %s, as configured", o.ODS, found)})
	case err == nil:
		x.remark(hop, fmt.Sprintf("the directory has %s for %s, the configuration %s", found, o.ODS, o.ASID), "correct the originator's asid, unless the organisation runs several systems", nil)
	case errors.Is(err, sdslookup.ErrAmbiguous) && errors.As(err, &e):
		for _, candidate := range e.Candidates {
			if candidate.ASID == o.ASID {
				x.findings = append(x.findings, finding{Hop: hop, Result: fine, Saw: fmt.Sprintf("%s is one of %d that %s has", o.ASID, len(e.Candidates), o.ODS)})
				return
			}
		}
		x.remark(hop, fmt.Sprintf("%s is none of the %d that %s has", o.ASID, len(e.Candidates), o.ODS), "correct the originator's asid", err)
	case errors.Is(err, sdslookup.ErrNotFound):
		x.remark(hop, fmt.Sprintf("the directory has no system of %s for the structured record", o.ODS), "not every consumer is registered there; compare the asid with the letter that gave it", err)
	}
}

// lookups looks every capability of the practice up.
func (x *examination) lookups(ctx context.Context, c *connection, ods string) {
	for _, capability := range capabilities {
		if x.broken {
			break
		}
		id, _ := capability.Probe()
		hop := "practice: " + string(capability)
		began := time.Now()
		endpoint, err := c.directory.Endpoint(ctx, ods, id)
		if errors.Is(err, sdslookup.ErrNotFound) && capability != client.Foundations {
			x.findings = append(x.findings, finding{Hop: hop, Result: absent, Saw: outcomeOf(err), Took: time.Since(began).Milliseconds()})
			continue
		}
		saw := ""
		if err == nil {
			saw = endpoint.Address + " as " + endpoint.ASID
		}
		x.found(hop, began, saw, err)
	}
}
