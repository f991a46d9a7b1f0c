package sandbox

import (
	"os"
	"testing"
)

func TestRecordEndToEnd(t *testing.T) {
	for _, plain := range []bool{true, false} {
		s := run(t, Config{Plain: plain})
		a := recordOf(t, s, "A12345", "9000000009", everything)
		r := a.send(t, s)
		if r.status != 200 {
			t.Fatalf("plain %v: got status %d, want 200: %s", plain, r.status, r.body)
		}
		m := r.fields(t)
		if got, want := m["id"], a.header["Ssp-TraceID"][0]; got != want {
			t.Errorf("Bundle.id: got %v, want the trace id %v", got, want)
		}
		lists := 0
		for _, x := range r.resources(t) {
			if x["resourceType"] == "List" {
				lists++
			}
		}
		if lists < 10 {
			t.Errorf("plain %v: got %d lists, want at least ten", plain, lists)
		}
	}
}

func TestMetadataEndToEnd(t *testing.T) {
	s := run(t, Config{})
	r := toward(t, s, "B82617", foundationMetadata, "GET", "/metadata", "organization/*.read").send(t, s)
	if got := r.fields(t)["resourceType"]; r.status != 200 || got != "CapabilityStatement" {
		t.Fatalf("got %d %v, want 200 CapabilityStatement", r.status, got)
	}
}

// TestHosts: wherever it listens, the addresses that it tells can be dialled, and its
// certificate is good for them.
func TestHosts(t *testing.T) {
	for _, host := range []string{"", "localhost", "127.0.0.1", "0.0.0.0"} {
		s := run(t, Config{Host: host, Plain: true})
		if r := recordOf(t, s, "A12345", "9000000017", everything).send(t, s); r.status != 200 {
			t.Errorf("%q: got %d", host, r.status)
		}
		if r := newApplication(t, s).do("GET", s.APIURL()+"/health", nil, ""); r.status != 200 {
			t.Errorf("%q: got %d of the API", host, r.status)
		}
		name, err := os.Hostname()
		if err != nil {
			t.Fatal(err)
		}
		if name == "localhost" { // which every certificate is good for
			continue
		}
		if wrong := raw(t, s, s.ProxyURL()).ConnectionState().PeerCertificates[0].VerifyHostname(name); (wrong == nil) != (host == "0.0.0.0") {
			t.Errorf("%q: the certificate for this machine's name: %v", host, wrong)
		}
	}
}
