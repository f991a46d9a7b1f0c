package sandbox

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	documentSearch = "documents:fhir:rest:search:documentreference-1"
	documentRead   = "documents:fhir:rest:read:binary-1"
)

func documentQueryOf(more ...string) string {
	q := url.Values{}
	for name, values := range documentIncludes() {
		q[name] = values
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Add(more[i], more[i+1])
	}
	return "?" + q.Encode()
}

func TestDocuments(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	found := c.do("documents:fhir:rest:search:patient-1", "/Patient?identifier="+url.QueryEscape(nhsSystem+"|9000000009"), nil)
	a := c.attempt(documentSearch, "/Patient/"+found.resources(t)[0]["id"].(string)+"/DocumentReference"+documentQueryOf(), nil)
	r := a.send(t, s)
	if r.status != 200 || r.fields(t)["id"] != a.header["Ssp-TraceID"][0] {
		t.Fatalf("got %d, want 200 with the trace id as the Bundle's: %.300s", r.status, r.body)
	}
	kinds := map[string]int{}
	for _, m := range r.resources(t) {
		kinds[m["resourceType"].(string)]++
		if m["resourceType"] != "DocumentReference" {
			continue
		}
		attachment := attachments(lenient(mustJSON(t, m)))[0]
		address, there := attachment["url"].(string)
		if !there {
			if attachment["title"] == nil {
				t.Error("an attachment without address does not say why")
			}
			continue
		}
		if want := a.address + "/Binary/"; !strings.HasPrefix(address, want) {
			t.Errorf("got address %s, want it under %s", address, want)
		}
		b := c.do(documentRead, strings.TrimPrefix(address, a.address), nil).fields(t)
		content, err := base64.StdEncoding.DecodeString(b["content"].(string))
		if err != nil || len(content) != sizeOf(attachment) || b["contentType"] != attachment["contentType"] || b["resourceType"] != "Binary" {
			t.Errorf("%s: got %d octets of %v and %v, want %d of %v", address, len(content), b["contentType"], err, sizeOf(attachment), attachment["contentType"])
		}
	}
	if kinds["Patient"] != 1 || kinds["DocumentReference"] != 3 || kinds["Organization"] != 2 {
		t.Errorf("got %v, want a patient, three documents, and two organisations that they name", kinds)
	}
}

func mustJSON(t testing.TB, fields map[string]any) []byte {
	t.Helper()
	return jsonAnswer(200, fields, "").body
}

