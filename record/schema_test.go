package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gpconnect-go/gpc/fhir"
)

const schemaFile = "../docs/record.schema.json"

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate is what is wrong with a record's JSON; at most the beginning of it.
func validate(s *jsonschema.Schema, data []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if err := s.Validate(v); err != nil {
		text := fmt.Sprintf("%v", err)
		return fmt.Errorf("%s", text[:min(len(text), 1500)])
	}
	return nil
}

// people are the records of the sandbox.
func people(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../sandbox/data/people/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no people: %v", err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		if all[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// outputs are the JSON of an answer as it is viewed and as it is read for several questions.
func outputs(t testing.TB, b *fhir.Bundle) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	keep := func(name string, r *Record, err error) {
		if err != nil {
			return // of nobody, or not of one
		}
		if found[name], err = json.Marshal(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := View(b)
	keep("viewed", r, err)
	if err != nil {
		return found
	}
	only, err := Only("consultations")
	if err != nil {
		t.Fatal(err)
	}
	n, _ := fhir.ParseNHSNumber(r.Patient.NHSNumber)
	for name, q := range map[string]Query{"full": Full(), "summary": Summary(), "one area": only} {
		r, err := Read(b, n, q)
		if err == nil { // what the client knows
			r.Source.Retrieved, r.Source.TraceID = time.Unix(1790000000, 5).UTC(), "01234567-89ab-cdef-0123-456789abcdef"
		}
		keep(name, r, err)
	}
	return found
}

func TestEveryOutputKeepsToTheSchema(t *testing.T) {
	s := compiled(t)
	all := answers(t)
	maps.Copy(all, people(t))
	checked := 0
	for name, data := range all {
		for how, out := range outputs(t, parse(t, data)) {
			checked++
			if err := validate(s, out); err != nil {
				t.Errorf("%s, %s: got %v", name, how, err)
			}
		}
	}
	if checked < 3*len(all) {
		t.Errorf("got %d outputs of %d answers, want at least 3 of each", checked, len(all))
	}
}

// What has been spoilt comes out as the schema says, too.
func TestEveryMutantKeepsToTheSchema(t *testing.T) {
	s := compiled(t)
	all := answers(t)
	maps.Copy(all, people(t))
	for name, data := range all {
		answer := resources(t, data)
		for seed := range mutantsOf(data, 40, 3) {
			spoilt, done := mutant(rand.New(rand.NewPCG(uint64(seed), 11)), answer, 4)
			for how, out := range outputs(t, parse(t, bundleOfObjects(t, spoilt))) {
				if err := validate(s, out); err != nil {
					t.Errorf("%s, %s, seed %d, %v: got %v", name, how, seed, done, err)
				}
			}
		}
	}
}

// A member that is there and should not be, one that is gone, and one that is something else
// are refused, wherever they are.
func TestTheSchemaIsTight(t *testing.T) {
	s := compiled(t)
	refused := map[string]int{}
	for name, data := range people(t) {
		out := outputs(t, parse(t, data))["viewed"]
		if len(out) > 200_000 || out == nil {
			continue
		}
		if err := validate(s, out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var record any
		if err := json.Unmarshal(out, &record); err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(uint64(len(out)), 12))
		for range fewer(150) {
			spoilt := cloned(record)
			what := tamper(random, spoilt)
			if s.Validate(spoilt) == nil {
				t.Errorf("%s: got no error, want one: %s", name, what)
			}
			kind, _, _ := strings.Cut(what, " ")
			refused[kind]++
		}
	}
	if refused["added"] < fewer(100) || refused["removed"] < fewer(100) || refused["retyped"] < fewer(100) || refused["renamed"] < fewer(30) {
		t.Errorf("got %v, want more of each", refused)
	}
}

// always are the members that no output is without, by a member that tells which object it is.
var always = map[string][]string{
	"areas":     {"patient", "source", "warnings", "areas"},
	"allergies": {"allergies", "medications", "consultations", "problems", "immunisations", "uncategorised", "investigations", "referrals", "diary", "documents"},
	"state":     {"state", "warnings", "items", "ended", "issues_requested"},
	"sources":   {"sources", "text", "nhs_number", "name", "active", "deceased", "intent", "parent_present"},
	"codes":     {"text"},
	"systolic":  {"systolic", "diastolic", "text"},
}

// tamper does one thing to a member somewhere within whole and says what and where.
func tamper(random *rand.Rand, whole any) string {
	type place struct {
		path string
		o    object
	}
	var places []place
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case object:
			places = append(places, place{path, v})
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(path+"/"+name, v[name])
			}
		case []any:
			for i, e := range v {
				walk(fmt.Sprint(path, "/", i), e)
			}
		}
	}
	walk("", whole)
	for {
		at := places[random.IntN(len(places))]
		names := slices.Sorted(maps.Keys(at.o))
		switch random.IntN(4) {
		case 0:
			at.o["surprise"] = true
			return "added " + at.path
		case 1:
			for _, tell := range slices.Sorted(maps.Keys(always)) {
				if gone := always[tell][random.IntN(len(always[tell]))]; at.o[tell] != nil && has(at.o, gone) && !(gone == "intent" && has(at.o, "due")) && !(gone == "name" && !has(at.o, "nhs_number")) {
					delete(at.o, gone)
					return "removed " + at.path + "/" + gone
				}
			}
		case 2:
			if len(names) > 0 {
				name := names[random.IntN(len(names))]
				at.o[name] = misfit(at.o[name])
				return "retyped " + at.path + "/" + name
			}
		case 3:
			for _, name := range []string{"state", "absent"} {
				if has(at.o, name) {
					at.o[name] = "another"
					return "renamed " + at.path + "/" + name
				}
			}
		}
	}
}

func has(o object, name string) bool { _, ok := o[name]; return ok }

// misfit is something of another type.
func misfit(v any) any {
	switch v.(type) {
	case object:
		return 7
	case []any:
		return "x"
	}
	return object{"x": 1}
}

// bundleOfObjects is a Bundle of what has been read by encoding/json.
func bundleOfObjects(t testing.TB, all []object) []byte {
	t.Helper()
	var entries []any
	for _, r := range all {
		entries = append(entries, object{"resource": r})
	}
	data, err := json.Marshal(object{"resourceType": "Bundle", "entry": entries})
	if err != nil {
		t.Fatal(err)
	}
	return data
}
