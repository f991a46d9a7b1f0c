package sandbox

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

func TestFiles(t *testing.T) {
	s := run(t, Config{})
	files := s.Files()
	for _, name := range []string{".env", "README.md", "ca.pem", "client.key", "client.pem", "gpc.toml"} {
		one, err := s.File(name)
		if err != nil || len(one) == 0 || !bytes.Equal(one, files[name]) {
			t.Errorf("%s: got %d octets by name, %d among all, %v", name, len(one), len(files[name]), err)
		}
	}
	for _, name := range []string{"pds.key", "client.p12", "ca.p12"} { // these take a moment to make
		if _, among := files[name]; among {
			t.Errorf("%s is among Files, which are not to be waited for", name)
		}
	}
	if _, err := s.File("passwd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown name: got %v, want fs.ErrNotExist", err)
	}
}

func TestWriteSome(t *testing.T) {
	s := run(t, Config{})
	dir := t.TempDir()
	if err := s.Write(dir, "gpc.toml", "ca.pem"); err != nil {
		t.Fatal(err)
	}
	var got []string
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		got = append(got, f.Name())
	}
	if want := []string{"ca.pem", "gpc.toml"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := s.Write(dir, "passwd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown name: got %v, want fs.ErrNotExist", err)
	}
}

func TestStores(t *testing.T) {
	s := run(t, Config{})
	store, err := s.File("client.p12")
	if err != nil {
		t.Fatal(err)
	}
	key, leaf, chain, err := pkcs12.DecodeChain(store, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || !private.PublicKey.Equal(leaf.PublicKey) || leaf.Subject.CommonName != "consumer.sandbox.example" || len(chain) != 2 {
		t.Errorf("client.p12: got %s, a chain of %d, key %T", leaf.Subject.CommonName, len(chain), key)
	}
	trusted, err := s.File("ca.p12")
	if err != nil {
		t.Fatal(err)
	}
	roots, err := pkcs12.DecodeTrustStore(trusted, "sandbox")
	if err != nil || len(roots) != 1 {
		t.Fatalf("ca.p12: got %d certificates, %v", len(roots), err)
	}
	pool, between := x509.NewCertPool(), x509.NewCertPool()
	pool.AddCert(roots[0])
	between.AddCert(chain[0])
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Errorf("the two do not go together: %v", err)
	}
}

func TestEnvironmentIsComplete(t *testing.T) {
	s := run(t, Config{Provider: "127.0.0.1:0"})
	if !strings.Contains(string(s.environment("")), "SANDBOX_PROVIDER_URL="+s.ProviderURL()) {
		t.Error("the provider's address is not in .env")
	}
	for line := range strings.Lines(string(s.environment(""))) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !strings.HasPrefix(line, "#") && (!ok || name == "" || value == "" || strings.ContainsAny(value, " '\"$\\`")) {
			t.Errorf("got %q, want a name and a value that needs no quotes", line)
		}
	}
	if all := s.Environ("/box"); !slices.Contains(all, "SANDBOX_KEY="+filepath.Join("/box", "client.key")) || !slices.Contains(all, "SANDBOX_ODS=A11111") {
		t.Errorf("for a program: got %q, want files in the folder and the rest as it is", all)
	}
	readme := string(s.readme())
	if strings.Contains(readme, "{{") || !strings.Contains(readme, s.ProxyURL()+"/https://") {
		t.Error("README.md: a setting is not filled in")
	}
	if section := s.pdsSection(); !strings.Contains(section, s.TokenURL()) || strings.Contains(string(s.configuration()), "[profiles.sandbox.pds]") != pdsConfigured {
		t.Errorf("gpc.toml: PDS is in it where it should not be, or is not where it should; the section is %s", section)
	}
}

// TestEnvironmentFromAnywhere: .env is read by a shell in another folder than its own, and is
// written into a folder that is named relatively, and whose name needs quotes.
func TestEnvironmentFromAnywhere(t *testing.T) {
	needs(t, "sh")
	s := run(t, Config{})
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"box", "it's $a box"} {
		if err := s.Write(name, ".env", "ca.pem"); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-eu", "-c", `. "$1/.env"; cat "$SANDBOX_CA"`, "sh", filepath.Join(dir, name))
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if want := s.Files()["ca.pem"]; err != nil || !bytes.Equal(out, want) {
			t.Errorf("%s: got %q, %v; want the CA's certificate", name, out, err)
		}
		data, err := os.ReadFile(filepath.Join(name, ".env"))
		if err != nil {
			t.Fatal(err)
		}
		if name == "box" && strings.Contains(string(data), "'") {
			t.Errorf("got quotes where none are needed, which not all readers of such files know:\n%s", data)
		}
	}
}

// TestReadmeCommands runs every command of README.md as it stands there. What is not
// installed here is named in the skip.
func TestReadmeCommands(t *testing.T) {
	s := run(t, Config{})
	dir := t.TempDir()
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for i, part := range strings.Split("\n"+string(readme), "\n```sh ") {
		if i == 0 {
			continue
		}
		info, rest, _ := strings.Cut(part, "\n")
		tool, control, _ := strings.Cut(info, " ")
		script, _, closed := strings.Cut(rest, "\n```")
		if !closed {
			t.Fatalf("the block for %s does not end", tool)
		}
		blocks++
		t.Run(tool, func(t *testing.T) { runReadme(t, s, dir, tool, script, control == "") })
	}
	if blocks < 7 {
		t.Errorf("found %d blocks, want those for ldapsearch, curl, Python, Java and .NET", blocks)
	}
}

// runReadme runs one block; asks says whether the history must have something of it.
func runReadme(t *testing.T, s *Server, dir, tool, script string, asks bool) {
	for _, needed := range []string{"sh", "openssl", tool} {
		_, err := exec.LookPath(needed)
		switch {
		case err != nil && os.Getenv("CI") == "true" && needed != "dotnet": // which no distribution's packages have
			t.Fatalf("%s is not installed", needed)
		case err != nil:
			t.Skipf("%s is not installed", needed)
		}
	}
	before := len(s.Requests())
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-eu", "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	if len(out) == 0 {
		t.Error("it printed nothing")
	}
	all := s.Requests()
	asked := all[min(before, len(all)):]
	for _, q := range asked {
		if ok := q.Status == 200 || q.Where == "ldap" && q.Status == 0; !ok || q.Rule != "" {
			t.Errorf("%s: got status %d, rule %q", q.Where, q.Status, q.Rule)
		}
	}
	if asks && len(asked) == 0 {
		t.Error("nothing was asked of the sandbox")
	}
	program := tool == "python3" || tool == "java"
	if program && !slices.ContainsFunc(asked, func(q Request) bool { return q.Where == "provider" }) {
		t.Error("the program does not reach a practice")
	}
}
