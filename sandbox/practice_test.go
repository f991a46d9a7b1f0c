package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestPracticeRules(t *testing.T) {
	s := run(t, Config{})
	for _, test := range []struct {
		name   string
		change func(*attempt)
		status int
		code   string
	}{
		{"Accept with charset", func(a *attempt) { a.header.Set("Accept", "application/fhir+json;charset=utf-8") }, 200, ""},
		{"no Accept", func(a *attempt) { delete(a.header, "Accept") }, 200, ""},
		{"Accept anything", func(a *attempt) { a.header.Set("Accept", "*/*") }, 200, ""},
		{"Accept a list", func(a *attempt) { a.header.Set("Accept", "text/html, application/fhir+json;q=0.9") }, 200, ""},
		{"_format beats Accept", func(a *attempt) { a.header.Set("Accept", "text/html"); a.path += "?_format=application/fhir%2Bjson" }, 200, ""},
		{"Accept HTML", func(a *attempt) { a.header.Set("Accept", "text/html") }, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"Accept of DSTU2", func(a *attempt) { a.header.Set("Accept", "application/json+fhir") }, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"_format HTML", func(a *attempt) { a.path += "?_format=html" }, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"Content-Type text", func(a *attempt) { a.header.Set("Content-Type", "text/plain") }, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"Content-Type of DSTU2", func(a *attempt) { a.header.Set("Content-Type", "application/json+fhir") }, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"Content-Type latin", func(a *attempt) { a.header.Set("Content-Type", "application/fhir+json;charset=iso-8859-1") }, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"no Content-Type", func(a *attempt) { delete(a.header, "Content-Type") }, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"path escaped", func(a *attempt) { a.path = strings.Replace(a.path, "$", "%24", 1) }, 200, ""},
		{"path in another case", func(a *attempt) { a.path = strings.ToLower(a.path) }, 400, "BAD_REQUEST"},
		{"path with a slash too many", func(a *attempt) { a.path = "/" + a.path }, 400, "BAD_REQUEST"},
		{"path of another operation", func(a *attempt) { a.path = "/Patient/$gpc.getcarerecord" }, 400, "BAD_REQUEST"},
		{"another method", func(a *attempt) { a.method = "PUT" }, 400, "BAD_REQUEST"},
	} {
		a := recordOf(t, s, "A12345", "9000000009", everything)
		test.change(a)
		r := a.send(t, s)
		if r.status != test.status {
			t.Errorf("%s: got status %d, want %d", test.name, r.status, test.status)
			continue
		}
		if got := r.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control: got %q, want no-store", test.name, got)
		}
		if test.code == "" {
			continue
		}
		if code, _ := r.outcome(t); code != test.code {
			t.Errorf("%s: got %s, want %s", test.name, code, test.code)
		}
	}
}

func TestProviderOutcomeShape(t *testing.T) {
	s := run(t, Config{})
	m := recordOf(t, s, "A12345", "9000000130", everything).send(t, s).fields(t)
	profile := m["meta"].(map[string]any)["profile"].([]any)[0]
	if want := "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-OperationOutcome-1"; profile != want {
		t.Errorf("profile: got %v, want %v", profile, want)
	}
	issue := m["issue"].([]any)[0].(map[string]any)
	coding := issue["details"].(map[string]any)["coding"].([]any)[0].(map[string]any)
	if coding["system"] != "https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1" || coding["code"] != "PATIENT_NOT_FOUND" ||
		issue["code"] != "not-found" || issue["severity"] != "error" {
		t.Errorf("got %v, want error, not-found, PATIENT_NOT_FOUND of Spine-ErrorOrWarningCode-1", issue)
	}
}

