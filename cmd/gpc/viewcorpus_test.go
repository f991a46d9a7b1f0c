package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every published answer is viewed, in every format, or has no Patient with an NHS number,
// and that is said; each area has as many items as its primary lists have entries; every
// warning is there; and the provider's bytes come out as they went in.
func TestViewOfPublishedAnswers(t *testing.T) {
	shown := 0
	for _, s := range publishedAnswers(t) {
		name := filepath.Base(s.name)
		if !s.hasPatient() {
			code, stdout, stderr := runGPC(t, nil, "view", s.name, "-f", "json")
			if code != 6 || len(stdout) > 0 || !strings.Contains(string(stderr), "Patient") {
				t.Errorf("%s: got exit code %d, %d bytes, %s; want 6 and that there is no Patient", name, code, len(stdout), stderr)
			}
			continue
		}
		shown++
		got := s.view(t)
		checkAreas(t, s, inner(got, "areas"))
		checkWarnings(t, s, got)
		for _, format := range []string{"text", "html"} {
			if code, stdout, _ := runGPC(t, nil, "view", s.name, "-f", format); code != 0 || len(stdout) < 500 {
				t.Errorf("%s, %s: got exit code %d and %d bytes", name, format, code, len(stdout))
			}
		}
		checkBytes(t, s)
	}
	if shown < 20 {
		t.Errorf("got %d records, want at least 20", shown)
	}
	t.Logf("%d records shown", shown)
}

func checkAreas(t *testing.T, s saved, areas object) {
	t.Helper()
	want := map[string]int{}
	for _, list := range s.lists() {
		for _, code := range codesOfConcept(inner(list, "code")) {
			if area := primaryLists[code]; area != "" {
				want[area] += len(members(list, "entry"))
			} else if code == "1103671000000101" {
				want["ended"] += len(members(list, "entry"))
			}
		}
	}
	for _, area := range append(slices.Collect(maps.Values(primaryLists)), "ended") {
		o := inner(areas, area)
		if area == "ended" {
			o = inner(inner(areas, "allergies"), "ended")
		}
		n, present := want[area]
		if got := len(members(o, "items")); got != n {
			t.Errorf("%s, %s: got %d items, want %d", filepath.Base(s.name), area, got, n)
		}
		nothing := []string{"not-requested", "disabled", "unsupported"} // by a warning of the answer
		if state := word(o, "state"); slices.Contains(nothing, state) == present {
			t.Errorf("%s, %s: got state %s, and a list %t", filepath.Base(s.name), area, state, present)
		}
	}
}

// checkWarnings wants a warning for each code of each list, and each note of a warning.
func checkWarnings(t *testing.T, s saved, got object) {
	t.Helper()
	said := map[string]bool{}
	var texts []string
	for _, w := range members(got, "warnings") {
		said[word(w, "code")] = true
		texts = append(texts, word(w, "text"))
	}
	for _, list := range s.lists() {
		warned := false
		for _, e := range members(list, "extension") {
			if strings.Contains(word(e, "url"), "ListWarningCode") {
				warned = true
				if !said[word(e, "valueCode")] {
					t.Errorf("%s: got no warning %s", filepath.Base(s.name), word(e, "valueCode"))
				}
			}
		}
		for _, note := range members(list, "note") {
			if warned && !strings.Contains(strings.Join(texts, "\n"), word(note, "text")) {
				t.Errorf("%s: got no warning with the text of a list's note", filepath.Base(s.name))
			}
		}
	}
}

func checkBytes(t *testing.T, s saved) {
	t.Helper()
	if code, stdout, _ := runGPC(t, nil, "view", s.name, "-f", "fhir"); code != 0 || !bytes.Equal(stdout, s.data) {
		t.Errorf("%s: -f fhir: got exit code %d and %d bytes, want the file's %d", filepath.Base(s.name), code, len(stdout), len(s.data))
	}
	_, stdout, _ := runGPC(t, nil, "view", s.name, "-f", "ndjson")
	lines := bytes.Split(bytes.TrimSpace(stdout), []byte("\n"))
	if len(lines) != len(s.resources) {
		t.Fatalf("%s: -f ndjson: got %d lines, want %d", filepath.Base(s.name), len(lines), len(s.resources))
	}
	for i, line := range lines {
		var got object
		if err := json.Unmarshal(line, &got); err != nil || word(got, "id") != word(s.resources[i], "id") {
			t.Errorf("%s: -f ndjson: line %d is another resource: %v", filepath.Base(s.name), i+1, err)
		}
	}
}
