package record

import "github.com/gpconnect-go/gpc/fhir"

// MedicationArea holds the patient's medication.
type MedicationArea struct {
	Area[Medication]

	// IssuesRequested is false when issues were not asked for: that there are none then says
	// nothing. It is null when the question is not known.
	IssuesRequested fhir.Bool `json:"issues_requested"`
}

// Medication is an item of medication: what the patient was put on (the statement), the
// plan it rests on, and each issue of it. Text is the medicine's name.
type Medication struct {
	Item
	Status string `json:"status,omitzero"` // active, completed, stopped

	// Type is acute, repeat, repeat-dispensing, delayed-prescribing or acute-handwritten;
	// "" when there is no information.
	Type Type `json:"type,omitzero"`

	Dosage      string    `json:"dosage,omitzero"`      // as the GP wrote it, several joined by "; "
	Instruction string    `json:"instruction,omitzero"` // to the patient
	Period      Period    `json:"period,omitzero"`      // of a repeat without end: ongoing
	Asserted    fhir.Date `json:"asserted,omitzero"`    // when it was recorded

	// LastIssued is when it was last issued, as the practice says; it is not derived from
	// Issues. Repeat dispensing and what others prescribe has none.
	LastIssued        fhir.Date `json:"last_issued,omitzero"`
	DosageLastChanged fhir.Date `json:"dosage_last_changed,omitzero"`

	PrescribedBy *Concept       `json:"prescribed_by,omitempty"` // the prescribing agency: here, another organisation, the previous practice
	Reasons      []Concept      `json:"reasons,omitempty"`
	ReasonLinks  []Link         `json:"reason_links,omitempty"`
	Notes        []Note         `json:"notes,omitempty"`
	Plan         *Prescription  `json:"plan,omitempty"`
	Issues       []Prescription `json:"issues,omitempty"` // latest first; see MedicationArea.IssuesRequested

	// Chain is the same for items that follow on one another (a plan that replaced another:
	// a changed dose): the source of the first plan. Items of one chain are one medicine's history.
	Chain string `json:"chain,omitzero"`
	// Earlier are plans of the chain, before this one, that are no items of their own, latest first.
	Earlier []Prescription `json:"earlier,omitempty"`

	Consultation *Link `json:"consultation,omitempty"`
}

// Type is a type of prescription.
type Type string

// Prescription is a plan (what is authorised) or an issue of one (what was prescribed on a day).
type Prescription struct {
	Item
	Intent string    `json:"intent"` // plan, order
	Status string    `json:"status,omitzero"`
	Type   Type      `json:"type,omitzero"`
	Date   fhir.Date `json:"date,omitzero"` // of an issue, the date of issue, may lie ahead; of a plan, its start

	Dosage      string `json:"dosage,omitzero"`
	Instruction string `json:"instruction,omitzero"`
	Quantity    string `json:"quantity,omitzero"` // with its unit, as read out: "28 tablet"
	Supply      string `json:"supply,omitzero"`   // expected duration, as read out: "28 day"
	Period      Period `json:"period,omitzero"`

	Repeats *Repeats `json:"repeats,omitempty"` // of plans
	Stopped *Stopped `json:"stopped,omitempty"` // of plans

	Authored       fhir.Date `json:"authored,omitzero"`
	Requester      *Actor    `json:"requester,omitempty"`
	Recorder       *Actor    `json:"recorder,omitempty"`
	Dispenser      *Actor    `json:"dispenser,omitempty"`
	PrescriptionID string    `json:"prescription_id,omitzero"` // of the electronic prescription
	Replaces       string    `json:"replaces,omitzero"`        // source of the plan before it
	Plan           string    `json:"plan,omitzero"`            // of an issue: source of its plan
	Reasons        []Concept `json:"reasons,omitempty"`
	Notes          []Note    `json:"notes,omitempty"` // of an issue: for the pharmacy
	Consultation   *Link     `json:"consultation,omitempty"`
}

// Repeats is how often a plan may be issued. Numbers are as sent; nil is not known.
type Repeats struct {
	Allowed *int      `json:"allowed,omitempty"`
	Issued  *int      `json:"issued,omitempty"`
	Left    *int      `json:"left,omitempty"`   // Allowed less Issued, never below 0
	Expires fhir.Date `json:"expires,omitzero"` // of the authorisation
}

// Stopped is why and when a plan was stopped.
type Stopped struct {
	Concept
	Date fhir.Date `json:"date,omitzero"`
}
