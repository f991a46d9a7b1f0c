package sdslookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const (
	slotSearch = Interaction("urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1")
	structured = Interaction("urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1")
	documents  = Interaction("urn:nhs:names:services:gpconnect:documents:fhir:rest:read:binary-1")
)

// slapd is a real OpenLDAP with a synthetic directory of practices, started outside the tests: GPC_SLAPD
// is its ldaps URL, GPC_SLAPD_PKI the folder with its authority and clients.
type slapd struct{ url, pki string }

func realDirectory(t testing.TB) slapd {
	t.Helper()
	s := slapd{os.Getenv("GPC_SLAPD"), os.Getenv("GPC_SLAPD_PKI")}
	if s.url == "" || s.pki == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_SLAPD and GPC_SLAPD_PKI are not set, and CI is")
		}
		t.Skip("GPC_SLAPD and GPC_SLAPD_PKI are not set")
	}
	return s
}

// client returns a TLS configuration with the named certificate; "" has none.
func (s slapd) client(t testing.TB, name string) *tls.Config {
	t.Helper()
	ca, err := os.ReadFile(filepath.Join(s.pki, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	c := &tls.Config{RootCAs: x509.NewCertPool()}
	c.RootCAs.AppendCertsFromPEM(ca)
	if name != "" {
		key := filepath.Join(s.pki, name+".key")
		if name == "subclient-chain" {
			key = filepath.Join(s.pki, "subclient.key")
		}
		pair, err := tls.LoadX509KeyPair(filepath.Join(s.pki, name+".pem"), key)
		if err != nil {
			t.Fatal(err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

func (s slapd) directory(t testing.TB, change ...func(*LDAPConfig)) *LDAP {
	t.Helper()
	c := LDAPConfig{Servers: []string{s.url}, TLS: s.client(t, "client")}
	for _, f := range change {
		f(&c)
	}
	d, err := NewLDAP(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func brief(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestRealDirectory(t *testing.T) {
	pin := func(c *LDAPConfig) { c.PartyKeys = map[string]string{"Z00004": "z00004-0000004", "a80002": "OTHER-1"} }
	tests := []struct {
		name   string
		ods    string
		id     Interaction
		want   Endpoint
		kind   error
		step   Step
		reason Reason
		count  int // of candidates in the error
		change func(*LDAPConfig)
	}{
		{name: "ordinary", ods: "A80001", id: structured, want: at("https://emis.gpc.example.nhs.uk/A80001/STU3/1/gpconnect/structured", "200000000000", "A80001-0800000")},
		{name: "another capability, another address", ods: "A80001", id: slotSearch, want: at("https://emis.gpc.example.nhs.uk/A80001/STU3/1/gpconnect", "200000000000", "A80001-0800000")},
		{name: "lower case and space", ods: " a80002\n", id: structured, want: at("https://tpp.gpc.example.nhs.uk/A80002/STU3/1/gpconnect/structured", "200000000001", "A80002-0800001")},
		{name: "not enabled", ods: "A80002", id: documents, kind: ErrNotFound, step: StepMHS, reason: NotEnabled},
		{name: "unknown", ods: "X99999", id: structured, kind: ErrNotFound, step: StepMHS, reason: NotToldApart},
		{name: "interaction in another case", ods: "A80001", id: "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getStructuredRecord-1", kind: ErrNotFound, step: StepMHS, reason: NotEnabled},
		{name: "two AS with one party key", ods: "Z00001", id: slotSearch, kind: ErrAmbiguous, step: StepAS, count: 2},
		{name: "AS without MHS", ods: "Z00002", id: slotSearch, kind: ErrNotFound, step: StepMHS, reason: NotEnabled},
		{name: "MHS without AS", ods: "Z00003", id: slotSearch, kind: ErrNotFound, step: StepAS, reason: NoASID},
		{name: "two MHS", ods: "Z00004", id: slotSearch, kind: ErrAmbiguous, step: StepMHS, count: 2},
		{name: "two MHS with one pinned party key", ods: "Z00004", id: slotSearch, kind: ErrAmbiguous, step: StepMHS, count: 2, change: pin},
		{name: "pinned party key that is not there", ods: "A80002", id: slotSearch, kind: ErrNotFound, step: StepMHS, reason: NotPinned, count: 1, change: pin},
		{name: "two addresses in one MHS", ods: "Z00005", id: slotSearch, kind: ErrAmbiguous, step: StepMHS, count: 2},
		{name: "party keys differ in case", ods: "Z00006", id: slotSearch, want: at("https://odd.gpc.example.nhs.uk/Z00006/STU3/1/gpconnect", "300000000006", "Z00006-0000006")},
		{name: "address is no URL", ods: "Z00007", id: slotSearch, kind: ErrAddressRefused, step: StepMHS, reason: NoServiceRoot, count: 1},
		{name: "address is http", ods: "Z00008", id: slotSearch, kind: ErrAddressRefused, step: StepMHS, reason: NoServiceRoot, count: 1},
		{name: "host not allowed", ods: "A80001", id: slotSearch, kind: ErrAddressRefused, step: StepMHS, reason: HostNotAllowed, count: 1, change: func(c *LDAPConfig) { c.Allow.Hosts = []string{"emis.example"} }},
		{name: "consumer only", ods: "CONS1", id: slotSearch, kind: ErrNotFound, step: StepMHS, reason: NotEnabled},
		{name: "filter in the code", ods: "A*)(objectClass=*", id: slotSearch, kind: ErrInvalid},
		{name: "NUL in the code", ods: "A80001\x00", id: slotSearch, kind: ErrInvalid},
		{name: "star in the interaction", ods: "A80001", id: "urn:nhs:names:services:*", kind: ErrInvalid},
	}
	s := realDirectory(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var d *LDAP
			if tt.change != nil {
				d = s.directory(t, tt.change)
			} else {
				d = s.directory(t)
			}
			got, err := d.Endpoint(brief(t), tt.ods, tt.id)
			if tt.kind == nil {
				if err != nil || got != tt.want {
					t.Fatalf("got %+v, %v; want %+v", got, err, tt.want)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || got != (Endpoint{}) {
				t.Fatalf("got %+v, %v; want an *Error alone", got, err)
			}
			if !errors.Is(err, tt.kind) || e.Step != tt.step || e.Reason != tt.reason || len(e.Candidates) != tt.count {
				t.Errorf("got kind %v, step %q, reason %q, %d candidates; want %v, %q, %q, %d (%v)",
					e.Kind, e.Step, e.Reason, len(e.Candidates), tt.kind, tt.step, tt.reason, tt.count, err)
			}
			t.Log(err)
		})
	}
}
