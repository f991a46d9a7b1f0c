package sdslookup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// StaticConfig is a directory written by hand, for closed networks and for tests. Its tags are those of a
// practices file:
//
//	[[practice]]
//	ods = "A12345"
//	[[practice.service]]
//	interactions = ["urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"]
//	address = "https://gp.example.nhs.uk/A12345/STU3/1/gpconnect"
//	asid = "200000000001"
//	party_key = "A12345-0000001"
type StaticConfig struct {
	Practices []StaticPractice  `toml:"practice"`
	Systems   []StaticSystem    `toml:"system"`  // consumers' own, for OwnASID
	Partial   bool              `toml:"partial"` // what is not here may be elsewhere: ErrNotKnown, not ErrNotFound
	Allow     AddressPolicy     `toml:"-"`
	PartyKeys map[string]string `toml:"-"` // pinned, by ODS code
}

// StaticPractice is one practice and where it serves what.
type StaticPractice struct {
	ODS        string          `toml:"ods"`
	Name       string          `toml:"name"`
	Closed     string          `toml:"closed"` // a day, 2024-03-31
	Successors []string        `toml:"successors"`
	Services   []StaticService `toml:"service"`
}

// StaticService is an endpoint and the interactions that it holds for.
type StaticService struct {
	Interactions []Interaction `toml:"interactions"`
	Address      string        `toml:"address"`
	ASID         string        `toml:"asid"`
	PartyKey     string        `toml:"party_key"`
}

// StaticSystem is a consumer's system.
type StaticSystem struct {
	ODS          string        `toml:"ods"`
	Manufacturer string        `toml:"manufacturer"`
	ASID         string        `toml:"asid"`
	Interactions []Interaction `toml:"interactions"`
}

// Static answers from a StaticConfig, by the same rules as the directories that are asked over the network.
type Static struct {
	practices map[string][]StaticPractice
	systems   []StaticSystem
	partial   bool
	allow     AddressPolicy
	pinned    map[string]string
}

// NewStatic names everything that cannot be read at once. Whether an address is fit to be called, and
// whether there is one answer, is found out when it is looked up.
func NewStatic(c StaticConfig) (*Static, error) {
	s := &Static{practices: make(map[string][]StaticPractice), partial: c.Partial, allow: c.Allow}
	errs := c.Allow.validate()
	for i, p := range c.Practices {
		code, err := ParseODS(p.ODS)
		errs = append(errs, numbered("practice", i, err))
		if p.Closed != "" && readDay(p.Closed).IsZero() {
			errs = append(errs, numbered("practice", i, fmt.Errorf("closed on %s: a day is expected, as 2024-03-31", quote(p.Closed))))
		}
		for _, service := range p.Services {
			errs = append(errs, numbered("practice", i, checkService(service.ASID, service.Interactions)))
		}
		p.ODS = code
		s.practices[code] = append(s.practices[code], p)
	}
	for i, system := range c.Systems {
		code, err := ParseODS(system.ODS)
		errs = append(errs, numbered("system", i, err), numbered("system", i, checkService(system.ASID, system.Interactions)))
		system.ODS = code
		s.systems = append(s.systems, system)
	}
	var more []error
	s.pinned, more = parsePins(c.PartyKeys)
	if err := errors.Join(append(errs, more...)...); err != nil {
		return nil, &Error{Kind: ErrInvalid, Err: err}
	}
	return s, nil
}

func numbered(what string, i int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %d: %w", what, i+1, err)
}

func checkService(asid string, ids []Interaction) error {
	if asid != "" && !isASID(asid) {
		return fmt.Errorf("%s is no ASID", quote(asid))
	}
	for _, id := range ids {
		if _, err := ParseInteraction(string(id)); err != nil {
			return err
		}
	}
	return nil
}

