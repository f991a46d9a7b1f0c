package audit_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/audit"
	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// practice is a practice of a sandbox, called by a client that j audits.
func practice(t *testing.T, j client.Auditor, faults ...string) (*client.Practice, *sandbox.Server) {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Config{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	files := server.Files()
	tls, err := mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{server.LDAPURL()}, TLS: tls})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { directory.Close() })
	c, err := client.New(client.Config{
		ProxyURL: server.ProxyURL(), TLS: tls, Directory: directory, Auditor: j, Issuer: "https://consumer.example.nhs.uk/",
		Device: client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "0.1.0"},
		Retry:  client.Retry{Wait: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	e, err := c.Encounter(
		client.Organisation{ODS: "A11111", Name: "Example Org", ASID: "200000000359"},
		client.Practitioner{ID: "u-1", Family: "Doe", Given: []string{"Sam"}, LocalSystem: "https://consumer.example/Id/user"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Practice("A12345")
	if err != nil {
		t.Fatal(err)
	}
	return p, server
}

func patient(t *testing.T) fhir.NHSNumber {
	t.Helper()
	n, err := fhir.ParseNHSNumber("9000000009")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestCallIsRecorded follows a call through the sandbox: one attempt fails,
// one is answered, and the journal agrees with what reached the proxy.
func TestCallIsRecorded(t *testing.T) {
	folder := t.TempDir()
	key, err := audit.NewKey(filepath.Join(folder, "audit.key"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "audit.jsonl")
	j, err := audit.Open(audit.Config{Path: path, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	p, server := practice(t, j, "proxy:status:502@1")
	if _, err := p.StructuredRecord(t.Context(), patient(t), record.Full()); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	var sent []string
	tokens := map[string]audit.Token{}
	for _, r := range server.Requests() {
		if r.Where == "proxy" {
			trace := r.Header.Get("Ssp-TraceID")
			sent = append(sent, trace)
			tokens[trace] = tokenOf(t, r.Header.Get("Authorization"))
		}
	}
	var begun, results []string
	for e, err := range audit.Query(path, audit.Filter{Patient: key.Pseudonym(patient(t))}) {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Token != tokens[e.Trace] || e.Token.Expires != e.Token.Issued+300:
			t.Errorf("%s: token %+v, the proxy got %+v", e.Kind, e.Token, tokens[e.Trace])
		case e.Kind == audit.Begin:
			begun = append(begun, e.Trace)
		default:
			results = append(results, e.Result)
		}
	}
	if got, want := strings.Join(begun, " "), strings.Join(sent, " "); got != want || len(sent) != 2 {
		t.Errorf("begun in the journal: %s; reached the proxy: %s", got, want)
	}
	if got, want := strings.Join(results, " "), "provider-unreachable answered"; got != want {
		t.Errorf("got results %q, want %q", got, want)
	}
	if r, err := audit.VerifyFile(path); err != nil || r.Unknown != 0 {
		t.Errorf("got %+v, %v; want every end known", r, err)
	}
}

// tokenOf reads the items of the token that the journal keeps.
func tokenOf(t *testing.T, authorization string) (token audit.Token) {
	t.Helper()
	parts := strings.Split(authorization, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(payload, &token)
	}
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestNoCallWithoutJournal: when the line cannot be written, here because the
// journal is closed, the call does not reach the proxy.
func TestNoCallWithoutJournal(t *testing.T) {
	key, err := audit.KeyOf([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	j, err := audit.Open(audit.Config{Path: filepath.Join(t.TempDir(), "audit.jsonl"), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	p, server := practice(t, j)
	_, err = p.StructuredRecord(t.Context(), patient(t), record.Full())
	if !errors.Is(err, client.ErrVetoed) || !errors.Is(err, audit.ErrClosed) {
		t.Errorf("got %v, want ErrVetoed because of ErrClosed", err)
	}
	for _, r := range server.Requests() {
		if r.Where == "proxy" {
			t.Errorf("a request reached the proxy: %s", r.Line)
		}
	}
}
