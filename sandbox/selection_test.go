package sandbox

import (
	"slices"
	"strings"
	"testing"
)

// chosen is what a query selects from a person's record.
func chosen(t testing.TB, s *Server, nhs, parameters string) []resource {
	t.Helper()
	record, err := s.people.byNumber[nhs].load()
	if err != nil {
		t.Fatalf("reading a record: %v", err)
	}
	q, err := parseQuery([]byte(parametersOf(nhs, parameters)), today)
	if err != nil {
		t.Fatalf("%s: %v", parameters, err)
	}
	return record.choose(q, london())
}

// listed are the entries of the primary list with a code; false if the list is not there.
func listed(resources []resource, code string) ([]string, bool) {
	for _, r := range resources {
		if c, secondary := r.listCode(); c == code && !secondary {
			return r.entryTargets(), true
		}
	}
	return nil, false
}

func ofKind(resources []resource, kind string) (ids []string) {
	for _, r := range resources {
		if r.kind == kind {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// single asks for one area without filters.
func single(a area) string {
	if a.parameter == "includeAllergies" {
		return resolved
	}
	return `{"name":"` + a.parameter + `"}`
}

func TestEachAreaBringsItsListsAlone(t *testing.T) {
	s := run(t, Config{Plain: true})
	for _, a := range clinicalAreas() {
		got := chosen(t, s, "9000000009", single(a))
		for _, other := range clinicalAreas() {
			for _, code := range other.lists {
				_, there := listed(got, code)
				if want := slices.Contains(a.lists, code); there != want {
					t.Errorf("%s: list %s there: got %v, want %v", a.parameter, code, there, want)
				}
			}
		}
		for _, kind := range []string{"Patient", "Organization", "Practitioner"} {
			if len(ofKind(got, kind)) == 0 {
				t.Errorf("%s: no %s", a.parameter, kind)
			}
		}
	}
}

func TestSelectionIsConsistent(t *testing.T) {
	s := run(t, Config{Plain: true})
	for _, nhs := range s.people.numbers {
		if s.people.byNumber[nhs].load == nil {
			continue
		}
		queries := map[string]string{"everything": everything}
		for _, a := range clinicalAreas() {
			queries[a.parameter] = single(a)
		}
		for name, parameters := range queries {
			got := chosen(t, s, nhs, parameters)
			have := map[string]bool{}
			for _, r := range got {
				if r.id == "" {
					continue
				}
				if have[r.kind+"/"+r.id] {
					t.Errorf("%s of %s: %s/%s is there twice", name, mask(nhs), r.kind, r.id)
				}
				have[r.kind+"/"+r.id] = true
			}
			record, _ := s.people.byNumber[nhs].load()
			for _, r := range got {
				for _, target := range r.entryTargets() {
					if _, exists := record.at[target]; exists && !have[target] {
						t.Errorf("%s of %s: a list has %s, which is not in the answer", name, mask(nhs), target)
					}
				}
				if empty := len(r.entryTargets()) == 0; r.kind == "List" && r.id == "" && empty != (r.fields["emptyReason"] != nil) {
					code, secondary := r.listCode()
					if !secondary {
						t.Errorf("%s of %s: list %s: empty %v, and emptyReason says otherwise", name, mask(nhs), code, empty)
					}
				}
			}
		}
	}
}

func TestEverythingIsTheWholeRecord(t *testing.T) {
	s := run(t, Config{Plain: true})
	for _, nhs := range s.people.numbers {
		p := s.people.byNumber[nhs]
		if p.load == nil {
			continue
		}
		record, err := p.load()
		if err != nil {
			t.Fatal(err)
		}
		have := map[string]bool{}
		for _, r := range chosen(t, s, nhs, everything) {
			have[r.kind+"/"+r.id+r.text("title")] = true
		}
		for _, r := range record.resources {
			notGiven := r.fields["notGiven"] == true // cannot be asked for together with consultations
			if !have[r.kind+"/"+r.id+r.text("title")] && !notGiven {
				t.Errorf("%s: %s/%s %s is left out", mask(nhs), r.kind, r.id, r.text("title"))
			}
		}
	}
}

func TestMedicationGraph(t *testing.T) {
	s := run(t, Config{Plain: true})
	orders := func(parameters string) (n, plans int) {
		for _, r := range chosen(t, s, "9000000009", parameters) {
			switch r.text("intent") {
			case "order":
				n++
			case "plan":
				plans++
			}
		}
		return n, plans
	}
	n, plans := orders(`{"name":"includeMedication"}`)
	if n == 0 || plans == 0 {
		t.Fatalf("got %d orders and %d plans, want both", n, plans)
	}
	statements, _ := listed(chosen(t, s, "9000000009", `{"name":"includeMedication"}`), listMedication)
	if len(statements) != plans {
		t.Errorf("got %d plans for %d statements, want one each", plans, len(statements))
	}
	if n, again := orders(withPart("includeMedication", "includePrescriptionIssues", `"valueBoolean":false`)); n != 0 || again != plans {
		t.Errorf("without issues: got %d orders and %d plans, want 0 and %d", n, again, plans)
	}
}

func TestResolvedAllergies(t *testing.T) {
	s := run(t, Config{Plain: true})
	if _, there := listed(chosen(t, s, "9000000009", strings.Replace(resolved, "true", "false", 1)), listEnded); there {
		t.Error("ended allergies are there without having been asked for")
	}
	if ended, there := listed(chosen(t, s, "9000000009", resolved), listEnded); !there || len(ended) == 0 || !strings.HasPrefix(ended[0], "#") {
		t.Errorf("ended allergies: got %v, want contained ones", ended)
	}
}

func TestConsultationStructure(t *testing.T) {
	s := run(t, Config{Plain: true})
	got := chosen(t, s, "9000000009", withPart("includeConsultations", "includeNumberOfMostRecent", `"valuePositiveInt":1`))
	encounters, _ := listed(got, listConsultations)
	if len(encounters) != 1 || !slices.Equal(ofKind(got, "Encounter"), []string{strings.TrimPrefix(encounters[0], "Encounter/")}) {
		t.Fatalf("the most recent: got %v in the list and %v, want the one", encounters, ofKind(got, "Encounter"))
	}
	structure := map[string]int{}
	for _, r := range got {
		if code, secondary := r.listCode(); !secondary {
			structure[code]++
		}
	}
	if structure[listConsultation] != 1 || structure[listTopic] == 0 {
		t.Errorf("got %v, want one consultation with topics", structure)
	}
	all, _ := listed(chosen(t, s, "9000000009", `{"name":"includeConsultations"}`), listConsultations)
	if len(all) < 3 {
		t.Errorf("got %d consultations in all, want at least three", len(all))
	}
	two, _ := listed(chosen(t, s, "9000000009", withPart("includeConsultations", "includeNumberOfMostRecent", `"valuePositiveInt":2`)), listConsultations)
	if len(two) != 2 {
		t.Errorf("two of the most recent: got %d", len(two))
	}
}
