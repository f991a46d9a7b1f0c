package record

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// viewCorpus views every published record that is about somebody.
func viewCorpus(t *testing.T, check func(t *testing.T, all []object, r *Record)) {
	for name, data := range corpus(t, "structured/*.json") {
		t.Run(name, func(t *testing.T) {
			all := resources(t, data)
			r, err := View(parse(t, data))
			if err != nil {
				if !errors.Is(err, ErrNoPatient) && !errors.Is(err, ErrNoRecord) {
					t.Errorf("got %v, want ErrNoPatient or ErrNoRecord", err)
				}
				for _, res := range all {
					if word(res, "resourceType") == "Patient" && len(members(res, "identifier")) > 0 {
						t.Errorf("got %v, want a record of the patient in it", err)
					}
				}
				return
			}
			check(t, all, r)
		})
	}
}

func TestEveryEntryOfAPrimaryListIsOneItem(t *testing.T) {
	viewCorpus(t, func(t *testing.T, all []object, r *Record) {
		record, counts := jsonOf(t, r), countEntries(all)
		for _, name := range primaryByArea {
			area := areaOf(record, name)
			items, isList := area["items"].([]any)
			if !isList {
				t.Fatalf("%s: items is %T, want a list", name, area["items"])
			}
			want, present := counts[name]
			if len(items) != want {
				t.Errorf("%s: got %d items, want %d", name, len(items), want)
			}
			if state := word(area, "state"); !present && (state == "recorded" || state == "none-recorded") {
				t.Errorf("%s: got state %s, want another: there is no list", name, state)
			}
			for i, item := range members(area, "items") {
				if word(item, "text") == "" || len(item["sources"].([]any)) == 0 {
					t.Errorf("%s: item %d has no text or no source", name, i)
				}
			}
		}
	})
}

func TestEveryWarningOfTheListsIsSaid(t *testing.T) {
	viewCorpus(t, func(t *testing.T, all []object, r *Record) {
		said := map[string]bool{}
		for _, w := range r.Warnings {
			said[w.Code] = true
			if w.Text == "" {
				t.Errorf("warning %s has no text", w.Kind)
			}
		}
		for _, code := range warningCodes(all) {
			if !said[code] {
				t.Errorf("got no warning %s, want one", code)
			}
		}
	})
}

func TestMedicinesHaveTheirNameDoseTypeAndLastIssue(t *testing.T) {
	checked := 0
	viewCorpus(t, func(t *testing.T, all []object, r *Record) {
		known := byKey(all)
		for _, m := range r.Areas.Medications.Items {
			statement := known[m.Sources[0]]
			if statement == nil || m.Absent != "" || m.Ambiguous {
				continue
			}
			checked++
			medicine := known[word(child(statement, "medicationReference"), "reference")]
			if want := nameOf(child(medicine, "code")); m.Text != want {
				t.Errorf("%s: got name %q, want %q", m.Sources[0], m.Text, want)
			}
			for _, d := range members(statement, "dosage") {
				if want := word(d, "text"); !strings.Contains(m.Dosage, want) {
					t.Errorf("%s: got dose %q, want %q in it", m.Sources[0], m.Dosage, want)
				}
			}
			if want := extensionOf(statement, "LastIssueDate"); string(m.LastIssued) != word(want, "valueDateTime") {
				t.Errorf("%s: got last issue %q, want %q", m.Sources[0], m.LastIssued, word(want, "valueDateTime"))
			}
			plan := known[word(members(statement, "basedOn")[0], "reference")]
			want := ""
			for _, c := range members(child(extensionOf(plan, "PrescriptionType"), "valueCodeableConcept"), "coding") {
				want = word(c, "code")
			}
			if string(m.Type) != want && want != "UNK" {
				t.Errorf("%s: got type %q, want %q", m.Sources[0], m.Type, want)
			}
			if got, want := len(m.Issues), issuesOf(all, plan); got != want {
				t.Errorf("%s: got %d issues, want %d", m.Sources[0], got, want)
			}
		}
	})
	if checked < 50 {
		t.Errorf("got %d medicines, want at least 50", checked)
	}
}

// nameOf is the name by "Codes", written once more: text, SNOMED description, SNOMED
// display, another display, code.
func nameOf(code object) string {
	if text := word(code, "text"); text != "" {
		return text
	}
	ranked := make([]string, 4)
	keep := func(rank int, s string) {
		if ranked[rank] == "" {
			ranked[rank] = s
		}
	}
	for _, c := range members(code, "coding") {
		for _, e := range members(c, "extension") {
			for _, part := range members(e, "extension") {
				if strings.EqualFold(word(part, "url"), "descriptionDisplay") {
					keep(0, word(part, "valueString"))
				}
			}
		}
		if word(c, "system") == "http://snomed.info/sct" {
			keep(1, word(c, "display"))
		} else {
			keep(2, word(c, "display"))
		}
		keep(3, word(c, "code"))
	}
	for _, s := range ranked {
		if s != "" {
			return s
		}
	}
	return ""
}

