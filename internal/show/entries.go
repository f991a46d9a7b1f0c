package show

import (
	"github.com/gpconnect-go/gpc/record"
)

// entry reads out an item where items of all kinds stand together. What it is stands before
// its name, but for findings: those are what a consultation is made of.
func (rd *reader) entry(p record.Entry) entry {
	var e entry
	switch {
	case p.Section != nil:
		e = entry{Title: p.Section.Text, Tags: rd.tags(p.Section.Item)}
		for _, under := range p.Section.Entries {
			e.Parts = append(e.Parts, rd.entry(under))
		}
	case p.Allergy != nil:
		e = rd.allergy(*p.Allergy)
		e.When = day(p.Allergy.Asserted)
	case p.Medication != nil:
		e = rd.medication(*p.Medication)
	case p.Prescription != nil:
		e = rd.prescription(*p.Prescription)
	case p.Consultation != nil:
		e = rd.consultationTree(*p.Consultation)
	case p.Problem != nil:
		e = rd.problem(*p.Problem)
	case p.Immunisation != nil:
		e = rd.immunisation(*p.Immunisation)
	case p.Observation != nil:
		e = rd.narrative(*p.Observation)
	case p.Investigation != nil:
		e = rd.investigation(*p.Investigation)
	case p.Referral != nil:
		e = rd.referral(*p.Referral)
	case p.Diary != nil:
		e = rd.diaryEntry(*p.Diary)
	case p.Document != nil:
		e = rd.document(*p.Document)
	default:
		e = rd.item(*p.About())
	}
	if e.Label == "" {
		e.Label = kindWord(p.Kind)
	}
	return e
}

// related reads out what came along with consultations or problems, in groups by the list
// that named it.
func (rd *reader) related(all []record.Entry) []entry {
	var entries []entry
	for _, p := range all {
		entries = append(entries, rd.entry(p))
	}
	return entries
}
