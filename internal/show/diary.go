package show

import (
	"slices"

	"github.com/gpconnect-go/gpc/record"
)

// diary reads out plans, the earliest first. Each is labelled as planned, also when its date
// has passed: the record does not say that it was done.
func (rd *reader) diary() *area {
	in := rd.r.Areas.Diary
	a := newArea(rd, record.Diary, in)
	a.Dated = true
	if len(in.Items) > 0 {
		a.Notes = append(a.Notes, "Plans: nothing here says that it has been done.")
	}
	sorted := slices.Clone(in.Items)
	slices.SortStableFunc(sorted, func(x, y record.DiaryEntry) int {
		if x.Due.Date.Valid() != y.Due.Date.Valid() { // those without a date come last
			return -x.Due.Date.Compare(y.Due.Date)
		}
		return x.Due.Date.Compare(y.Due.Date)
	})
	var entries []entry
	for _, d := range sorted {
		entries = append(entries, rd.diaryEntry(d))
	}
	a.Groups = []group{{Entries: entries}}
	return a
}

func (rd *reader) diaryEntry(d record.DiaryEntry) entry {
	e := rd.item(d.Item)
	e.Label = "Planned"
	if d.Intent == "order" {
		e.Label = "Test requested"
	}
	e.at(d.Due)
	if e.Label == "Planned" && e.When == "" && d.Absent == "" {
		e.tells("no date set")
	}
	switch d.Intent {
	case "plan", "order", "":
	default:
		e.tells("intent: " + d.Intent)
	}
	switch d.Status {
	case "active", "unknown", "":
	default:
		e.tells("status: " + d.Status)
	}
	e.tells(d.Priority, prefixed("written ", day(d.Authored))+rd.by(d.Requester))
	e.says("For", line{Text: rd.person(d.Performer)})
	e.says("Reason", line{Text: join("; ", concepts(d.Reasons)...)})
	e.notes("Note", d.Notes)
	e.says("Linked", rd.links(d.Supporting)...)
	rd.consultation(&e, d.Consultation)
	return e
}
