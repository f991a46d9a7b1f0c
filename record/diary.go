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
