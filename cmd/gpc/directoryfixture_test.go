package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/sandbox"
)

// world is a configuration with a directory in it, and the environment that
// goes with it.
type world struct {
	config string
	env    map[string]string
}

// ending is what became of one command.
type ending struct {
	code           int
	stdout, stderr string
}

// gpc runs one command in this process.
func (w world) gpc(t *testing.T, args ...string) ending {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{
		stdin: new(bytes.Buffer), stdout: &stdout, stderr: &stderr, now: time.Now,
		getenv:    func(name string) string { return w.env[name] },
		configDir: func() (string, error) { return t.TempDir(), nil },
	}
	code := run(t.Context(), a, append([]string{"--config", w.config}, args...))
	return ending{code, stdout.String(), stderr.String()}
}

// lookup asks, and reads the answers.
func (w world) lookup(t *testing.T, args ...string) (ending, []found) {
	t.Helper()
	r := w.gpc(t, append([]string{"lookup", "-f", "json"}, args...)...)
	var all []found
	if r.stdout != "" {
		if err := json.Unmarshal([]byte(r.stdout), &all); err != nil {
			t.Fatalf("%v: %s", err, r.stdout)
		}
	}
	return r, all
}

// with gives the same world but for lines of its configuration: each key of
// changes is replaced or added, "" takes it away. Keys of [profiles.x.sds] are
// written as sds.key.
func (w world) with(t *testing.T, changes map[string]string) world {
	t.Helper()
	data, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), " = "); ok {
			keys[key] = value
		}
	}
	for key, value := range changes {
		keys[key] = value
	}
	return write(t, filepath.Dir(w.config), keys, w.env)
}

// write makes a configuration of one profile in dir.
func write(t *testing.T, dir string, keys map[string]string, env map[string]string) world {
	t.Helper()
	var b strings.Builder
	b.WriteString("[profiles.x]\n")
	for key, value := range keys {
		if value != "" {
			fmt.Fprintf(&b, "%s = %s\n", key, value)
		}
	}
	f, err := os.CreateTemp(dir, "gpc-*.toml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(b.String()); err != nil {
		t.Fatal(err)
	}
	return world{f.Name(), env}
}

// profileKeys are those that every configuration here has.
func profileKeys(pki string) map[string]string {
	file := func(name string) string { return fmt.Sprintf("%q", filepath.Join(pki, name)) }
	return map[string]string{
		"proxy": `"https://proxy.example"`, "issuer": `"https://consumer.example/"`,
		"cert": file("client.pem"), "key": file("client.key"), "ca": file("ca.pem"),
		"device.system": `"https://consumer.example/Id/device"`, "device.id": `"D1"`, "device.model": `"gpc"`, "device.version": `"1"`,
	}
}

// realDirectory is the OpenLDAP that the environment names: GPC_SLAPD is its
// ldaps URL, GPC_SLAPD_PKI the folder with its authority and clients.
func realDirectory(t *testing.T) world {
	t.Helper()
	url, pki := os.Getenv("GPC_SLAPD"), os.Getenv("GPC_SLAPD_PKI")
	if url == "" || pki == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_SLAPD and GPC_SLAPD_PKI are not set, and CI is")
		}
		t.Skip("GPC_SLAPD and GPC_SLAPD_PKI are not set")
	}
	keys := profileKeys(pki)
	keys["sds.ldap"] = fmt.Sprintf("[%q]", url)
	return write(t, t.TempDir(), keys, nil)
}

// sandboxDirectories are the sandbox's, asked over LDAP and over FHIR.
func sandboxDirectories(t *testing.T) (ldap, fhir world, server *sandbox.Server) {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	dir := t.TempDir()
	if err := server.Write(dir, "ca.pem", "client.pem", "client.key"); err != nil {
		t.Fatal(err)
	}
	keys := profileKeys(dir)
	keys["sds.ldap"] = fmt.Sprintf("[%q]", server.LDAPURL())
	ldap = write(t, dir, keys, nil)
	fhir = ldap.with(t, map[string]string{
		"sds.ldap": "", "sds.fhir": fmt.Sprintf("%q", server.SDSURL()), "sds.fhir_ca": `"ca.pem"`, "sds.api_key_env": `"SDS_KEY"`,
	})
	fhir.env = map[string]string{"SDS_KEY": "sandbox-api-key"}
	return ldap, fhir, server
}
