package main

import (
	"bytes"
	"encoding/csv"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/sandbox"
)

// TestExitOfOutcomes: for each answer of testdata/outcomes/index.csv, which
// client's tests judge, the command ends with the code that scripts rely on,
// says who failed, and prints neither an answer nor the other side's words.
func TestExitOfOutcomes(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "testdata", "outcomes", "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) < 100 {
		t.Fatalf("got %d outcomes, %v", len(lines), err)
	}
	box, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	for _, l := range lines[1:] {
		t.Run(strings.Join([]string{l[0], l[1], l[2]}, " "), func(t *testing.T) {
			t.Parallel()
			body := outcomeBody(t, l[0])
			want, err := strconv.Atoi(l[7])
			if err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := answered(t, box, l[1], l[2], body)
			if code != want {
				t.Errorf("exit code: got %d, want %d: %s", code, want, stderr)
			}
			who := map[string]string{"proxy": "the proxy", "provider": "the practice"}[l[3]]
			if stdout != "" || !strings.HasPrefix(stderr, "gpc: read metadata at A12345: "+who) || !strings.Contains(stderr, "gpc: to do: ") {
				t.Errorf("got %q on stdout, %q on stderr, want words about %s and what to do", stdout, stderr, who)
			}
			for _, planted := range []string{"9000000009", "900 000 0009", "Doe", "Bearer", "eyJ"} {
				if strings.Contains(stderr, planted) {
					t.Errorf("stderr says %q: %s", planted, stderr)
				}
			}
		})
	}
}

func outcomeBody(t *testing.T, name string) []byte {
	t.Helper()
	if name == "" {
		return nil
	}
	path := filepath.Join("..", "..", "testdata", "outcomes", name)
	if published, ok := strings.CutPrefix(name, "corpus/"); ok {
		path = filepath.Join(corpusFolder(t), "outcomes", published)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func corpusFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("GPC_CORPUS")
	if folder == "" && os.Getenv("CI") == "true" {
		t.Fatal("GPC_CORPUS is not set")
	}
	if folder == "" {
		t.Skip("GPC_CORPUS is not set")
	}
	return folder
}

// answered runs gpc against the sandbox's directory and a proxy that has one
// answer to everything.
func answered(t *testing.T, box *sandbox.Server, status, contentType string, body []byte) (code int, stdout, stderr string) {
	t.Helper()
	number, err := strconv.Atoi(status)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		w.WriteHeader(number)
		_, _ = w.Write(body)
	}))
	defer proxy.Close()
	dir := t.TempDir()
	if err := box.Write(dir); err != nil {
		t.Fatal(err)
	}
	ca, err := os.OpenFile(filepath.Join(dir, "ca.pem"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer ca.Close()
	if err := pem.Encode(ca, &pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw}); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "gpc.toml")
	toml, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	changed := set("proxy", strconv.Quote(proxy.URL))(t, dir, string(toml))
	if err := os.WriteFile(config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, words bytes.Buffer
	a := &app{stdin: new(bytes.Buffer), stdout: &out, stderr: &words, now: time.Now, getenv: func(string) string { return "" }}
	code = run(t.Context(), a, []string{"--config", config, "metadata", "--ods", "A12345"})
	return code, out.String(), words.String()
}
