package show

import (
	"slices"

	"github.com/gpconnect-go/gpc/record"
)

// problems reads out the active ones, the past ones, and, apart, what came along.
func (rd *reader) problems() *area {
	in := rd.r.Areas.Problems
	a := newArea(rd, record.Problems, in.Area)
	a.Dated = true
	groups := []group{{Title: "Active"}, {Title: "Of a status that is not known"}, {Title: "Past (inactive)", Past: true}, {Title: nothingToRead}}
	for _, p := range in.Items {
		i := 1
		switch {
		case p.Absent != "" || p.Duplicate:
			i = 3
		case p.Status == "active":
			i = 0
		case p.Status == "inactive":
			i = 2
		}
		groups[i].Entries = append(groups[i].Entries, rd.problem(p))
	}
	linked := group{
		Title:    "Linked problems",
		Apart:    true,
		Sentence: "Others are linked to them; they are outside of what was asked for, and not the whole list.",
	}
	for _, p := range in.Linked {
		linked.Entries = append(linked.Entries, rd.problem(p))
	}
	for _, g := range append(groups, linked, rd.related("Linked to the problems", in.Related)) {
		if len(g.Entries)+len(g.Facts) > 0 {
			a.Groups = append(a.Groups, g)
		}
	}
	return a
}

func (rd *reader) problem(p record.Problem) entry {
	e := rd.item(p.Item)
	e.at(p.Onset)
	e.tells(p.Significance, p.Status, prefixed("ended ", when(p.Ended)))
	e.tells(prefixed("severity ", concept(p.Severity)), prefixed("site: ", join(", ", concepts(p.BodySites)...)))
	e.tells(rd.recorded(day(p.Asserted), p.Asserter))
	e.notes("Note", p.Notes)
	if p.Actual != nil {
		e.says("Made from", rd.link(*p.Actual))
	}
	for _, r := range p.Problems {
		l := r.Link
		l.Kind = ""
		text := rd.link(l)
		label := relatedProblem(r.Relation)
		if label == "" {
			label, text.Text = "Problem", join(": ", r.Relation, text.Text)
		}
		e.says(label, text)
	}
	e.says("Linked", rd.links(slices.DeleteFunc(slices.Clone(p.Linked), func(l record.Link) bool {
		return p.Actual != nil && l.Source != "" && l == *p.Actual // said already
	}))...)
	rd.consultation(&e, p.Consultation)
	return e
}

func relatedProblem(relation string) string {
	switch relation {
	case "parent":
		return "Parent"
	case "child":
		return "Child"
	case "sibling":
		return "Sibling"
	}
	return ""
}
