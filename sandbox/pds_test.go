package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// at follows names and indices into a decoded document, nil where there is nothing.
func at(value any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[key]
		case int:
			l, _ := value.([]any)
			if key >= len(l) {
				return nil
			}
			value = l[key]
		}
	}
	return value
}

func TestPDSReadsAPatient(t *testing.T) {
	a := newApplication(t, run(t, Config{Plain: true})).logOn()
	h := a.header()
	h.Set("X-Correlation-ID", "some-correlation")
	r := a.do("GET", a.server.PDSURL()+"/Patient/9000000270", h, "")
	if r.status != 200 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	for name, want := range map[string]string{"Content-Type": "application/fhir+json", "ETag": `W/"7"`, "X-Request-ID": h.Get("X-Request-ID"),
		"X-Correlation-ID": "some-correlation", "Cache-Control": "no-store", "X-Sandbox": "gpc"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	p := r.fields(t)
	for _, test := range []struct {
		want any
		path []any
	}{
		{"Patient", []any{"resourceType"}},
		{"9000000270", []any{"id"}},
		{"9000000270", []any{"identifier", 0, "value"}},
		{"https://fhir.nhs.uk/Id/nhs-number", []any{"identifier", 0, "system"}},
		{"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus", []any{"identifier", 0, "extension", 0, "url"}},
		{"01", []any{"identifier", 0, "extension", 0, "valueCodeableConcept", "coding", 0, "code"}},
		{"7", []any{"meta", "versionId"}},
		{"U", []any{"meta", "security", 0, "code"}},
		{"http://terminology.hl7.org/CodeSystem/v3-Confidentiality", []any{"meta", "security", 0, "system"}},
		{"usual", []any{"name", 0, "use"}},
		{"Winterslow", []any{"name", 0, "family"}},
		{"Ottoline", []any{"name", 0, "given", 0}},
		{"Ms", []any{"name", 0, "prefix", 0}},
		{"Marchpane", []any{"name", 1, "family"}},
		{"female", []any{"gender"}},
		{"1990-04-08", []any{"birthDate"}},
		{"ZZ99 3BA", []any{"address", 0, "postalCode"}},
		{"C11204", []any{"generalPractitioner", 0, "identifier", "value"}},
		{"2025-09-01", []any{"generalPractitioner", 0, "identifier", "period", "start"}},
		{nil, []any{"generalPractitioner", 0, "identifier", "period", "end"}},
		{nil, []any{"deceasedDateTime"}},
		{nil, []any{"extension"}},
	} {
		if got := at(p, test.path...); got != test.want {
			t.Errorf("%v: got %v, want %v", test.path, got, test.want)
		}
	}
}

// TestPDSGates has one person for each reason for which GP Connect must not be asked, and
// the ones nearest to them for whom it may be.
func TestPDSGates(t *testing.T) {
	a := newApplication(t, run(t, Config{})).logOn()
	const notified, removed = "Extension-UKCore-DeathNotificationStatus", "Extension-PDS-RemovalFromRegistration"
	for _, test := range []struct {
		name, nhs    string
		id           string // of the answer
		practice     string
		until        string
		security     string
		verification string
		died         string
		extension    string // the end of its URL
		code         string
	}{
		{"ordinary", "9000000009", "9000000009", "A12345", "", "U", "01", "", "", ""},
		{"ordinary elsewhere", "9000000084", "9000000084", "B82617", "", "U", "01", "", "", ""},
		{"dissents from sharing", "9000000041", "9000000041", "A12345", "", "U", "01", "", "", ""},
		{"restricted", "9000000025", "9000000025", "", "", "R", "01", "", "", ""},
		{"very restricted", "9000000289", "9000000289", "", "", "V", "01", "", "", ""},
		{"unverified", "9000000211", "9000000211", "A12345", "", "U", "02", "", "", ""},
		{"superseded", "9000000181", "9000000009", "A12345", "", "U", "01", "", "", ""},
		{"deceased, as people.json has it", "9000000068", "9000000068", "A12345", "", "U", "01", "2025-11-30T00:00:00+00:00", notified, "2"},
		{"deceased, formal", "9000000238", "9000000238", "A12345", "", "U", "01", "2024-08-19T00:00:00+00:00", notified, "2"},
		{"deceased, informal", "9000000246", "9000000246", "B82617", "", "U", "01", "2025-10-02T00:00:00+00:00", notified, "1"},
		{"death taken back", "9000000297", "9000000297", "A12345", "", "U", "01", "", notified, "U"},
		{"removed from registration", "9000000254", "9000000254", "", "", "U", "01", "", removed, "SCT"},
		{"no practice", "9000000114", "9000000114", "", "", "U", "01", "", "", ""},
		{"registration ended", "9000000262", "9000000262", "A12345", "2024-03-31", "U", "01", "", "", ""},
		{"left the practice", "9000000076", "9000000076", "A12345", "2025-03-31", "U", "01", "", "", ""},
		{"changed practice", "9000000270", "9000000270", "C11204", "", "U", "01", "", "", ""},
		{"practice closed", "9000000165", "9000000165", "G10816", "", "U", "01", "", "", ""},
	} {
		r := a.read(test.nhs)
		if r.status != 200 {
			t.Errorf("%s: got %d %s", test.name, r.status, r.body)
			continue
		}
		p := r.fields(t)
		text := func(path ...any) string { s, _ := at(p, path...).(string); return s }
		got := []string{text("id"), text("generalPractitioner", 0, "identifier", "value"), text("generalPractitioner", 0, "identifier", "period", "end"),
			text("meta", "security", 0, "code"), text("identifier", 0, "extension", 0, "valueCodeableConcept", "coding", 0, "code"), text("deceasedDateTime")}
		want := []string{test.id, test.practice, test.until, test.security, test.verification, test.died}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s:\n got %v\nwant %v", test.name, got, want)
		}
		if test.security != "U" && (p["address"] != nil || p["telecom"] != nil || p["generalPractitioner"] != nil) {
			t.Errorf("%s: the answer tells where the person may be found", test.name)
		}
		if code := codeOfExtension(p, test.extension); code != test.code {
			t.Errorf("%s: extension %s: got %q, want %q", test.name, test.extension, code, test.code)
		}
	}
}

