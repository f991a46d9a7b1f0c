package show

import (
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// referrals reads out what was written, latest first. It never says that a referral is
// current: the record does not know whether anyone sees the patient now.
func (rd *reader) referrals() *area {
	in := rd.r.Areas.Referrals
	a := newArea(rd, record.Referrals, in)
	a.Dated = true
	if len(in.Items) > 0 {
		a.Notes = append(a.Notes, "Referrals that were written; whether anyone sees the patient now is not known from them.")
	}
	var entries []entry
	for _, r := range latestFirst(in.Items, func(r record.Referral) fhir.Date { return r.Date }) {
		entries = append(entries, rd.referral(r))
	}
	a.Groups = []group{{Entries: entries}}
	return a
}

func (rd *reader) referral(r record.Referral) entry {
	e := rd.item(r.Item)
	e.When = day(r.Date)
	if r.Status == "cancelled" {
		e.Label, e.Alarm = "CANCELLED", true
	}
	e.tells(priority(r.Priority))
	switch r.Status {
	case "unknown", "", "cancelled":
	default:
		e.tells("status as sent: " + r.Status)
	}
	for i := range r.Recipients {
		e.says("To", line{Text: actor(&r.Recipients[i])})
	}
	e.says("Specialty", line{Text: concept(r.Specialty)})
	e.says("Service", line{Text: join("; ", concepts(r.Services)...)})
	e.says("Also for", line{Text: join("; ", concepts(r.Reasons)...)})
	e.says("By", line{Text: rd.person(r.Requester)})
	e.says("On behalf of", line{Text: actor(r.OnBehalfOf)})
	e.says("UBRN", line{Text: r.UBRN})
	if r.Description != r.Text {
		e.Lead = lead(r.Description)
	}
	e.notes("Note", r.Notes)
	e.says("Linked", rd.links(r.Supporting)...)
	rd.consultation(&e, r.Consultation)
	return e
}

// priority: asap is how GP Connect sends a two-week wait.
func priority(p string) string {
	if p == "asap" {
		return "asap (two-week wait)"
	}
	return p
}
