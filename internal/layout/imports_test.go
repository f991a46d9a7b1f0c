// Package layout holds tests of the project's own shape: who imports whom, and
// that the tables which several parts keep on purpose agree with the
// specification's.
package layout

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gpconnect-go/gpc"

// allowed says what each package may import of ours, outside its tests.
// docs/architecture.md draws the same.
var allowed = map[string][]string{
	"fhir":                          {},
	"mtls":                          {},
	"internal/wire":                 {},
	"sandbox":                       {},
	"record":                        {"fhir"},
	"pds":                           {"fhir", "internal/wire"},
	"sdslookup":                     {"fhir", "internal/wire"},
	"client":                        {"sdslookup", "record", "fhir", "internal/wire"},
	"audit":                         {"client", "internal/filelock"},
	"journal":                       {"client", "internal/filelock"},
	"internal/filelock":             {},
	"internal/relay":                {},
	"internal/show":                 {"record", "fhir"},
	"internal/profile":              {"client", "sdslookup", "pds", "mtls", "audit"},
	"telemetry":                     {"client"},
	"internal/layout":               {},
	"gpctest":                       {"*"},
	"cmd/gpc":                       {"*"},
	"internal/measure/startup":      {},
	"internal/measure/startup/bare": {},
	"internal/measure/lookups":      {"sdslookup", "mtls"},
	"internal/measure/door":         {"audit", "client", "fhir", "internal/wire", "mtls", "record", "sandbox", "sdslookup"},
	"internal/measure/manyslots":    {"client", "sdslookup"},
	"internal/measure/bookings":     {"client", "journal", "sandbox", "sdslookup", "mtls", "fhir", "internal/relay"},
	"internal/measure/sandbox":      {"sandbox"},
}

func TestImports(t *testing.T) {
	for dir, files := range packages(t) {
		may, known := allowed[dir]
		if !known {
			t.Errorf("package %s is on no list: say here and in docs/architecture.md what it may import", dir)
			continue
		}
		for _, file := range files {
			for _, imported := range importsOf(t, file) {
				if !slices.Contains(may, "*") && !slices.Contains(may, imported) {
					t.Errorf("%s imports %s; %s may import %v", file, imported, dir, may)
				}
			}
		}
	}
}

// TestOneParser: the JSON module's tags and lenience stay in two files of
// fhir. The sandbox, which shares nothing, reads by itself.
func TestOneParser(t *testing.T) {
	var users []string
	for dir, files := range packages(t) {
		if dir == "sandbox" {
			continue
		}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				if strings.HasPrefix(i.Path.Value, `"github.com/go-json-experiment/json`) && !slices.Contains(users, file) {
					users = append(users, file)
				}
			}
		}
	}
	if len(users) > 2 {
		t.Errorf("%d files import go-json-experiment, want at most 2: %v", len(users), users)
	}
}

// TestOneTelemetry: OpenTelemetry is the adapter's alone.
func TestOneTelemetry(t *testing.T) {
	for dir, files := range packages(t) {
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				if strings.HasPrefix(i.Path.Value, `"go.opentelemetry.io/`) && dir != "telemetry" {
					t.Errorf("%s imports %s; only telemetry may", file, i.Path.Value)
				}
			}
		}
	}
}

// packages lists the non-test Go files of every package by its folder.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			dir, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			all[filepath.ToSlash(dir)] = append(all[filepath.ToSlash(dir)], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 8 {
		t.Fatalf("found %d packages; the walk is broken", len(all))
	}
	return all
}

func importsOf(t *testing.T, file string) (ours []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if rest, ok := strings.CutPrefix(path, module+"/"); ok {
			ours = append(ours, rest)
		}
	}
	return ours
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
