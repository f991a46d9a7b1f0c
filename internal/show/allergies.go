package show

import (
	"github.com/gpconnect-go/gpc/record"
)

// allergies reads out the active ones and, apart, the ended ones.
func (rd *reader) allergies() *area {
	in := rd.r.Areas.Allergies
	a := newArea(rd, record.Allergies, in.Area)
	if in.State == record.StateExplicitlyNone && !in.Withheld {
		if text := saysNone(in.Items); text != "" {
			a.Sentence = text
		}
	}
	var entries []entry
	for _, al := range in.Items {
		entries = append(entries, rd.allergy(al))
	}
	a.Groups = append(a.Groups, group{Entries: entries})
	if g, any := rd.ended(in.Ended); any {
		a.Groups = append(a.Groups, g)
	}
	return a
}

// ended are the allergies that no longer hold. The group is there whenever anything is known
// of it, also when allergies were not asked for.
func (rd *reader) ended(in record.Area[record.Allergy]) (group, bool) {
	of := newArea(rd, record.Allergies, in)
	g := group{Title: "Ended allergies (no longer allergies)", Past: true, Apart: true, Sentence: of.Sentence}
	if in.State == record.StateNone {
		g.Sentence = "No ended ones recorded in the GP record." + reason(in.EmptyReason)
	}
	g.caution, g.Notes = of.caution, of.Notes
	for _, al := range in.Items {
		e := rd.allergy(al)
		e.Label = "Ended"
		g.Entries = append(g.Entries, e)
	}
	known := in.State != record.StateNotRequested && in.State != ""
	return g, known || len(g.Entries)+len(g.Warnings) > 0
}

func (rd *reader) allergy(al record.Allergy) entry {
	e := rd.item(al.Item)
	e.Tags = append(e.Tags, rd.pick(tagIf{al.DecisionSupportUnsafe, tagNoChecks})...)
	e.tells(al.Status, al.Type)
	for _, c := range al.Categories {
		if !al.SaysNone {
			e.tells(category(c))
		}
	}
	e.tells(prefixed("severity ", al.Severity))
	if al.Critical == "high" {
		e.Mark = "LIFE-THREATENING"
		e.tells("criticality high")
	} else {
		e.tells(prefixed("criticality ", al.Critical))
	}
	e.says("Reaction", line{Text: join("; ", concepts(al.Reactions)...)})
	e.says("Onset", line{Text: when(al.Onset)})
	e.says("Last occurred", line{Text: moment(al.LastOccurrence)})
	e.says("Ended", line{Text: join(": ", moment(al.EndDate), al.EndReason)})
	e.says("Recorded", line{Text: join(" ", moment(al.Asserted), prefixed("by ", rd.person(al.Recorder)))})
	if rd.person(al.Asserter) != rd.person(al.Recorder) {
		e.says("Asserted by", line{Text: rd.person(al.Asserter)})
	}
	e.notes("Note", al.Notes)
	rd.consultation(&e, al.Consultation)
	return e
}

// category: "medication" is a drug or what cannot be told apart from one.
func category(c string) string {
	switch c {
	case "medication":
		return "drug or unspecified"
	case "environment":
		return "not a drug"
	}
	return c
}
