package record

import "github.com/gpconnect-go/gpc/fhir"

// Observation is a measurement, a finding, a result, or a piece of narrative: most have a
// code and words and no value.
type Observation struct {
	Item
	Date   When      `json:"date,omitzero"`   // of clinical relevance; may be missing
	Issued fhir.Date `json:"issued,omitzero"` // when it was recorded
	Status string    `json:"status,omitzero"`

	Value          *Value         `json:"value,omitempty"`
	AbsentReason   *Concept       `json:"absent_reason,omitempty"` // why there is no value
	BloodPressure  *BloodPressure `json:"blood_pressure,omitempty"`
	Components     []Component    `json:"components,omitempty"` // also of a blood pressure, as sent
	Ranges         []Range        `json:"ranges,omitempty"`
	Interpretation *Concept       `json:"interpretation,omitempty"` // H, L, A, PA, or words

	Comment   string   `json:"comment,omitzero"`   // as written; narrative is all here
	Narrative bool     `json:"narrative,omitzero"` // only a comment: Text is no finding
	Method    *Concept `json:"method,omitempty"`
	BodySite  *Concept `json:"body_site,omitempty"`

	Performers   []Actor    `json:"performers,omitempty"`
	Specimen     *Link      `json:"specimen,omitempty"`
	Related      []Relation `json:"related,omitempty"` // as sent, both ways
	Consultation *Link      `json:"consultation,omitempty"`

	// Members are the results of a group that are no items of the area's list themselves,
	// Comments the filing comments on this one.
	Members  []Observation `json:"members,omitempty"`
	Comments []Observation `json:"comments,omitempty"`

	Answers []Answer `json:"answers,omitempty"` // of a form
}

// Value is a result. Text is how it is read out; the rest is what it is made of.
type Value struct {
	Text       string       `json:"text"`
	Number     fhir.Decimal `json:"number,omitzero"` // digits as sent
	Comparator string       `json:"comparator,omitzero"`
	Unit       string       `json:"unit,omitzero"`
	Codes      []Code       `json:"codes,omitempty"`
}

// Component is a part of an observation.
type Component struct {
	Concept
	Value          *Value   `json:"value,omitempty"`
	AbsentReason   *Concept `json:"absent_reason,omitempty"`
	Ranges         []Range  `json:"ranges,omitempty"`
	Interpretation *Concept `json:"interpretation,omitempty"`
}

// BloodPressure is one reading. A half that was not taken has no Value and may have a reason.
type BloodPressure struct {
	Systolic  Pressure `json:"systolic"`
	Diastolic Pressure `json:"diastolic"`
	Position  string   `json:"position,omitzero"` // standing, sitting, lying; "" when not said
	Text      string   `json:"text"`              // "120/80 mm[Hg]", "120/? mm[Hg]"
}

// Pressure is a half of a blood pressure.
type Pressure struct {
	Value        *Value   `json:"value,omitempty"`
	AbsentReason *Concept `json:"absent_reason,omitempty"`
}

// Range is a reference range; Text is how it is read out.
type Range struct {
	Text    string       `json:"text"`
	Low     fhir.Decimal `json:"low,omitzero"`
	High    fhir.Decimal `json:"high,omitzero"`
	Unit    string       `json:"unit,omitzero"`
	Meaning string       `json:"meaning,omitzero"` // type and whom it applies to
}

// Relation is another observation and what it is to this one.
type Relation struct {
	Type string `json:"type,omitzero"` // has-member, derived-from, ...
	Link
}

// Answer is a question of a form and what was answered; Depth counts from 0.
type Answer struct {
	Question string   `json:"question,omitzero"`
	Answers  []string `json:"answers,omitempty"`
	Depth    int      `json:"depth,omitzero"`
}
