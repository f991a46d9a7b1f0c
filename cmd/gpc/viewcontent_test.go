package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every medicine has the name of its Medication by the precedence of "Codes", its dosage in
// the GP's words, its type and the date of its last issue.
func TestViewOfPublishedMedicines(t *testing.T) {
	checked := 0
	for _, s := range publishedAnswers(t) {
		if !s.hasPatient() {
			continue
		}
		for _, m := range members(inner(inner(s.view(t), "areas"), "medications"), "items") {
			sources, _ := m["sources"].([]any)
			source, _ := sources[0].(string)
			statement := s.byKey[source]
			if statement == nil {
				if m["absent"] == nil {
					t.Errorf("%s: %s is no statement", filepath.Base(s.name), source)
				}
				continue
			}
			if s.doubles[source] { // nobody can know which is meant
				if m["ambiguous"] != true {
					t.Errorf("%s: %s has a double, and that is not said", filepath.Base(s.name), source)
				}
				continue
			}
			checked++
			medicine := s.byKey[word(inner(statement, "medicationReference"), "reference")]
			plan := s.byKey[word(members(statement, "basedOn")[0], "reference")]
			var dosage []string
			for _, d := range members(statement, "dosage") {
				dosage = append(dosage, word(d, "text"))
			}
			typ := ""
			for _, c := range codesOfConcept(inner(extensionNamed(plan, "PrescriptionType"), "valueCodeableConcept")) {
				typ = c
			}
			for field, want := range map[string]string{
				"text": nameBy(inner(medicine, "code")), "dosage": strings.Join(dosage, "; "), "type": typ,
				"last_issued": word(extensionNamed(statement, "LastIssueDate"), "valueDateTime"), "status": word(statement, "status"),
			} {
				if got := word(m, field); got != want && !(field == "type" && want == "UNK") {
					t.Errorf("%s, %s: got %s %q, want %q", filepath.Base(s.name), source, field, got, want)
				}
			}
		}
	}
	if checked < 60 {
		t.Errorf("got %d medicines, want at least 60", checked)
	}
	t.Logf("%d medicines", checked)
}

// Every consultation has the leaves of its lists in the order of these.
func TestViewOfPublishedConsultations(t *testing.T) {
	leaves := 0
	for _, s := range publishedAnswers(t) {
		if !s.hasPatient() {
			continue
		}
		for _, c := range members(inner(inner(s.view(t), "areas"), "consultations"), "items") {
			source := c["sources"].([]any)[0].(string)
			var want []string
			for _, list := range s.lists() {
				if slices.Contains(codesOfConcept(inner(list, "code")), "325851000000107") && word(inner(list, "encounter"), "reference") == source {
					want = append(want, s.leaves(list)...)
				}
			}
			got := leavesOfView(members(c, "entries"))
			leaves += len(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %v, want %v", filepath.Base(s.name), source, got, want)
			}
		}
	}
	if leaves < 140 {
		t.Errorf("got %d leaves, want at least 140", leaves)
	}
	t.Logf("%d leaves", leaves)
}

func (s saved) leaves(list object) (found []string) {
	for _, e := range members(list, "entry") {
		item := inner(e, "item")
		ref := word(item, "reference")
		switch within := s.byKey[ref]; {
		case strings.HasPrefix(ref, "List/") && within != nil:
			found = append(found, s.leaves(within)...)
		case ref != "":
			found = append(found, ref)
		default:
			found = append(found, word(item, "display"))
		}
	}
	return found
}

func leavesOfView(entries []object) (found []string) {
	for _, e := range entries {
		if section := inner(e, "section"); section != nil {
			found = append(found, leavesOfView(members(section, "entries"))...)
			continue
		}
		for name := range e {
			about := inner(e, name)
			switch {
			case about == nil:
			case word(about, "absent") == "not-sent":
				found = append(found, word(about, "text"))
			case word(about, "absent") == "empty":
				found = append(found, "")
			default:
				found = append(found, about["sources"].([]any)[0].(string))
			}
		}
	}
	return found
}

// Every published blood pressure is one reading, on the screen too, or what it is.
func TestViewOfPublishedBloodPressures(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(corpus(t), "observations", "*.json"))
	if err != nil || len(names) < 10 {
		t.Fatalf("got %d observations, want at least 10: %v", len(names), err)
	}
	readings := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var o object
		if err := json.Unmarshal(data, &o); err != nil {
			t.Fatal(err)
		}
		o["id"], o["subject"] = "o", object{"reference": "Patient/p"}
		if data, err = json.Marshal(o); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "saved.json")
		if err := os.WriteFile(file, []byte(bundleOf(somebody, string(data), listOf("826501000000100", "Observation/o"))), 0o600); err != nil {
			t.Fatal(err)
		}
		item := members(inner(inner(saved{name: file}.view(t), "areas"), "uncategorised"), "items")[0]
		_, text, _ := runGPC(t, nil, "view", file)
		if bp := inner(item, "blood_pressure"); bp != nil {
			readings++
			shown := strings.ReplaceAll(word(bp, "text"), "mm[Hg]", "mmHg")
			if n := strings.Count(string(text), shown); n != 1 {
				t.Errorf("%s: got the reading %d times on the screen, want once", filepath.Base(name), n)
			}
			continue
		}
		if got := nameBy(inner(o, "code")); got != "" && !strings.Contains(squeezed(text), squeezed([]byte(got))) {
			t.Errorf("%s: got no %q on the screen", filepath.Base(name), got)
		}
		for _, c := range members(o, "component") {
			if got := nameBy(inner(c, "code")); got != "" && !strings.Contains(squeezed(text), squeezed([]byte(got))) {
				t.Errorf("%s: got no component %q on the screen", filepath.Base(name), got)
			}
		}
	}
	if readings != 9 {
		t.Errorf("got %d readings, want 9", readings)
	}
}

// squeezed is a text without its white space, as lines are broken.
func squeezed(text []byte) string { return strings.Join(strings.Fields(string(text)), "") }

// The order of the entries changes nothing that is printed.
func TestViewOfShuffledAnswers(t *testing.T) {
	for _, s := range publishedAnswers(t) {
		if !s.hasPatient() {
			continue
		}
		for _, format := range []string{"json", "text", "html"} {
			_, want, _ := runGPC(t, bytes.NewReader(bundleOfObjects(t, s.resources)), "view", "-", "-f", format)
			for seed := range uint64(max(1, fewer(3))) {
				shuffled := slices.Clone(s.resources)
				random := rand.New(rand.NewPCG(seed, 3))
				random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				code, got, _ := runGPC(t, bytes.NewReader(bundleOfObjects(t, shuffled)), "view", "-", "-f", format)
				if code != 0 || !bytes.Equal(got, want) {
					t.Errorf("%s, %s: got exit code %d and another record", filepath.Base(s.name), format, code)
				}
			}
		}
	}
}

// bundleOfObjects is a Bundle as encoding/json writes it: which of two resources with one id
// is taken goes by their bytes.
func bundleOfObjects(t *testing.T, resources []object) []byte {
	t.Helper()
	var entries []any
	for _, r := range resources {
		entries = append(entries, object{"resource": r})
	}
	data, err := json.Marshal(object{"resourceType": "Bundle", "type": "collection", "entry": entries})
	if err != nil {
		t.Fatal(err)
	}
	return data
}
