package record

import "github.com/gpconnect-go/gpc/fhir"

// ImmunisationKind tells the entries of the immunisations list apart.
type ImmunisationKind string

const (
	ImmunisationGiven    ImmunisationKind = "given"
	ImmunisationNotGiven ImmunisationKind = "not-given" // never to be taken for one that was given
	ImmunisationStatus   ImmunisationKind = "status"    // consent, dissent and the like: an observation
)

// Immunisation is a vaccination, one that was not given, or a note of consent or dissent.
// Text is the vaccination procedure.
type Immunisation struct {
	Item
	Kind ImmunisationKind `json:"kind,omitzero"` // "" of an absent item

	Date     fhir.Date `json:"date,omitzero"`
	Recorded fhir.Date `json:"recorded,omitzero"`
	Vaccine  *Concept  `json:"vaccine,omitempty"` // the product, where the record knows it
	Reasons  []Concept `json:"reasons,omitempty"`
	NotGiven []Concept `json:"not_given_reasons,omitempty"`

	Dose         string    `json:"dose,omitzero"`       // quantity, as read out
	Sequence     string    `json:"sequence,omitzero"`   // number of the dose
	Protocols    []string  `json:"protocols,omitempty"` // diseases and series, as read out
	Batch        string    `json:"batch,omitzero"`
	Expires      fhir.Date `json:"expires,omitzero"`
	Manufacturer string    `json:"manufacturer,omitzero"`
	Site         *Concept  `json:"site,omitempty"`
	Route        *Concept  `json:"route,omitempty"`
	Location     string    `json:"location,omitzero"`

	// ReportOrigin is where a report came from of what was done elsewhere; FromElsewhere is then set.
	ReportOrigin  *Concept  `json:"report_origin,omitempty"`
	ParentPresent fhir.Bool `json:"parent_present"`

	Practitioners []Participant `json:"practitioners,omitempty"` // roles recorder, administrator
	Notes         []Note        `json:"notes,omitempty"`
	Consultation  *Link         `json:"consultation,omitempty"`

	Observation *Observation `json:"observation,omitempty"` // of Kind status: all of it
}
