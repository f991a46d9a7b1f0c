package sandbox

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
)

// metadata is the smallest attempt that keeps every rule.
func metadata(t testing.TB, s *Server) *attempt {
	t.Helper()
	return toward(t, s, "A12345", foundationMetadata, "GET", "/metadata", "organization/*.read")
}

func TestProxyRules(t *testing.T) {
	s := run(t, Config{})
	for _, test := range []struct {
		name    string
		change  func(a *attempt)
		status  int
		message string // what the proxy's message begins with
	}{
		{"every rule kept", func(a *attempt) {}, 200, ""},
		{"trace id in capitals", func(a *attempt) {
			a.header.Set("Ssp-TraceID", strings.ToUpper(a.header["Ssp-TraceID"][0]))
			delete(a.header, "Ssp-TraceID")
		}, 200, ""},
		{"DELETE", func(a *attempt) { a.method = "DELETE" }, 405, "405: Method Not Allowed"},
		{"PATCH", func(a *attempt) { a.method = "PATCH" }, 405, "405"},
		{"no trace id", func(a *attempt) { delete(a.header, "Ssp-TraceID") }, 400, "MISSING_OR_INVALID_HEADER_Ssp-TraceID"},
		{"trace id no UUID", func(a *attempt) { a.header["Ssp-TraceID"] = []string{"1234"} }, 400, "MISSING_OR_INVALID_HEADER_Ssp-TraceID"},
		{"trace id without its dashes", func(a *attempt) { a.header["Ssp-TraceID"] = []string{strings.Repeat("a", 36)} }, 400, "MISSING_OR_INVALID_HEADER_Ssp-TraceID"},
		{"two trace ids", func(a *attempt) { a.header["Ssp-TraceID"] = []string{newUUID(), newUUID()} }, 400, "MISSING_OR_INVALID_HEADER_Ssp-TraceID"},
		{"no sender", func(a *attempt) { delete(a.header, "Ssp-From") }, 400, "MISSING_OR_INVALID_HEADER_Ssp-From"},
		{"sender no ASID", func(a *attempt) { a.header["Ssp-From"] = []string{"A11111"} }, 400, "MISSING_OR_INVALID_HEADER_Ssp-From"},
		{"no receiver", func(a *attempt) { delete(a.header, "Ssp-To") }, 400, "MISSING_OR_INVALID_HEADER_Ssp-To"},
		{"no interaction", func(a *attempt) { delete(a.header, "Ssp-InteractionID") }, 400, "MISSING_OR_INVALID_HEADER_Ssp-InteractionID"},
		{"interaction no URN", func(a *attempt) { a.header["Ssp-InteractionID"] = []string{"metadata"} }, 400, "MISSING_OR_INVALID_HEADER_Ssp-InteractionID"},
		{"unknown sender", func(a *attempt) { a.header["Ssp-From"] = []string{"200000000000"} }, 403, "ASID_CHECK_FAILED_MESSAGESENDER_200000000000"},
		{"a sender whose certificate is another's", func(a *attempt) { a.header["Ssp-From"] = []string{"918999198738"} }, 403, "ASID_CHECK_FAILED_MESSAGESENDER_918999198738"},
		{"unknown receiver", func(a *attempt) { a.header["Ssp-To"] = []string{"918999000000"} }, 403, "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_918999000000"},
		{"a consumer as receiver", func(a *attempt) { a.header["Ssp-To"] = []string{"200000000367"} }, 403, "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_"},
		{"the practice's other system", func(a *attempt) { a.header["Ssp-To"] = []string{"876543210000"} }, 403, "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_"},
		{"interaction not registered", func(a *attempt) { a.header["Ssp-InteractionID"] = []string{"urn:nhs:names:services:other:thing"} }, 403, "PARTYKEY_INTERACTION_CHECK_FAILED_"},
		{"no sharing agreement", func(a *attempt) { a.header["Ssp-To"] = []string{noAgreementASID} }, 403, "FOT_CHECK_FAILED_MESSAGESENDER_200000000359_MESSAGERECEIVER_" + noAgreementASID},
		{"no agreement with the second consumer", func(a *attempt) {
			a.header["Ssp-To"], a.header["Ssp-From"] = []string{firstOnlyASID}, []string{"200000000367"}
		}, 403, "FOT_CHECK_FAILED_MESSAGESENDER_200000000367"},
		{"address of another case", func(a *attempt) { a.address = strings.ToUpper(a.address) }, 400, "ENDPOINT_https://"},
		{"address with a port", func(a *attempt) {
			a.address = strings.Replace(a.address, ".example/", ".example:443/", 1)
		}, 400, "ENDPOINT_https://"},
		{"address with one slash", func(a *attempt) { a.address = strings.Replace(a.address, "https://", "https:/", 1) }, 400, "ENDPOINT_https://"},
		{"address escaped", func(a *attempt) { a.address = strings.Replace(a.address, "https://", "https%3A%2F%2F", 1) }, 400, "ENDPOINT_https://"},
		{"address cut short", func(a *attempt) { a.address = strings.TrimSuffix(a.address, "/gpconnect") }, 400, "ENDPOINT_https://"},
		{"address with something glued on", func(a *attempt) { a.path = "2/metadata" }, 400, "ENDPOINT_https://"},
		{"no path after the address", func(a *attempt) { a.path = "" }, 400, "ENDPOINT_https://"},
		{"address of another capability", func(a *attempt) { a.address += "/structured" }, 400, ""},
	} {
		a := metadata(t, s)
		test.change(a)
		r := a.send(t, s)
		if r.status != test.status {
			t.Errorf("%s: got status %d, want %d", test.name, r.status, test.status)
			continue
		}
		if test.status == 200 || test.message == "" {
			continue
		}
		if message, _ := r.outcome(t); !strings.HasPrefix(message, test.message) {
			t.Errorf("%s: got %q, want it to begin with %q", test.name, message, test.message)
		}
		if r.header.Get("X-Sandbox") != "gpc" {
			t.Errorf("%s: the answer does not say that it is a sandbox's", test.name)
		}
		last := s.Requests()[len(s.Requests())-1]
		if last.Where != "proxy" || last.Rule == "" || last.Status != test.status {
			t.Errorf("%s: history ends with %s, status %d, rule %q; want the proxy's refusal", test.name, last.Where, last.Status, last.Rule)
		}
	}
}

