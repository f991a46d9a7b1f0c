package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A flaw is what is wrong with a token: the Spine code it is refused with, and the claim by
// name.
type flaw struct{ code, text string }

func flawed(text string) *flaw { return &flaw{"BAD_REQUEST", "token: " + text} }

const (
	lifetime = 300 // seconds from iat to exp, exactly
	leeway   = 200 // seconds that iat may lie in the future, as the official suite has it
)

// judgeToken judges the cross-organisation audit token claim by claim and names the first
// that fails.
func (c *call) judgeToken() *flaw {
	claims, wrong := openToken(c.header.Values("Authorization"))
	if wrong != nil {
		return wrong
	}
	c.claims = claims
	if wrong := c.judgeClaims(claims); wrong != nil {
		return wrong
	}
	from := ""
	if c.address != "" { // a practice that is called directly does not know who owns an ASID
		from = c.server.registry.systems[c.sender].ods
	}
	return judgeParties(claims, from, c.row.unattended())
}

// openToken takes the envelope off: Bearer, two segments and an empty signature, base64url
// without padding, a header with alg and typ and nothing else.
func openToken(authorization []string) (map[string]any, *flaw) {
	if len(authorization) != 1 {
		return nil, flawed("Authorization is not there once")
	}
	token, ok := strings.CutPrefix(authorization[0], "Bearer ")
	if !ok || token == "" || strings.ContainsAny(token, " \t,") {
		return nil, flawed("Authorization is not Bearer, one space and a token")
	}
	segments := strings.Split(token, ".")
	switch {
	case len(segments) == 2:
		return nil, flawed("the trailing dot of the empty signature is missing")
	case len(segments) != 3 || segments[0] == "" || segments[1] == "":
		return nil, flawed("not header, payload and signature")
	case segments[2] != "":
		return nil, flawed("the signature is not empty")
	}
	header, wrong := openSegment("header", segments[0])
	if wrong != nil {
		return nil, wrong
	}
	switch {
	case header["alg"] != "none":
		return nil, flawed("header: alg is not none")
	case header["typ"] != "JWT":
		return nil, flawed("header: typ is not JWT")
	case len(header) != 2:
		return nil, flawed("header: something besides alg and typ")
	}
	return openSegment("payload", segments[1])
}

func openSegment(name, segment string) (map[string]any, *flaw) {
	if strings.ContainsAny(segment, "=+/") {
		return nil, flawed(name + ": base64url without padding was expected")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return nil, flawed(name + ": not base64url")
	}
	value, err := decodeStrict(b)
	object, ok := value.(map[string]any)
	if err != nil || !ok {
		return nil, flawed(name + ": not a JSON object, or a name in it is repeated")
	}
	return object, nil
}

// readClaims reads what it can of a token, for the history.
func readClaims(authorization string) map[string]any {
	segments := strings.Split(strings.TrimPrefix(authorization, "Bearer "), ".")
	if len(segments) < 2 {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(segments[1], "="))
	if err != nil {
		return nil
	}
	value, _ := decodeStrict(b)
	claims, _ := value.(map[string]any)
	return claims
}

// judgeClaims judges the claims that are no resources.
func (c *call) judgeClaims(claims map[string]any) *flaw {
	for _, name := range []string{"iss", "sub", "aud", "reason_for_request", "requested_scope"} {
		if value, ok := claims[name].(string); !ok || value == "" {
			return flawed(name + " is missing or not a string")
		}
	}
	if wrong := judgeTimes(claims, c.server.cfg.Now()); wrong != nil {
		return wrong
	}
	if u, err := url.Parse(claims["iss"].(string)); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return flawed("iss is not a URL")
	}
	if c.address != "" && claims["aud"] != c.address {
		return flawed("aud is not the service root as the directory gives it")
	}
	if reasons := strings.Fields(c.row.reason); !slices.Contains(reasons, claims["reason_for_request"].(string)) {
		return flawed("reason_for_request is not " + strings.Join(reasons, " or "))
	}
	switch scope := claims["requested_scope"]; {
	case scope == c.row.scope || scope == c.row.scope+" conf/N":
	case scope == c.row.scope+" conf/R" && c.row.restricted():
	default:
		return flawed("requested_scope is not " + c.row.scope)
	}
	if _, there := claims["requested_record"]; there {
		return flawed("requested_record does not belong into a token of version 1")
	}
	return nil
}

func judgeTimes(claims map[string]any, now time.Time) *flaw {
	iat, ok := seconds(claims["iat"])
	if !ok {
		return flawed("iat is missing or not a whole number of seconds")
	}
	exp, ok := seconds(claims["exp"])
	switch {
	case !ok:
		return flawed("exp is missing or not a whole number of seconds")
	case exp-iat != lifetime:
		return flawed("exp is not 300 seconds after iat")
	case iat > now.Unix()+leeway:
		return flawed("iat is in the future")
	case exp <= now.Unix():
		return flawed("exp has passed")
	}
	return nil
}

func seconds(value any) (int64, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil && i > 0
}

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
