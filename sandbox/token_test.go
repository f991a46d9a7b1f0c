package sandbox

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestTokenClaimByClaim(t *testing.T) {
	s := run(t, Config{})
	set := func(name string, value any) func(*attempt) { return func(a *attempt) { a.claims[name] = value } }
	within := func(claim, name string, value any) func(*attempt) {
		return func(a *attempt) {
			m := a.claims[claim].(map[string]any)
			if m[name] = value; value == nil {
				delete(m, name)
			}
		}
	}
	ods := func(value string) []any {
		return []any{map[string]any{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": value}}
	}
	now := time.Now().Unix()
	times := func(iat, exp any) func(*attempt) {
		return func(a *attempt) { a.claims["iat"], a.claims["exp"] = iat, exp }
	}
	for _, test := range []struct {
		name   string
		change func(*attempt)
		status int
		says   string // what the diagnostics name
	}{
		{"every claim right", func(*attempt) {}, 200, ""},
		{"conf/N is implied and may be said", set("requested_scope", "organization/*.read conf/N"), 200, ""},
		{"no role profile", within("requesting_practitioner", "identifier", []any{map[string]any{"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "UNK"}}), 200, ""},
		{"five seconds ahead", times(now+4, now+304), 200, ""},
		{"some time ago", times(now-290, now+10), 200, ""},
		{"a claim nobody knows", set("jti", "x"), 200, ""},
		{"name without prefix", within("requesting_practitioner", "name", []any{map[string]any{"family": "Doe"}}), 200, ""},

		{"issuer no URL", set("iss", "consumer"), 400, "iss"},
		{"issuer no string", set("iss", 7), 400, "iss"},
		{"audience of another", set("aud", "https://elsewhere.example/"), 400, "aud"},
		{"audience of 0.7", set("aud", "https://authorize.fhir.nhs.net/token"), 400, "aud"},
		{"reason", set("reason_for_request", "secondaryuses"), 400, "reason_for_request"},
		{"migration", set("reason_for_request", "migration"), 400, "reason_for_request"},
		{"scope of another interaction", set("requested_scope", "patient/*.read"), 400, "requested_scope"},
		{"restricted scope", set("requested_scope", "organization/*.read conf/R"), 400, "requested_scope"},
		{"requested_record", set("requested_record", map[string]any{}), 400, "requested_record"},
		{"five minutes and one", times(now, now+301), 400, "exp"},
		{"exp before iat", times(now, now-1), 400, "exp"},
		{"expired", times(now-400, now-100), 400, "exp has passed"},
		{"a clock that is ahead", times(now+190, now+490), 200, ""},
		{"in the future", times(now+260, now+560), 400, "iat is in the future"},
		{"iat a string", times("1700000000", now+300), 400, "iat"},
		{"iat a fraction", times(float64(now)+0.5, now+300), 400, "iat"},
		{"exp a string", times(now, "1700000000"), 400, "exp"},
		{"sub not the practitioner", set("sub", "somebody"), 400, "sub"},
		{"practitioner's id missing", within("requesting_practitioner", "id", nil), 422, "requesting_practitioner.id"},
		{"practitioner's type", within("requesting_practitioner", "resourceType", "Person"), 422, "requesting_practitioner.resourceType"},
		{"practitioner without SDS user id", within("requesting_practitioner", "identifier", ods("x")), 422, "requesting_practitioner.identifier"},
		{"name an object, as in 0.7", within("requesting_practitioner", "name", map[string]any{"family": []any{"Doe"}}), 422, "requesting_practitioner.name"},
		{"family a list", within("requesting_practitioner", "name", []any{map[string]any{"family": []any{"Doe"}}}), 422, "requesting_practitioner.name.family"},
		{"given a string", within("requesting_practitioner", "name", []any{map[string]any{"family": "Doe", "given": "Sam"}}), 422, "requesting_practitioner.name.given"},
		{"device's type", within("requesting_device", "resourceType", "device"), 422, "requesting_device.resourceType"},
		{"device without identifier", within("requesting_device", "identifier", nil), 422, "requesting_device.identifier"},
		{"device without model", within("requesting_device", "model", nil), 422, "requesting_device.model"},
		{"device without version", within("requesting_device", "version", ""), 422, "requesting_device.version"},
		{"device with an element of its own", within("requesting_device", "colour", "blue"), 422, "requesting_device"},
		{"organisation's type", within("requesting_organization", "resourceType", "Organisation"), 422, "requesting_organization.resourceType"},
		{"organisation without name", within("requesting_organization", "name", nil), 422, "requesting_organization.name"},
		{"organisation without ODS code", within("requesting_organization", "identifier", []any{}), 422, "requesting_organization.identifier"},
		{"organisation is not the sender", within("requesting_organization", "identifier", ods("B22222")), 400, "requesting_organization"},

		{"header with kid", func(a *attempt) { a.token["kid"] = "1" }, 400, "header"},
		{"alg RS512", func(a *attempt) { a.token["alg"] = "RS512" }, 400, "alg"},
		{"alg None", func(a *attempt) { a.token["alg"] = "None" }, 400, "alg"},
		{"typ missing", func(a *attempt) { delete(a.token, "typ") }, 400, "typ"},
		{"no trailing dot", func(a *attempt) { a.encode = func(h, c string) string { return "Bearer " + h + "." + c } }, 400, "trailing dot"},
		{"a signature", func(a *attempt) { a.encode = func(h, c string) string { return "Bearer " + h + "." + c + ".xyz" } }, 400, "signature"},
		{"four segments", func(a *attempt) { a.encode = func(h, c string) string { return "Bearer " + h + "." + c + ".." } }, 400, "token"},
		{"empty payload", func(a *attempt) { a.encode = func(h, c string) string { return "Bearer " + h + ".." } }, 400, "token"},
		{"another scheme", func(a *attempt) { a.encode = func(h, c string) string { return "Basic " + h + "." + c + "." } }, 400, "Bearer"},
		{"bearer in small letters", func(a *attempt) { a.encode = func(h, c string) string { return "bearer " + h + "." + c + "." } }, 400, "Bearer"},
		{"two spaces", func(a *attempt) { a.encode = func(h, c string) string { return "Bearer  " + h + "." + c + "." } }, 400, "Bearer"},
		{"padded", func(a *attempt) { a.encode = func(h, c string) string { return "Bearer " + h + "==." + c + "." } }, 400, "header"},
		{"standard alphabet", func(a *attempt) {
			a.encode = func(h, c string) string { return "Bearer " + h + "." + c[:8] + "+" + c[8:] + "." }
		}, 400, "payload"},
		{"payload no base64url", func(a *attempt) {
			a.encode = func(h, c string) string { return "Bearer " + h + "." + c[:8] + "!" + c[8:] + "." }
		}, 400, "payload"},
		{"payload no object", func(a *attempt) {
			a.encode = func(h, c string) string {
				return "Bearer " + h + "." + base64.RawURLEncoding.EncodeToString([]byte("[]")) + "."
			}
		}, 400, "payload"},
		{"a claim twice", func(a *attempt) {
			a.encode = func(h, c string) string {
				b, _ := base64.RawURLEncoding.DecodeString(c)
				return "Bearer " + h + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"10019",`+string(b[1:]))) + "."
			}
		}, 400, "payload"},
		{"two Authorizations", func(a *attempt) { a.header["Authorization"] = []string{"Bearer a.b.", "Bearer a.b."} }, 400, "Authorization"},
	} {
		a := metadata(t, s)
		test.change(a)
		judgeOne(t, s, test.name, a, test.status, test.says)
	}
	for _, claim := range []string{"iss", "sub", "aud", "iat", "exp", "reason_for_request", "requested_scope", "requesting_device", "requesting_organization", "requesting_practitioner"} {
		a := metadata(t, s)
		delete(a.claims, claim)
		judgeOne(t, s, "without "+claim, a, 400, claim)
		a = metadata(t, s)
		a.claims[claim] = nil
		judgeOne(t, s, "null "+claim, a, 400, claim)
	}
}

// judgeOne sends an attempt and wants its outcome to name what was wrong.
func judgeOne(t *testing.T, s *Server, name string, a *attempt, status int, says string) {
	t.Helper()
	r := a.send(t, s)
	if r.status != status {
		t.Errorf("%s: got status %d, want %d", name, r.status, status)
		return
	}
	if status == 200 {
		return
	}
	code, diagnostics := r.outcome(t)
	if want := map[int]string{400: "BAD_REQUEST", 422: "INVALID_RESOURCE"}[status]; code != want {
		t.Errorf("%s: got %s, want %s", name, code, want)
	}
	if !strings.Contains(diagnostics, says) {
		t.Errorf("%s: got diagnostics %q, want them to name %q", name, diagnostics, says)
	}
	last := s.Requests()[len(s.Requests())-1]
	if last.Where != "provider" || !strings.Contains(last.Rule, says) {
		t.Errorf("%s: history ends with %s, rule %q; want the practice's, naming %q", name, last.Where, last.Rule, says)
	}
}

func TestTokenClockIsInjected(t *testing.T) {
	then := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	s := run(t, Config{Now: func() time.Time { return then }})
	if r := metadata(t, s).send(t, s); r.status != 200 {
		t.Errorf("a token of that day: got %d, want 200", r.status)
	}
	if got := s.Requests()[0].At; !got.Equal(then) {
		t.Errorf("history: got %v, want %v", got, then)
	}
	a := metadata(t, s)
	a.claims["iat"], a.claims["exp"] = time.Now().Unix(), time.Now().Unix()+300
	judgeOne(t, s, "a token of today", a, 400, "exp has passed")
}

func FuzzOpenToken(f *testing.F) {
	f.Add("Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIn0.")
	f.Add("Bearer e30.e30.")
	f.Add("Bearer ..")
	f.Add("Bearer " + base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("[", 5000))) + ".e30.")
	f.Fuzz(func(t *testing.T, authorization string) {
		claims, wrong := openToken([]string{authorization})
		if (claims == nil) == (wrong == nil) {
			t.Errorf("got claims %v and flaw %v, want one of them", claims != nil, wrong)
		}
		if wrong == nil {
			if readClaims(authorization) == nil {
				t.Error("an accepted token has no claims for the history")
			}
			judgeTimes(claims, time.Unix(1_700_000_000, 0))
			judgeParties(claims, "A11111", false)
		}
	})
}