func TestProxyOutcomeShape(t *testing.T) {
	s := run(t, Config{})
	a := metadata(t, s)
	a.header["Ssp-From"] = []string{"200000000000"}
	m := a.send(t, s).fields(t)
	issue := m["issue"].([]any)[0].(map[string]any)
	coding := issue["details"].(map[string]any)["coding"].([]any)[0].(map[string]any)
	if _, profiled := m["meta"]; profiled {
		t.Error("the proxy's outcome has a profile, want none")
	}
	if got, want := coding["system"], "http://fhir.nhs.net/ValueSet/gpconnect-schedule-response-code-1-0"; got != want {
		t.Errorf("system: got %v, want %v", got, want)
	}
	if coding["code"] != "403" || issue["severity"] != "error" || issue["code"] != "forbidden" || issue["diagnostics"] != coding["display"] {
		t.Errorf("got %v, want 403, error, forbidden, and the message twice", issue)
	}
}

func TestProxyAnswersInXMLUnlessAskedForJSON(t *testing.T) {
	s := run(t, Config{})
	for _, test := range []struct {
		name, accept, path, want string
	}{
		{"no Accept", "", "/metadata", "xml"},
		{"Accept XML", "application/fhir+xml", "/metadata", "xml"},
		{"Accept JSON", "application/fhir+json", "/metadata", "json"},
		{"_format JSON", "", "/metadata?_format=application%2Ffhir%2Bjson", "json"},
		{"_format before Accept", "application/fhir+json", "/metadata?_format=xml", "xml"},
	} {
		a := metadata(t, s)
		a.path = test.path
		a.header["Ssp-From"] = []string{"200000000000"}
		delete(a.header, "Accept")
		if test.accept != "" {
			a.header.Set("Accept", test.accept)
		}
		r := a.send(t, s)
		if got := r.header.Get("Content-Type"); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
		if test.want != "xml" {
			continue
		}
		var outcome struct {
			XMLName xml.Name
			Issue   struct {
				Diagnostics struct {
					Value string `xml:"value,attr"`
				} `xml:"diagnostics"`
			} `xml:"issue"`
		}
		if err := xml.Unmarshal(r.body, &outcome); err != nil || outcome.XMLName.Local != "OperationOutcome" {
			t.Errorf("%s: got %v, want an OperationOutcome", test.name, err)
		} else if want := "ASID_CHECK_FAILED_MESSAGESENDER_200000000000"; outcome.Issue.Diagnostics.Value != want {
			t.Errorf("%s: got %q, want %q", test.name, outcome.Issue.Diagnostics.Value, want)
		}
	}
}

