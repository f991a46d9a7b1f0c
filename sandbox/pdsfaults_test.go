package sandbox

import (
	"strings"
	"testing"
)

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
