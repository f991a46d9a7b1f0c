package record

import "github.com/gpconnect-go/gpc/fhir"

// Referral is a referral that was made. It does not say that anyone is seeing the patient
// now. Text is the reason.
type Referral struct {
	Item
	Date        fhir.Date `json:"date,omitzero"`     // written on
	Priority    string    `json:"priority,omitzero"` // routine, urgent, asap (two-week wait)
	Status      string    `json:"status,omitzero"`   // mostly unknown, sometimes cancelled
	UBRN        string    `json:"ubrn,omitzero"`     // of the e-Referral Service
	Description string    `json:"description,omitzero"`

	Requester  *Actor    `json:"requester,omitempty"`
	OnBehalfOf *Actor    `json:"on_behalf_of,omitempty"`
	Recipients []Actor   `json:"recipients,omitempty"`
	Reasons    []Concept `json:"reasons,omitempty"` // beyond the first, which is Text
	Services   []Concept `json:"services,omitempty"`
	Specialty  *Concept  `json:"specialty,omitempty"`
	Notes      []Note    `json:"notes,omitempty"` // the recipient may be only here

	Supporting   []Link `json:"supporting,omitempty"` // documents
	Consultation *Link  `json:"consultation,omitempty"`
}
