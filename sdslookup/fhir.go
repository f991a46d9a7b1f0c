package sdslookup

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// APIKey is a secret that does not print.
type APIKey string

func (APIKey) String() string   { return "(API key)" }
func (APIKey) GoString() string { return "(API key)" }

// FHIRConfig is complete at construction.
type FHIRConfig struct {
	URL       string        // the FHIR base, https://…/spine-directory/FHIR/R4
	Key       APIKey        // of the application; "" where the sandbox needs none
	TLS       *tls.Config   // nil trusts the machine's authorities: this service is on the internet
	Timeout   time.Duration // for one search; 0 is 10 s
	Allow     AddressPolicy
	PartyKeys map[string]string // pinned, by ODS code
}

// FHIR is the directory over the SDS FHIR API (R4). Its searches mirror those over LDAP: the Endpoint of
// the practice for the interaction has address and party key, the Device with that party key the ASID.
// Without the party key the Devices of all the practice's systems would come.
type FHIR struct {
	base      string
	key       APIKey
	transport *http.Transport
	limits    wire.Limits
	timeout   time.Duration
	allow     AddressPolicy
	pinned    map[string]string
}

const (
	systemODS         = "https://fhir.nhs.uk/Id/ods-organization-code"
	systemInteraction = "https://fhir.nhs.uk/Id/nhsServiceInteractionId"
	systemPartyKey    = "https://fhir.nhs.uk/Id/nhsMhsPartyKey"
	systemASID        = "https://fhir.nhs.uk/Id/nhsSpineASID"
)

// NewFHIR checks the whole configuration and does not touch the network.
func NewFHIR(c FHIRConfig) (*FHIR, error) {
	errs := c.Allow.validate()
	if why := refusedBase(c.URL); why != "" {
		errs = append(errs, fmt.Errorf("the SDS FHIR address %s", why))
	}
	if !consistsOf(string(c.Key), func(b byte) bool { return b > ' ' && b < 0x7f }) {
		errs = append(errs, errors.New("the API key has a character that no header may have"))
	}
	if c.Timeout < 0 {
		errs = append(errs, errors.New("a timeout is negative"))
	}
	pinned, more := parsePins(c.PartyKeys)
	errs = append(errs, more...)
	if c.TLS != nil && c.TLS.InsecureSkipVerify && c.TLS.VerifyConnection == nil {
		errs = append(errs, errors.New("the TLS configuration does not verify the server"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &Error{Kind: ErrInvalid, Err: err}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLS != nil {
		config = c.TLS.Clone()
	}
	timeout := orDefault(c.Timeout, 10*time.Second)
	return &FHIR{
		base: strings.TrimSuffix(c.URL, "/"), key: c.Key, timeout: timeout, allow: c.Allow, pinned: pinned,
		transport: wire.NewTransport(config, timeout),
		limits:    wire.Limits{Header: timeout, Idle: timeout, Body: 4 << 20},
	}, nil
}

func refusedBase(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "":
		return "is not a URL"
	case u.User != nil:
		return "has user information"
	case u.Scheme != "https":
		return "is not https"
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "has a query or fragment"
	}
	return ""
}

// Close lets go of the kept connections.
func (d *FHIR) Close() error {
	d.transport.CloseIdleConnections()
	return nil
}

// Endpoint asks for the Endpoint and then for the Device with its party key.
func (d *FHIR) Endpoint(ctx context.Context, ods string, id Interaction) (Endpoint, error) {
	code, err := parseQuestion(ods, id)
	if err != nil {
		return Endpoint{}, err
	}
	mhs, err := d.findEndpoint(ctx, code, id)
	if err != nil {
		return Endpoint{}, about(err, StepMHS, code, id)
	}
	as, err := d.findDevice(ctx, code, id, mhs.PartyKey)
	if err != nil {
		return Endpoint{}, about(err, StepAS, code, id)
	}
	return Endpoint{Address: mhs.Address, ASID: as.ASID, PartyKey: mhs.PartyKey}, nil
}

func (d *FHIR) findEndpoint(ctx context.Context, ods string, id Interaction) (Candidate, error) {
	a, err := d.search(ctx, StepMHS, "Endpoint", organisationTerm(ods), interactionTerm(id))
	var cs []Candidate
	if err == nil {
		cs, err = endpointCandidates(a.bundle, ods, id)
	}
	var taken Candidate
	if err == nil {
		taken, err = chooseMHS(cs, d.pinned[ods], wholeMHS)
	}
	if err == nil {
		err = d.allow.admit(taken.Address, cs)
	}
	return taken, a.tell(ctx, cs, err)
}

// findDevice refuses a party key that could mean something to the directory behind the service, which was
// seen to pass values on without escaping them.
func (d *FHIR) findDevice(ctx context.Context, ods string, id Interaction, partyKey string) (Candidate, error) {
	if !consistsOf(partyKey, func(c byte) bool { return isAlphanumeric(c) || strings.IndexByte("-_.", c) >= 0 }) {
		return Candidate{}, &Error{Kind: ErrNotFound, Reason: Incomplete, Server: d.base, Err: fmt.Errorf("the party key %s cannot be asked for", quote(partyKey))}
	}
	a, err := d.search(ctx, StepAS, "Device", organisationTerm(ods), interactionTerm(id), term{"identifier", systemPartyKey, partyKey})
	return d.takeDevice(ctx, a, err, partyKey)
}

func (d *FHIR) takeDevice(ctx context.Context, a fhirAnswer, err error, partyKey string) (Candidate, error) {
	var cs []Candidate
	if err == nil {
		cs, err = deviceCandidates(a.bundle, partyKey)
	}
	var taken Candidate
	if err == nil {
		taken, err = chooseAS(cs)
	}
	return taken, a.tell(ctx, cs, err)
}

// OwnASID finds the ASID of a consumer's own system.
func (d *FHIR) OwnASID(ctx context.Context, q OwnQuery) (string, error) {
	q, err := parseOwn(q)
	if err != nil {
		return "", err
	}
	terms := []term{organisationTerm(q.ODS), interactionTerm(q.Interaction)}
	if q.Manufacturer != "" {
		terms = append(terms, term{"manufacturing-organization", systemODS, q.Manufacturer})
	}
	a, err := d.search(ctx, StepOwn, "Device", terms...)
	taken, err := d.takeDevice(ctx, a, err, "")
	if err != nil {
		return "", about(err, StepOwn, q.ODS, q.Interaction)
	}
	return taken.ASID, nil
}

// Organisation is ErrNotKnown: the API has Endpoints and Devices only.
func (d *FHIR) Organisation(_ context.Context, ods string) (Organisation, error) {
	code, err := ParseODS(ods)
	if err != nil {
		return Organisation{}, err
	}
	return Organisation{}, &Error{Kind: ErrNotKnown, Step: StepOrganisation, ODS: code, Server: d.base}
}
