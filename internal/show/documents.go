package show

import (
	"fmt"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// documents reads out what is known about documents, latest first.
func (rd *reader) documents() *area {
	in := rd.r.Areas.Documents
	a := newArea(rd, record.Documents, in)
	a.Dated = true
	var entries []entry
	for _, d := range latestFirst(in.Items, documentDate) {
		entries = append(entries, rd.document(d))
	}
	a.Groups = []group{{Entries: entries}}
	return a
}

func documentDate(d record.Document) fhir.Date {
	if d.Created.IsZero() {
		return d.Indexed
	}
	return d.Created
}

func (rd *reader) document(d record.Document) entry {
	e := rd.item(d.Item)
	e.When = day(documentDate(d))
	if d.Description != d.Text {
		e.Lead = lead(d.Description)
	}
	switch d.Status {
	case "current", "": // of the entry, not of what the document tells
	default:
		e.tells("status: " + d.Status)
	}
	e.tells(concept(d.Setting), rd.persons(d.Authors), prefixed("entered ", unlessSame(d.Indexed, documentDate(d))))
	for _, a := range d.Attachments {
		e.says("File", line{Text: attachment(a)})
	}
	e.says("Kept by", line{Text: actor(d.Custodian)})
	e.says("Labels", line{Text: join("; ", concepts(d.Labels)...)})
	rd.consultation(&e, d.Consultation)
	return e
}

// attachment tells a form of a document but not its address, which nobody reads.
func attachment(a record.Attachment) string {
	missing := ""
	if a.URL == "" {
		missing = "not to be had"
	}
	return join(", ", a.Title, a.ContentType, size(a.Size), day(a.Created), missing)
}

// size is a number of bytes as people say it.
func size(bytes fhir.Decimal) string {
	n, ok := bytes.Float()
	switch {
	case !ok:
		return string(bytes)
	case n < 1000:
		return fmt.Sprintf("%.0f bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.0f kB", n/1e3)
	}
	return fmt.Sprintf("%.1f MB", n/1e6)
}
