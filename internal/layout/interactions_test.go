package layout

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sandbox"
)

var update = flag.Bool("update", false, "write docs/coverage.md and the README's table anew")

// specified reads the specification's table.
func specified(t *testing.T) (lines [][]string) {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(read(t, "testdata", "spec", "interactions.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

func TestClientTable(t *testing.T) {
	var got [][]string
	for _, r := range client.Interactions() {
		write := "no"
		if r.Write {
			write = "yes"
		}
		got = append(got, []string{string(r.ID), r.Name, r.Method, r.Path, string(r.Root), string(r.Scope), r.FHIR, r.Since, write})
	}
	want := specified(t)
	if len(got) != len(want) {
		t.Errorf("the client's table has %d interactions, the specification's %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if g, w := strings.Join(got[i], ","), strings.Join(want[i], ","); g != w {
			t.Errorf("line %d\n got %s\nwant %s", i+1, g, w)
		}
	}
}

// TestSandboxTable: what the sandbox serves, it serves as the specification has it.
func TestSandboxTable(t *testing.T) {
	want := map[string]string{}
	for _, l := range specified(t) {
		want[l[0]] = strings.Join([]string{l[2], l[3], l[5]}, " ")
	}
	served := sandbox.Interactions()
	if len(served) == 0 {
		t.Fatal("the sandbox serves nothing")
	}
	for _, s := range served {
		if got := strings.Join([]string{s.Method, s.Path, s.Scope}, " "); got != want[s.ID] {
			t.Errorf("%s\n got %s\nwant %s", s.ID, got, want[s.ID])
		}
	}
}

// commands says how each interaction is reached by name; what is missing here
// goes through `Practice.Do`.
var commands = map[client.Interaction][2]string{
	client.ReadMetadata:          {"Practice.Metadata", "gpc metadata"},
	client.FindPatient:           {"Practice.FindPatient", "gpc patient find"},
	client.ReadPatient:           {"Practice.ReadPatient", "gpc patient read"},
	client.RegisterPatient:       {"Practice.RegisterPatient", "gpc patient register"},
	client.FindPractitioner:      {"Practice.FindPractitioner", ""},
	client.ReadPractitioner:      {"Practice.ReadPractitioner", "gpc appointment show"},
	client.FindOrganisation:      {"Practice.FindOrganisation", ""},
	client.ReadOrganisation:      {"Practice.ReadOrganisation", ""},
	client.ReadLocation:          {"Practice.ReadLocation", "gpc appointment show"},
	client.FindHealthcareService: {"Practice.FindHealthcareService", ""},
	client.ReadHealthcareService: {"Practice.ReadHealthcareService", ""},
	client.SearchSlots:           {"Practice.SearchSlots", "gpc slots"},
	client.BookAppointment:       {"Practice.Book", "gpc appointment book"},
	client.ReadAppointment:       {"Practice.ReadAppointment", "gpc appointment show"},
	client.AmendAppointment:      {"Practice.AmendAppointment", "gpc appointment amend"},
	client.CancelAppointment:     {"Practice.CancelAppointment", "gpc appointment cancel"},
	client.PatientAppointments:   {"Practice.SearchAppointments", "gpc appointment list"},
	client.GetStructuredRecord:   {"Practice.StructuredRecord", "gpc record"},
}

func coverage() string {
	var b strings.Builder
	b.WriteString("| interaction | method and path | capability | SDK | CLI | sandbox |\n|---|---|---|---|---|---|\n")
	served := map[string]bool{}
	for _, s := range sandbox.Interactions() {
		served[s.ID] = true
	}
	for _, r := range client.Interactions() {
		sdk, cli, box := "`Practice.Do`", "", ""
		if c, ok := commands[r.ID]; ok {
			sdk, cli = "`"+c[0]+"`", quoted(c[1])
		}
		if served[string(r.ID)] {
			box = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s `%s` | %s %s | %s | %s | %s |\n", r.Name, r.Method, r.Path, r.Root, r.Since, sdk, cli, box)
	}
	return b.String()
}

func quoted(command string) string {
	if command == "" {
		return "`gpc call`"
	}
	return "`" + command + "`"
}

const begin, end = "<!-- coverage: begin -->\n", "<!-- coverage: end -->\n"

// TestCoverage keeps the tables of README and docs/coverage.md true; run it
// with -update to write them anew.
func TestCoverage(t *testing.T) {
	for _, file := range []string{"README.md", "docs/coverage.md"} {
		have := string(read(t, filepath.FromSlash(file)))
		before, rest, ok := strings.Cut(have, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no %q … %q", file, begin, end)
		}
		want := before + begin + coverage() + end + after
		if have == want {
			continue
		}
		if !*update {
			t.Errorf("the table in %s is out of date; run: go test ./internal/layout -run TestCoverage -update", file)
			continue
		}
		if err := os.WriteFile(filepath.Join("..", "..", filepath.FromSlash(file)), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadmeExample: what the README shows is what runs.
func TestReadmeExample(t *testing.T) {
	_, body, ok := strings.Cut(string(read(t, "client", "example_test.go")), "func Example() {\n")
	body, _, ok2 := strings.Cut(body, "\t// Output:")
	if !ok || !ok2 {
		t.Fatal("client/example_test.go has no Example with an output")
	}
	var b strings.Builder
	for line := range strings.Lines(body) {
		b.WriteString(strings.TrimPrefix(line, "\t"))
	}
	const open, shut = "<!-- example: begin -->\n```go\n", "```\n<!-- example: end -->\n"
	have := string(read(t, "README.md"))
	before, rest, ok := strings.Cut(have, open)
	_, after, ok2 := strings.Cut(rest, shut)
	if !ok || !ok2 {
		t.Fatal("README.md has no place for the example")
	}
	want := before + open + b.String() + shut + after
	switch {
	case have == want:
	case *update:
		if err := os.WriteFile(filepath.Join("..", "..", "README.md"), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the README's example is not client's Example; run: go test ./internal/layout -update")
	}
}
