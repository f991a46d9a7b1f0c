package show

import (
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// immunisations reads out what was given, what was not, and consent, each apart from the
// others and latest first.
func (rd *reader) immunisations() *area {
	in := rd.r.Areas.Immunisations
	a := newArea(rd, record.Immunisations, in)
	a.Dated = true
	groups := []group{{Title: "Given"}, {Title: "NOT given"}, {Title: "Consent, dissent and status"}, {Title: nothingToRead}}
	for _, i := range latestFirst(in.Items, func(i record.Immunisation) fhir.Date { return i.Date }) {
		k := 3
		switch i.Kind {
		case record.ImmunisationGiven:
			k = 0
		case record.ImmunisationNotGiven:
			k = 1
		case record.ImmunisationStatus:
			k = 2
		}
		groups[k].Entries = append(groups[k].Entries, rd.immunisation(i))
	}
	for _, g := range groups {
		if len(g.Entries) > 0 {
			a.Groups = append(a.Groups, g)
		}
	}
	return a
}

func (rd *reader) immunisation(i record.Immunisation) entry {
	if i.Kind == record.ImmunisationStatus && i.Observation != nil {
		e := rd.observation(*i.Observation, "")
		e.Label = "Status, no vaccination"
		return e
	}
	e := rd.item(i.Item)
	e.at(record.When{Date: i.Date})
	if i.Kind == record.ImmunisationNotGiven || len(i.NotGiven) > 0 {
		e.Label, e.Alarm = "NOT GIVEN", true
		e.says("Not given as", line{Text: orText(join("; ", concepts(i.NotGiven)...), "no reason given")})
	}
	e.tells(prefixed("dose ", i.Sequence), i.Dose, prefixed("recorded ", unlessSame(i.Recorded, i.Date)))
	vaccine := concept(i.Vaccine)
	if vaccine != i.Text {
		e.says("Vaccine", line{Text: vaccine})
	}
	e.says("Batch", line{Text: join(", ", i.Batch, prefixed("expires ", day(i.Expires)), i.Manufacturer)})
	e.says("Site, route", line{Text: join(", ", concept(i.Site), concept(i.Route))})
	e.says("Protocol", lines(i.Protocols...)...)
	e.says("Reason", line{Text: join("; ", concepts(i.Reasons)...)})
	e.says("Where", line{Text: i.Location})
	e.says("Reported by", line{Text: concept(i.ReportOrigin)})
	e.says("Practitioner", line{Text: rd.participants(i.Practitioners)})
	switch {
	case i.ParentPresent.IsTrue():
		e.says("Parent", line{Text: "present"})
	case i.ParentPresent.IsFalse():
		e.says("Parent", line{Text: "not present"})
	}
	e.notes("Note", i.Notes)
	rd.consultation(&e, i.Consultation)
	return e
}
