package sandbox

import (
	"slices"
	"strings"
)

// judgeParties judges device, organisation and practitioner. from is the ODS code of the
// organisation that Ssp-From belongs to, "" if that is not known; unattended calls need name
// no practitioner.
func judgeParties(claims map[string]any, from string, unattended bool) *flaw {
	device, wrong := party(claims, "requesting_device", "Device")
	if wrong != nil {
		return wrong
	}
	if len(identifiers(device)) == 0 {
		return invalidParty("requesting_device.identifier is missing or not valid")
	}
	for _, name := range []string{"model", "version"} {
		if value, ok := device[name].(string); !ok || value == "" {
			return invalidParty("requesting_device." + name + " is missing or not a string")
		}
	}
	organisation, wrong := party(claims, "requesting_organization", "Organization")
	if wrong != nil {
		return wrong
	}
	if name, ok := organisation["name"].(string); !ok || name == "" {
		return invalidParty("requesting_organization.name is missing or not a string")
	}
	ods := identifiers(organisation)["https://fhir.nhs.uk/Id/ods-organization-code"]
	switch {
	case len(ods) != 1:
		return invalidParty("requesting_organization.identifier has not exactly one ODS code")
	case from != "" && ods[0] != from:
		return flawed("requesting_organization is not the organisation that Ssp-From belongs to")
	}
	if _, named := claims["requesting_practitioner"]; !named && unattended {
		return nil
	}
	practitioner, wrong := party(claims, "requesting_practitioner", "Practitioner")
	if wrong != nil {
		return wrong
	}
	return judgePractitioner(practitioner, claims["sub"])
}

func judgePractitioner(p map[string]any, sub any) *flaw {
	id, ok := p["id"].(string)
	switch {
	case !ok || id == "":
		return invalidParty("requesting_practitioner.id is missing or not a string")
	case sub != id:
		return flawed("sub is not requesting_practitioner.id")
	}
	if ids := identifiers(p); len(ids["https://fhir.nhs.uk/Id/sds-user-id"]) != 1 {
		return invalidParty("requesting_practitioner.identifier has not exactly one SDS user id")
	}
	names, ok := p["name"].([]any)
	if !ok || len(names) == 0 {
		return invalidParty("requesting_practitioner.name is missing or not a list")
	}
	for _, n := range names {
		name, _ := n.(map[string]any)
		if family, ok := name["family"].(string); !ok || family == "" {
			return invalidParty("requesting_practitioner.name.family is missing or not a string")
		}
		for _, part := range []string{"given", "prefix"} {
			if value, there := name[part]; there && !isStrings(value) {
				return invalidParty("requesting_practitioner.name." + part + " is not a list of strings")
			}
		}
	}
	return nil
}

// invalidParty is a claim whose resource is not valid: 422, where a missing one is 400.
func invalidParty(text string) *flaw { return &flaw{"INVALID_RESOURCE", "token: " + text} }

func party(claims map[string]any, claim, resourceType string) (map[string]any, *flaw) {
	p, ok := claims[claim].(map[string]any)
	switch {
	case !ok:
		return nil, flawed(claim + " is missing or not an object")
	case p["resourceType"] != resourceType: // the sources say 400 and 422; the official suite asserts 422
		return nil, invalidParty(claim + ".resourceType is not " + resourceType)
	}
	known := elements(resourceType)
	for name := range p {
		if !slices.Contains(known, name) {
			return nil, invalidParty(claim + " has an element that a " + resourceType + " has not: " + name)
		}
	}
	return p, nil
}

// elements are those a resource of STU3 may have.
func elements(resourceType string) []string {
	own := map[string]string{
		"Device":       "identifier udi status type lotNumber manufacturer manufactureDate expirationDate model version patient owner contact location url note safety",
		"Organization": "identifier active type name alias telecom address partOf contact endpoint",
		"Practitioner": "identifier active name telecom address gender birthDate photo qualification communication",
	}
	return strings.Fields("resourceType id meta implicitRules language text contained extension modifierExtension " + own[resourceType])
}

// identifiers are the values by system; none at all if one of them is malformed.
func identifiers(resource map[string]any) map[string][]string {
	list, _ := resource["identifier"].([]any)
	out := map[string][]string{}
	for _, i := range list {
		identifier, _ := i.(map[string]any)
		system, ok1 := identifier["system"].(string)
		value, ok2 := identifier["value"].(string)
		if !ok1 || !ok2 || system == "" || value == "" {
			return nil
		}
		out[system] = append(out[system], value)
	}
	return out
}

func isStrings(value any) bool {
	list, ok := value.([]any)
	return ok && !slices.ContainsFunc(list, func(v any) bool { s, ok := v.(string); return !ok || s == "" })
}
