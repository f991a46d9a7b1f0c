package sandbox

import (
	"slices"
	"strings"
	"testing"
)

func TestMigrate(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	hub := func(a *attempt) { // the practice that PDS names for 9000000319
		a.header.Set("Ssp-From", "200000000367")
		a.claims["requesting_organization"] = map[string]any{"resourceType": "Organization", "name": "Hub", "identifier": []any{map[string]any{"system": odsSystem, "value": "B22222"}}}
	}
	scope := func(to string) func(*attempt) { return func(a *attempt) { a.claims["requested_scope"] = to } }
	body := func(nhs, full string) string { return parametersOf(nhs, full) }
	const full = `{"name":"includeFullRecord","part":[{"name":"includeSensitiveInformation","valueBoolean":false}]}`
	sensitive := strings.Replace(full, "false", "true", 1)
	const migrate, path = "fhir:operation:gpc.migratestructuredrecord-1", "/Patient/$gpc.migratestructuredrecord"
	for _, test := range []struct {
		name, body string
		changes    []func(*attempt)
		status     int
		code       string
	}{
		{"without what is sensitive", body("9000000319", full), []func(*attempt){hub, scope("patient/*.read conf/N")}, 200, ""},
		{"by the bare scope", body("9000000319", full), []func(*attempt){hub}, 200, ""},
		{"with what is sensitive", body("9000000319", sensitive), []func(*attempt){hub, scope("patient/*.read conf/R")}, 200, ""},
		{"by nobody in particular", body("9000000319", full), []func(*attempt){hub, func(a *attempt) { delete(a.claims, "requesting_practitioner") }}, 200, ""},
		{"sensitive by the wrong scope", body("9000000319", sensitive), []func(*attempt){hub, scope("patient/*.read conf/N")}, 400, "CONFLICTING_VALUES"},
		{"the wrong way round", body("9000000319", full), []func(*attempt){hub, scope("patient/*.read conf/R")}, 400, "CONFLICTING_VALUES"},
		{"without scope", body("9000000319", full), []func(*attempt){hub, scope("")}, 400, "BAD_REQUEST"},
		{"for direct care", body("9000000319", full), []func(*attempt){hub, func(a *attempt) { a.claims["reason_for_request"] = "directcare" }}, 400, "BAD_REQUEST"},
		{"by another practice", body("9000000319", full), nil, 403, "NO_RELATIONSHIP"},
		{"of who has not moved", body("9000000009", full), []func(*attempt){hub}, 403, "NO_RELATIONSHIP"},
		{"of who dissents", body("9000000041", full), []func(*attempt){hub}, 403, "NO_PATIENT_CONSENT"},
		{"of the dead", body("9000000068", full), []func(*attempt){hub}, 404, "PATIENT_NOT_FOUND"},
		{"of nobody", body("9000000130", full), []func(*attempt){hub}, 404, "PATIENT_NOT_FOUND"},
		{"with another parameter", body("9000000319", full+`,{"name":"includeMedication"}`), []func(*attempt){hub}, 422, "INVALID_PARAMETER"},
		{"without the parameter", body("9000000319", ""), []func(*attempt){hub}, 422, "INVALID_PARAMETER"},
		{"without its part", body("9000000319", `{"name":"includeFullRecord"}`), []func(*attempt){hub}, 422, "INVALID_PARAMETER"},
		{"with a wrong number", body("9000000310", full), []func(*attempt){hub}, 400, "INVALID_NHS_NUMBER"},
		{"no Parameters", `{"resourceType":"Patient"}`, []func(*attempt){hub}, 422, "INVALID_RESOURCE"},
	} {
		r := c.do(migrate, path, test.body, test.changes...)
		r.refused(t, test.name, test.status, test.code)
		if r.status == 200 && test.status == 200 {
			lists := 0
			for _, m := range r.resources(t) {
				if m["resourceType"] == "List" && m["id"] == nil {
					lists++
				}
			}
			if lists < 10 {
				t.Errorf("%s: got %d lists, want all", test.name, lists)
			}
		}
	}
}