// Endpoint looks the practice up.
func (s *Static) Endpoint(ctx context.Context, ods string, id Interaction) (Endpoint, error) {
	code, err := parseQuestion(ods, id)
	if err != nil {
		return Endpoint{}, err
	}
	question := fmt.Sprintf("practice %s, %s", code, id)
	cs := s.candidates(code, id)
	mhs, err := chooseMHS(cs, s.pinned[code], func(c *Candidate) bool { return c.Address != "" })
	if err == nil {
		err = s.allow.admit(mhs.Address, cs)
	}
	if err != nil {
		err = s.explainMiss(about(err, StepMHS, code, id))
	}
	if tellStatic(ctx, StepMHS, question, cs, err) != nil {
		return Endpoint{}, err
	}
	same := agreeing(cs, mhs)
	as, err := chooseAS(same)
	if err != nil {
		err = about(err, StepAS, code, id)
	}
	if tellStatic(ctx, StepAS, question, same, err) != nil {
		return Endpoint{}, err
	}
	return Endpoint{Address: mhs.Address, ASID: as.ASID, PartyKey: mhs.PartyKey}, nil
}

func (s *Static) candidates(ods string, id Interaction) []Candidate {
	var cs []Candidate
	for _, p := range s.practices[ods] {
		for i, service := range p.Services {
			if slices.Contains(service.Interactions, id) {
				cs = append(cs, Candidate{Record: fmt.Sprintf("practice %s, service %d", ods, i+1),
					Address: service.Address, PartyKey: service.PartyKey, ASID: service.ASID})
			}
		}
	}
	return cs
}

// agreeing are the candidates with the address and party key that were taken, and an ASID.
func agreeing(cs []Candidate, taken Candidate) []Candidate {
	var out []Candidate
	for _, c := range cs {
		if c.Address == taken.Address && strings.EqualFold(c.PartyKey, taken.PartyKey) && c.ASID != "" {
			c.Taken, c.Why = false, ""
			out = append(out, c)
		}
	}
	return out
}

func (s *Static) explainMiss(e *Error) error {
	if e.Kind != ErrNotFound || e.Reason != NotToldApart {
		return e
	}
	o, err := s.organisation(e.ODS)
	switch {
	case err == nil && o.ClosedAt(time.Now()):
		e.Reason, e.Organisation = Closed, &o
	case err == nil:
		e.Reason = NotEnabled
	case s.partial:
		e.Kind = ErrNotKnown
	default:
		e.Reason = UnknownODS
	}
	return e
}

// OwnASID finds the consumer's own system.
func (s *Static) OwnASID(ctx context.Context, q OwnQuery) (string, error) {
	q, err := parseOwn(q)
	if err != nil {
		return "", err
	}
	var cs []Candidate
	for i, system := range s.systems {
		if system.ODS == q.ODS && slices.Contains(system.Interactions, q.Interaction) && (q.Manufacturer == "" || strings.EqualFold(system.Manufacturer, q.Manufacturer)) {
			cs = append(cs, Candidate{Record: fmt.Sprintf("system %d", i+1), ASID: system.ASID})
		}
	}
	taken, err := chooseAS(cs)
	if err != nil {
		e := about(err, StepOwn, q.ODS, q.Interaction)
		if len(cs) == 0 && (s.partial || len(s.systems) == 0) {
			e.Kind, e.Reason = ErrNotKnown, ""
		}
		err = e
	}
	return taken.ASID, tellStatic(ctx, StepOwn, fmt.Sprintf("system of %s, %s", q.ODS, q.Interaction), cs, err)
}

// Organisation has what the file says of the practice.
func (s *Static) Organisation(_ context.Context, ods string) (Organisation, error) {
	code, err := ParseODS(ods)
	if err != nil {
		return Organisation{}, err
	}
	return s.organisation(code)
}

func (s *Static) organisation(ods string) (Organisation, error) {
	ps := s.practices[ods]
	if len(ps) == 0 {
		e := &Error{Kind: ErrNotFound, Step: StepOrganisation, ODS: ods, Reason: UnknownODS}
		if s.partial {
			e.Kind, e.Reason = ErrNotKnown, ""
		}
		return Organisation{}, e
	}
	return Organisation{ODS: ods, Name: ps[0].Name, Closed: readDay(ps[0].Closed), Successors: ps[0].Successors}, nil
}

func tellStatic(ctx context.Context, step Step, question string, cs []Candidate, err error) error {
	if t := traceOf(ctx); t != nil {
		t.searched(Search{Step: step, Server: "static", Filter: question, Candidates: cs, Err: err})
	}
	return err
}
