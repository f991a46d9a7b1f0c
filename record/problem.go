package record

import "github.com/gpconnect-go/gpc/fhir"

// ProblemArea holds the problems.
type ProblemArea struct {
	Area[Problem]

	// Linked are problems that were not asked for and that others are linked to. They may
	// come although problems were not asked for at all.
	Linked []Problem `json:"linked,omitempty"`

	// Related are the entries of the other secondary lists of problems: what is linked to the
	// problems, in full and by area. They are no entries of those areas.
	Related []Entry `json:"related,omitempty"`
}

// Problem is a problem as the GP's problem list has it.
type Problem struct {
	Item
	Status       string    `json:"status,omitzero"`       // active, inactive
	Significance string    `json:"significance,omitzero"` // major, minor
	Onset        When      `json:"onset,omitzero"`
	Ended        When      `json:"ended,omitzero"`
	Asserted     fhir.Date `json:"asserted,omitzero"` // when it was recorded
	Asserter     *Actor    `json:"asserter,omitempty"`
	Severity     *Concept  `json:"severity,omitempty"`
	BodySites    []Concept `json:"body_sites,omitempty"`
	Notes        []Note    `json:"notes,omitempty"`

	Actual       *Link            `json:"actual,omitempty"` // the item that was made a problem
	Linked       []Link           `json:"linked,omitempty"` // clinical content, in the order sent
	Problems     []RelatedProblem `json:"problems,omitempty"`
	Consultation *Link            `json:"consultation,omitempty"` // where it began
}

// RelatedProblem is another problem and what it is to this one.
type RelatedProblem struct {
	Relation string `json:"relation,omitzero"` // parent, child, sibling
	Link
}

// tellProblem reads a Condition.
func (r *reader) tellProblem(res fhir.Resource) (Problem, bool) {
	v := view[fhir.Condition](r, res)
	if v == nil {
		return Problem{}, false
	}
	p := Problem{
		Item:     r.item(&v.DomainResource, v.Code, v.VerificationStatus),
		Status:   v.ClinicalStatus,
		Onset:    when(v.OnsetDateTime, v.OnsetPeriod, v.OnsetString, age(v.OnsetAge, v.OnsetRange)),
		Ended:    when(v.AbatementDateTime, v.AbatementPeriod, v.AbatementString, age(v.AbatementAge, v.AbatementRange)),
		Asserted: v.AssertedDate,
		Asserter: r.actorOf(res, v.Asserter),
		Severity: concept(v.Severity),
		Notes:    r.notes(res, v.Note),

		BodySites:    concepts(v.BodySite),
		Consultation: r.linkTo(res, v.Context),
	}
	if p.Ended == (When{}) && v.AbatementBoolean.IsTrue() {
		p.Ended.Text = "ended, date not given"
	}
	if e, ok := v.Extension.Find("ProblemSignificance"); ok {
		p.Significance = e.Text()
	}
	if e, ok := v.Extension.Find("ActualProblem"); ok && e.ValueReference != nil {
		p.Actual = r.linkTo(res, *e.ValueReference)
	}
	for _, e := range v.Extension.All("RelatedClinicalContent") {
		if e.ValueReference != nil {
			p.Linked = append(p.Linked, r.link(res, *e.ValueReference))
		}
	}
	for _, e := range v.Extension.All("RelatedProblemHeader") {
		target, _ := e.Extension.Find("target")
		relation, _ := e.Extension.Find("type")
		if target.ValueReference == nil {
			target = e
		}
		if target.ValueReference != nil {
			p.Problems = append(p.Problems, RelatedProblem{relation.Text(), r.link(res, *target.ValueReference)})
		}
	}
	return p, true
}
