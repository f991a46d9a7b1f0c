package sdslookup

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

const (
	extensionInteraction = "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-NhsServiceInteractionId"

	whyOtherOrganisation = "another organisation's"
	whyOtherInteraction  = "for another interaction"
	whyOtherPartyKey     = "another party key's"
	whyNotActive         = "not active"
)

// endpointCandidates reads the Endpoints of a search. What does not fit the question is kept as a candidate
// with the reason against it: the service may answer more than it was asked.
func endpointCandidates(b *r4.Bundle, ods string, id Interaction) ([]Candidate, error) {
	var cs []Candidate
	for i, entry := range b.Entry {
		e := new(r4.Endpoint)
		if skip, err := readEntry(entry, i, "Endpoint", e); skip || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		c := Candidate{Record: entryName(entry, i), Address: e.Address}
		switch {
		case e.Status != r4.EndpointStatusActive:
			c.Why = whyNotActive
		case disagrees(organisationOf(e.ManagingOrganization), ods):
			c.Why = whyOtherOrganisation
		case disagrees(interactionsOf(e.Extension), string(id)):
			c.Why = whyOtherInteraction
		}
		cs = append(cs, perValue(c, identifiers(e.Identifier, systemPartyKey), func(c *Candidate, v string) { c.PartyKey = v })...)
	}
	return cs, nil
}

// deviceCandidates reads the Devices of a search for a party key, "" for any.
func deviceCandidates(b *r4.Bundle, partyKey string) ([]Candidate, error) {
	var cs []Candidate
	for i, entry := range b.Entry {
		d := new(r4.Device)
		if skip, err := readEntry(entry, i, "Device", d); skip || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		keys := identifiers(d.Identifier, systemPartyKey)
		c := Candidate{Record: entryName(entry, i), PartyKey: strings.Join(keys, " ")}
		if partyKey != "" && (len(keys) != 1 || !strings.EqualFold(keys[0], partyKey)) {
			c.Why = whyOtherPartyKey
		}
		cs = append(cs, perValue(c, identifiers(d.Identifier, systemASID), func(c *Candidate, v string) { c.ASID = v })...)
	}
	return cs, nil
}

// perValue: a resource with two values is two answers, one with none an incomplete one.
func perValue(c Candidate, values []string, set func(*Candidate, string)) []Candidate {
	if len(values) == 0 {
		return []Candidate{c}
	}
	out := make([]Candidate, len(values))
	for i, v := range values {
		out[i] = c
		set(&out[i], v)
	}
	return out
}

// readEntry decodes an entry of the wanted type. An OperationOutcome that goes along is skipped; anything
// else that is not as expected makes the whole answer unfit, since what is overlooked might be a second
// answer.
func readEntry(entry r4.BundleEntry, i int, wanted string, into any) (skip bool, err error) {
	switch kind := resourceType(entry.Resource); {
	case kind == "OperationOutcome":
		return true, nil
	case kind != wanted:
		err = errors.New("another kind of resource than was asked for")
	default:
		err = json.Unmarshal(entry.Resource, into)
	}
	if err != nil {
		return false, &Error{Kind: ErrUnavailable, Err: fmt.Errorf("entry %d of its answer cannot be read: %w", i+1, err), permanent: true}
	}
	return false, nil
}

// entryName: ids are new in every answer, but good enough for a trace.
func entryName(entry r4.BundleEntry, i int) string {
	if entry.FullUrl != nil {
		return *entry.FullUrl
	}
	return fmt.Sprintf("entry %d", i+1)
}

func identifiers(ids []r4.Identifier, system string) []string {
	var out []string
	for _, id := range ids {
		if id.System != nil && *id.System == system && id.Value != nil {
			out = append(out, *id.Value)
		}
	}
	return out
}

func organisationOf(r *r4.Reference) []string {
	if r == nil || r.Identifier == nil {
		return nil
	}
	return identifiers([]r4.Identifier{*r.Identifier}, systemODS)
}

func interactionsOf(extensions []r4.Extension) []string {
	var out []string
	for _, x := range extensions {
		if x.Url == extensionInteraction && x.ValueReference != nil && x.ValueReference.Identifier != nil {
			out = append(out, identifiers([]r4.Identifier{*x.ValueReference.Identifier}, systemInteraction)...)
		}
	}
	return out
}

// disagrees: the resource says something, and not what was asked. Saying nothing is no disagreement.
func disagrees(said []string, asked string) bool {
	for _, s := range said {
		if s == asked {
			return false
		}
	}
	return len(said) > 0
}
