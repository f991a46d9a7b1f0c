package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

// unsettled are the writes in the journal, or those of them that are named. One that is
// named and settled already is given with its outcome.
func unsettled(ctx context.Context, c *connection, ids []string) ([]*resumed, error) {
	open, err := c.client.Unsettled(ctx)
	if err != nil {
		return nil, err
	}
	all := []*resumed{}
	for _, i := range open {
		if len(ids) == 0 || slices.Contains(ids, i.ID) {
			all = append(all, &resumed{Intent: i, Decides: client.InUK(i.Decides)})
		}
	}
	for _, id := range ids {
		if slices.ContainsFunc(all, func(r *resumed) bool { return r.Intent.ID == id }) {
			continue
		}
		settled, err := settledBefore(ctx, c, id)
		if err != nil {
			return nil, err
		}
		all = append(all, settled)
	}
	return all, nil
}

// oneRegistration refuses a number that would be looked for in place of several people's:
// the journal cannot say whose registration is whose.
func oneRegistration(all []*resumed, n fhir.NHSNumber) error {
	registrations := 0
	for _, r := range all {
		if r.Intent.Interaction == client.RegisterPatient && r.Outcome == nil {
			registrations++
		}
	}
	if n.IsZero() || registrations < 2 {
		return nil
	}
	return &usageError{fmt.Sprintf("--nhs with %d registrations whose outcome is not known", registrations), "say with its intent which is that patient's; `gpc appointment resume --list` lists them"}
}

// settledBefore finds an intent whose outcome is known.
func settledBefore(ctx context.Context, c *connection, id string) (*resumed, error) {
	kept, err := c.intents.Intents(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range kept {
		if s.Intent.ID == id {
			return &resumed{Intent: s.Intent, Outcome: &s.Outcome}, nil
		}
	}
	return nil, &goneError{"the journal of writes has no such intent", "`gpc appointment resume --list` lists those that are not settled"}
}
