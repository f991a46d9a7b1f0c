package show

import (
	"slices"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/record"
)

func TestClinical(t *testing.T) {
	for sent, want := range map[string]string{
		"134/78 mm[Hg]": "134/78 mmHg", "134 mm[Hg] / 10 kPa": "134 mmHg / 10 kPa", "mm[Hg]": "mmHg",
		"38.1 Cel": "38.1 °C", "Cel": "°C", "no Ceiling": "no Ceiling", "Cels": "Cels", "XCel": "XCel", "31.4 kg/m2": "31.4 kg/m2", "": "",
	} {
		if got := clinical(sent); got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}

func TestSupply(t *testing.T) {
	for sent, want := range map[string]string{
		"28 day": "for 28 days", "1 day": "for 1 day", "21 day": "for 21 days", "2 week": "for 2 weeks", "1 month": "for 1 month",
		"28 days": "for 28 days", "28 d": "for 28 d", "28": "for 28", "": "",
	} {
		if got := supply(record.Prescription{Supply: sent}); got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}

// A dosage that is a number or less than a word is said to be one.
func TestDosageOfNoWords(t *testing.T) {
	for sent, want := range map[string]string{"1": "Dosage: 1", "n/a": "Dosage: n/a", "Take ONE at night": "Take ONE at night", "daily": "daily"} {
		if got := dosage(sent, sent); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}

// What a problem was made from is not told again among what is linked to it.
func TestProblemTellsItsOriginOnce(t *testing.T) {
	origin := record.Link{Text: "Asthma", Kind: record.KindObservation, Date: "2010-01-02", Source: "Observation/1"}
	other := record.Link{Text: "Salbutamol", Kind: record.KindPrescription, Source: "MedicationRequest/1"}
	e := (&reader{r: &record.Record{}, used: map[string]bool{}}).problem(record.Problem{
		Item: item("Asthma", "Condition/1"), Actual: &origin, Linked: []record.Link{origin, other},
	})
	n := map[string]int{}
	for _, f := range e.Facts {
		n[f.Label] += len(f.Lines)
	}
	if n["Made from"] != 1 || n["Linked"] != 1 {
		t.Errorf("got %v, want one line each", n)
	}
}

// In the summary the life-threatening allergies come first, else all stand as in the record;
// and many stand in columns, so that all are on the screen.
func TestGlanceAtAllergies(t *testing.T) {
	r := sample()
	r.Areas.Allergies.Items = nil
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"} {
		r.Areas.Allergies.Items = append(r.Areas.Allergies.Items, record.Allergy{Item: item(name, "AllergyIntolerance/"+name), Status: "active"})
	}
	r.Areas.Allergies.Items[2].Critical, r.Areas.Allergies.Items[7].Critical = "high", "high"
	c := glance(readOut(r, now))[0]
	var got []string
	for _, e := range c.Entries {
		got = append(got, e.Title)
	}
	if want := "c h a b d e f g i j k"; strings.Join(got, " ") != want || !c.Wide() {
		t.Errorf("got %v, wide %t, want %s", got, c.Wide(), want)
	}
	if page := pageOf(t, r); !strings.Contains(page, `class="card wide"`) {
		t.Error("the page has no wide box")
	}
}
