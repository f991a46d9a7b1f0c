package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	somebody = `{"resourceType":"Patient","id":"p","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}],"name":[{"family":"Example"}]}`
	weight   = `{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},"code":{"text":"Weight"}}`
)

// listOf is a List without an id, as most are, with an entry for each reference.
func listOf(code string, entries ...string) string {
	for i, e := range entries {
		entries[i] = fmt.Sprintf(`{"item":{"reference":%q}}`, e)
	}
	return fmt.Sprintf(`{"resourceType":"List","code":{"coding":[{"system":"http://snomed.info/sct","code":%q}]},"entry":[%s]}`, code, strings.Join(entries, ","))
}

func bundleOf(resources ...string) string {
	return `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + strings.Join(resources, `},{"resource":`) + `}]}`
}

// times repeats a text n times, separated by commas.
func times(n int, text string) string { return strings.Repeat(text+",", n-1) + text }

// fewer is a tenth of n with the race detector: what a large answer costs is looked at
// without it.
func fewer(n int) int {
	if raced {
		return n / 10
	}
	return n
}

// numbered is a text for each number below n, in which <i> is the number and <next> the one
// after it, in a circle.
func numbered(n int, text string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.NewReplacer("<i>", fmt.Sprint(i), "<next>", fmt.Sprint((i+1)%n)).Replace(text)
	}
	return all
}

// A bad input is what gpc view is given, its exit code, and words of its stderr or, where it
// is shown, what its JSON must hold.
type badInput struct {
	name string
	text func() string
	code int
	says string
	json []string // texts that stand in the output without its white space
}

var badInputs = []badInput{
	{name: "nothing", text: func() string { return "" }, code: 6, says: "empty document"},
	{name: "white space", text: func() string { return " \n\t " }, code: 6, says: "empty document"},
	{name: "cut off", text: func() string { return bundleOf(somebody, weight)[:200] }, code: 6, says: "ends before its end"},
	{name: "something after it", text: func() string { return bundleOf(somebody) + bundleOf(somebody) }, code: 6, says: "after the end"},
	{name: "a member twice", text: func() string { return bundleOf(somebody, `{"id":"a","id":"b"}`) }, code: 6, says: "same member twice"},
	{name: "invalid UTF-8", text: func() string { return bundleOf(somebody, "{\"id\":\"\xff\"}") }, code: 6, says: "invalid UTF-8"},
	{name: "too large", text: func() string { return bundleOf(somebody) + strings.Repeat(" ", largestRecord) }, code: 6, says: "larger than the limit of 64 MiB"},
	{name: "deep lists", text: func() string {
		return `{"resourceType":"Bundle","entry":[{"resource":` + strings.Repeat("[", 5_000_000)
	}, code: 6, says: "nested deeper"},
	{name: "deep objects", text: func() string {
		return `{"resourceType":"Bundle","entry":[{"resource":` + strings.Repeat(`{"a":`, 5_000_000)
	}, code: 6, says: "nested deeper"},
	{name: "deep extensions", text: func() string {
		return bundleOf(somebody, `{"resourceType":"Observation","extension":[`+strings.Repeat(`{"extension":[`, 200)+strings.Repeat(`]}`, 200)+`]}`)
	}, code: 6, says: "nested deeper"},

	{name: "an object", text: func() string { return `{"name":"x"}` }, code: 6, says: "without a resourceType"},
	{name: "a list", text: func() string { return "[" + bundleOf(somebody) + "]" }, code: 6, says: "not a JSON object"},
	{name: "words", text: func() string { return "Service unavailable" }, code: 6, says: "not well-formed JSON"},
	{name: "octets", text: func() string { return "\x1f\x8b\x08\x00\x00\x00\x00\x00" }, code: 6, says: "byte 0"},
	{name: "a page", text: func() string { return "<!DOCTYPE html><html><title>Bad gateway</title></html>" }, code: 6, says: "markup"},
	{name: "a patient", text: func() string { return somebody }, code: 6, says: "not a Bundle but Patient"},
	{name: "an outcome", text: func() string {
		return `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden","details":{"coding":[{"code":"NO_PATIENT_CONSENT"}]}}]}`
	}, code: 6, says: "OperationOutcome, which says NO_PATIENT_CONSENT"},
	{name: "an outcome in a Bundle", text: func() string {
		return bundleOf(`{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}`)
	}, code: 6, says: "no structured record"},

	{name: "two patients", text: func() string { return bundleOf(somebody, strings.Replace(somebody, `"p"`, `"q"`, 1)) }, code: 6, says: "more than one Patient"},
	{name: "a patient within another", text: func() string {
		return bundleOf(somebody, `{"resourceType":"Observation","contained":[`+somebody+`]}`)
	}, code: 6, says: "more than one Patient"},
	{name: "no patient", text: func() string { return bundleOf(listOf("886921000000105")) }, code: 6, says: "no Patient"},
	{name: "a patient without a number", text: func() string { return bundleOf(`{"resourceType":"Patient","id":"p"}`) }, code: 6, says: "no NHS number"},
	{name: "an empty Bundle", text: func() string { return `{"resourceType":"Bundle"}` }, code: 6, says: "no structured record"},

	{name: "what names another patient", text: func() string {
		return bundleOf(somebody, strings.Replace(weight, "Patient/p", "Patient/q", 1), listOf("826501000000100", "Observation/o"))
	}, json: []string{`"kind":"other-subject"`, `"other_subject":true`}},
	{name: "dangling references", text: func() string {
		return bundleOf(somebody, listOf("826501000000100", "Observation/gone"), listOf("933361000000108", "#gone"), listOf("1149501000000101", "urn:uuid:1"))
	}, json: []string{`"kind":"unresolved"`, `"absent":"unresolved"`}},
	{name: "lists without ids", text: func() string {
		return bundleOf(somebody, weight, listOf("826501000000100", "Observation/o"), listOf("826501000000100", "Observation/o"), listOf("886921000000105"))
	}, json: []string{`"kind":"duplicate"`, `"state":"none-recorded"`}},
	{name: "entries that are no resources", text: func() string {
		return strings.Replace(bundleOf(somebody, weight, listOf("826501000000100", "Observation/o")), `"entry":[`, `"entry":[7,null,{},"x",{"resource":[]},{"resource":null},`, 1)
	}, json: []string{`"text":"Weight"`}},
	{name: "consultations in a circle", text: func() string {
		lists := numbered(2000, `{"resourceType":"List","id":"<i>","encounter":{"reference":"Encounter/e"},"code":{"coding":[{"code":"325851000000107"}]},"entry":[{"item":{"reference":"List/<next>"}},{"item":{"reference":"List/<i>"}}]}`)
		return bundleOf(append(lists, somebody, `{"resourceType":"Encounter","id":"e"}`, listOf("1149501000000101", "Encounter/e"))...)
	}, json: []string{`"abridged":true`}},
	{name: "results in a circle", text: func() string {
		all := numbered(2000, `{"resourceType":"Observation","id":"<i>","related":[{"type":"has-member","target":{"reference":"Observation/<next>"}},{"type":"derived-from","target":{"reference":"Observation/<next>"}}]}`)
		return bundleOf(append(all, somebody, `{"resourceType":"DiagnosticReport","id":"r","result":[{"reference":"Observation/0"}]}`, listOf("887191000000108", "DiagnosticReport/r"))...)
	}, json: []string{`"investigations"`, `"kind":"abridged"`}},
	{name: "plans in a circle", text: func() string {
		all := numbered(2000, `{"resourceType":"MedicationRequest","id":"<i>","intent":"plan","priorPrescription":{"reference":"MedicationRequest/<next>"}}`)
		return bundleOf(append(all, somebody, `{"resourceType":"MedicationStatement","id":"s","basedOn":[{"reference":"MedicationRequest/0"}]}`, listOf("933361000000108", "MedicationStatement/s"))...)
	}, json: []string{`"chain":"MedicationRequest/0"`}},

	{name: "a million entries", text: func() string {
		return `{"resourceType":"Bundle","entry":[` + times(1_000_000, `{"resource":{}}`) + `]}`
	}, code: 6, says: "limit of 250000 entries"},
	{name: "a list of a million entries", text: func() string {
		return bundleOf(somebody, weight, strings.Replace(listOf("826501000000100"), `"entry":[`, `"entry":[`+times(1_000_000, `{"item":{"reference":"Observation/o"}}`), 1))
	}, code: 6, says: "limit of 1000000 objects and lists"},
	{name: "a list of 300,000 entries", text: func() string {
		return bundleOf(somebody, weight, strings.Replace(listOf("826501000000100"), `"entry":[`, `"entry":[`+times(300_000, `{"item":{"reference":"Observation/o"}}`), 1))
	}, code: 6, says: "limit of 250000"},
	{name: "a list of 100,000 entries", text: func() string {
		return bundleOf(somebody, weight, strings.Replace(listOf("826501000000100"), `"entry":[`, `"entry":[`+times(fewer(100_000), `{"item":{"reference":"Observation/o"}}`), 1))
	}, json: []string{fmt.Sprintf(`"count":%d`, fewer(100_000)-1)}},
	{name: "extensions of nothing", text: func() string {
		return bundleOf(somebody, strings.Replace(weight, `"id"`, `"extension":[`+times(fewer(900_000), `{}`)+`],"id"`, 1), listOf("826501000000100", "Observation/o"))
	}, json: []string{`"text":"Weight"`}},
	{name: "a word of 40 MB", text: func() string {
		return bundleOf(somebody, strings.Replace(weight, "Weight", strings.Repeat("x", fewer(40_000_000)), 1), listOf("826501000000100", "Observation/o"))
	}, json: []string{`"state":"recorded"`}},
	{name: "reports that share all results", text: func() string {
		all := numbered(1000, `{"resourceType":"DiagnosticReport","id":"<i>","result":[`+strings.Join(numbered(1000, `{"reference":"Observation/<i>"}`), ",")+`]}`)
		all = append(all, numbered(1000, `{"resourceType":"Observation","id":"<i>","code":{"text":"Sodium"}}`)...)
		return bundleOf(append(all, somebody, listOf("887191000000108", numbered(1000, "DiagnosticReport/<i>")...))...)
	}, code: 6, says: "limit of 1000000"},
}

// child is gpc in a process of its own.
func child(t *testing.T, stdin io.Reader, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = append([]string{"gpc"}, args...) // which main_test.go makes it
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	cmd.Stdin = stdin
	return cmd
}

// Whatever a saved answer is: a record that says what is odd about it, or nothing on stdout
// and a reason on stderr; and memory within bounds.
func TestViewOfBadInput(t *testing.T) {
	for _, c := range badInputs {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "saved.json")
			if err := os.WriteFile(file, []byte(c.text()), 0o600); err != nil {
				t.Fatal(err)
			}
			formats := []string{"json", "text", "html"}
			if c.code != 0 {
				formats = formats[:1] // it does not come to any
			}
			for _, format := range formats {
				var stdout, stderr bytes.Buffer
				cmd := child(t, nil, "view", file, "-f", format)
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				err := cmd.Run()
				if cmd.ProcessState == nil {
					t.Fatal(err)
				}
				if got := cmd.ProcessState.ExitCode(); got != c.code || !strings.Contains(stderr.String(), c.says) {
					t.Fatalf("%s: got exit code %d, %s; want %d, %q", format, got, stderr.Bytes()[:min(stderr.Len(), 1000)], c.code, c.says)
				}
				if (stdout.Len() > 0) != (c.code == 0) {
					t.Errorf("%s: exit code %d and %d bytes on stdout", format, c.code, stdout.Len())
				}
				if format == "json" && c.code == 0 {
					checkJSON(t, stdout.Bytes(), c.json)
				}
				if strings.Contains(stderr.String(), "9000000009") {
					t.Errorf("%s: stderr has the NHS number", format)
				}
				if !raced {
					checkMemory(t, cmd.ProcessState)
				}
			}
		})
	}
}

func checkJSON(t *testing.T, data []byte, want []string) {
	t.Helper()
	var plain bytes.Buffer
	if err := json.Compact(&plain, data); err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		if !bytes.Contains(plain.Bytes(), []byte(w)) {
			t.Errorf("got no %s in the record, want one", w)
		}
	}
}

