package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func ods(code string) string       { return "https://fhir.nhs.uk/Id/ods-organization-code|" + code }
func interaction(id string) string { return "https://fhir.nhs.uk/Id/nhsServiceInteractionId|" + id }
func partyKey(key string) string   { return "https://fhir.nhs.uk/Id/nhsMhsPartyKey|" + key }

// sds asks with pairs of parameter names and values.
func (a *application) sds(path string, pairs ...string) reply {
	a.t.Helper()
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Add(pairs[i], pairs[i+1])
	}
	return a.do("GET", a.server.SDSURL()+path+"?"+query.Encode(), http.Header{"Apikey": {"sandbox-api-key"}}, "")
}

// found are the resources of a searchset, which must count them right.
func (r reply) found(t testing.TB) []map[string]any {
	t.Helper()
	if r.status != 200 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	m, all := r.fields(t), r.resources(t)
	if m["type"] != "searchset" || m["total"] != float64(len(all)) || m["entry"] == nil {
		t.Fatalf("got type %v, total %v with %d entries", m["type"], m["total"], len(all))
	}
	return all
}

func TestSDSAgreesWithTheDirectory(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	for _, practice := range []string{"A12345", "B82617"} {
		for _, id := range []string{structuredRecord, foundationMetadata} {
			address, asid := lookup(t, s, practice, id)
			endpoints := a.sds("/Endpoint", "organization", ods(practice), "identifier", interaction(id)).found(t)
			if len(endpoints) != 1 || endpoints[0]["address"] != address {
				t.Fatalf("%s: got %d endpoints, the first at %v; want one at %s", practice, len(endpoints), at(endpoints, 0, "address"), address)
			}
			key := identifierIn(endpoints[0], "https://fhir.nhs.uk/Id/nhsMhsPartyKey")
			devices := a.sds("/Device", "organization", ods(practice), "identifier", interaction(id), "identifier", partyKey(key)).found(t)
			if len(devices) != 1 || identifierIn(devices[0], "https://fhir.nhs.uk/Id/nhsSpineASID") != asid {
				t.Errorf("%s: got %d devices; want one with ASID %s", practice, len(devices), asid)
			}
			if both := a.sds("/Device", "organization", ods(practice), "identifier", interaction(id)).found(t); len(both) != 2 {
				t.Errorf("%s without party key: got %d devices, want the second system's too", practice, len(both))
			}
		}
	}
}

