package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// obligation is a row of docs/assurance.md.
type obligation struct{ must, does, held, left string }

// obligations are the rows of the page's tables of four columns.
func obligations(t *testing.T) (all []obligation) {
	t.Helper()
	for line := range strings.Lines(string(read(t, "docs", "assurance.md"))) {
		inside, isRow := strings.CutPrefix(strings.TrimSpace(line), "| ")
		cells := strings.Split(strings.TrimSuffix(inside, " |"), " | ")
		if !isRow || len(cells) == 2 { // the key
			continue
		}
		if len(cells) != 4 {
			t.Errorf("a row of %d cells: %s", len(cells), line)
			continue
		}
		if cells[0] != "a consumer must" {
			all = append(all, obligation{cells[0], cells[1], cells[2], cells[3]})
		}
	}
	if len(all) < 80 {
		t.Fatalf("%d obligations; the page is cut, or is not read as it is written", len(all))
	}
	return all
}

// TestAssurance: each test that docs/assurance.md names is there, each row says in one of
// the page's words what a product gets, and what no test holds is not claimed.
func TestAssurance(t *testing.T) {
	tests := testNames{}
	for _, o := range obligations(t) {
		word, _, _ := strings.Cut(strings.TrimPrefix(o.does, "**"), "**")
		if !slices.Contains([]string{"always", "option", "in part", "not done", "yours"}, word) {
			t.Errorf("%q: begins with none of the page's words: %s", o.must, o.does)
		}
		named := strings.Split(o.held, ", ")
		if o.held == "–" {
			named = nil
		}
		if claimed := word != "not done" && word != "yours"; claimed && len(named) == 0 {
			t.Errorf("%q: says %q, and nothing holds it", o.must, word)
		}
		for _, name := range named {
			if !tests.has(t, strings.Trim(name, "`")) {
				t.Errorf("%q: there is no %s", o.must, name)
			}
		}
	}
}

// TestAssuranceFindsWhatIsGone: a name that is not there is missed.
func TestAssuranceFindsWhatIsGone(t *testing.T) {
	tests := testNames{}
	for name, want := range map[string]bool{
		"internal/layout: TestAssurance":                    true,
		"cmd/gpc: testdata/script/trace.txtar":              true,
		"internal/layout: TestAssuranceOfAnotherName":       false,
		"internal/layout: obligations":                      false,
		"internal/elsewhere: TestAssurance":                 false,
		"cmd/gpc: testdata/script/no-such.txtar":            false,
		"cmd/gpc: testdata/../../../README.md":              false,
		"internal/layout":                                   false,
		"internal/layout: TestAssurance, cmd/gpc: TestDocs": false,
	} {
		if got := tests.has(t, name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// testNames are the tests of packages, by folder; read when first asked for.
type testNames map[string][]string

// has looks for "package: TestName" or "package: testdata/script/name.txtar".
func (known testNames) has(t *testing.T, name string) bool {
	t.Helper()
	dir, test, ok := strings.Cut(name, ": ")
	if !ok {
		return false
	}
	if script, ok := strings.CutPrefix(test, "testdata/script/"); ok {
		_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(dir), "testdata", "script", filepath.Base(script)))
		return err == nil
	}
	names, read := known[dir]
	if !read {
		names = testsOf(t, dir)
		known[dir] = names
	}
	return slices.Contains(names, test)
}

// testsOf are the functions that `go test` runs in a package's folder.
func testsOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv == nil && (strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Fuzz") || strings.HasPrefix(fn.Name.Name, "Example")) {
				names = append(names, fn.Name.Name)
			}
		}
	}
	return names
}

// TestNotReliedOn: nothing reads meta.lastUpdated or an entry's fullUrl, on which consumers
// must not rely. fhir, whose views have both, keeps what was sent.
func TestNotReliedOn(t *testing.T) {
	for dir, files := range packages(t) {
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "LastUpdated" || s.Sel.Name == "FullURL") {
					t.Errorf("%s (%s) reads %s", file, dir, s.Sel.Name)
				}
				return true
			})
		}
	}
}
