package show

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBrowser opens pages in headless Chromium, at the width of a desktop and of a phone, in
// light and dark: no console message, nothing requested, and nothing that axe-core finds.
//
// GPC_BROWSER is a folder where testdata/browser/package.json was installed (npm install);
// Chromium is looked for at /usr/bin/chromium, or where CHROMIUM says. SHOTS names a folder
// for screenshots.
func TestBrowser(t *testing.T) {
	modules := os.Getenv("GPC_BROWSER")
	if modules == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_BROWSER is not set")
		}
		t.Skip("GPC_BROWSER is not set")
	}
	records := people(t)
	maps.DeleteFunc(records, func(name string, _ []byte) bool {
		return !slices.Contains([]string{"full-record.json", "list-warnings.json", "awkward-text.json"}, name)
	})
	if corpus := os.Getenv("GPC_CORPUS"); corpus != "" {
		paths, err := filepath.Glob(filepath.Join(corpus, "structured", "uat-migrate-*.json"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("the corpus holds no uat-migrate record: %v", err)
		}
		for _, p := range paths {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			records["uat-migrate.json"] = data
		}
	}
	dir := t.TempDir()
	args := []string{filepath.Join("testdata", "browser", "check.cjs")}
	for _, name := range slices.Sorted(maps.Keys(records)) {
		path := filepath.Join(dir, strings.TrimSuffix(name, ".json")+".html")
		if err := os.WriteFile(path, []byte(pageOf(t, view(t, records[name]))), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	sample1 := filepath.Join(dir, "sample.html")
	if err := os.WriteFile(sample1, []byte(pageOf(t, sample())), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", append(args, sample1)...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(modules, "node_modules"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		t.Error(strings.TrimSpace(line))
	}
}