func TestDocumentSearch(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	id := c.patientID("9000000009")
	for _, test := range []struct {
		name, path string
		status     int
		code       string
		found      int
	}{
		{"all", id + "/DocumentReference" + documentQueryOf(), 200, "", 3},
		{"from a day on", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-12"), 200, "", 2},
		{"up to a day", id + "/DocumentReference" + documentQueryOf("created", "le2026-03-12"), 200, "", 2},
		{"one day", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-12", "created", "le2026-03-12"), 200, "", 1},
		{"with a time", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-13T00:00:00+00:00"), 200, "", 1},
		{"nothing so late", id + "/DocumentReference" + documentQueryOf("created", "ge2031-01-01"), 200, "", 0},
		{"of an author", id + "/DocumentReference" + documentQueryOf("author", odsSystem+"|XZ101"), 200, "", 2},
		{"of another author", id + "/DocumentReference" + documentQueryOf("author", odsSystem+"|XZ199"), 200, "", 0},
		{"with a word", id + "/DocumentReference" + documentQueryOf("description", "EYE"), 200, "", 1},
		{"with a word of the type", id + "/DocumentReference" + documentQueryOf("description", "correspondence"), 200, "", 1},
		{"without includes", id + "/DocumentReference", 422, "INVALID_PARAMETER", 0},
		{"without one of them", id + "/DocumentReference" + strings.Replace(documentQueryOf(), "custodian", "x", 1), 422, "INVALID_PARAMETER", 0},
		{"two ge", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-12", "created", "ge2026-03-13"), 422, "INVALID_PARAMETER", 0},
		{"another prefix", id + "/DocumentReference" + documentQueryOf("created", "eq2026-03-12"), 422, "INVALID_PARAMETER", 0},
		{"no date", id + "/DocumentReference" + documentQueryOf("created", "geyesterday"), 422, "INVALID_PARAMETER", 0},
		{"a practitioner as author", id + "/DocumentReference" + documentQueryOf("author", "https://fhir.nhs.uk/Id/sds-user-id|1"), 422, "INVALID_PARAMETER", 0},
		{"two authors", id + "/DocumentReference" + documentQueryOf("author", odsSystem+"|XZ101", "author", odsSystem+"|XZ102"), 422, "INVALID_PARAMETER", 0},
		{"unknown patient", "nobody/DocumentReference" + documentQueryOf(), 404, "PATIENT_NOT_FOUND", 0},
		{"who dissents", c.patientID("9000000041") + "/DocumentReference" + documentQueryOf(), 403, "NO_PATIENT_CONSENT", 0},
		{"without documents", c.patientID("9000000017") + "/DocumentReference" + documentQueryOf(), 200, "", 0},
	} {
		r := c.do(documentSearch, "/Patient/"+test.path, nil)
		r.refused(t, test.name, test.status, test.code)
		if r.status == 200 && test.status == 200 {
			if got := len(found(r.resources(t)).of("DocumentReference")); got != test.found {
				t.Errorf("%s: got %d documents, want %d", test.name, got, test.found)
			}
		}
	}
	search := "documents:fhir:rest:search:patient-1"
	c.do(search, "/Patient?identifier="+url.QueryEscape("https://example.com|9000000009"), nil).refused(t, "another system", 422, "INVALID_PARAMETER")
	c.do(search, "/Patient", nil).refused(t, "no identifier", 400, "BAD_REQUEST")
	c.do(documentRead, "/Binary/nothing", nil).refused(t, "an unknown document", 404, "NO_RECORD_FOUND")
}

func TestDocumentsOfTheDead(t *testing.T) {
	clock := newClock(time.Date(2025, 12, 20, 9, 0, 0, 0, time.UTC)) // twenty days after 9000000068 died
	s := run(t, Config{Plain: true, Now: clock.now})
	c := from(t, s, "A12345")
	path := "/Patient?identifier=" + url.QueryEscape(nhsSystem+"|9000000068")
	r := c.do("documents:fhir:rest:search:patient-1", path, nil)
	if len(r.resources(t)) != 1 {
		t.Fatal("within the time: got nobody, want the patient")
	}
	search := "/Patient/" + r.resources(t)[0]["id"].(string) + "/DocumentReference" + documentQueryOf()
	c.do(documentSearch, search, nil).refused(t, "within the time", 200, "")
	if got := len(c.do("fhir:rest:search:patient-1", path, nil).resources(t)); got != 0 {
		t.Errorf("foundations: got %d, want nobody", got)
	}
	clock.advance(10 * 24 * time.Hour)
	if got := len(c.do("documents:fhir:rest:search:patient-1", path, nil).resources(t)); got != 0 {
		t.Errorf("after the time: got %d, want nobody", got)
	}
	c.do(documentSearch, search, nil).refused(t, "after the time", 404, "PATIENT_NOT_FOUND")
}

func TestDocumentContent(t *testing.T) {
	for kind, begins := range map[string]string{"application/pdf": "%PDF-", "image/tiff": "II*\x00", "text/plain": "This", "text/rtf": `{\rtf`, "": "This"} {
		for _, size := range []int{0, 1000, 70_001} {
			b := documentContent(kind, size)
			if !bytes.HasPrefix(b, []byte(begins)) || size > 300 && len(b) != size {
				t.Errorf("%s of %d: got %d octets that begin with %q", kind, size, len(b), b[:min(5, len(b))])
			}
		}
	}
}

func TestDocumentsOfOwnData(t *testing.T) {
	bundle := strings.Replace(bundleFor("9000000130"), `{"resource":{}}`,
		`{"resource":{"resourceType":"DocumentReference","id":"d1","subject":{"reference":"Patient/1"},"content":[{"attachment":{"contentType":"text/plain","url":"https://elsewhere.example/Binary/7","size":100}}]}}`, 1)
	s := run(t, Config{Data: ownData(t, map[string]string{"a.json": bundle})})
	c := from(t, s, "C11204")
	a := c.attempt(documentSearch, "/Patient/"+c.patientID("9000000130")+"/DocumentReference"+documentQueryOf(), nil)
	docs := found(a.send(t, s).resources(t)).of("DocumentReference")
	if len(docs) != 1 {
		t.Fatalf("got %d documents, want one", len(docs))
	}
	if got, want := attachments(lenient(mustJSON(t, docs[0])))[0]["url"], a.address+"/Binary/d1"; got != want {
		t.Errorf("got %v, want %s", got, want)
	}
	c.do(documentRead, "/Binary/d1", nil).refused(t, "reading it", 200, "")
}

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
