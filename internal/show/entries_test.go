package show

import (
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/record"
)

// What came along with consultations stands as in a list: dated, with what belongs to it
// beneath its title.
func TestRelatedToConsultations(t *testing.T) {
	r := &record.Record{Source: record.Source{Saved: true}}
	r.Areas.Consultations.State = record.StateRecorded
	r.Areas.Consultations.Related = []record.Entry{{Kind: record.KindMedication, Medication: &record.Medication{
		Item: item("Citalopram 20mg tablets", "MedicationStatement/1"), Status: "completed", Type: "acute",
		Dosage: "One to be taken each day", Period: record.Period{Start: "2019-06-01", End: "2019-06-29"},
	}}}
	const want = `
   1 Jun 2019  Medication: Citalopram 20mg tablets
               One to be taken each day
`
	if got := text(t, r); !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant in it%s", got, want)
	}
}

func TestNotesAreToldOnce(t *testing.T) {
	var e entry
	e.notes("Note", []record.Note{{Text: "Take with food"}, {Text: ""}, {Text: "Take with food", Author: "Dr Ann Other"}})
	e.notes("Note", []record.Note{{Text: "Take with food"}})
	e.notes("Report", []record.Note{{Text: "Take with food"}})
	if len(e.Facts) != 3 {
		t.Errorf("got %d remarks, want 3: one of each author and label", len(e.Facts))
	}
}
