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
	e.tells(obsStatus(i.Status), rd.participants(i.Performers))
	if !i.Issued.IsZero() {
		e.says("Effective", line{Text: when(i.Effective)})
	}
	for _, s := range i.Specimens {
		rd.specimen(&e, s)
	}
	for _, d := range i.Requests {
		e.says("Requested", line{Text: rd.requested(d), Tags: rd.tags(d.Item)})
		e.says("Unreadable", lines(d.Unreadable...)...)
		e.notes("", d.Notes)
	}
	e.says("Report", line{Text: join("; ", i.ReportIDs...)})
	self := own(i.Item)
	before, shown, filed := rd.known, rd.shown, rd.filed
	if rd.filed = recordedOnOneDay(i.Results); rd.filed != e.When {
		e.tells(prefixed("recorded ", rd.filed))
	}
	rd.known, rd.shown = map[string]bool{}, map[string]bool{}
	for _, p := range i.Performers {
		rd.known[rd.person(&p.Actor)] = true
	}
	for _, s := range i.Specimens {
		rd.shown[own(s.Item)] = true
	}
	defer func() { rd.known, rd.shown, rd.filed = before, shown, filed }()
	for _, o := range i.Results {
		e.Results = append(e.Results, rd.result(o, self, i)...)
	}
	if i.Conclusion != "" {
		e.Facts = append(e.Facts, fact{Label: "Conclusion", Lines: lines(i.Conclusion), Prose: true})
	}
	e.says("Diagnosis", lines(concepts(i.Diagnoses)...)...)
	for _, f := range i.Forms {
		e.says("File", line{Text: attachment(f)})
	}
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

// recordedOnOneDay is the day on which all results were recorded, "" when there is no one.
func recordedOnOneDay(all []record.Observation) string {
	found := ""
	for _, o := range all {
		for _, d := range []string{day(o.Issued), recordedOnOneDay(o.Members)} {
			if found != "" && d != "" && d != found {
				return ""
			}
			found = orText(d, found)
		}
	}
	return found
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

// requested is the request for tests that stands with its report.
func (rd *reader) requested(d record.DiaryEntry) string {
	return join(", ", d.Text, d.Priority, requestStatus(d.Status), prefixed("written ", day(d.Authored))+rd.by(d.Requester), prefixed("for ", when(d.Due)),
		prefixed("done by ", rd.person(d.Performer)), prefixed("because of ", join("; ", concepts(d.Reasons)...)))
}

// requestStatus is told only when it is not what is expected of a request.
func requestStatus(s string) string {
	switch s {
	case "active", "completed", "unknown", "":
		return ""
	}
	return "status: " + s
}

func (rd *reader) specimen(e *entry, s record.Specimen) {
	text := join(", ", s.Text, s.Quantity, prefixed("from ", concept(s.BodySite)),
		prefixed("collected ", when(s.Collected))+rd.by(s.Collector), prefixed("received ", moment(s.Received)),
		prefixed("accession ", s.Accession))
	e.says("Specimen", line{Text: text, Tags: rd.tags(s.Item)})
	e.says("Unreadable", lines(s.Unreadable...)...)
	e.notes("", s.Notes)
}
