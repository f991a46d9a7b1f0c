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
