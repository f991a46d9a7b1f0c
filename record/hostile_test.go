package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// repeat is n texts, made from the numbers below n.
func repeat(n int, format string) []string {
	var found []string
	for i := range n {
		found = append(found, strings.ReplaceAll(strings.ReplaceAll(format, "<next>", fmt.Sprint((i+1)%n)), "<i>", fmt.Sprint(i)))
	}
	return found
}

func refs(n int, format string) []string { return repeat(n, format) }

const structure = `{"resourceType":"List","id":"<i>","code":{"coding":[{"code":"` + codeTopic + `"}]},"entry":[{"item":{"reference":"List/<next>"}},{"item":{"reference":"List/<next>"}}]}`

// Answers that point at the same things again and again, or in circles.
var hostile = []struct {
	name string
	make func(n int) []string
}{
	{"one item listed by all entries", func(n int) []string {
		return []string{listOf(codeInvestigations, refs(n, "DiagnosticReport/r")...),
			`{"resourceType":"DiagnosticReport","id":"r","result":[` + strings.Join(repeat(n, `{"reference":"Observation/<i>"}`), ",") + `]}`}
	}},
	{"reports that share one group", func(n int) []string {
		all := append(repeat(n, `{"resourceType":"DiagnosticReport","id":"<i>","result":[{"reference":"Observation/g"}]}`),
			repeat(n, `{"resourceType":"Observation","id":"<i>","code":{"text":"result <i>"},"related":[{"type":"derived-from","target":{"reference":"Observation/g"}}]}`)...)
		return append(all, `{"resourceType":"Observation","id":"g","code":{"text":"group"}}`, listOf(codeInvestigations, refs(n, "DiagnosticReport/<i>")...))
	}},
	{"results in a line", func(n int) []string {
		return append(repeat(n, `{"resourceType":"Observation","id":"<i>","related":[{"type":"has-member","target":{"reference":"Observation/<next>"}},{"type":"has-member","target":{"reference":"Observation/<next>"}}]}`),
			`{"resourceType":"DiagnosticReport","id":"r","result":[{"reference":"Observation/0"}]}`, listOf(codeInvestigations, "DiagnosticReport/r"))
	}},
	{"lists that hold each other twice", func(n int) []string {
		return append(repeat(n, structure), `{"resourceType":"Encounter","id":"e"}`, listOf(codeConsultations, "Encounter/e"),
			`{"resourceType":"List","code":{"coding":[{"code":"`+codeConsultation+`"}]},"encounter":{"reference":"Encounter/e"},"entry":[{"item":{"reference":"List/0"}}]}`)
	}},
	{"consultations within each other", func(n int) []string {
		return append(append(repeat(n, `{"resourceType":"Encounter","id":"<i>"}`),
			repeat(n, `{"resourceType":"List","code":{"coding":[{"code":"`+codeConsultation+`"}]},"encounter":{"reference":"Encounter/<i>"},"entry":[{"item":{"reference":"Encounter/<next>"}}]}`)...),
			listOf(codeConsultations, "Encounter/0"))
	}},
	{"consultations that share a report", func(n int) []string {
		all := append(repeat(n, `{"resourceType":"Encounter","id":"<i>"}`),
			repeat(n, `{"resourceType":"List","code":{"coding":[{"code":"`+codeConsultation+`"}]},"encounter":{"reference":"Encounter/<i>"},"entry":[{"item":{"reference":"DiagnosticReport/r"}}]}`)...)
		all = append(all, repeat(n, `{"resourceType":"Observation","id":"<i>","code":{"text":"result <i>"}}`)...)
		return append(all, `{"resourceType":"DiagnosticReport","id":"r","result":[`+strings.Join(repeat(n, `{"reference":"Observation/<i>"}`), ",")+`]}`,
			listOf(codeConsultations, refs(n, "Encounter/<i>")...))
	}},
	{"statements of one plan", func(n int) []string {
		all := append(repeat(n, `{"resourceType":"MedicationStatement","id":"<i>","basedOn":[{"reference":"MedicationRequest/p"}]}`),
			repeat(n, `{"resourceType":"MedicationRequest","id":"<i>","intent":"order","basedOn":[{"reference":"MedicationRequest/p"}]}`)...)
		return append(all, `{"resourceType":"MedicationRequest","id":"p","intent":"plan"}`, listOf(codeMedications, refs(n, "MedicationStatement/<i>")...))
	}},
	{"plans in a circle", func(n int) []string {
		all := append(repeat(n, `{"resourceType":"MedicationStatement","id":"<i>","basedOn":[{"reference":"MedicationRequest/0"}]}`),
			repeat(n, `{"resourceType":"MedicationRequest","id":"<i>","intent":"plan","priorPrescription":{"reference":"MedicationRequest/<next>"}}`)...)
		return append(all, listOf(codeMedications, refs(n, "MedicationStatement/<i>")...))
	}},
	{"problems that are linked to each other", func(n int) []string {
		return append(repeat(n, `{"resourceType":"Condition","id":"<i>","extension":[{"url":"x/RelatedClinicalContent-1","valueReference":{"reference":"Condition/<next>"}},
			{"url":"x/RelatedProblemHeader-1","extension":[{"url":"target","valueReference":{"reference":"Condition/<i>"}}]}]}`),
			listOf(codeProblems, refs(n, "Condition/<i>")...), listOf(linkedProblems, refs(n, "Condition/<i>")...))
	}},
	{"ended allergies", func(n int) []string {
		return []string{strings.Replace(listOf(codeEndedAllergies, refs(n, "#<i>")...), `"entry"`,
			`"contained":[`+strings.Join(repeat(n, `{"resourceType":"AllergyIntolerance","id":"<i>","patient":{"reference":"Patient/p"}}`), ",")+`],"entry"`, 1)}
	}},
	{"one id for all", func(n int) []string {
		return append(repeat(n, `{"resourceType":"AllergyIntolerance","id":"a","code":{"text":"<i>"}}`), listOf(codeAllergies, refs(n, "AllergyIntolerance/a")...))
	}},
}

