package record

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// Whatever is done to an answer: it does not panic, no other patient gets through, every
// warning is said, every entry is an item, and an area without a list has nothing to say.
func TestMutants(t *testing.T) {
	for name, data := range answers(t) {
		t.Run(name, func(t *testing.T) {
			answer := resources(t, data)
			asked := numberOf(answer)
			for seed := range mutantsOf(data, 120, 15) {
				all, done := mutant(rand.New(rand.NewPCG(uint64(seed), 8)), answer, 3)
				checkMutant(t, fmt.Sprintf("seed %d: %v", seed, done), asked, all)
			}
		})
	}
}

func checkMutant(t *testing.T, name string, asked fhir.NHSNumber, all []object) {
	t.Helper()
	b := parse(t, bundleOfObjects(t, all))
	read, err := Read(b, asked, Full())
	if err == nil {
		checkAbsentLists(t, name, read, all)
	}
	if (isWrong(all) || numberOf(all) != asked || asked.IsZero()) && err == nil {
		t.Errorf("%s: got a record of another patient, want an error", name)
	}
	r, err := View(b)
	var told *PatientError
	if err != nil {
		if !errors.As(err, &told) {
			t.Errorf("%s: got %T, want a *PatientError", name, err)
		}
		return
	}
	counts := countEntries(all)
	for area, got := range areasOf(r) {
		if got.items != counts[area] {
			t.Errorf("%s: %s: got %d items, want %d", name, area, got.items, counts[area])
		}
	}
	checkAbsentLists(t, name, r, all)
	for _, code := range warningCodes(all) {
		if code != "" && !slices.ContainsFunc(r.Warnings, func(w Warning) bool { return w.Code == code }) {
			t.Errorf("%s: got no warning %s, want one", name, code)
		}
	}
}

// checkAbsentLists wants nothing to be said of an area without a list, and what is missing
// to be said.
func checkAbsentLists(t *testing.T, name string, r *Record, all []object) {
	t.Helper()
	counts := countEntries(all)
	for area, got := range areasOf(r) {
		if _, present := counts[area]; present {
			continue
		}
		switch got.state {
		case StateNone, StateExplicitlyNone, StateRecorded:
			t.Errorf("%s: %s: got %s, want another: its list is gone", name, area, got.state)
		case StateMissing:
			if host, _, _ := strings.Cut(area, "."); !hasWarning(r, WarnMissing, AreaName(host)) {
				t.Errorf("%s: %s: is missing, and that is not said", name, area)
			}
		}
	}
}

type areaTold struct {
	state State
	items int
}

// areasOf are the areas that have a primary list, by the names of primaryByArea.
func areasOf(r *Record) map[string]areaTold {
	a := &r.Areas
	return map[string]areaTold{
		"allergies":       {a.Allergies.State, len(a.Allergies.Items)},
		"allergies.ended": {a.Allergies.Ended.State, len(a.Allergies.Ended.Items)},
		"medications":     {a.Medications.State, len(a.Medications.Items)},
		"consultations":   {a.Consultations.State, len(a.Consultations.Items)},
		"problems":        {a.Problems.State, len(a.Problems.Items)},
		"immunisations":   {a.Immunisations.State, len(a.Immunisations.Items)},
		"uncategorised":   {a.Uncategorised.State, len(a.Uncategorised.Items)},
		"investigations":  {a.Investigations.State, len(a.Investigations.Items)},
		"referrals":       {a.Referrals.State, len(a.Referrals.Items)},
		"diary":           {a.Diary.State, len(a.Diary.Items)},
	}
}

// numberOf is the NHS number of the first Patient, if it is one.
func numberOf(all []object) fhir.NHSNumber {
	for _, r := range all {
		if word(r, "resourceType") == "Patient" {
			for _, id := range members(r, "identifier") {
				if n, err := fhir.ParseNHSNumber(word(id, "value")); err == nil {
					return n
				}
			}
		}
	}
	return fhir.NHSNumber{}
}

// isWrong says whether an answer names anybody but its one Patient.
func isWrong(all []object) bool {
	var patients []object
	for _, r := range all {
		if word(r, "resourceType") == "Patient" {
			patients = append(patients, r)
		}
	}
	if len(patients) != 1 {
		return true
	}
	own := "Patient/" + word(patients[0], "id")
	for _, r := range all {
		for _, name := range []string{"subject", "patient"} {
			if ref := word(child(r, name), "reference"); ref != "" && ref != own && !strings.HasSuffix(ref, "/"+own) {
				return true
			}
		}
	}
	return false
}
