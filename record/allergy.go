package record

import "github.com/gpconnect-go/gpc/fhir"

// AllergyArea holds the allergies that are active and, apart, those that have ended. The
// two are never to be shown as one list.
type AllergyArea struct {
	Area[Allergy]

	// Ended may hold items although allergies were not asked for, as what consultations and
	// problems point to is there; then it is not the whole (WarnNotWhole).
	Ended Area[Allergy] `json:"ended"`
}

// Allergy is an allergy or intolerance; Text is what to. One that says that there is none
// ("no known allergies") is an Allergy, too: see [StateExplicitlyNone].
type Allergy struct {
	Item
	Status     string    `json:"status,omitzero"`      // active, inactive, resolved
	Type       string    `json:"type,omitzero"`        // allergy, intolerance
	Categories []string  `json:"categories,omitempty"` // medication: a drug or what cannot be told apart; environment: certainly no drug
	Severity   string    `json:"severity,omitzero"`    // of the reaction: mild, moderate, severe
	Critical   string    `json:"criticality,omitzero"` // high: life-threatening
	Reactions  []Concept `json:"reactions,omitempty"`  // manifestations; the words alone where no code fits

	Onset          When      `json:"onset,omitzero"`
	Asserted       fhir.Date `json:"asserted,omitzero"` // when it was recorded
	LastOccurrence fhir.Date `json:"last_occurrence,omitzero"`
	Recorder       *Actor    `json:"recorder,omitempty"`
	Asserter       *Actor    `json:"asserter,omitempty"`
	Notes          []Note    `json:"notes,omitempty"` // also holds what has no other place

	EndDate   fhir.Date `json:"end_date,omitzero"` // of ended ones
	EndReason string    `json:"end_reason,omitzero"`

	// DecisionSupportUnsafe says that the code of a drug was lost (degraded): nothing may be
	// prescribed on the strength of an automatic check against this allergy.
	DecisionSupportUnsafe bool `json:"decision_support_unsafe,omitzero"`

	// SaysNone says that the item records the absence of allergies.
	SaysNone bool `json:"says_none,omitzero"`

	Consultation *Link `json:"consultation,omitempty"`
}
