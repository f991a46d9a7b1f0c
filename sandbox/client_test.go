package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// run starts a sandbox that ends with the test.
func run(t testing.TB, cfg Config) *Server {
	t.Helper()
	s, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// trust is the client's TLS, made from the written files as a consumer would.
func trust(t testing.TB, s *Server) *tls.Config {
	t.Helper()
	files := s.Files()
	pair, err := tls.X509KeyPair(files["client.pem"], files["client.key"])
	if err != nil {
		t.Fatalf("client certificate: %v", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(files["ca.pem"]) {
		t.Fatal("ca.pem has no certificate")
	}
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}
}

// dial opens an LDAP connection.
func dial(t testing.TB, s *Server) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL(s.LDAPURL(), ldap.DialWithTLSConfig(trust(t, s)))
	if err != nil {
		t.Fatalf("dialling the directory: %v", err)
	}
	c.SetTimeout(10 * time.Second)
	t.Cleanup(func() { c.Close() })
	return c
}

// find searches ou=services.
func find(t testing.TB, c *ldap.Conn, filter string, attributes ...string) []*ldap.Entry {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil))
	if err != nil {
		t.Fatalf("search %s: %v", filter, err)
	}
	return r.Entries
}

// lookup makes the two searches of a provider lookup.
func lookup(t testing.TB, s *Server, ods, interaction string) (address, asid string) {
	t.Helper()
	c := dial(t, s)
	mhs := find(t, c, "(&(nhsIDCode="+ods+")(objectClass=nhsMhs)(nhsMhsSvcIA="+interaction+"))", "nhsMhsEndPoint", "nhsMhsPartyKey")
	if len(mhs) != 1 {
		t.Fatalf("message handling records of %s: got %d, want 1", ods, len(mhs))
	}
	as := find(t, c, "(&(nhsIDCode="+ods+")(objectClass=nhsAs)(nhsMHSPartyKey="+mhs[0].GetEqualFoldAttributeValue("nhsMhsPartyKey")+"))", "uniqueIdentifier")
	if len(as) != 1 {
		t.Fatalf("accredited systems of %s: got %d, want 1", ods, len(as))
	}
	return mhs[0].GetEqualFoldAttributeValue("nhsMhsEndPoint"), as[0].GetEqualFoldAttributeValue("uniqueIdentifier")
}

const (
	structuredRecord   = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"
	foundationMetadata = "urn:nhs:names:services:gpconnect:fhir:rest:read:metadata-1"
)

// An attempt is a request that keeps every rule until a test makes it break one.
type attempt struct {
	proxy   string
	address string
	method  string
	path    string
	header  http.Header
	token   map[string]any // header of the token
	claims  map[string]any
	body    string
	encode  func(header, claims string) string // of the Authorization
}

