package sandbox

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// page gets the status page, which must be well formed and free of scripts.
func page(t *testing.T, s *Server) string {
	t.Helper()
	r := newApplication(t, s).do("GET", s.APIURL()+"/", nil, "")
	if r.status != 200 || r.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d, %s", r.status, r.header.Get("Content-Type"))
	}
	csp := r.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "style-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("Content-Security-Policy: got %q, want it to say %q", csp, want)
		}
	}
	if r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Cache-Control") != "no-store" {
		t.Error("the page may be sniffed or stored")
	}
	readElements(t, string(r.body))
	return string(r.body)
}

// readElements reads every element of a page; what the page took from elsewhere must not have
// become one.
func readElements(t *testing.T, html string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the page cannot be read: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "script", "img", "iframe", "form", "object", "style":
			t.Errorf("the page has an element %s", start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "src" {
				t.Errorf("the page has an attribute %s", a.Name.Local)
			}
		}
	}
}

func TestStatusPage(t *testing.T) {
	s := run(t, Config{Seed: 4711, Faults: []string{"provider:delay:1ms"}, Provider: "127.0.0.1:0"})
	if empty := page(t, s); !strings.Contains(empty, "Nothing has arrived yet.") || !strings.Contains(empty, "not bookable through GP Connect") {
		t.Error("a new sandbox's page does not say that it is empty")
	}
	recordOf(t, s, "A12345", "9000000009", everything).send(t, s)
	wrong := recordOf(t, s, "A12345", "9000000009", everything)
	wrong.claims["exp"] = 1
	wrong.send(t, s)
	a := newApplication(t, s).logOn()
	a.read("9000000009")
	a.search("family=Lanyon-Unlikely&birthdate=1958-04-17")
	before := len(s.Requests())
	html := page(t, s)
	if len(s.Requests()) != before {
		t.Error("looking at the page is in the history")
	}
	for _, want := range []string{"Seed 4711.", s.ProxyURL(), s.ProviderURL(), s.LDAPURL(), s.PDSURL(), "shuffle, extensions", "<code>provider:delay:1ms</code>: struck 2 of the 2 requests that came there",
		"broke: BAD_REQUEST: token: exp is not 300 seconds after iat", "kept every rule here", "met the fault provider:delay:1ms", "Of these, 1 broke a rule and 2 met a fault.", "400 Bad Request", "result 0",
		"/Patient/******0009", "family= &amp; birthdate=", "<code>POST /Patient/$gpc.getstructuredrecord</code>", "as urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1", "at " + s.PDSURL()[len(s.APIURL())+1:], "Larkmere Surgery", "918999100017", "closed on 2025-03-31, successor C11204", "not enabled for GP Connect",
		"Rosalind May THACKERAY", "known to PDS alone", "no consent", "9000000009"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, secret := range []string{"Lanyon-Unlikely", "Bearer", a.token, "eyJ"} {
		if strings.Contains(html, secret) {
			t.Errorf("the page says %q", secret)
		}
	}
	s.ClearFaults()
	if !strings.Contains(page(t, s), "None. One on:") {
		t.Error("the page does not say that no fault is on")
	}
}

// TestStatusPageEscapes has markup wherever something comes from outside.
func TestStatusPageEscapes(t *testing.T) {
	const markup = `<script>alert(1)</script>`
	s := run(t, Config{
		Plain:     true,
		Practices: write(t, "practices.json", `[{"ods":"Q70001","name":"`+markup+`","asid":"918999900017","party_key":"<img src=x>"}]`),
	})
	a := toward(t, s, "A12345", foundationMetadata, "GET", "/metadata", "organization/*.read")
	a.path = "/metadata?x=" + markup + "&y=%3Cscript%3E"
	a.send(t, s)
	newApplication(t, s).sds("/Endpoint", markup, markup)
	html := page(t, s)
	if strings.Contains(html, "<script") || !strings.Contains(html, "&lt;script&gt;") {
		t.Error("markup is not escaped, or not shown")
	}
	if !strings.Contains(html, "Every deliberate difference is off.") {
		t.Error("the page does not say that differences are off")
	}
}

// TestStatusPageKeepsOthersToThemselves: people who are not the sandbox's own may be real.
func TestStatusPageKeepsOthersToThemselves(t *testing.T) {
	s := run(t, Config{
		Data:     ownData(t, map[string]string{"a.json": bundleFor("9000000130")}),
		Patients: write(t, "patients.json", `[{"nhs":"9000000300","practice":"A12345","family":"Ownlea","born":"1971-01-02","note":"secret"}]`),
	})
	html := page(t, s)
	for _, secret := range []string{"9000000130", "9000000300", "OWNLEA", "1971-01-02", "secret"} {
		if strings.Contains(html, secret) {
			t.Errorf("the page says %q", secret)
		}
	}
	for _, want := range []string{"******0130", "from a bundle of your own", "******0300", "from a file of your own"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestRequestLinesTakenApart(t *testing.T) {
	for _, test := range []struct{ line, what, address, query string }{
		{"GET /https://h.example/A12345/STU3/1/gpconnect/Slot?status=free&start=ge2026-11-20", "GET /Slot", "https://h.example/A12345/STU3/1/gpconnect", "status=free & start=ge2026-11-20"},
		{"POST https://h.example/x/STU3/1/gpconnect/structured/Patient/$gpc.getstructuredrecord", "POST /Patient/$gpc.getstructuredrecord", "https://h.example/x/STU3/1/gpconnect/structured", ""},
		{"GET /https:/h.example/A12345/STU3/1/gpconnect/metadata", "GET /metadata", "https:/h.example/A12345/STU3/1/gpconnect", ""},
		{"GET /https://h.example/gpconnectx/metadata", "GET /https://h.example/gpconnectx/metadata", "", ""},
		{"GET /personal-demographics/FHIR/R4/Patient/******0009", "GET /Patient/******0009", "personal-demographics/FHIR/R4", ""},
		{"GET /x?identifier=https%3A%2F%2Fa%7C%39000000009", "GET /x", "", "identifier=https://a|******0009"},
		{"GET /x?%zz=1&y", "GET /x", "", "%zz=1&y"},
		{"GET", "GET ", "", ""},
	} {
		if what, address, query := parted(test.line); what != test.what || address != test.address || query != test.query {
			t.Errorf("%s: got %q, %q, %q", test.line, what, address, query)
		}
	}
}

// TestResetBeginsAnew: what was forgotten is not told as earlier requests, and the same seed
// draws the same again.
func TestResetBeginsAnew(t *testing.T) {
	s := run(t, Config{Seed: 9})
	ask := func() []string {
		for range 3 {
			recordOf(t, s, "A12345", "9000000017", everything).send(t, s)
		}
		var all []string
		for _, q := range s.Requests() {
			all = append(all, fmt.Sprint(q.Seq, q.Differences))
		}
		return all
	}
	first := ask()
	if r := newApplication(t, s).do("POST", s.APIURL()+"/reset", http.Header{}, ""); r.status != 204 {
		t.Fatalf("got %d", r.status)
	}
	if again := ask(); !slices.Equal(again, first) {
		t.Errorf("after a reset: got %v, want %v", again, first)
	}
	if html := page(t, s); strings.Contains(html, "earlier") {
		t.Error("the page tells of requests that were forgotten")
	}
}

func TestStatusPageShowsTheLatest(t *testing.T) {
	s := run(t, Config{})
	for range shownRequests + 5 {
		s.history.arrive(Request{Where: "ldap", Line: "x"}).settle(0, "")
	}
	st := s.status()
	if len(st.Requests) != shownRequests || st.Requests[0].Seq != shownRequests+5 || st.Earlier != 5 {
		t.Errorf("got %d requests from %d, %d earlier", len(st.Requests), st.Requests[0].Seq, st.Earlier)
	}
	if some, more := firstOf([]int{1, 2, 3}, 2); len(some) != 2 || more != 1 {
		t.Errorf("the first two of three: got %v and %d more", some, more)
	}
}

// TestStatusPageShowsSlotsAndAppointments: what is booked is not free any more.
func TestStatusPageShowsSlotsAndAppointments(t *testing.T) {
	s := run(t, Config{Plain: true, Now: newClock(time.Date(2026, 11, 19, 8, 0, 0, 0, time.UTC)).now})
	for _, want := range []string{"None has been booked yet.", "Morning surgery", "not bookable through GP Connect", "2026-11-20 08:30 to 11:30", "18 of 18, from 08:30", "A11111, A20047"} {
		if !strings.Contains(page(t, s), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	from(t, s, "A12345").book("9000000009")
	html := page(t, s)
	for _, want := range []string{"17 of 18, from 08:40", "2026-11-20 08:30", "booked, version 1", "A11111"} {
		if !strings.Contains(html, want) {
			t.Errorf("after a booking the page does not say %q", want)
		}
	}
}

func TestStatusStyle(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	if r := a.do("GET", s.APIURL()+"/status.css", nil, ""); r.status != 200 || r.header.Get("Content-Type") != "text/css; charset=utf-8" || len(r.body) == 0 {
		t.Errorf("got %d, %s", r.status, r.header.Get("Content-Type"))
	}
	if r := a.do("POST", s.APIURL()+"/", http.Header{}, ""); r.status != 404 {
		t.Errorf("POST to the page: got %d, want 404", r.status)
	}
}
