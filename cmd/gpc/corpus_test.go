package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/sandbox"
)

// corpus is the folder of published payloads.
func corpus(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("GPC_CORPUS")
	if dir == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_CORPUS is not set")
		}
		t.Skip("GPC_CORPUS is not set")
	}
	return dir
}

// gpc runs one command in this process and returns its stdout.
func gpc(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{
		stdin: new(bytes.Buffer), stdout: &stdout, stderr: &stderr, now: time.Now,
		getenv: func(string) string { return "" }, configDir: func() (string, error) { return t.TempDir(), nil },
	}
	if code := run(t.Context(), a, args); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.Bytes())
	}
	return stdout.Bytes()
}

// box starts a sandbox and gives the configuration for it.
func box(t *testing.T, config sandbox.Config) string {
	t.Helper()
	server, err := sandbox.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	dir := t.TempDir()
	if err := server.Write(dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "gpc.toml")
}

// published are answers of real systems, by the number of their patient.
var published = []string{"9692140466", "9690937286", "9690937278"}

// primaryLists are the areas' by their SNOMED codes.
var primaryLists = map[string]string{
	"886921000000105": "allergies", "933361000000108": "medications", "1149501000000101": "consultations",
	"717711000000103": "problems", "1102181000000102": "immunisations", "826501000000100": "uncategorised",
	"887191000000108": "investigations", "792931000000107": "referrals", "714311000000108": "diary",
}

// TestKnownAnswers: over the real protocols, each area has as many items as
// its primary list in the file has entries, counted here by other means, and
// the provider's bytes come out as they went in.
func TestKnownAnswers(t *testing.T) {
	data := filepath.Join(corpus(t), "structured")
	config := box(t, sandbox.Config{Plain: true, Data: data})
	for _, nhs := range published {
		file, err := os.ReadFile(filepath.Join(data, "int-"+nhs+".json"))
		if err != nil {
			t.Fatal(err)
		}
		want := countEntries(t, file)
		var got struct {
			Areas map[string]struct {
				State string
				Items []json.RawMessage
			}
		}
		if err := json.Unmarshal(gpc(t, "--config", config, "record", "--ods", "B82617", "--nhs", nhs, "-f", "json"), &got); err != nil {
			t.Fatal(err)
		}
		for _, area := range primaryLists {
			n, asked := want[area]
			if len(got.Areas[area].Items) != n {
				t.Errorf("int-%s, %s: got %d items, want %d", nhs, area, len(got.Areas[area].Items), n)
			}
			if !asked && got.Areas[area].State != "missing" {
				t.Errorf("int-%s, %s: got state %s, want missing: there is no list", nhs, area, got.Areas[area].State)
			}
		}
		if raw := gpc(t, "--config", config, "record", "--ods", "B82617", "--nhs", nhs, "-f", "fhir"); !bytes.Equal(raw, file) {
			t.Errorf("int-%s: -f fhir gave %d bytes that are not the file's %d", nhs, len(raw), len(file))
		}
	}
}

func countEntries(t *testing.T, file []byte) map[string]int {
	t.Helper()
	var bundle struct {
		Entry []struct{ Resource map[string]any }
	}
	if err := json.Unmarshal(file, &bundle); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range bundle.Entry {
		if e.Resource["resourceType"] != "List" {
			continue
		}
		entries, _ := e.Resource["entry"].([]any)
		code, _ := e.Resource["code"].(map[string]any)
		codings, _ := code["coding"].([]any)
		for _, c := range codings {
			snomed, _ := c.(map[string]any)["code"].(string)
			if area := primaryLists[snomed]; area != "" {
				counts[area] += len(entries)
			}
		}
	}
	if len(counts) == 0 {
		t.Fatal("no primary list found")
	}
	return counts
}

// TestDifferencesDoNotShow: shuffled, extended, compressed, from another host:
// the text is the same, line for line, but for the time and the trace id.
func TestDifferencesDoNotShow(t *testing.T) {
	data := filepath.Join(corpus(t), "structured")
	plain := box(t, sandbox.Config{Plain: true, Data: data})
	odd := box(t, sandbox.Config{Data: data})
	for _, nhs := range append(published, "9000000033", "9000000106") {
		ods := "B82617"
		if nhs == "9000000033" {
			ods = "A12345"
		}
		ask := func(config string) string {
			return unstamp(string(gpc(t, "--config", config, "record", "--ods", ods, "--nhs", nhs)))
		}
		if got, want := ask(odd), ask(plain); got != want {
			t.Errorf("record %s differs\n%s", nhs, firstDifference(got, want))
		}
	}
}

func unstamp(text string) string {
	return regexp.MustCompile(`(?m)^(Retrieved|Trace id) .*$`).ReplaceAllString(text, "$1")
}

func firstDifference(got, want string) string {
	g, w := bytes.Split([]byte(got), []byte("\n")), bytes.Split([]byte(want), []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return " got " + string(g[i]) + "\nwant " + string(w[i])
		}
	}
	return "one is longer"
}