func TestSDSResources(t *testing.T) {
	a := newApplication(t, run(t, Config{Plain: true}))
	r := a.sds("/Endpoint", "organization", ods("A12345"), "identifier", interaction(structuredRecord))
	e := r.found(t)[0]
	for _, test := range []struct {
		want any
		path []any
	}{
		{"active", []any{"status"}},
		{"hl7-fhir-msg", []any{"connectionType", "code"}},
		{"any", []any{"payloadType", 0, "coding", 0, "code"}},
		{"A12345", []any{"managingOrganization", "identifier", "value"}},
		{"https://fhir.nhs.uk/StructureDefinition/Extension-SDS-NhsServiceInteractionId", []any{"extension", 0, "url"}},
		{structuredRecord, []any{"extension", 0, "valueReference", "identifier", "value"}},
		{"provider.sandbox.example", []any{"identifier", 0, "value"}},
		{"https://fhir.nhs.uk/Id/nhsMhsPartyKey", []any{"identifier", 1, "system"}},
	} {
		if got := at(e, test.path...); got != test.want {
			t.Errorf("Endpoint %v: got %v, want %v", test.path, got, test.want)
		}
	}
	d := a.sds("/Device", "organization", ods("A11111"), "identifier", interaction(structuredRecord), "manufacturing-organization", ods("ygcon")).found(t)[0]
	if got := identifierIn(d, "https://fhir.nhs.uk/Id/nhsSpineASID"); got != "200000000359" || at(d, "owner", "identifier", "value") != "A11111" ||
		at(d, "extension", 0, "valueReference", "identifier", "value") != "YGCON" {
		t.Errorf("own system: got ASID %s, owner %v", got, at(d, "owner"))
	}
	for name, want := range map[string]string{"Content-Type": "application/fhir+json"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if !isUUID(r.header.Get("X-Correlation-Id")) || r.header.Get("Etag") == "" {
		t.Errorf("got correlation id %q, Etag %q", r.header.Get("X-Correlation-Id"), r.header.Get("Etag"))
	}
	again := a.sds("/Endpoint", "organization", ods("A12345"), "identifier", interaction(structuredRecord)).found(t)[0]
	if again["id"] == e["id"] {
		t.Error("the resource's id is the same each time")
	}
}

func TestSDSCombinations(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	slots := "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"
	for _, test := range []struct {
		name, path string
		pairs      []string
		want       int // found; -1 is refused
	}{
		{"service and party key", "/Endpoint", []string{"identifier", interaction(slots), "identifier", partyKey("A12345-8210017")}, 1},
		{"organisation and party key", "/Endpoint", []string{"organization", ods("A12345"), "identifier", partyKey("a12345-8210017")}, len(interactionTable())},
		{"all three", "/Endpoint", []string{"organization", ods("A12345"), "identifier", partyKey("A12345-8210017"), "identifier", interaction(slots)}, 1},
		{"the last of one system counts", "/Endpoint", []string{"organization", ods("A12345"), "identifier", interaction("urn:x"), "identifier", interaction(slots)}, 1},
		{"organisation in lower case", "/Endpoint", []string{"organization", ods("a12345"), "identifier", interaction(slots)}, 0},
		{"interaction in upper case", "/Endpoint", []string{"organization", ods("A12345"), "identifier", interaction(strings.ToUpper(slots))}, 0},
		{"nobody's organisation", "/Endpoint", []string{"organization", ods("X99999"), "identifier", interaction(slots)}, 0},
		{"a star for the interaction", "/Endpoint", []string{"organization", ods("A12345"), "identifier", interaction("*")}, len(interactionTable())},
		{"closed practice", "/Endpoint", []string{"organization", ods("G10816"), "identifier", interaction(slots)}, 0},
		{"two addresses", "/Endpoint", []string{"organization", ods("Z00005"), "identifier", interaction(slots)}, 2},
		{"two handlers", "/Endpoint", []string{"organization", ods("Z00004"), "identifier", interaction(slots)}, 2},
		{"two systems", "/Device", []string{"organization", ods("Z00001"), "identifier", interaction(slots), "identifier", partyKey("Z00001-6000001")}, 2},
		{"no handler", "/Endpoint", []string{"organization", ods("Z00002"), "identifier", interaction(slots)}, 0},
		{"no system", "/Device", []string{"organization", ods("Z00003"), "identifier", interaction(slots)}, 0},
		{"party key in another case", "/Device", []string{"organization", ods("Z00006"), "identifier", interaction(slots), "identifier", partyKey("Z00006-600000A")}, 1},
		{"by manufacturer", "/Device", []string{"organization", ods("CONS1"), "identifier", interaction(slots), "manufacturing-organization", ods("YGOTH")}, 1},
		{"by any manufacturer", "/Device", []string{"organization", ods("CONS1"), "identifier", interaction(slots)}, 2},

		{"nothing", "/Endpoint", nil, -1},
		{"organisation alone", "/Endpoint", []string{"organization", ods("A12345")}, -1},
		{"service alone", "/Endpoint", []string{"identifier", interaction(slots)}, -1},
		{"organisation without its system", "/Endpoint", []string{"organization", "A12345", "identifier", interaction(slots)}, -1},
		{"organisation empty", "/Endpoint", []string{"organization", ods(""), "identifier", interaction(slots)}, -1},
		{"identifier of another system", "/Endpoint", []string{"organization", ods("A12345"), "identifier", "https://x|" + slots}, -1},
		{"a parameter nobody knows", "/Endpoint", []string{"organization", ods("A12345"), "identifier", interaction(slots), "_count", "1"}, -1},
		{"manufacturer of an Endpoint", "/Endpoint", []string{"organization", ods("A12345"), "identifier", interaction(slots), "manufacturing-organization", ods("YGK01")}, -1},
		{"Device without service", "/Device", []string{"organization", ods("A12345"), "identifier", partyKey("A12345-8210017")}, -1},
		{"Device without organisation", "/Device", []string{"identifier", interaction(slots), "identifier", partyKey("A12345-8210017")}, -1},
		{"manufacturer without its system", "/Device", []string{"organization", ods("A12345"), "identifier", interaction(slots), "manufacturing-organization", "YGK01"}, -1},
	} {
		r := a.sds(test.path, test.pairs...)
		q := last(t, s, "sds")
		if test.want >= 0 {
			if got := len(r.found(t)); got != test.want || q.Rule != "" {
				t.Errorf("%s: got %d, rule %q; want %d", test.name, got, q.Rule, test.want)
			}
			continue
		}
		if code, diagnostics := r.coded(t); r.status != 400 || code != "BAD_REQUEST" || !strings.HasPrefix(diagnostics, "HTTP 400: Bad Request (") || q.Rule == "" {
			t.Errorf("%s: got %d %s %q, rule %q", test.name, r.status, code, diagnostics, q.Rule)
		}
	}
}

func TestSDSRefuses(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	query := "?" + url.Values{"organization": {ods("A12345")}, "identifier": {interaction(structuredRecord)}}.Encode()
	for _, test := range []struct {
		name, method, path string
		header             http.Header
		status             int
		code               string
	}{
		{"nothing wrong", "GET", "/Endpoint", http.Header{"X-Correlation-Id": {newUUID()}, "Accept": {"text/html, application/json;q=0.5"}}, 200, ""},
		{"anything", "GET", "/Endpoint", http.Header{"Accept": {"*/*"}}, 200, ""},
		{"no key", "GET", "/Endpoint", http.Header{"Apikey": nil}, 401, "ACCESS_DENIED"},
		{"another key", "GET", "/Endpoint", http.Header{"Apikey": {"x"}}, 401, "ACCESS_DENIED"},
		{"a correlation id that is no UUID", "GET", "/Endpoint", http.Header{"X-Correlation-Id": {"1"}}, 400, "BAD_REQUEST"},
		{"XML", "GET", "/Endpoint", http.Header{"Accept": {"application/fhir+xml"}}, 406, "MISSING_OR_INVALID_HEADER"},
		{"POST", "POST", "/Endpoint", nil, 405, "NOT_IMPLEMENTED"},
		{"another path", "GET", "/Organization", nil, 404, "NO_RECORD_FOUND"},
		{"the root", "GET", "", nil, 404, "NO_RECORD_FOUND"},
	} {
		h := http.Header{"Apikey": {"sandbox-api-key"}}
		for name, values := range test.header {
			h[name] = slices.Clone(values)
		}
		r := a.do(test.method, s.SDSURL()+test.path+query, h, "")
		if r.status != test.status {
			t.Errorf("%s: got %d %.200s, want %d", test.name, r.status, r.body, test.status)
		} else if test.code != "" {
			if code, _ := r.coded(t); code != test.code {
				t.Errorf("%s: got %s, want %s", test.name, code, test.code)
			}
		}
		if id := test.header.Get("X-Correlation-Id"); id != "" && r.header.Get("X-Correlation-Id") != id {
			t.Errorf("%s: the correlation id is not echoed", test.name)
		}
		if test.status == 405 && r.header.Get("Allow") != "GET" {
			t.Errorf("%s: got Allow %q", test.name, r.header.Get("Allow"))
		}
		if q := last(t, s, "sds"); (q.Rule == "") != (test.status == 200) {
			t.Errorf("%s: history: got rule %q", test.name, q.Rule)
		}
	}
}

// TestSDSMoves: the address changes just after it was told, and the proxy knows.
func TestSDSMoves(t *testing.T) {
	s := run(t, Config{Plain: true})
	a := newApplication(t, s)
	address := func() string {
		found, _ := a.sds("/Endpoint", "organization", ods("A12345"), "identifier", interaction(foundationMetadata)).found(t)[0]["address"].(string)
		return found
	}
	call := metadata(t, s)
	if err := s.Inject("sds:move@1"); err != nil {
		t.Fatal(err)
	}
	before, after := address(), address()
	if before != call.address || after == before {
		t.Fatalf("got %s, then %s; want the address, then another", before, after)
	}
	if r := call.send(t, s); r.status != 400 {
		t.Errorf("the old address: got %d, want 400", r.status)
	}
	call.address, call.claims["aud"] = after, after
	call.header["Ssp-TraceID"] = []string{newUUID()}
	if r := call.send(t, s); r.status != 200 {
		t.Errorf("the new address: got %d, want 200", r.status)
	}
}