func TestRepeatedTraceID(t *testing.T) {
	for _, test := range []struct {
		cfg  Config
		want int
	}{{Config{}, 400}, {Config{Plain: true}, 200}, {Config{Off: []string{"trace-once"}}, 200}} {
		s := run(t, test.cfg)
		a := metadata(t, s)
		if r := a.send(t, s); r.status != 200 {
			t.Fatalf("first: got %d, want 200", r.status)
		}
		if r := a.send(t, s); r.status != test.want {
			t.Errorf("%+v, again: got %d, want %d", test.cfg, r.status, test.want)
		}
	}
}

func TestNobodyBehindTheAddress(t *testing.T) {
	s := run(t, Config{})
	r := toward(t, s, "Z00006", foundationMetadata, "GET", "/metadata", "organization/*.read").send(t, s)
	message, _ := r.outcome(t)
	if r.status != 502 || !strings.HasPrefix(message, "ERROR_COMMUNICATING_TO_ENDPOINT_URL_https://awkward.sandbox.example/") {
		t.Errorf("got %d %s, want 502 ERROR_COMMUNICATING_TO_ENDPOINT_URL_…", r.status, message)
	}
}

func TestProxyDemandsClientCertificate(t *testing.T) {
	s := run(t, Config{})
	config := trust(t, s)
	config.Certificates = nil
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	if _, err := metadata(t, s).through(t, client); err == nil {
		t.Error("without a client certificate: got an answer, want a refused connection")
	}
	for _, q := range s.Requests() {
		if q.Where == "proxy" {
			t.Error("a call without certificate is in the history")
		}
	}
}

func TestProxyIsHTTP1(t *testing.T) {
	s := run(t, Config{})
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust(t, s), Protocols: protocols, DisableKeepAlives: true}}
	req, err := http.NewRequest("GET", s.ProxyURL()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 1 {
		t.Errorf("got HTTP/%d, want HTTP/1.1", resp.ProtoMajor)
	}
}

func TestHistoryOfACall(t *testing.T) {
	s := run(t, Config{Plain: true})
	a := recordOf(t, s, "A12345", "9000000009", everything)
	a.send(t, s)
	all := s.Requests()
	if len(all) != 4 {
		t.Fatalf("got %d entries, want two searches, proxy and provider", len(all))
	}
	proxy, provider := all[2], all[3]
	if want := "POST /" + a.address + a.path; proxy.Where != "proxy" || proxy.Line != want {
		t.Errorf("proxy: got %s %q, want %q", proxy.Where, proxy.Line, want)
	}
	if want := "POST " + a.address + a.path; provider.Where != "provider" || provider.Line != want {
		t.Errorf("provider: got %s %q, want %q", provider.Where, provider.Line, want)
	}
	for _, q := range all[2:] {
		if q.Status != 200 || q.Rule != "" || string(q.Body) != a.body || q.Claims["sub"] != "10019" || q.Header.Get("Ssp-To") != a.header["Ssp-To"][0] {
			t.Errorf("%s: got status %d, rule %q, %d octets, claims %v", q.Where, q.Status, q.Rule, len(q.Body), q.Claims)
		}
	}
}
