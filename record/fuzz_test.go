package record

import (
	"encoding/json"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// FuzzView: go test -fuzz FuzzView ./record
//
// Whatever parses as a Bundle is viewed or refused, and what is viewed can be written as JSON.
func FuzzView(f *testing.F) {
	for _, c := range hostile {
		f.Add([]byte(bundleText(append([]string{testPatient}, c.make(3)...)...)))
	}
	for _, c := range wrongAnswers {
		f.Add([]byte(bundleText(append([]string(nil), c.resources...)...)))
	}
	for _, name := range []string{"allergies.json", "medications.json", "consultations.json", "problems.json", "immunisations.json", "observations.json", "investigations.json", "plans.json"} {
		f.Add([]byte(bundleText(append([]string{testPatient}, fixtureResources(f, name)...)...)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := fhir.ParseBundle(data, fhir.Limits{})
		if err != nil {
			return
		}
		if _, err := Read(b, fhir.NHSNumber{}, Full()); err == nil {
			t.Error("no number asked for: got a record, want an error")
		}
		r, err := View(b)
		if err != nil {
			return
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("got %T, want JSON", err)
		}
		for name, item := range r.All() {
			if item.Text == "" || len(item.Sources) == 0 {
				t.Errorf("%s: got an item without a text or a source", name)
			}
		}
	})
}