func TestPatientsThatAreNotAnswered(t *testing.T) {
	s := run(t, Config{})
	for _, test := range []struct {
		name, ods, nhs string
		status         int
		code           string
	}{
		{"ordinary", "A12345", "9000000009", 200, ""},
		{"empty record", "A12345", "9000000017", 200, ""},
		{"unknown", "A12345", "9000000130", 404, "PATIENT_NOT_FOUND"},
		{"registered elsewhere", "B82617", "9000000009", 404, "PATIENT_NOT_FOUND"},
		{"not registered", "A12345", "9000000114", 404, "PATIENT_NOT_FOUND"},
		{"sensitive", "A12345", "9000000025", 404, "PATIENT_NOT_FOUND"},
		{"deceased", "A12345", "9000000068", 404, "PATIENT_NOT_FOUND"},
		{"inactive", "A12345", "9000000076", 404, "PATIENT_NOT_FOUND"},
		{"no consent", "A12345", "9000000041", 403, "NO_PATIENT_CONSENT"},
		{"practice not enabled", "F13309", "9000000157", 403, "ACCESS DENIED"},
	} {
		r := recordOf(t, s, test.ods, test.nhs, everything).send(t, s)
		if r.status != test.status {
			t.Errorf("%s: got status %d, want %d", test.name, r.status, test.status)
		} else if test.code != "" {
			if code, _ := r.outcome(t); code != test.code {
				t.Errorf("%s: got %s, want %s", test.name, code, test.code)
			}
			if q := s.Requests()[len(s.Requests())-1]; q.Rule != "" {
				t.Errorf("%s: got rule %q, want none: the request was in order", test.name, q.Rule)
			}
		}
	}
}

func TestClosedPracticeIsAnOrganisationOnly(t *testing.T) {
	s := run(t, Config{})
	c := dial(t, s)
	closed := 0
	for _, p := range s.registry.practices {
		if p.Closed == "" {
			continue
		}
		closed++
		if got := len(find(t, c, "(nhsIDCode="+p.ODS+")")); got != 0 {
			t.Errorf("%s: got %d service records, want none", p.ODS, got)
		}
		e := s.directory.entries
		for _, x := range e {
			if x.dn == "uniqueIdentifier="+p.ODS+",ou=Organisations,o=nhs" && (x.one("nhsOrgCloseDate") != p.Closed || x.one("nhsOCSSuccessor") != p.Successor) {
				t.Errorf("%s: got closed %q, successor %q", p.ODS, x.one("nhsOrgCloseDate"), x.one("nhsOCSSuccessor"))
			}
		}
	}
	if closed == 0 {
		t.Error("no practice is closed, want one")
	}
}

func TestMetadataOfEachCapability(t *testing.T) {
	s := run(t, Config{})
	for interaction, want := range map[string]string{
		foundationMetadata: "1.2.7",
		"urn:nhs:names:services:gpconnect:structured:fhir:rest:read:metadata-1": "1.6.1",
		"urn:nhs:names:services:gpconnect:documents:fhir:rest:read:metadata-1":  "1.6.1",
	} {
		m := toward(t, s, "B82617", interaction, "GET", "/metadata", "organization/*.read").send(t, s).fields(t)
		if m["version"] != want || m["fhirVersion"] != "3.0.1" {
			t.Errorf("%s: got version %v of FHIR %v, want %s of 3.0.1", interaction, m["version"], m["fhirVersion"], want)
		}
	}
}

func TestInteractionWithoutHandler(t *testing.T) {
	s := run(t, Config{})
	a := metadata(t, s)
	p := s.surgeries["A12345"].practice
	header := http.Header{}
	for name, values := range a.header { // as they arrive
		header.Set(name, values[0])
	}
	header.Set("Authorization", a.encode(segment(t, a.token), segment(t, a.claims)))
	header.Set("Ssp-To", p.ASID)
	rows := slices.Clone(s.rows)
	for i := range rows {
		rows[i].handle = nil
	}
	bare := &Server{rows: rows, cfg: s.cfg, differences: s.differences}
	got := (&call{server: bare, practice: p, header: header, path: "/metadata", serves: func(capability) bool { return true }}).answer("GET", "")
	if got.status != 501 || !strings.Contains(string(got.body), "NOT_IMPLEMENTED") {
		t.Errorf("got %d %s, want 501 NOT_IMPLEMENTED", got.status, got.body)
	}
}
