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

func TestFaultsOfTheServices(t *testing.T) {
	s := run(t, Config{Plain: true})
	a := newApplication(t, s).logOn()
	for _, test := range []struct {
		fault      string
		status     int
		want       string // in the body
		retryAfter string
	}{
		{"pds:status:429", 429, "TOO_MANY_REQUESTS", "5"},
		{"pds:status:429:2", 429, "TOO_MANY_REQUESTS", "2"},
		{"pds:status:503", 503, "SERVICE_UNAVAILABLE", "5"},
		{"pds:status:503:0", 503, "SERVICE_UNAVAILABLE", "5"},
		{"pds:status:408", 408, "UNABLE_TO_CALL_SERVICE", ""},
		{"pds:status:502", 502, "UNKNOWN_ERROR", ""},
		{"pds:status:204", 204, "", ""},
		{"pds:error:INVALIDATED_RESOURCE", 404, "INVALIDATED_RESOURCE", ""},
		{"pds:error:NEVER_HEARD_OF", 400, "NEVER_HEARD_OF", ""},
		{"pds:html", 200, "<html>", ""},
		{"pds:redirect", 307, "", ""},
		{"pds:delay:1ms", 200, `"Patient"`, ""},
		{"pds:slow:1ms", 200, `"Patient"`, ""},
		{"token:status:503", 503, "invalid_request", "5"},
		{"token:error:invalid_client", 400, "invalid_client", ""},
		{"sds:status:429:1", 429, "UNKNOWN_ERROR", "1"},
		{"sds:status:504", 504, "UNKNOWN_ERROR", ""},
		{"sds:error:INTERNAL_SERVER_ERROR", 400, "INTERNAL_SERVER_ERROR", ""},
	} {
		where, _, _ := strings.Cut(test.fault, ":")
		if err := s.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		var r reply
		switch where {
		case "pds":
			r = a.read("9000000009")
		case "token":
			r = a.askToken(formOf(signed(t, s, "sandbox-1", rightClaims(s))))
		case "sds":
			r = a.sds("/Endpoint", "organization", ods("A12345"), "identifier", interaction(structuredRecord))
		}
		if r.status != test.status || !strings.Contains(string(r.body), test.want) || r.header.Get("Retry-After") != test.retryAfter {
			t.Errorf("%s: got %d %.120s, Retry-After %q", test.fault, r.status, r.body, r.header.Get("Retry-After"))
		}
		if q := last(t, s, where); q.Fault != test.fault || q.Rule != "" {
			t.Errorf("%s: history: got fault %q, rule %q", test.fault, q.Fault, q.Rule)
		}
		s.ClearFaults()
	}
	for _, fault := range []string{"pds:drop:before-commit", "pds:truncate", "token:drop:after-commit", "sds:truncate"} {
		if err := s.Inject(fault); err != nil {
			t.Fatal(err)
		}
		target := map[string]string{"p": s.PDSURL() + "/Patient/9000000009", "t": s.TokenURL(), "s": s.SDSURL() + "/Endpoint"}[fault[:1]]
		if _, err := a.try("POST", target, a.header(), "x"); err == nil { // a POST is not sent twice
			t.Errorf("%s: got an answer, want the connection ended", fault)
		}
		s.ClearFaults()
	}
	for _, bad := range []string{"pds:status:503:soon", "pds:status:503:-1", "ldap:status:51:5", "sds:wrong-patient", "token:wrong-patient"} {
		if err := s.Inject(bad); err == nil {
			t.Errorf("%s: got it accepted", bad)
		}
	}
}

// TestWrongPatientAtPDS: the id asked for, everything else somebody else's.
func TestWrongPatientAtPDS(t *testing.T) {
	a := newApplication(t, run(t, Config{Faults: []string{"pds:wrong-patient"}})).logOn()
	p := a.read("9000000084").fields(t)
	if p["id"] != "9000000084" || at(p, "identifier", 0, "value") == "9000000084" || at(p, "name", 0, "family") == "Oyelaran-Pike" {
		t.Errorf("got id %v with identifier %v", p["id"], at(p, "identifier", 0, "value"))
	}
}

func TestPDSDifferences(t *testing.T) {
	a := newApplication(t, run(t, Config{Seed: 3})).logOn()
	orders, strange, unheard := map[any]bool{}, 0, 0
	for range 20 {
		r := a.read("9000000270")
		p := r.fields(t)
		orders[at(p, "name", 0, "family")] = true
		if p["unheardOf"] != nil {
			strange++
		}
		if strings.Contains(string(r.body), "Extension-Unheard-Of-1") {
			unheard++
		}
	}
	if len(orders) != 2 || strange == 0 || strange == 20 || unheard == 0 || unheard == 20 {
		t.Errorf("in 20 answers: got %d orders of names, %d unknown elements, %d unknown extensions", len(orders), strange, unheard)
	}
	if len(last(t, a.server, "pds").Differences) == 0 {
		t.Error("history: got no differences")
	}
}

func TestPDSLogHasNoPersonalData(t *testing.T) {
	for line, want := range map[string]string{
		"GET /personal-demographics/FHIR/R4/Patient/9000000009":                                      "GET /personal-demographics/FHIR/R4/Patient/******0009",
		"GET /personal-demographics/FHIR/R4/Patient/%39000000009":                                    "GET /personal-demographics/FHIR/R4/Patient/******0009",
		"GET /personal-demographics/FHIR/R4/Patient?family=Thackeray&birthdate=eq1958-04-17&given=R": "GET /personal-demographics/FHIR/R4/Patient?family=&birthdate=&given=",
		"GET /personal-demographics/FHIR/R4/Patient?&9000000009":                                     "GET /personal-demographics/FHIR/R4/Patient?******0009=",
	} {
		if got := (Request{Where: "pds", Line: line}).public().Line; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