func TestHostileAnswersComeToAnEnd(t *testing.T) {
	n := fewer(3000)
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			text := bundleText(append([]string{testPatient}, c.make(n)...)...)
			r, err := Read(parse(t, []byte(text)), number(t), Full())
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			// An answer is told once as it stands and at most telling times more, and what is
			// told of a small resource is several times its size.
			const most = 12
			if limit := most * (1<<20 + (1+telling)*len(text)); len(data) > limit {
				t.Errorf("got %d bytes from %d, want at most %d", len(data), len(text), limit)
			}
			record, counts := jsonOf(t, r), countEntries(resources(t, []byte(text)))
			for area, want := range counts {
				if got := len(members(areaOf(record, area), "items")); got != want {
					t.Errorf("%s: got %d items, want %d", area, got, want)
				}
			}
		})
	}
}

// What is cut short is said.
func TestWhatIsCutShortIsSaid(t *testing.T) {
	for _, name := range []string{"reports that share one group", "results in a line", "consultations within each other", "statements of one plan"} {
		for _, c := range hostile {
			if c.name != name {
				continue
			}
			r := recordOf(t, c.make(fewer(3000))...)
			if !hasWarning(r, WarnAbridged, "") {
				t.Errorf("%s: got no warning, want one that not all is told", name)
			}
		}
	}
}

// Lists may name as much as an answer may hold, and no more.
func TestTheLimitOfEntries(t *testing.T) {
	text := func(n int) string {
		list := strings.Replace(listOf(codeUncategorised), `"entry":[]`, `"entry":[`+strings.Repeat(`{"item":{"reference":"Observation/o"}},`, n-1)+`{}]`, 1)
		return bundleText(testPatient, list, `{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},"code":{"text":"Weight"}}`)
	}
	entries := func(n int) *fhir.Bundle { return parse(t, []byte(text(n))) }
	if !raced { // what it costs is all that is to be seen of it
		r, err := Read(entries(mostEntries), number(t), Full())
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.Areas.Uncategorised.Items); got != mostEntries {
			t.Errorf("got %d items, want %d", got, mostEntries)
		}
	}
	if r, err := Read(entries(mostEntries+1), number(t), Full()); !errors.Is(err, ErrTooManyEntries) || r != nil {
		t.Errorf("got %v, want ErrTooManyEntries", err)
	}
	if _, err := fhir.ParseBundle([]byte(text(1_000_000)), fhir.Limits{}); !errors.Is(err, fhir.ErrTooManyValues) {
		t.Errorf("a million entries: got %v, want fhir.ErrTooManyValues", err)
	}
}
