package client

import (
	"context"

	"github.com/gpconnect-go/gpc/fhir"
)

// Settlement is what a look for the outcome of a write has found.
type Settlement struct {
	Intent      Intent
	Outcome     Outcome
	Appointment *Appointment // what was booked, amended or cancelled, where it is Done
	Patient     *Patient     // who was registered
}

// Unsettled are the writes whose outcome is not known, of whatever process
// and practice, the oldest first. Those of another process that is at work right now are among them.
func (c *Client) Unsettled(ctx context.Context) ([]Intent, error) { return nil, errNotYet }

// Settle looks once for the outcome of a write, by reading, and tells the
// journal what it finds. It never sends a write. While nothing can be said
// the error is [ErrOutcomeUnknown], its [*Doubt] says from when on a look decides.
// The encounter must be of the organisation that made the write. The number is needed for a
// registration alone; the journal has none.
func (e *Encounter) Settle(ctx context.Context, i Intent, n fhir.NHSNumber) (*Settlement, error) {
	return nil, errNotYet
}

// SettleByHand tells the journal what somebody has found out in another way,
// such as by ringing the practice.
func (c *Client) SettleByHand(ctx context.Context, id string, s OutcomeState) error { return errNotYet }
