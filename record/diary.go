package record

import "github.com/gpconnect-go/gpc/fhir"

// DiaryEntry is something to be done (a plan: a recall, a reminder), or a request for a test
// where it stands with its report. It is never something that has been done.
type DiaryEntry struct {
	Item
	Intent    string    `json:"intent,omitzero"` // plan; order for a test
	Status    string    `json:"status,omitzero"`
	Due       When      `json:"due,omitzero"`
	Authored  fhir.Date `json:"authored,omitzero"`
	Priority  string    `json:"priority,omitzero"`
	Requester *Actor    `json:"requester,omitempty"`
	Performer *Actor    `json:"performer,omitempty"`
	Reasons   []Concept `json:"reasons,omitempty"`
	Notes     []Note    `json:"notes,omitempty"`

	Supporting   []Link `json:"supporting,omitempty"`
	Consultation *Link  `json:"consultation,omitempty"`
}

// tellRequest reads a ProcedureRequest.
func (r *reader) tellRequest(res fhir.Resource) (DiaryEntry, bool) {
	v := view[fhir.ProcedureRequest](r, res)
	if v == nil {
		return DiaryEntry{}, false
	}
	d := DiaryEntry{
		Item:       r.item(&v.DomainResource, v.Code, v.Status),
		Intent:     v.Intent,
		Status:     v.Status,
		Authored:   v.AuthoredOn,
		Priority:   v.Priority,
		Requester:  r.actorOf(res, v.Requester.Agent),
		Performer:  r.actorOf(res, v.Performer),
		Reasons:    concepts(v.ReasonCode),
		Notes:      r.notes(res, v.Note),
		Supporting: r.linksTo(res, append(v.SupportingInfo[:len(v.SupportingInfo):len(v.SupportingInfo)], v.ReasonReference...)),

		Consultation: r.linkTo(res, v.Context),
	}
	due := v.When()
	d.Due = When{Date: due.Start, End: due.End}
	if due.Start == due.End {
		d.Due.End = ""
	}
	if v.DoNotPerform.IsTrue() {
		d.Notes = append([]Note{{Text: "Not to be done."}}, d.Notes...)
	}
	return d, true
}
