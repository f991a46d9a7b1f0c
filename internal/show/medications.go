package show

import (
	"fmt"
	"slices"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// medications groups the items as a prescriber reads them: what the patient is on, then the
// past. Items of one chain (a plan that replaced another) stand together, at the place of
// the one that still holds.
func (rd *reader) medications() *area {
	in := rd.r.Areas.Medications
	a := newArea(rd, record.Medications, in.Area)
	if in.IssuesRequested.IsFalse() {
		a.Notes = append(a.Notes, "Issues were not asked for: that none is shown does not say that none was made.")
	}
	groups := []group{
		{Title: "Current repeats"},
		{Title: "Current acute"},
		{Title: "Current, of a type that is not recorded"},
		{Title: "Of a status that is not known"},
		{Title: "Past, latest issue first", Past: true},
		{Title: nothingToRead},
	}
	for _, c := range chains(in.Items) {
		i := place(c[0])
		groups[i].Entries = append(groups[i].Entries, rd.chain(c))
	}
	for _, g := range groups {
		if len(g.Entries) > 0 {
			a.Groups = append(a.Groups, g)
		}
	}
	return a
}

// past is the place of what is over.
const past = 4

// place is the group of an item. An item is not put among the current ones or the past ones
// unless its status says so.
func place(m record.Medication) int {
	if m.Absent != "" || m.Duplicate {
		return past + 1
	}
	switch m.Status {
	case "active":
		switch m.Type {
		case "repeat", "repeat-dispensing":
			return 0
		case "acute", "acute-handwritten", "delayed-prescribing":
			return 1
		}
		return 2
	case "completed", "stopped":
		return past
	}
	return 3
}

// chains collects the items of each chain: what holds first, then by the latest issue. The
// chains of past items are in that order, too; the others stay in the order of the list.
func chains(items []record.Medication) [][]record.Medication {
	var all [][]record.Medication
	at := map[string]int{}
	for _, m := range items {
		i, known := at[m.Chain]
		if !known || m.Chain == "" || place(m) > past {
			if m.Chain != "" && !known {
				at[m.Chain] = len(all)
			}
			all = append(all, []record.Medication{m})
			continue
		}
		all[i] = append(all[i], m)
	}
	for _, c := range all {
		slices.SortStableFunc(c, func(x, y record.Medication) int {
			if p, q := place(x), place(y); p != q {
				return p - q
			}
			return byLastUse(x, y)
		})
	}
	slices.SortStableFunc(all, func(x, y []record.Medication) int {
		p, q := place(x[0]), place(y[0])
		if p != q || p != past {
			return p - q
		}
		return byLastUse(x[0], y[0])
	})
	return all
}

// byLastUse orders by when a medicine was last used, latest first.
func byLastUse(x, y record.Medication) int { return lastUse(y).Compare(lastUse(x)) }

// lastUse is the last issue, or else the best that is known about when it was used.
func lastUse(m record.Medication) fhir.Date {
	for _, d := range []fhir.Date{m.LastIssued, m.Period.End, m.Period.Start, m.Asserted} {
		if d.Valid() {
			return d
		}
	}
	return ""
}

// chain reads out the items of one chain: the first in full, with those before it beneath.
func (rd *reader) chain(c []record.Medication) entry {
	e := rd.medication(c[0])
	for _, m := range c[1:] {
		before := rd.medication(m)
		if place(m) == past {
			before.Label = "Before"
		}
		e.Parts = append(e.Parts, before)
	}
	return e
}

func (rd *reader) medication(m record.Medication) entry {
	e := rd.item(m.Item)
	e.Lead = dosage(m.Dosage, m.Instruction)
	e.tells(typeWord(m.Type), m.Status, period(m.Period))
	issued := day(m.LastIssued)
	switch {
	case m.Absent != "" || m.Duplicate || m.Abridged:
	case m.Type == "":
		e.tells("type: no information")
	case m.Type == "repeat":
		issued = orText(issued, "not given")
	}
	e.says("Last issued", line{Text: issued})
	e.tells(prefixed("dosage last changed ", day(m.DosageLastChanged)))
	if m.Plan != nil {
		rd.plan(&e, *m.Plan, m)
	}
	if len(m.Issues) > 0 {
		e.says(fmt.Sprintf("Issues (%d)", len(m.Issues)), rd.issues(m)...)
		for _, i := range m.Issues {
			e.says("Unreadable", lines(i.Unreadable...)...)
		}
	}
	e.says("Where", line{Text: concept(m.PrescribedBy)})
	e.says("Reason", line{Text: join("; ", concepts(m.Reasons)...)})
	e.says("Linked", rd.links(m.ReasonLinks)...)
	e.says("Recorded", line{Text: moment(m.Asserted)})
	e.notes("Note", m.Notes)
	rd.consultation(&e, m.Consultation)
	for _, p := range m.Earlier {
		before := rd.prescription(p)
		before.Label = "Earlier plan"
		e.Parts = append(e.Parts, before)
	}
	return e
}

// plan adds to an item of medication what its plan says beyond it.
func (rd *reader) plan(e *entry, p record.Prescription, m record.Medication) {
	for _, t := range rd.tags(p.Item) {
		if !slices.Contains(e.Tags, t) {
			e.Tags = append(e.Tags, t)
		}
	}
	if p.Absent != "" {
		e.says("Plan", line{Text: p.Text, Tags: rd.tags(p.Item)})
	}
	if p.Text != m.Text && p.Absent == "" {
		e.says("Plan", line{Text: p.Text})
	}
	if p.Dosage != m.Dosage || p.Instruction != m.Instruction {
		e.says("Plan's dosage", lines(dosage(p.Dosage, p.Instruction)...)...)
	}
	if p.Type != m.Type {
		e.says("Plan's type", line{Text: typeWord(p.Type)})
	}
	if p.Status != m.Status {
		e.says("Plan's status", line{Text: p.Status})
	}
	e.says("Plan from", line{Text: unlessSame(p.Date, m.Period.Start)})
	if p.Consultation != nil && (m.Consultation == nil || m.Consultation.Source != p.Consultation.Source) {
		rd.consultation(e, p.Consultation)
	}
	if day(p.Authored) == day(m.Asserted) || day(p.Authored) == day(m.Period.Start) {
		p.Authored = ""
	}
	e.says("Quantity", line{Text: supply(p)})
	if p.Period != m.Period {
		e.says("Plan's period", line{Text: period(p.Period)})
	}
	p.Period = record.Period{}
	if slices.EqualFunc(p.Reasons, m.Reasons, func(x, y record.Concept) bool { return x.Text == y.Text }) {
		p.Reasons = nil
	}
	rd.planFacts(e, p)
	e.says("Unreadable", lines(p.Unreadable...)...)
}
