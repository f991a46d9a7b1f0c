package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// needs ends a test whose tools are not installed: where CI is set that is a failure.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		_, err := exec.LookPath(tool)
		switch {
		case err != nil && os.Getenv("CI") == "true":
			t.Fatalf("%s is not installed", tool)
		case err != nil:
			t.Skipf("%s is not installed", tool)
		}
	}
}

// gpc builds the command line into a folder, which is put on the path.
func gpc(t *testing.T) (dir string) {
	t.Helper()
	needs(t, "go")
	dir = t.TempDir()
	build := exec.Command("go", "build", "-o", dir+string(os.PathSeparator), "../cmd/gpc")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building gpc: %v\n%s", err, out)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return dir
}

func sandboxDocs(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "docs", "sandbox.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestDocumentedSession runs the sessions of docs/sandbox.md as they stand there, and compares
// what they print with what is shown.
func TestDocumentedSession(t *testing.T) {
	needs(t, "bash", "curl", "ldapsearch", "openssl")
	gpc(t)
	server, script, want := blocks(t, sandboxDocs(t))
	dir := t.TempDir()
	serveAsIs(t, dir, server)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("the session: %v", err)
	}
	got := strings.Split(string(out), endOfBlock)
	for i := range want {
		if i >= len(got) {
			t.Fatalf("it ended before block %d", i+1)
		}
		if got[i] != want[i] {
			t.Errorf("block %d prints\n%s\nand the page shows\n%s", i+1, got[i], want[i])
		}
	}
}

const endOfBlock = "\n-- end of block\n"

// blocks takes the page's session apart: what runs in the first terminal, what in the second,
// and what each block there prints.
func blocks(t *testing.T, page string) (server, script string, want []string) {
	t.Helper()
	_, rest, _ := strings.Cut(page, "<!-- session: begin -->")
	rest, _, ok := strings.Cut(rest, "<!-- session: end -->")
	if !ok {
		t.Fatal("the page has no session")
	}
	for _, m := range regexp.MustCompile("(?ms)^```([a-z ]+)\n(.*?)^```$").FindAllStringSubmatch(rest, -1) {
		switch kind, text := m[1], m[2]; kind {
		case "sh server":
			server += text
		case "sh":
			script += text + "printf '%s' '" + endOfBlock + "'\n"
			want = append(want, "")
		case "text":
			want[len(want)-1] = text
		default:
			t.Fatalf("a block of the kind %q", kind)
		}
	}
	if server == "" || len(want) < 6 {
		t.Fatalf("found %d blocks, server %q", len(want), server)
	}
	return server, script, want
}

// serveAsIs runs what is run in the first terminal until the test ends. It is ready when it tells
// which configuration to use.
func serveAsIs(t *testing.T, dir, script string) {
	t.Helper()
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.Contains(line, "GPC_CONFIG=") {
		t.Fatalf("gpc sandbox said %q, %v", line, err)
	}
}

// TestDocumentedTables: the page has every fault where it can be, every difference, every
// control endpoint and every flag, and no others.
func TestDocumentedTables(t *testing.T) {
	page := sandboxDocs(t)
	var faults []string
	for what, where := range faultPlaces() {
		faults = append(faults, fmt.Sprintf("%s: %s", what, strings.Join(where, " ")))
	}
	var documented []string
	for _, row := range table(t, page, "faults") {
		what, _, _ := strings.Cut(strings.Trim(row[0], "`"), ":")
		what, _, _ = strings.Cut(what, "[")
		documented = append(documented, fmt.Sprintf("%s: %s", what, row[1]))
	}
	agree(t, "faults", documented, faults)

	documented = nil
	for _, row := range table(t, page, "differences") {
		documented = append(documented, strings.Trim(row[0], "`"))
	}
	agree(t, "differences", documented, Differences())

	gpc(t)
	help, err := exec.Command("gpc", "sandbox", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	own, _, _ := strings.Cut(string(help), "Global Flags:")
	var flags []string
	for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, |    )--([a-z-]+)`).FindAllStringSubmatch(own, -1) {
		if m[1] != "help" {
			flags = append(flags, m[1])
		}
	}
	documented = nil
	for _, row := range table(t, page, "flags") {
		name, _, _ := strings.Cut(strings.Trim(row[0], "`"), " ")
		documented = append(documented, strings.TrimLeft(name, "-"))
	}
	agree(t, "flags", documented, flags)
}

