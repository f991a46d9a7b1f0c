package record

import "github.com/gpconnect-go/gpc/fhir"

// Investigation is a report of tests. Text is the name of the first group or result, as the
// report's own code says nothing but that it is a report.
type Investigation struct {
	Item
	Issued    fhir.Date `json:"issued,omitzero"`
	Effective When      `json:"effective,omitzero"`
	Status    string    `json:"status,omitzero"` // often unknown

	ReportIDs  []string      `json:"report_ids,omitempty"` // the laboratory's, and the practice's
	Performers []Participant `json:"performers,omitempty"`
	Specimens  []Specimen    `json:"specimens,omitempty"`
	Requests   []DiaryEntry  `json:"requests,omitempty"` // of the tests

	// Results are groups and single results in the order of the report; a group's own are
	// its Members. Each result of the report is here once.
	Results []Observation `json:"results,omitempty"`
	// Comments are filing comments on the report as a whole.
	Comments []Observation `json:"comments,omitempty"`

	Conclusion   string    `json:"conclusion,omitzero"`
	Diagnoses    []Concept `json:"diagnoses,omitempty"`
	Consultation *Link     `json:"consultation,omitempty"`
}

// Specimen is what was examined; Text is its type.
type Specimen struct {
	Item
	Collected When      `json:"collected,omitzero"`
	Received  fhir.Date `json:"received,omitzero"`
	Quantity  string    `json:"quantity,omitzero"`
	BodySite  *Concept  `json:"body_site,omitempty"`
	Collector *Actor    `json:"collector,omitempty"`
	Accession string    `json:"accession,omitzero"`
	Notes     []Note    `json:"notes,omitempty"`
}
