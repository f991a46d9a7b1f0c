package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/sandbox"
)

// ailment is a sandbox that something is wrong with.
type ailment struct {
	name   string
	faults []string
	ods    string
	late   time.Duration                                      // our clock
	edit   func(t *testing.T, dir string, toml string) string // the configuration
	hop    string
	code   int
	well   string // a hop that goes well all the same
	warned string // one that is a warning
	says   string // in what was seen at the hop
}

// closed is an address that nobody listens at, nor will before the test is over: it
// is the near end of a connection to elsewhere.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	conn, err := dialer.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().String()
}

// set replaces the value of a key of the configuration.
func set(key, value string) func(*testing.T, string, string) string {
	return func(t *testing.T, _, toml string) string {
		t.Helper()
		var lines []string
		found := false
		for line := range strings.Lines(toml) {
			if name, _, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) == key && !found {
				line, found = key+" = "+value+"\n", true
			}
			lines = append(lines, line)
		}
		if !found {
			t.Fatalf("the configuration has no %s", key)
		}
		return strings.Join(lines, "")
	}
}

// another puts a server in front of the directory's.
func another(address string) func(*testing.T, string, string) string {
	return func(t *testing.T, _, toml string) string {
		t.Helper()
		changed := strings.Replace(toml, `= ["ldaps://`, `= ["ldaps://`+address+`", "ldaps://`, 1)
		if changed == toml {
			t.Fatal("the configuration has no list of servers")
		}
		return changed
	}
}

// expired puts a certificate in place that was good for one day of 2020.
func expired(t *testing.T, dir, toml string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	past := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: past, NotAfter: past.AddDate(0, 0, 1)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return from(map[string][]byte{
		"client.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		"client.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, "client.pem", "client.key")(t, dir, toml)
}

// from puts files of another sandbox in place.
func from(other map[string][]byte, names ...string) func(*testing.T, string, string) string {
	return func(t *testing.T, dir, toml string) string {
		t.Helper()
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), other[name], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return toml
	}
}

// TestDoctor: whatever is broken, the hop that fails is the one that is named.
func TestDoctor(t *testing.T) {
	other, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	foreign := other.Files()
	for _, test := range []ailment{
		{name: "nothing", hop: "", code: 0},
		{name: "an unknown key", edit: set("issuer", "\"x\"\nisuer = \"y\""), hop: "configuration", code: 2},
		{name: "an originator that is not there", edit: set("originator", `"Z99999"`), hop: "configuration", code: 2, says: "Z99999"},
		{name: "a key of another certificate", edit: from(foreign, "client.key"), hop: "certificate and key", code: 2},
		{name: "no such directory", edit: set("ldap", `["ldaps://directory.invalid"]`), hop: "directory: name", code: 5},
		{name: "nobody at the directory's port", edit: set("ldap", `["ldaps://`+closed(t)+`"]`), hop: "directory: TCP", code: 5, well: "proxy: an exchange"},
		{name: "nobody at the first of two directories", edit: another(closed(t)), warned: "directory: TCP", well: "practice: metadata"},
		{name: "an unencrypted directory", edit: set("ldap", `["ldap://`+closed(t)+`"]`), hop: "directory: TCP", code: 5},
		{name: "a proxy's address with a path", edit: set("proxy", `"https://proxy.invalid/path"`), hop: "proxy: name", code: 5},
		{name: "a practice's address that is not allowed", edit: set("allow_hosts", `[".nhs.uk"]`), hop: "practice: foundations", code: 6, well: "clock"},
		{name: "an expired certificate", edit: expired, hop: "certificate and key", code: 2},
		{name: "another environment's directory", edit: set("ldap", `["`+other.LDAPURL()+`"]`), hop: "directory: TLS", code: 4},
		{name: "another environment's certificate", edit: from(foreign, "client.pem", "client.key"), hop: "directory: a search", code: 4},
		{name: "a directory that hangs", faults: []string{"ldap:hang"}, hop: "directory: a search", code: 5, says: "did not answer"},
		{name: "nobody at the proxy's port", edit: set("proxy", `"https://`+closed(t)+`"`), hop: "proxy: TCP", code: 5, well: "practice: documents"},
		{name: "another environment's proxy", edit: set("proxy", `"`+other.ProxyURL()+`"`), hop: "proxy: TLS", code: 4},
		{name: "a proxy that hangs", faults: []string{"proxy:hang"}, hop: "proxy: an exchange", code: 5},
		{name: "a proxy that is down, and PDS is not", faults: []string{"proxy:drop:before-commit"}, hop: "proxy: an exchange", code: 5, well: "PDS: an access token"},
		{name: "a clock ten minutes late", late: 10 * time.Minute, hop: "clock", code: 4},
		{name: "no such practice", ods: "Q99999", hop: "practice: foundations", code: 3},
		{name: "an ambiguous practice", ods: "Z00004", hop: "practice: foundations", code: 6},
		{name: "no sharing agreement", ods: "Z00009", hop: "practice: metadata", code: 4},
		{name: "a key that PDS does not know", edit: set("kid", `"another"`), hop: "PDS: an access token", code: 4},
		{name: "a PDS that is down", faults: []string{"token:status:503"}, hop: "PDS: an access token", code: 5},
		{name: "a sender that is not accredited", edit: set("asid", `"999999999999"`), hop: "practice: metadata", code: 4},
		{name: "a provider that is down", faults: []string{"proxy:status:502"}, hop: "practice: metadata", code: 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			findings, code := examine(t, test)
			if code != test.code {
				t.Errorf("exit code: got %d, want %d", code, test.code)
			}
			named, well, warning := "", test.well == "", test.warned == ""
			for _, f := range findings {
				well = well || f.Hop == test.well && f.Result == fine
				warning = warning || f.Hop == test.warned && f.Result == warned && f.Cure != ""
				if f.Result == failed && named == "" {
					named = f.Hop
					if f.Cure == "" || f.Saw == "" || !strings.Contains(f.Saw, test.says) {
						t.Errorf("%s: saw %q, cure %q, want both", f.Hop, f.Saw, f.Cure)
					}
				}
			}
			if !well || !warning {
				t.Errorf("%q well: %v, %q a warning: %v, want both: %+v", test.well, well, test.warned, warning, findings)
			}
			if named != test.hop {
				t.Errorf("failed at %q, want %q: %+v", named, test.hop, findings)
			}
		})
	}
}

func examine(t *testing.T, test ailment) ([]finding, int) {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Config{Faults: test.faults})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	dir := t.TempDir()
	if err := server.Write(dir); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "gpc.toml")
	toml, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if test.edit != nil {
		if err := os.WriteFile(config, []byte(test.edit(t, dir, string(toml))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ods := test.ods
	if ods == "" {
		ods = "A12345"
	}
	var stdout, stderr bytes.Buffer
	a := &app{
		stdin: new(bytes.Buffer), stdout: &stdout, stderr: &stderr,
		now: func() time.Time { return time.Now().Add(-test.late) }, getenv: func(string) string { return "" },
	}
	code := run(t.Context(), a, []string{"--config", config, "--timeout", "2s", "doctor", "--ods", ods, "-f", "json"})
	var report struct{ Findings []finding }
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("%v: %s%s", err, stdout.Bytes(), stderr.Bytes())
	}
	for _, secret := range []string{"PRIVATE KEY", "Bearer ", "eyJ"} {
		if strings.Contains(stdout.String()+stderr.String(), secret) {
			t.Errorf("the report holds %q", secret)
		}
	}
	return report.Findings, code
}