// toward is an attempt at a practice.
func toward(t testing.TB, s *Server, ods, interaction, method, path, scope string) *attempt {
	t.Helper()
	address, asid := lookup(t, s, ods, interaction)
	now := time.Now()
	if s.cfg.Now != nil {
		now = s.cfg.Now()
	}
	a := &attempt{proxy: s.ProxyURL(), address: address, method: method, path: path,
		token: map[string]any{"alg": "none", "typ": "JWT"},
		header: http.Header{
			"Ssp-TraceID": {newTrace(t)}, "Ssp-From": {"200000000359"}, "Ssp-To": {asid}, "Ssp-InteractionID": {interaction},
			"Accept": {"application/fhir+json"},
		},
		claims: map[string]any{
			"iss": "https://consumer.example/", "sub": "10019", "aud": address, "iat": now.Unix(), "exp": now.Unix() + 300,
			"reason_for_request": "directcare", "requested_scope": scope,
			"requesting_device": map[string]any{"resourceType": "Device", "model": "m", "version": "1",
				"identifier": []any{map[string]any{"system": "https://consumer.example/Id/device", "value": "D1"}}},
			"requesting_organization": map[string]any{"resourceType": "Organization", "name": "Example",
				"identifier": []any{map[string]any{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A11111"}}},
			"requesting_practitioner": map[string]any{"resourceType": "Practitioner", "id": "10019",
				"identifier": []any{
					map[string]any{"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "UNK"},
					map[string]any{"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "UNK"},
					map[string]any{"system": "https://consumer.example/Id/user", "value": "10019"}},
				"name": []any{map[string]any{"family": "Doe", "given": []any{"Sam"}, "prefix": []any{"Dr"}}}},
		},
		encode: func(header, claims string) string { return "Bearer " + header + "." + claims + "." },
	}
	if method != http.MethodGet {
		a.header.Set("Content-Type", "application/fhir+json;charset=utf-8")
	}
	return a
}

// newTrace is a version 4 UUID.
func newTrace(t testing.TB) string {
	t.Helper()
	return newUUID()
}

// recordOf is an attempt at a person's structured record.
func recordOf(t testing.TB, s *Server, ods, nhs, parameters string) *attempt {
	t.Helper()
	a := toward(t, s, ods, structuredRecord, "POST", "/Patient/$gpc.getstructuredrecord", "patient/*.read")
	a.body = parametersOf(nhs, parameters)
	return a
}

func parametersOf(nhs, parameters string) string {
	if parameters != "" {
		parameters = "," + parameters
	}
	return `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + nhs + `"}}` + parameters + `]}`
}

const everything = `{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]},
	{"name":"includeMedication","part":[{"name":"includePrescriptionIssues","valueBoolean":true}]},
	{"name":"includeConsultations"},{"name":"includeProblems"},{"name":"includeImmunisations"},
	{"name":"includeUncategorisedData"},{"name":"includeInvestigations"},{"name":"includeReferrals"},{"name":"includeDiaryEntries"}`

// A reply is what came back, decompressed.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send makes the request on a connection of its own.
func (a *attempt) send(t testing.TB, s *Server) reply {
	t.Helper()
	r, err := a.try(t, s)
	if err != nil {
		t.Fatalf("%s: %v", a.path, err)
	}
	return r
}

func (a *attempt) try(t testing.TB, s *Server) (reply, error) {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: trust(t, s), DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
	}
	return a.through(t, client)
}

// request builds what is sent.
func (a *attempt) request(t testing.TB) *http.Request {
	t.Helper()
	req, err := http.NewRequest(a.method, a.proxy+"/"+a.address+a.path, strings.NewReader(a.body))
	if err != nil {
		t.Fatalf("building the request: %v", err)
	}
	if a.body == "" {
		req.Body, req.ContentLength = nil, 0
	}
	maps.Copy(req.Header, a.header)
	if req.Header.Get("Authorization") == "" {
		req.Header.Set("Authorization", a.encode(segment(t, a.token), segment(t, a.claims)))
	}
	return req
}

func (a *attempt) through(t testing.TB, client *http.Client) (reply, error) {
	t.Helper()
	resp, err := client.Do(a.request(t))
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	if resp.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return reply{}, err
		}
		if body, err = io.ReadAll(z); err != nil {
			return reply{}, err
		}
	}
	return reply{resp.StatusCode, resp.Header, body}, nil
}

func segment(t testing.TB, value any) string {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("encoding a token: %v", err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// fields decodes a reply.
func (r reply) fields(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(r.body, &m); err != nil {
		t.Fatalf("the answer is not JSON: %v", err)
	}
	return m
}

// outcome is the Spine code, or the proxy's message, and the diagnostics of a reply.
func (r reply) outcome(t testing.TB) (code, diagnostics string) {
	t.Helper()
	m := r.fields(t)
	issues, _ := m["issue"].([]any)
	if m["resourceType"] != "OperationOutcome" || len(issues) == 0 {
		t.Fatalf("status %d: got %v, want an OperationOutcome", r.status, m["resourceType"])
	}
	issue := issues[0].(map[string]any)
	coding := issue["details"].(map[string]any)["coding"].([]any)[0].(map[string]any)
	diagnostics, _ = issue["diagnostics"].(string)
	if _, profiled := m["meta"]; !profiled {
		return coding["display"].(string), diagnostics
	}
	return coding["code"].(string), diagnostics
}

// resources are the resources of a Bundle by Type/id; those without id by their place.
func (r reply) resources(t testing.TB) []map[string]any {
	t.Helper()
	m := r.fields(t)
	if m["resourceType"] != "Bundle" {
		t.Fatalf("status %d: got %v, want a Bundle", r.status, m["resourceType"])
	}
	var out []map[string]any
	entries, _ := m["entry"].([]any)
	for _, e := range entries {
		out = append(out, e.(map[string]any)["resource"].(map[string]any))
	}
	return out
}
