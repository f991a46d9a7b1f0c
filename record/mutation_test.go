package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// A mutation spoils a list of resources in one way.
type mutation struct {
	name  string
	apply func(*rand.Rand, []object) []object
}

var mutations = []mutation{
	{"delete an entry", func(r *rand.Rand, all []object) []object {
		i := r.IntN(len(all))
		return slices.Delete(all, i, i+1)
	}},
	{"double an entry", func(r *rand.Rand, all []object) []object { return append(all, all[r.IntN(len(all))]) }},
	{"retype an entry", func(r *rand.Rand, all []object) []object {
		all[r.IntN(len(all))]["resourceType"] = word(all[r.IntN(len(all))], "resourceType")
		return all
	}},
	{"swap ids", func(r *rand.Rand, all []object) []object {
		a, b := all[r.IntN(len(all))], all[r.IntN(len(all))]
		a["id"], b["id"] = b["id"], a["id"]
		return all
	}},
	{"delete a list", func(r *rand.Rand, all []object) []object {
		return slices.DeleteFunc(all, func(o object) bool { return word(o, "resourceType") == "List" && r.IntN(3) == 0 })
	}},
	{"delete a member", func(r *rand.Rand, all []object) []object {
		o, name := somewhere(r, all)
		delete(o, name)
		return all
	}},
	{"spoil a member", func(r *rand.Rand, all []object) []object {
		o, name := somewhere(r, all)
		o[name] = []any{7.0, true, "x", object{}, nil}[r.IntN(5)]
		return all
	}},
	{"name another patient", func(r *rand.Rand, all []object) []object {
		o := all[r.IntN(len(all))]
		for _, name := range []string{"subject", "patient"} {
			if o[name] != nil {
				o[name] = object{"reference": "Patient/another"}
			}
		}
		return all
	}},
	{"give another number", func(r *rand.Rand, all []object) []object {
		for _, o := range all {
			for _, id := range members(o, "identifier") {
				if word(o, "resourceType") == "Patient" && id != nil {
					id["value"] = []any{"9000000017", "9000000025", "", nil, 9000000017.0}[r.IntN(5)]
				}
			}
		}
		return all
	}},
	{"point elsewhere", func(r *rand.Rand, all []object) []object {
		for range 20 {
			if o, name := somewhere(r, all); name == "reference" {
				to := all[r.IntN(len(all))]
				o[name] = word(to, "resourceType") + "/" + word(to, "id")
				break
			}
		}
		return all
	}},
}

// somewhere is a member of an object anywhere within.
func somewhere(r *rand.Rand, all []object) (object, string) {
	o := all[r.IntN(len(all))]
	for {
		names := make([]string, 0, len(o))
		for name := range o {
			names = append(names, name)
		}
		if len(names) == 0 {
			return o, "nothing"
		}
		sort.Strings(names)
		name := names[r.IntN(len(names))]
		next := members(o, name)
		if len(next) == 0 || r.IntN(4) == 0 {
			return o, name
		}
		if o = next[r.IntN(len(next))]; o == nil {
			return object{}, name
		}
	}
}

// Whatever is done to an answer: it does not panic, no other patient gets through, every
// warning is said, every entry is an item, and an area without a list has nothing to say.
func TestMutants(t *testing.T) {
	for name, data := range answers(t) {
		t.Run(name, func(t *testing.T) {
			mutants := 120
			if len(data) > 50_000 {
				mutants = 15
			}
			asked := numberOf(resources(t, data))
			for seed := range mutants {
				random := rand.New(rand.NewPCG(uint64(seed), 8))
				all := resources(t, data)
				var done []string
				for range 1 + random.IntN(3) {
					m := mutations[random.IntN(len(mutations))]
					if all = m.apply(random, all); len(all) == 0 {
						break
					}
					done = append(done, m.name)
					all = copied(t, all)
				}
				checkMutant(t, fmt.Sprintf("seed %d: %v", seed, done), asked, all)
			}
		})
	}
}

// copied makes what two entries share two things.
func copied(t *testing.T, all []object) []object {
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var again []object
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	return again
}

func checkMutant(t *testing.T, name string, asked fhir.NHSNumber, all []object) {
	t.Helper()
	var entries []any
	for _, r := range all {
		entries = append(entries, object{"resource": r})
	}
	data, err := json.Marshal(object{"resourceType": "Bundle", "entry": entries})
	if err != nil {
		t.Fatal(err)
	}
	b := parse(t, data)
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
	record, counts := jsonOf(t, r), countEntries(all)
	for _, area := range primaryByArea {
		if n := len(members(areaOf(record, area), "items")); n != counts[area] {
			t.Errorf("%s: %s: got %d items, want %d", name, area, n, counts[area])
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
	record, counts := jsonOf(t, r), countEntries(all)
	for _, area := range primaryByArea {
		if _, present := counts[area]; present {
			continue
		}
		switch s := State(word(areaOf(record, area), "state")); s {
		case StateNone, StateExplicitlyNone, StateRecorded:
			t.Errorf("%s: %s: got %s, want another: its list is gone", name, area, s)
		case StateMissing:
			if host, _, _ := strings.Cut(area, "."); !hasWarning(r, WarnMissing, AreaName(host)) {
				t.Errorf("%s: %s: is missing, and that is not said", name, area)
			}
		}
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