// endless is a stream that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestViewOfAStreamWithoutEnd(t *testing.T) {
	cmd := child(t, endless{}, "view", "-")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != 6 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "larger than the limit") {
		t.Errorf("got exit code %d, %d bytes, %s; want 6 and the reason", got, stdout.Len(), stderr.Bytes())
	}
	checkMemory(t, cmd.ProcessState)
}

// Cut off anywhere, a record is no record.
func TestViewOfEveryBeginning(t *testing.T) {
	whole, err := os.ReadFile("../../sandbox/data/people/full-record.json")
	if err != nil {
		t.Fatal(err)
	}
	whole = bytes.TrimSpace(whole)
	for i := range 300 {
		at := i * len(whole) / 300
		code, stdout, _ := runGPC(t, bytes.NewReader(whole[:at]), "view", "-", "-f", "json")
		if code != 6 || len(stdout) > 0 {
			t.Errorf("cut off at byte %d of %d: got exit code %d and %d bytes, want 6 and none", at, len(whole), code, len(stdout))
		}
	}
}

// runGPC runs one command in this process.
func runGPC(t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr []byte) {
	t.Helper()
	var out, words bytes.Buffer
	a := &app{
		stdin: stdin, stdout: &out, stderr: &words, now: time.Now,
		getenv: func(string) string { return "" }, configDir: func() (string, error) { return t.TempDir(), nil },
	}
	code = run(t.Context(), a, args)
	return code, out.Bytes(), words.Bytes()
}
