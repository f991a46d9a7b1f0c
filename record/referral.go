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

// tellReferral reads a ReferralRequest.
func (r *reader) tellReferral(res fhir.Resource) (Referral, bool) {
	v := view[fhir.ReferralRequest](r, res)
	if v == nil {
		return Referral{}, false
	}
	f := Referral{
		Item:        r.item(&v.DomainResource, referralName(v), v.Status),
		Date:        v.AuthoredOn,
		Priority:    v.Priority,
		Status:      v.Status,
		UBRN:        v.UBRN(),
		Description: v.Description,
		Requester:   r.actorOf(res, v.Requester.Agent),
		OnBehalfOf:  r.actorOf(res, v.Requester.OnBehalfOf),
		Recipients:  r.actorsOf(res, v.Recipient),
		Services:    concepts(v.ServiceRequested),
		Specialty:   concept(v.Specialty),
		Notes:       r.notes(res, v.Note),
		Supporting:  r.linksTo(res, append(v.SupportingInfo[:len(v.SupportingInfo):len(v.SupportingInfo)], v.ReasonReference...)),

		Consultation: r.linkTo(res, v.Context),
	}
	if len(v.ReasonCode) > 1 {
		f.Reasons = concepts(v.ReasonCode[1:])
	}
	return f, true
}

// referralName is the reason that has the main code; without one, what else there is.
func referralName(v *fhir.ReferralRequest) fhir.CodeableConcept {
	for _, c := range []fhir.CodeableConcept{first(v.ReasonCode), first(v.ServiceRequested), v.Specialty, v.Type} {
		if c.Display() != "" {
			return c
		}
	}
	return inWords(v.Description)
}