// faultPlaces says where each fault can be, in the order of the page.
func faultPlaces() map[string][]string {
	all := map[string][]string{}
	for _, where := range slices.Sorted(maps.Keys(possible())) {
		for _, what := range possible()[where] {
			all[what] = append(all[what], where)
		}
	}
	return all
}

func agree(t *testing.T, name string, documented, real []string) {
	t.Helper()
	slices.Sort(documented)
	real = slices.Sorted(slices.Values(real))
	if !slices.Equal(documented, real) {
		t.Errorf("%s: the page has\n%s\nand there are\n%s", name, strings.Join(documented, "\n"), strings.Join(real, "\n"))
	}
}

// table is the rows of a table of the page, by the name in the comment before it.
func table(t *testing.T, page, name string) (rows [][]string) {
	t.Helper()
	_, rest, ok := strings.Cut(page, "<!-- "+name+" -->\n")
	if !ok {
		t.Fatalf("the page has no table of %s", name)
	}
	for i, line := range strings.Split(rest, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		if i < 2 { // its head
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "¦"), "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		rows = append(rows, cells)
	}
	return rows
}

// TestDocumentedFiles serves the practices and patients that the page shows, one with a record
// that was answered about somebody else.
func TestDocumentedFiles(t *testing.T) {
	dir := t.TempDir()
	answered := run(t, Config{})
	record := recordOf(t, answered, "A12345", "9000000009", everything).send(t, answered)
	files := map[string]string{"vera.json": string(record.body)}
	for _, m := range regexp.MustCompile("(?ms)^```json ([a-z]+)\n(.*?)^```$").FindAllStringSubmatch(sandboxDocs(t), -1) {
		files[m[1]+".json"] = m[2]
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := run(t, Config{Practices: filepath.Join(dir, "practices.json"), Patients: filepath.Join(dir, "patients.json")})
	for nhs, want := range map[string]int{"9000000130": 200, "9000000327": 404, "9000000335": 404} {
		r := recordOf(t, s, "Q70001", nhs, everything).send(t, s)
		if r.status != want || strings.Contains(string(r.body), "9000000009") || strings.Contains(string(r.body), "Thackeray") {
			t.Errorf("a record: got %d, want %d, and nothing of whom the record was about", r.status, want)
		}
		if r.status == 200 && len(found(r.resources(t)).of("List")) < 10 {
			t.Error("a record: lists of its areas are missing")
		}
	}
	a := newApplication(t, s).logOn()
	for nhs, want := range map[string]string{"9000000130": "Q70001 <nil>", "9000000327": "Q70001 2025-02-03", "9000000335": "<nil> <nil>"} {
		p := a.read(nhs).fields(t)
		died, _ := p["deceasedDateTime"].(string)
		died, _, _ = strings.Cut(died, "T")
		got := fmt.Sprint(at(p, "generalPractitioner", 0, "identifier", "value"), " ", map[bool]any{true: died}[died != ""])
		if got != want {
			t.Errorf("PDS: got %s, want %s", got, want)
		}
	}
	for _, ods := range []string{"Q70001", "Q70002"} {
		if free := from(t, s, ods).slots(slotSearch(days(s, 1), days(s, 14))).of("Slot"); len(free) == 0 {
			t.Errorf("%s: got no slots", ods)
		}
	}
	r := recordOf(t, s, "Q70002", "9000000130", `{"name":"includeReferrals"}`).send(t, s)
	if r.status != 404 {
		t.Errorf("at another practice: got %d, want 404", r.status)
	}
}
