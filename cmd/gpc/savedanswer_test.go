package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What follows reads answers by encoding/json alone; it is what gpc view is judged by.

type object = map[string]any

func inner(o object, name string) object { c, _ := o[name].(object); return c }

func word(o object, name string) string { s, _ := o[name].(string); return s }

func members(o object, name string) (found []object) {
	switch v := o[name].(type) {
	case []any:
		for _, e := range v {
			m, _ := e.(object)
			found = append(found, m)
		}
	case object:
		found = []object{v}
	}
	return found
}

func codesOfConcept(o object) (found []string) {
	for _, c := range members(o, "coding") {
		found = append(found, word(c, "code"))
	}
	return found
}

// A saved is one published answer.
type saved struct {
	name      string
	data      []byte
	resources []object
	byKey     map[string]object
	doubles   map[string]bool // keys that several resources have
}

func publishedAnswers(t *testing.T) []saved {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(corpus(t), "structured", "*.json"))
	if err != nil || len(names) < 20 {
		t.Fatalf("got %d published answers, want at least 20: %v", len(names), err)
	}
	var all []saved
	for _, name := range names {
		s := saved{name: name, byKey: map[string]object{}, doubles: map[string]bool{}}
		if s.data, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
		var bundle object
		if err := json.Unmarshal(bytes.TrimPrefix(s.data, []byte("\xef\xbb\xbf")), &bundle); err != nil {
			t.Fatal(err)
		}
		for _, e := range members(bundle, "entry") {
			r := inner(e, "resource")
			if r == nil {
				r = e // one has the resource where the entry should be
			}
			s.resources = append(s.resources, r)
			key := word(r, "resourceType") + "/" + word(r, "id")
			s.doubles[key] = s.byKey[key] != nil
			s.byKey[key] = r
		}
		all = append(all, s)
	}
	return all
}

// hasPatient says whether an answer has a Patient with an NHS number.
func (s saved) hasPatient() bool {
	for _, r := range s.resources {
		for _, id := range members(r, "identifier") {
			if word(r, "resourceType") == "Patient" && strings.Contains(word(id, "system"), "nhs-number") && word(id, "value") != "" {
				return true
			}
		}
	}
	return false
}

func (s saved) lists() (found []object) {
	for _, r := range s.resources {
		if word(r, "resourceType") == "List" {
			found = append(found, r)
		}
	}
	return found
}

// view is the JSON that gpc view prints of it.
func (s saved) view(t *testing.T) object {
	t.Helper()
	code, stdout, stderr := runGPC(t, nil, "view", s.name, "-f", "json")
	if code != 0 {
		t.Fatalf("%s: got exit code %d: %s", filepath.Base(s.name), code, stderr)
	}
	var got object
	if err := json.Unmarshal(stdout, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// nameBy is the precedence of "Codes": text, SNOMED description, SNOMED display, another
// display, code.
func nameBy(code object) string {
	if text := word(code, "text"); text != "" {
		return text
	}
	var names [4]string
	for _, c := range members(code, "coding") {
		rank := 2
		if word(c, "system") == "http://snomed.info/sct" {
			rank = 1
		}
		for _, e := range members(c, "extension") {
			for _, part := range members(e, "extension") {
				if strings.EqualFold(word(part, "url"), "descriptionDisplay") && names[0] == "" {
					names[0] = word(part, "valueString")
				}
			}
		}
		if names[rank] == "" {
			names[rank] = word(c, "display")
		}
		if names[3] == "" {
			names[3] = word(c, "code")
		}
	}
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

func extensionNamed(o object, name string) object {
	for _, e := range members(o, "extension") {
		if strings.Contains(word(e, "url"), name) {
			return e
		}
	}
	return nil
}
