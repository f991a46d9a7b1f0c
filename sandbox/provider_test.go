package sandbox

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
)

// directly sends an attempt to the practice without a proxy.
func directly(t testing.TB, s *Server, a *attempt, root string, config *tls.Config) reply {
	t.Helper()
	proxy, address := a.proxy, a.address
	defer func() { a.proxy, a.address = proxy, address }()
	a.proxy, a.address, _ = strings.Cut(root, "/B82617")
	a.address = "B82617" + a.address
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true, DisableCompression: true}}
	r, err := a.through(t, client)
	if err != nil {
		t.Fatalf("%s: %v", a.path, err)
	}
	return r
}

func TestProviderDirectly(t *testing.T) {
	s := run(t, Config{Provider: "127.0.0.1:0"})
	c := from(t, s, "B82617")
	root := s.ProviderURL()
	if !strings.HasPrefix(root, "http://127.0.0.1:") || !strings.HasSuffix(root, "/B82617/STU3/1/gpconnect") {
		t.Fatalf("got %s", root)
	}
	anyAud := func(a *attempt) { a.claims["aud"] = "https://authorize.fhir.nhs.net/token/" }
	for _, test := range []struct {
		name, interaction, path, root string
		body                          any
		change                        func(*attempt)
		status                        int
	}{
		{"foundations", "fhir:rest:read:metadata-1", "/metadata", root, nil, anyAud, 200},
		{"structured", "structured:fhir:rest:read:metadata-1", "/metadata", root + "/structured", nil, anyAud, 200},
		{"documents", "documents:fhir:rest:read:metadata-1", "/metadata", root + "/documents", nil, anyAud, 200},
		{"structured at foundations", "structured:fhir:rest:read:metadata-1", "/metadata", root, nil, anyAud, 400},
		{"foundations at documents", "fhir:rest:read:metadata-1", "/metadata", root + "/documents", nil, anyAud, 400},
		{"another ASID", "fhir:rest:read:metadata-1", "/metadata", root, nil, func(a *attempt) { anyAud(a); a.header.Set("Ssp-To", "918999100017") }, 400},
		{"no Ssp-TraceID", "fhir:rest:read:metadata-1", "/metadata", root, nil, func(a *attempt) { anyAud(a); delete(a.header, "Ssp-TraceID") }, 400},
		{"a missing claim", "fhir:rest:read:metadata-1", "/metadata", root, nil, func(a *attempt) { delete(a.claims, "aud") }, 400},
		{"another practice's path", "fhir:rest:read:metadata-1", "/metadata", strings.Replace(root, "gpconnect", "other", 1), nil, anyAud, 400},
	} {
		a := c.attempt(test.interaction, test.path, test.body, test.change)
		if r := directly(t, s, a, test.root, nil); r.status != test.status {
			t.Errorf("%s: got %d, want %d: %.200s", test.name, r.status, test.status, r.body)
		}
		if q := s.Requests(); q[len(q)-1].Where != "provider" {
			t.Errorf("%s: got %s in the history, want provider", test.name, q[len(q)-1].Where)
		}
	}
}

// TestProviderTellsItsOwnAddresses: documents and appointments are where the practice was
// called.
func TestProviderTellsItsOwnAddresses(t *testing.T) {
	s := run(t, Config{Provider: "localhost:0"})
	c := from(t, s, "B82617")
	root := s.ProviderURL()
	a := c.attempt(documentSearch, "/Patient/"+c.patientID("9690937286")+"/DocumentReference"+documentQueryOf(), nil)
	docs := found(directly(t, s, a, root+"/documents", nil).resources(t)).of("DocumentReference")
	if len(docs) == 0 {
		t.Fatal("got no documents")
	}
	address := attachments(lenient(mustJSON(t, docs[0])))[0]["url"].(string)
	if !strings.HasPrefix(address, root+"/documents/Binary/") {
		t.Fatalf("got a document at %s, want it under %s", address, root)
	}
	read := c.attempt(documentRead, strings.TrimPrefix(address, root+"/documents"), nil)
	if r := directly(t, s, read, root+"/documents", nil); r.status != 200 {
		t.Errorf("reading it: got %d", r.status)
	}
	f := c.slots(slotSearch(days(s, 1), days(s, 1)))
	made := directly(t, s, c.attempt(book, "/Appointment", bookingFor(f, c.patientID("9690937286"), f.of("Slot")[0])), root, nil)
	if got := made.header.Get("Location"); made.status != 201 || !strings.HasPrefix(got, root+"/Appointment/") {
		t.Errorf("got %d at %s, want 201 under %s", made.status, got, root)
	}
}

func TestProviderRefused(t *testing.T) {
	for _, bad := range []string{"28080", "https://", "127.0.0.1:-1"} {
		s, err := Start(t.Context(), Config{Provider: bad})
		if err == nil {
			s.Close()
			t.Errorf("%q: got a server, want an error", bad)
		} else if !strings.Contains(err.Error(), "provider") {
			t.Errorf("%q: got %v, want it to name the provider", bad, err)
		}
	}
	if got := run(t, Config{}).ProviderURL(); got != "" {
		t.Errorf("without a provider: got %s, want none", got)
	}
}
