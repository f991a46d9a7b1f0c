package record

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/gpconnect-go/gpc/fhir"
)

// answers are the published records and the fixtures.
func answers(t *testing.T) map[string][]byte {
	all := fixtures(t)
	if os.Getenv("GPC_CORPUS") == "" && os.Getenv("CI") != "true" {
		t.Log("GPC_CORPUS is not set: with the fixtures only")
		return all
	}
	for name, data := range corpus(t, "structured/*.json") {
		all[name] = data
	}
	return all
}

func fixtures(t *testing.T) map[string][]byte {
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		if filepath.Base(name) == "saved.json" {
			continue // a whole answer, for the example
		}
		resources := append([]string{testPatient, testOrganization}, fixtureResources(t, filepath.Base(name))...)
		all[filepath.Base(name)] = []byte(bundleText(resources...))
	}
	return all
}

// The order of an answer's entries means nothing, so that it changes nothing.
func TestTheOrderOfEntriesChangesNothing(t *testing.T) {
	for name, data := range answers(t) {
		t.Run(name, func(t *testing.T) {
			b := parse(t, data)
			want, err := viewed(b)
			if err != nil {
				return // of nobody: nothing to compare
			}
			same := func(t rapid.TB, order []int) {
				shuffled, err := fhir.ParseBundle(rearranged(b, order), fhir.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				got, err := viewed(shuffled)
				if err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Fatalf("got another record of %d bytes, want the same of %d", len(got), len(want))
				}
			}
			if len(data) > 100_000 { // fewer, and without looking for the least example
				for seed := range uint64(fewer(8)) {
					same(t, rand.New(rand.NewPCG(seed, 3)).Perm(b.Len()))
				}
				return
			}
			order := make([]int, b.Len())
			for i := range order {
				order[i] = i
			}
			rapid.Check(t, func(t *rapid.T) { same(t, rapid.Permutation(order).Draw(t, "order")) })
		})
	}
}

func viewed(b *fhir.Bundle) (string, error) {
	r, err := View(b)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(r)
	return string(data), err
}

func rearranged(b *fhir.Bundle, order []int) []byte {
	var resources []string
	for _, i := range order {
		if raw := b.At(i).Raw; raw != nil {
			resources = append(resources, string(raw))
		}
	}
	return []byte(bundleText(resources...))
}

// Of two different resources with one id, the same is chosen in whatever order they come.
func TestTheOrderOfDoublesChangesNothing(t *testing.T) {
	list := listOf(codeAllergies, "AllergyIntolerance/a")
	one := `{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},"code":{"text":"Latex"}}`
	two := `{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},"code":{"text":"Nuts"}}`
	a, b := recordOf(t, one, two, list), recordOf(t, list, two, one)
	if got, want := at(t, a, "areas.allergies.items.0"), at(t, b, "areas.allergies.items.0"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !a.Areas.Allergies.Items[0].Ambiguous || !hasWarning(a, WarnDuplicate, Allergies) {
		t.Error("got a plain item, want one that is said to be ambiguous")
	}
	same := recordOf(t, list, one, one)
	if same.Areas.Allergies.Items[0].Ambiguous {
		t.Error("the same bytes twice: got an ambiguous item, want a plain one")
	}
}