func extensionOf(o object, name string) object {
	for _, e := range members(o, "extension") {
		if strings.Contains(word(e, "url"), name) {
			return e
		}
	}
	return nil
}

func issuesOf(all []object, plan object) (n int) {
	for _, r := range all {
		for _, ref := range members(r, "basedOn") {
			if word(r, "resourceType") == "MedicationRequest" && word(ref, "reference") == "MedicationRequest/"+word(plan, "id") {
				n++
			}
		}
	}
	return n
}

func TestConsultationsHaveTheLeavesOfTheirListsInOrder(t *testing.T) {
	leaves := 0
	viewCorpus(t, func(t *testing.T, all []object, r *Record) {
		known := byKey(all)
		for _, c := range r.Areas.Consultations.Items {
			var want []string
			for _, list := range all {
				if slices.Contains(codesOf(list), "325851000000107") && word(child(list, "encounter"), "reference") == c.Sources[0] {
					want = append(want, leavesOf(known, list)...)
				}
			}
			got := leavesIn(c.Entries)
			leaves += len(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got leaves %v, want %v", c.Sources[0], got, want)
			}
		}
	})
	if leaves < 100 {
		t.Errorf("got %d leaves, want at least 100", leaves)
	}
}

// leavesOf are the references of a structure list's entries, and of the lists within it.
func leavesOf(known map[string]object, list object) (found []string) {
	for _, e := range members(list, "entry") {
		item := child(e, "item")
		ref := word(item, "reference")
		switch {
		case strings.HasPrefix(ref, "List/") && known[ref] != nil:
			found = append(found, leavesOf(known, known[ref])...)
		case ref != "":
			found = append(found, ref)
		default:
			found = append(found, word(item, "display"))
		}
	}
	return found
}

func leavesIn(entries []Entry) (found []string) {
	for _, e := range entries {
		switch about := e.About(); {
		case e.Section != nil:
			found = append(found, leavesIn(e.Section.Entries)...)
		case about.Absent == AbsentNotSent:
			found = append(found, about.Text)
		case about.Absent == AbsentEmpty:
			found = append(found, "")
		default:
			found = append(found, about.Sources[0])
		}
	}
	return found
}

func TestBloodPressuresOfEverySpelling(t *testing.T) {
	want := map[string]string{
		"arterial-pressure-with-data.json":                "120/75 mmHg",
		"arterial-pressure-with-period-date.json":         "120/75 mmHg",
		"arterial-pressure-without-data.json":             "?/?",
		"arterial-pressure-without-effective-date.json":   "120/75 mmHg",
		"blood-pressure-with-codeable-concepts.json":      "120/75 mmHg",
		"blood-pressure-with-data.json":                   "110/55 mm[Hg]",
		"blood-pressure-with-nopat.json":                  "110/55 mm[Hg]",
		"blood-pressure-without-data.json":                "?/?",
		"observation-with-no-valid-code.json":             "?/55 mm[Hg]", // valid by its Read codes
		"arterial-pressure-with-systolic-data-only.json":  "",            // one component is no reading
		"arterial-pressure-with-diastolic-data-only.json": "",
		"blood-pressure-with-no-codeable-concepts.json":   "",
		"empty-observation.json":                          "",
	}
	files := corpus(t, "observations/*.json")
	for name, data := range files {
		o := observe(t, data)
		got := ""
		if o.BloodPressure != nil {
			got = o.BloodPressure.Text
		}
		if text, ok := want[name]; !ok || got != text {
			t.Errorf("%s: got %q, want %q", name, got, text)
		}
		if name == "blood-pressure-with-nopat.json" && !o.NotForPatient {
			t.Errorf("%s: got an observation for the patient, want one that is not", name)
		}
		if all := resources(t, []byte(`{"entry":[`+string(data)+`]}`)); len(o.Components) != len(members(all[0], "component")) {
			t.Errorf("%s: got %d components, want %d", name, len(o.Components), len(members(all[0], "component")))
		}
	}
	if len(files) != len(want) {
		t.Errorf("got %d files, want %d", len(files), len(want))
	}
}

// What does not parse never gets here; what parses and is odd is told whole, and said to be odd.
func TestMalformedAnswers(t *testing.T) {
	for name, data := range corpus(t, "malformed/*") {
		b, err := fhir.ParseBundle(data, fhir.Limits{})
		if err != nil {
			continue
		}
		r, err := View(b)
		if err != nil {
			t.Errorf("%s: got %v, want a record", name, err)
			continue
		}
		if !hasWarning(r, WarnUnreadable, Allergies) || !hasWarning(r, WarnNHSNumber, "") {
			t.Errorf("%s: got no warning of its date and its number, want both", name)
		}
	}
}
