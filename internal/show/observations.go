package show

import (
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// uncategorised reads out what belongs to no other area, latest first.
func (rd *reader) uncategorised() *area {
	in := rd.r.Areas.Uncategorised
	a := newArea(rd, record.Uncategorised, in)
	a.Dated = true
	var entries []entry
	for _, o := range latestFirst(in.Items, func(o record.Observation) fhir.Date { return o.Date.Date }) {
		entries = append(entries, rd.observation(o, ""))
	}
	a.Groups = []group{{Entries: entries}}
	return a
}

// latestFirst sorts by date; what has the same date, or none, stays in the order of the list.
func latestFirst[T any](items []T, date func(T) fhir.Date) []T {
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(x, y T) int { return date(y).Compare(date(x)) })
	return sorted
}

// observation reads out an observation with the members of its group beneath it.
func (rd *reader) observation(o record.Observation, parent string) entry {
	e := rd.finding(o, parent)
	for _, m := range o.Members {
		e.Parts = append(e.Parts, rd.observation(m, own(o.Item)))
	}
	return e
}

// finding reads out a measurement, a finding or a piece of narrative, without its members.
// parent is the source of the group or report that it is shown in, if any.
func (rd *reader) finding(o record.Observation, parent string) entry {
	e := rd.item(o.Item)
	e.at(o.Date)
	if o.Value != nil {
		e.Value = valueText(o.Value)
		if o.Value.Number != "" {
			e.Number, e.Unit = o.Value.Comparator+digits(o.Value.Number), clinical(o.Value.Unit)
		}
		if e.Value != join(" ", e.Number, e.Unit) {
			e.Number, e.Unit = "", "" // there is more to it
		}
	}
	if o.BloodPressure != nil {
		rd.bloodPressure(&e, o)
	}
	e.Mark, e.Normal = mark(o.Interpretation)
	e.Range = ranges(o.Ranges)
	e.says("No value", line{Text: concept(o.AbsentReason)})
	if o.BloodPressure == nil {
		rd.components(&e, o.Components)
	}
	e.Lead = lead(o.Comment)
	e.By = rd.names(o.Performers)
	e.tells(obsStatus(o.Status), prefixed("method: ", concept(o.Method)), prefixed("site: ", concept(o.BodySite)))
	if day(o.Issued) != rd.filed {
		e.tells(prefixed("recorded ", unlessSame(o.Issued, o.Date.Date)))
	}
	rd.answers(&e, o.Answers)
	rd.relations(&e, o, parent)
	rd.consultation(&e, o.Consultation)
	for _, c := range o.Comments {
		e.Parts = append(e.Parts, rd.filing(c, own(o.Item)))
	}
	return e
}

// filing reads out a comment that was made when a result was filed.
func (rd *reader) filing(o record.Observation, parent string) entry {
	e := rd.observation(o, parent)
	e.Label = "Filing comment"
	if o.Narrative && o.Comment != "" {
		e.Title = ""
	}
	return e
}

// narrative reads out free text as in a consultation, where it is text among text.
func (rd *reader) narrative(o record.Observation) entry {
	e := rd.observation(o, "")
	if o.Narrative && o.Comment != "" {
		e.Title = ""
	}
	return e
}

// bloodPressure puts a reading into one line; a half that was not taken is told beneath.
func (rd *reader) bloodPressure(e *entry, o record.Observation) {
	bp := o.BloodPressure
	e.says("Value", line{Text: e.Value})
	e.Value, e.Number = join(", ", clinical(bp.Text), bp.Position), ""
	e.says("Systolic", line{Text: prefixed("not given: ", concept(bp.Systolic.AbsentReason))})
	e.says("Diastolic", line{Text: prefixed("not given: ", concept(bp.Diastolic.AbsentReason))})
	for _, c := range o.Components {
		if m, _ := mark(c.Interpretation); m != "" || len(c.Ranges) > 0 {
			e.says(c.Text, line{Text: join(" ", valueText(c.Value), m, ranges(c.Ranges))})
		}
	}
}

func (rd *reader) components(e *entry, all []record.Component) {
	for _, c := range all {
		m, _ := mark(c.Interpretation)
		text := join(" ", valueText(c.Value), prefixed("no value: ", concept(c.AbsentReason)), m, bracketed(ranges(c.Ranges)))
		e.says("Part", line{Text: join(": ", concept(&c.Concept), strings.TrimSpace(text))})
	}
}

// answers reads out a form; the depth of a question is shown by dashes.
func (rd *reader) answers(e *entry, all []record.Answer) {
	var lines []line
	for _, a := range all {
		text := join(": ", a.Question, join("; ", a.Answers...))
		lines = append(lines, line{Text: strings.Repeat("– ", min(a.Depth, 8)) + text})
	}
	e.says("Answers", lines...)
}

// relations tells the observations that this one is linked to, but for those beneath and above.
func (rd *reader) relations(e *entry, o record.Observation, parent string) {
	shown := map[string]bool{parent: true}
	for _, m := range append(slices.Clone(o.Members), o.Comments...) {
		shown[own(m.Item)] = true
	}
	for _, r := range o.Related {
		if r.Source != "" && shown[r.Source] {
			continue
		}
		l := rd.link(r.Link)
		label := relationWord(r.Type)
		if label == "" {
			label, l.Text = "Linked", join(": ", r.Type, l.Text)
		}
		e.says(label, l)
	}
	if o.Specimen == nil {
		return
	}
	specimen := rd.link(*o.Specimen)
	if !rd.shown[o.Specimen.Source] && !rd.shown[specimen.Text] {
		e.says("Specimen", specimen)
	}
	if rd.shown != nil {
		rd.shown[specimen.Text] = true
	}
}

func relationWord(t string) string {
	switch t {
	case "has-member":
		return "With"
	case "derived-from":
		return "Part of"
	}
	return ""
}

// own is the source that names the item itself.
func own(it record.Item) string {
	if len(it.Sources) == 0 {
		return ""
	}
	return it.Sources[0]
}

// obsStatus is told only where it matters: final is what is expected, unknown says nothing.
func obsStatus(s string) string {
	switch s {
	case "final", "unknown", "finished", "":
		return ""
	}
	return "status: " + s
}

// unlessSame is the day of d, unless it is the day of the other date, too.
func unlessSame(d, other fhir.Date) string {
	if day(d) == day(other) {
		return ""
	}
	return day(d)
}
