package record

import (
	"slices"

	"github.com/gpconnect-go/gpc/fhir"
)

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

// tellAllergy reads an AllergyIntolerance.
func (r *reader) tellAllergy(res fhir.Resource) (Allergy, bool) {
	v := view[fhir.AllergyIntolerance](r, res)
	if v == nil {
		return Allergy{}, false
	}
	a := Allergy{
		Item:     r.item(&v.DomainResource, v.Code, v.VerificationStatus),
		Status:   v.ClinicalStatus,
		Type:     v.Type,
		Critical: v.Criticality, Categories: v.Category,

		Onset:          when(v.OnsetDateTime, v.OnsetPeriod, v.OnsetString, age(v.OnsetAge, v.OnsetRange)),
		Asserted:       v.AssertedDate,
		LastOccurrence: v.LastOccurrence,
		Recorder:       r.actorOf(res, v.Recorder),
		Asserter:       r.actorOf(res, v.Asserter),
		Notes:          r.notes(res, v.Note),

		DecisionSupportUnsafe: v.Code.Has(fhir.SNOMED, fhir.DegradedDrugAllergy),
		SaysNone:              v.Code.AnyCode(noKnownAllergy...) && v.VerificationStatus != "refuted",
	}
	for _, reaction := range v.Reaction {
		r.addReaction(&a, reaction)
	}
	if end, ok := v.Extension.Find("AllergyIntoleranceEnd"); ok {
		date, _ := end.Extension.Find("endDate")
		a.EndDate = date.Date()
		for _, name := range []string{"reasonEnded", "endReason"} { // the profile's name, and that of its prose
			reason, _ := end.Extension.Find(name)
			a.EndReason = coalesce(a.EndReason, reason.Text())
		}
	}
	if e, ok := v.Extension.Find("encounter-associatedEncounter"); ok && e.ValueReference != nil {
		a.Consultation = r.linkTo(res, *e.ValueReference)
	}
	return a, true
}

// addReaction adds a reaction: a manifestation that is only a null flavour says nothing, and
// the description all.
func (r *reader) addReaction(a *Allergy, reaction fhir.AllergyReaction) {
	if gravity(reaction.Severity) > gravity(a.Severity) {
		a.Severity = reaction.Severity
	}
	for _, m := range reaction.Manifestation {
		if k := concept(m); k != nil && !(isNull(m) && m.Text == "") {
			a.Reactions = append(a.Reactions, *k)
		}
	}
	if reaction.Description != "" {
		a.Reactions = append(a.Reactions, Concept{Text: reaction.Description})
	}
	if s := reaction.Substance.Display(); s != "" {
		a.Notes = append(a.Notes, Note{Text: "Substance: " + s})
	}
	if s := reaction.ExposureRoute.Display(); s != "" {
		a.Notes = append(a.Notes, Note{Text: "Exposure route: " + s})
	}
	a.Notes = append(a.Notes, r.notes(fhir.Resource{}, reaction.Note)...)
}

// gravity orders severities; one that is not known here is less than those that are, and
// more than none.
func gravity(severity string) int {
	if severity == "" {
		return -1
	}
	return slices.Index([]string{"mild", "moderate", "severe"}, severity) + 1
}

// isNull says whether a code only says that there is none.
func isNull(c fhir.CodeableConcept) bool {
	for _, k := range c.Coding {
		if !k.IsNullFlavour() {
			return false
		}
	}
	return len(c.Coding) > 0
}

// noKnownAllergy are 716186003 (no known allergy) and codes beneath it: no known allergy to
// drugs, food, insects, latex, animals, the environment. What there is none of is in Text.
var noKnownAllergy = []string{
	"716186003", "409137002", "429625007", "428197003", "716184000", "716220001", "428607008", "1003774007",
}
