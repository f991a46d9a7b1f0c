package show

import (
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// consultations reads out the encounters, latest first, each as the tree that the GP's
// screen shows: topics, headings and what stands beneath them, in that order.
func (rd *reader) consultations() *area {
	in := rd.r.Areas.Consultations
	a := newArea(rd, record.Consultations, in.Area)
	a.Dated, a.Tree = true, true
	var entries []entry
	for _, c := range latestFirst(in.Items, consultationDate) {
		entries = append(entries, rd.consultationTree(c))
	}
	a.Groups = []group{{Entries: entries}}
	if len(in.Related) > 0 {
		a.Groups = append(a.Groups, rd.related("Linked to the consultations", in.Related))
	}
	return a
}

func consultationDate(c record.Consultation) fhir.Date {
	if c.Date.IsZero() {
		return c.Period.Start
	}
	return c.Date
}

func (rd *reader) consultationTree(c record.Consultation) entry {
	rd.in = own(c.Item)
	rd.meet(c.Participants)
	defer func() { rd.in, rd.known = "", nil }()
	e := rd.consultationHeader(c)
	for _, part := range c.Entries {
		e.Parts = append(e.Parts, rd.part(part, e.When, 1)...)
	}
	if len(c.Entries) == 0 && c.Absent == "" && !c.Duplicate && !c.Abridged {
		e.tells("only its header was sent, nothing that was recorded in it")
	}
	return e
}

func (rd *reader) consultationHeader(c record.Consultation) entry {
	e := rd.item(c.Item)
	e.Tags = append(e.Tags, rd.pick(tagIf{c.Draft, tagDraft})...)
	e.When = day(consultationDate(c))
	if c.Title != "" && c.Title != c.Text {
		e.Title += " – " + c.Title
	}
	e.tells(times(c), prefixed("length ", c.Length), rd.participants(c.Participants), join("; ", c.Locations...), rd.elsewhere(c.Organisation))
	switch c.Status {
	case "finished", "unknown", "":
	default:
		e.tells("status: " + c.Status)
	}
	e.tells(prefixed("entered ", unlessSame(c.Recorded, consultationDate(c))))
	e.says("Reason", line{Text: join("; ", concepts(c.Reasons)...)})
	e.says("Diagnosis", rd.links(unkind(c.Diagnoses))...)
	return e
}

// elsewhere is an organisation, unless it is the practice that the record is of.
func (rd *reader) elsewhere(a *record.Actor) string {
	if a != nil && rd.here(a) {
		return ""
	}
	return actor(a)
}

// times is "10:05–10:20", "from 10:05", or when it ended, where that is another day.
func times(c record.Consultation) string {
	start, end := clock(consultationDate(c)), clock(c.Period.End)
	if to := unlessSame(c.Period.End, consultationDate(c)); to != "" {
		return prefixed("from ", join(" until ", start, moment(c.Period.End)))
	}
	if start == end {
		return start
	}
	return join("–", start, end)
}

// part reads out what stands in a consultation. date is what need not be repeated. A section
// without title, problem or tag gives what it holds only, as on the GP's screen.
func (rd *reader) part(p record.Entry, date string, depth int) []entry {
	if p.Section == nil {
		e := rd.entry(p)
		if e.When == date {
			e.When, e.Clock = "", ""
		}
		return []entry{e}
	}
	s := p.Section
	e := rd.item(s.Item)
	e.Heading = depth
	if s.Absent == "" {
		e.Title = s.Title
	}
	if d := day(s.Date); d != date {
		e.When = d
	}
	e.says("Problem", rd.links(unkind(s.Problems))...)
	bare := e.Title == "" && len(e.Tags) == 0 && len(e.Facts) == 0
	for _, under := range s.Entries {
		next := depth + 1
		if bare {
			next = depth
		}
		e.Parts = append(e.Parts, rd.part(under, date, next)...)
	}
	if bare {
		return e.Parts
	}
	if e.Title == "" {
		e.Title = s.Text
	}
	return []entry{e}
}

// unkind drops what links are, where their label says it.
func unkind(links []record.Link) []record.Link {
	out := make([]record.Link, len(links))
	for i, l := range links {
		l.Kind = ""
		out[i] = l
	}
	return out
}