// codeOfExtension is the code in the first part of the extension whose URL ends so.
func codeOfExtension(p map[string]any, ending string) string {
	list, _ := p["extension"].([]any)
	for i := range list {
		if url, _ := at(list, i, "url").(string); ending != "" && strings.HasSuffix(url, ending) {
			code, _ := at(list, i, "extension", 0, "valueCodeableConcept", "coding", 0, "code").(string)
			return code
		}
	}
	return ""
}

func TestPDSRefuses(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s).logOn()
	set := func(name, value string) http.Header {
		h := a.header()
		if h.Set(name, value); value == "" {
			h.Del(name)
		}
		return h
	}
	for _, test := range []struct {
		name, method, path string
		header             http.Header
		status             int
		code, diagnostics  string
		blameless          bool
	}{
		{"nothing wrong", "GET", "/Patient/9000000009", a.header(), 200, "", "", true},
		{"no organisation", "GET", "/Patient/9000000009", set("NHSD-End-User-Organisation-ODS", ""), 200, "", "", true},
		{"no token", "GET", "/Patient/9000000009", set("Authorization", ""), 401, "ACCESS_DENIED", "Missing access token", false},
		{"another scheme", "GET", "/Patient/9000000009", set("Authorization", "Basic "+a.token), 401, "ACCESS_DENIED", "Missing access token", false},
		{"a token of nobody's", "GET", "/Patient/9000000009", set("Authorization", "Bearer x"), 401, "ACCESS_DENIED", "Invalid Access Token", false},
		{"the key instead of a token", "GET", "/Patient/9000000009", http.Header{"Apikey": {"sandbox-api-key"}, "X-Request-Id": {newUUID()}}, 401, "ACCESS_DENIED", "Missing access token", false},
		{"no request id", "GET", "/Patient/9000000009", set("X-Request-ID", ""), 400, "MISSING_VALUE", "Invalid request with error - X-Request-ID header must be supplied to access this resource", false},
		{"a request id that is no UUID", "GET", "/Patient/9000000009", set("X-Request-ID", "1"), 400, "INVALID_VALUE", "Invalid value - '1' in header 'X-Request-ID'", false},
		{"an organisation that is none", "GET", "/Patient/9000000009", set("NHSD-End-User-Organisation-ODS", "a1"), 400, "INVALID_VALUE", "Invalid value - 'a1' in header 'NHSD-End-User-Organisation-ODS'", false},
		{"no NHS number", "GET", "/Patient/9000000026", a.header(), 400, "INVALID_RESOURCE_ID", "Invalid value - '9000000026' in field 'id'", false},
		{"nobody's number", "GET", "/Patient/9449305552", a.header(), 404, "RESOURCE_NOT_FOUND", "", true},
		{"invalidated", "GET", "/Patient/9000000203", a.header(), 404, "INVALIDATED_RESOURCE", "", true},
		{"another resource", "GET", "/Practitioner/1", a.header(), 400, "UNSUPPORTED_SERVICE", "the path is not served here", false},
		{"related persons", "GET", "/Patient/9000000009/RelatedPerson", a.header(), 400, "UNSUPPORTED_SERVICE", "the path is not served here", false},
		{"an empty id", "GET", "/Patient/", a.header(), 400, "UNSUPPORTED_SERVICE", "the path is not served here", false},
		{"PATCH", "PATCH", "/Patient/9000000009", a.header(), 403, "INVALID_METHOD", "the method is not GET", false},
		{"POST", "POST", "/Patient", a.header(), 403, "INVALID_METHOD", "the method is not GET", false},
	} {
		r := a.do(test.method, s.PDSURL()+test.path, test.header, "")
		if r.status != test.status {
			t.Errorf("%s: got %d %s, want %d", test.name, r.status, r.body, test.status)
			continue
		}
		if test.code != "" {
			if code, diagnostics := r.coded(t); code != test.code || diagnostics != test.diagnostics {
				t.Errorf("%s: got %s %q, want %s %q", test.name, code, diagnostics, test.code, test.diagnostics)
			}
			if at(r.fields(t), "issue", 0, "details", "coding", 0, "system") != "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode" {
				t.Errorf("%s: got another code system", test.name)
			}
		}
		if got := test.header.Get("X-Request-ID"); r.header.Get("X-Request-ID") != got {
			t.Errorf("%s: X-Request-ID is not echoed", test.name)
		}
		if q := last(t, s, "pds"); q.Status != test.status || (q.Rule == "") != test.blameless || strings.Contains(q.Rule, "900000") {
			t.Errorf("%s: history: got status %d, rule %q", test.name, q.Status, q.Rule)
		}
	}
}

func TestPDSByKey(t *testing.T) {
	a := newApplication(t, run(t, Config{PDSByKey: true}))
	for key, want := range map[string]int{"sandbox-api-key": 200, "another": 401, "": 401} {
		h := http.Header{"Apikey": {key}, "X-Request-Id": {newUUID()}}
		if r := a.do("GET", a.server.PDSURL()+"/Patient/9000000009", h, ""); r.status != want {
			t.Errorf("key %q: got %d, want %d", key, r.status, want)
		}
	}
	if r := a.logOn().read("9000000009"); r.status != 200 {
		t.Errorf("a token: got %d, want 200 all the same", r.status)
	}
}
