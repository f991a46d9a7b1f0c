// Package sdslookup asks the Spine Directory Service where a practice serves an interaction, and as whom.
//
// A lookup makes two searches, in this order (SDS overview, steps 1 and 2). The MHS record of the
// practice for the interaction has the address and a party key; the AS record with that party key has
// the ASID. The order matters: a practice that also runs another system has several AS records that
// carry the same interaction, and only the provider's party key stands on an MHS record.
//
//	dir, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{"ldaps://ldap.example.nhs.uk"}, TLS: tls})
//	ep, err := dir.Endpoint(ctx, "A12345", "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1")
//
// Each step must have exactly one answer. Two records that say the same count as one; anything else is
// ErrAmbiguous, with the candidates, and never "the first". ErrNotFound means that the directory answered
// and had nothing; a timeout, a cut connection, a referral or a full size limit is never "not found".
//
// The address is compared byte for byte by the proxy it is later sent through, so it is checked
// (AddressPolicy) and otherwise left exactly as the directory gave it.
//
// What was asked and why each record was taken or left is told to a Trace in the context.
package sdslookup

import (
	"context"
	"time"
)

// Endpoint is where a practice serves one interaction, and as whom.
type Endpoint struct {
	Address  string // service root, byte for byte as the directory has it
	ASID     string // the provider's, for Ssp-To
	PartyKey string // of the MHS record

	// Stale marks an answer past its time, which a Cache served because the directory did not answer and
	// its policy prefers that to nothing.
	Stale bool
}

// Directory finds endpoints. An answer holds for one interaction only: a practice may serve each
// capability elsewhere, and an address must not be reused across capabilities (SDS overview, caching).
//
// ods is an ODS code in any case, with or without space around it; see ParseODS.
type Directory interface {
	Endpoint(ctx context.Context, ods string, id Interaction) (Endpoint, error)
}

// Registry answers what is asked less often. A directory that cannot know answers ErrNotKnown.
type Registry interface {
	OwnASID(ctx context.Context, q OwnQuery) (string, error)
	Organisation(ctx context.Context, ods string) (Organisation, error)
}

// OwnQuery asks for a consumer's own ASID (SDS overview, "consumer ASID"): one per organisation and system.
type OwnQuery struct {
	ODS          string      // the consumer's organisation
	Interaction  Interaction // one that its system is accredited for
	Manufacturer string      // ODS code of the system's supplier; "" asks without, and may be ambiguous
}

// Organisation is what the directory knows of an organisation itself.
type Organisation struct {
	ODS, Name, Type string
	Postcode        string
	Opened, Closed  time.Time // days, UTC; zero where the directory has none or one that cannot be read
	Successors      []string  // as the directory has them
}

// ClosedAt says whether the organisation was closed at t.
func (o Organisation) ClosedAt(t time.Time) bool { return !o.Closed.IsZero() && !t.Before(o.Closed) }