// TestMigrateHasEveryDocument: what is too large to be read can be migrated.
func TestMigrateHasEveryDocument(t *testing.T) {
	s := run(t, Config{Plain: true})
	s.people.byNumber["9000000009"].Moved = "A11111"
	c := from(t, s, "A12345")
	r := c.do("fhir:operation:gpc.migratestructuredrecord-1", "/Patient/$gpc.migratestructuredrecord",
		parametersOf("9000000009", `{"name":"includeFullRecord","part":[{"name":"includeSensitiveInformation","valueBoolean":false}]}`))
	large := 0
	for _, d := range found(r.resources(t)).of("DocumentReference") {
		a := attachments(lenient(mustJSON(t, d)))[0]
		address, _ := a["url"].(string)
		if address == "" {
			t.Errorf("%v has no address", d["id"])
			continue
		}
		path := "/Binary/" + d["id"].(string)
		b := c.do("documents:fhir:rest:migrate:binary-1", path, nil)
		b.refused(t, "migrating "+path, 200, "")
		if sizeOf(a) > maxDocument {
			large++
			c.do(documentRead, path, nil).refused(t, "reading "+path, 404, "NO_RECORD_FOUND")
			if len(b.body) < sizeOf(a) {
				t.Errorf("%s: got %d octets, want more than %d", path, len(b.body), sizeOf(a))
			}
		}
	}
	if large == 0 {
		t.Error("no document is too large to be read, want one")
	}
	immunisations := 0
	for _, m := range found(r.resources(t)).of("Immunization") {
		if m["notGiven"] == true {
			immunisations++
		}
	}
	if immunisations == 0 {
		t.Error("what was not given is missing, want the whole record")
	}
}

func TestAreasThatAreSwitchedOff(t *testing.T) {
	s := run(t, Config{})
	r := recordOf(t, s, "D15530", "9000000300", everything).send(t, s)
	var warnings []string
	for _, m := range r.resources(t) {
		switch m["resourceType"] {
		case "OperationOutcome":
			for _, i := range m["issue"].([]any) {
				issue := i.(map[string]any)
				warnings = append(warnings, issue["severity"].(string)+" "+issue["details"].(map[string]any)["text"].(string)+" "+issue["diagnostics"].(string))
			}
		case "ReferralRequest":
			t.Error("got a referral of an area that is switched off")
		}
	}
	slices.Sort(warnings)
	want := []string{"warning includeDiaryEntries has been disabled includeDiaryEntries", "warning includeReferrals has been disabled includeReferrals"}
	if !slices.Equal(warnings, want) {
		t.Errorf("got %q, want %q", warnings, want)
	}
	for _, m := range recordOf(t, s, "D15530", "9000000300", `{"name":"includeMedication"}`).send(t, s).resources(t) {
		if m["resourceType"] == "OperationOutcome" {
			t.Error("got a warning of an area that was not asked for")
		}
	}
}

// TestNotGivenByDefault: an immunisation that was not given comes only when it is asked for
// (structured record, includeNotGiven).
func TestNotGivenByDefault(t *testing.T) {
	s := run(t, Config{})
	notGiven := func(parameters string) (n int) {
		for _, m := range recordOf(t, s, "A12345", "9000000009", parameters).send(t, s).resources(t) {
			if m["resourceType"] == "Immunization" && m["notGiven"] == true {
				n++
			}
		}
		return n
	}
	if got := notGiven(`{"name":"includeImmunisations"}`); got != 0 {
		t.Errorf("by default: got %d, want none", got)
	}
	if got := notGiven(withPart("includeImmunisations", "includeNotGiven", `"valueBoolean":true`)); got == 0 {
		t.Error("asked for: got none, want one")
	}
}

// TestOnlyUnknownParameters: the specification has an error for it, the official suite a
// warning for each.
func TestOnlyUnknownParameters(t *testing.T) {
	s := run(t, Config{})
	r := recordOf(t, s, "A12345", "9000000009", `{"name":"includeDreams"},{"name":"includeNightmares"}`).send(t, s)
	r.refused(t, "only unknown", 200, "")
	for _, m := range r.resources(t) {
		if m["resourceType"] == "OperationOutcome" && len(m["issue"].([]any)) == 2 {
			return
		}
	}
	t.Error("got no warning for each of the two")
}
