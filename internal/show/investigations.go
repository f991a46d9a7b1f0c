package show

import (
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// investigations reads out the reports, latest first.
func (rd *reader) investigations() *area {
	in := rd.r.Areas.Investigations
	a := newArea(rd, record.Investigations, in)
	a.Dated, a.Tree = true, true
	var entries []entry
	for _, i := range latestFirst(in.Items, reportDate) {
		entries = append(entries, rd.investigation(i))
	}
	a.Groups = []group{{Entries: entries}}
	return a
}

func reportDate(i record.Investigation) fhir.Date {
	if i.Issued.IsZero() {
		return i.Effective.Date
	}
	return i.Issued
}

func (rd *reader) investigation(i record.Investigation) entry {
	e := rd.item(i.Item)
	e.at(record.When{Date: reportDate(i)})
	e.tells(obsStatus(i.Status), participants(i.Performers))
	if !i.Issued.IsZero() {
		e.says("Effective", line{Text: when(i.Effective)})
	}
	for _, s := range i.Specimens {
		rd.specimen(&e, s)
	}
	for _, d := range i.Requests {
		asked := rd.diaryEntry(d)
		e.says("Requested", line{Text: join(", ", asked.Title, asked.When, join(", ", asked.Brief...)), Tags: asked.Tags})
		e.Facts = append(e.Facts, asked.Facts...)
	}
	e.says("Report", line{Text: join("; ", i.ReportIDs...)})
	self := own(i.Item)
	for _, o := range i.Results {
		e.Results = append(e.Results, rd.result(o, self, i)...)
	}
	if i.Conclusion != "" {
		e.Facts = append(e.Facts, fact{Label: "Conclusion", Lines: lines(i.Conclusion), Prose: true})
	}
	e.says("Diagnosis", lines(concepts(i.Diagnoses)...)...)
	for _, c := range i.Comments {
		comment := rd.filing(c, self)
		if comment.When == e.When {
			comment.When, comment.Clock = "", ""
		}
		e.Parts = append(e.Parts, comment)
	}
	rd.consultation(&e, i.Consultation)
	return e
}

// result makes the rows of a result: a group's header, then its members one step further in.
func (rd *reader) result(o record.Observation, parent string, i record.Investigation) []entry {
	e := rd.finding(o, parent)
	if e.When == day(reportDate(i)) || e.When == day(i.Effective.Date) {
		e.When, e.Clock = "", ""
	}
	rows := []entry{e}
	for _, m := range o.Members {
		for _, row := range rd.result(m, own(o.Item), i) {
			row.Depth++
			rows = append(rows, row)
		}
	}
	if parent == own(i.Item) && e.Title == i.Text && e.plain() && len(rows) > 1 {
		return rows[1:] // a group that the report has its name from
	}
	return rows
}

// plain says whether there is nothing to an entry but its title.
func (e *entry) plain() bool {
	return e.Value == "" && e.When == "" && len(e.Tags)+len(e.Lead)+len(e.Brief)+len(e.Facts)+len(e.Parts) == 0
}

func (rd *reader) specimen(e *entry, s record.Specimen) {
	text := join(", ", s.Text, s.Quantity, prefixed("from ", concept(s.BodySite)),
		prefixed("collected ", when(s.Collected))+by(s.Collector), prefixed("received ", moment(s.Received)),
		prefixed("accession ", s.Accession))
	e.says("Specimen", line{Text: text, Tags: rd.tags(s.Item)})
	e.notes("", s.Notes)
}
