package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/sandbox"
)

// TestCanary runs commands about a planted patient under every kind of fault,
// and looks for patient, token and keys on stderr, in the files that are left,
// and, of commands that print no patient's data, on stdout.
func TestCanary(t *testing.T) {
	for _, fault := range []string{
		"", "ldap:garble", "pds:error:INVALIDATED_RESOURCE", "pds:wrong-patient", "pds:html", "token:status:401",
		"proxy:hang", "proxy:error:ASID_CHECK_FAILED", "proxy:garble", "proxy:html", "proxy:truncate",
		"provider:error:NO_PATIENT_CONSENT", "provider:error:INVALID_NHS_NUMBER", "provider:error:9000000009", "provider:wrong-patient", "provider:garble",
	} {
		t.Run(strings.ReplaceAll(fault, "9000000009", "a-number"), func(t *testing.T) {
			t.Parallel()
			c := newCanary(t, fault)
			for _, args := range [][]string{
				{"record", "--ods", "A12345", "--nhs", "-"},
				{"record", "--nhs", "-", "-f", "json"},
				{"record", "--ods", "A12345", "--nhs", "-", "--no-trace", "-f", "fhir"},
				{"trace", "--nhs", "-"},
				{"patient", "find", "--ods", "A12345", "--nhs", "-"},
				{"appointment", "list", "--ods", "A12345", "--nhs", "-"},
				{"record", "--ods", "A*", "--nhs", "-"},
			} {
				c.run(t, args, false)
			}
			for _, args := range [][]string{
				{"doctor", "--ods", "A12345"}, {"doctor", "--ods", "A12345", "-f", "json"}, {"lookup", "--ods", "A12345", "--explain"}, {"metadata", "--ods", "A12345"},
				{"config", "show"}, {"config", "check"}, {"audit", "verify"}, {"audit", "query"}, {"audit", "query", "-f", "ndjson"},
				{"call", "GET", "/Patient?identifier=9000000009", "--ods", "Q99999", "--interaction", "urn:nhs:names:services:gpconnect:fhir:rest:search:patient-1"},
			} {
				c.run(t, args, true)
			}
			c.left(t)
		})
	}
}

// canary is a configuration with a journal, at a sandbox that something is
// wrong with, and what must not be seen of it.
type canary struct {
	dir, config string
	planted     map[string]string
	served      bytes.Buffer
	server      *sandbox.Server
	given       map[string]bool // files that the sandbox wrote
}

func newCanary(t *testing.T, fault string) *canary {
	t.Helper()
	c := &canary{dir: t.TempDir()}
	server, err := sandbox.Start(t.Context(), sandbox.Config{Log: &c.served})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if err := server.Write(c.dir); err != nil {
		t.Fatal(err)
	}
	if fault != "" {
		if err := server.Inject(fault); err != nil {
			t.Fatal(err)
		}
	}
	c.given = map[string]bool{"audit.key": true}
	for name := range server.Files() {
		c.given[name] = true
	}
	c.server, c.config = server, filepath.Join(c.dir, "gpc.toml")
	toml, err := os.ReadFile(c.config)
	if err != nil {
		t.Fatal(err)
	}
	toml = append(toml, "\n[audit]\nfile = \"audit.jsonl\"\nhmac_key_file = \"audit.key\"\n"...)
	if err := os.WriteFile(c.config, toml, 0o600); err != nil {
		t.Fatal(err)
	}
	c.planted = map[string]string{
		"the NHS number": "9000000009", "the NHS number with spaces": "900 000 0009", "the family name": "Thackeray", "the given name": "Rosalind",
		"the birth date": "1958-04-17", "the token": "eyJhbGci", "the token's scheme": "Bearer",
	}
	key, err := os.ReadFile(filepath.Join(c.dir, "client.key"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(key), "\n") {
		if len(line) > 20 && !strings.HasPrefix(line, "-") {
			c.planted[fmt.Sprintf("line %d of the key", i)] = line
		}
	}
	return c
}

func (c *canary) run(t *testing.T, args []string, stdoutToo bool) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{stdin: strings.NewReader("9000000009\n"), stdout: &stdout, stderr: &stderr, now: time.Now, getenv: func(string) string { return "" }}
	code := run(t.Context(), a, append([]string{"--config", c.config, "--timeout", "500ms"}, args...))
	name := "gpc " + args[0]
	if stderr.Len() == 0 && stdout.Len() == 0 {
		t.Errorf("%s: it said nothing at all", name)
	}
	c.search(t, name+": stderr", stderr.String())
	if stdoutToo || code != exitDone {
		c.search(t, name+": stdout", stdout.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "gpc: ") {
			t.Errorf("%s: a line on stderr does not begin with gpc: %q", name, line)
		}
	}
}

func (c *canary) search(t *testing.T, where, text string) {
	t.Helper()
	for name, secret := range c.planted {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s: %s is there, after %q", where, name, text[max(0, i-60):i])
		}
	}
}

// left looks through the files that the commands left.
func (c *canary) left(t *testing.T) {
	t.Helper()
	c.server.Close()
	c.search(t, "the sandbox's log", c.served.String())
	seen := map[string]bool{}
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || c.given[d.Name()] || strings.HasPrefix(d.Name(), "revoked.") {
			return err
		}
		data, err := os.ReadFile(path)
		seen[d.Name()] = len(data) > 0
		c.search(t, "the file "+d.Name(), string(data))
		c.search(t, "a file's name", path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen["audit.jsonl"] {
		t.Errorf("the search looked at nothing: %v", seen)
	}
}
