package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// medicine is the name of what is prescribed: that of the Medication, else what stands in
// its place; and the Medication, if there is one.
func (r *reader) medicine(from fhir.Resource, ref fhir.Reference, inPlace fhir.CodeableConcept) (fhir.CodeableConcept, *fhir.Medication) {
	m := resolved[fhir.Medication](r, from, ref)
	switch {
	case m != nil && m.Code.Display() != "":
		return m.Code, m
	case inPlace.Display() != "":
		return inPlace, m
	}
	return inWords(ref.Display), m
}

// tellMedication reads a MedicationStatement with its plan and the issues of that.
func (r *reader) tellMedication(res fhir.Resource) (Medication, bool) {
	v := view[fhir.MedicationStatement](r, res)
	if v == nil {
		return Medication{}, false
	}
	name, product := r.medicine(res, v.MedicationReference, v.MedicationCodeableConcept)
	plan := r.planOf(v)
	if name.IsZero() && plan != nil {
		name, product = r.medicine(plan.Resource, plan.MedicationReference, plan.MedicationCodeableConcept)
	}
	m := Medication{
		Item:         r.item(&v.DomainResource, name, v.Status),
		Status:       v.Status,
		Period:       period(v.EffectivePeriod),
		Asserted:     v.DateAsserted,
		Reasons:      concepts(v.ReasonCode),
		ReasonLinks:  r.linksTo(res, v.ReasonReference),
		Notes:        r.notes(res, v.Note),
		Consultation: r.linkTo(res, v.Context),
	}
	m.Dosage, m.Instruction = dosage(v.Dosage)
	if m.Period == (Period{}) {
		m.Period.Start = v.EffectiveDateTime
	}
	m.LastIssued = extensionDate(v.Extension, "MedicationStatementLastIssueDate")
	m.DosageLastChanged = extensionDate(v.Extension, "MedicationStatementDosageLastChanged")
	r.readAgency(&m, v.Extension)
	if product != nil {
		r.cite(&m.Item, &product.DomainResource)
	}
	r.addPlan(&m, plan, v.BasedOn)
	return m, true
}

// planOf is the plan that a statement is based on, or nil.
func (r *reader) planOf(v *fhir.MedicationStatement) *fhir.MedicationRequest {
	for _, ref := range v.BasedOn {
		if p := resolved[fhir.MedicationRequest](r, v.Resource, ref); p != nil {
			return p
		}
	}
	return nil
}

// addPlan adds the plan and its issues. Issues are found also when the plan was not sent.
func (r *reader) addPlan(m *Medication, plan *fhir.MedicationRequest, basedOn []fhir.Reference) {
	key := ""
	if plan != nil {
		p := r.prescription(plan)
		m.Plan, m.Type = &p, p.Type
		m.Chain = r.chains[r.keyOf(plan.Resource)]
		key = r.keyOf(plan.Resource)
		r.told[key] = true
	} else if len(basedOn) > 0 {
		key = entryKey(basedOn[0].Reference)
	}
	for _, issue := range r.issues[key] {
		if !r.spend(len(issue.Raw)) {
			m.Abridged = true
			r.cut++
			return
		}
		r.told[r.keyOf(issue.Resource)] = true
		m.Issues = append(m.Issues, r.prescription(issue))
	}
}

// readAgency reads who prescribes: here, elsewhere, or the practice before.
func (r *reader) readAgency(m *Medication, x fhir.Extensions) {
	e, ok := x.Find("PrescribingAgency")
	if !ok || e.ValueCodeableConcept == nil {
		return
	}
	m.PrescribedBy = concept(*e.ValueCodeableConcept)
	m.FromElsewhere = e.ValueCodeableConcept.AnyCode("prescribed-by-another-organisation", "prescribed-by-previous-practice")
}

// dosage is the dose in the GP's words, and the instructions to the patient.
func dosage(all []fhir.Dosage) (dose, instruction string) {
	var doses, instructions []string
	for _, d := range all {
		text := d.Text
		if text == "" && (d.DoseQuantity != nil || d.DoseRange != nil || d.Timing != nil) {
			text = "(the dose is not given in words)"
		}
		for _, extra := range d.AdditionalInstruction {
			instructions = append(instructions, extra.Display())
		}
		doses, instructions = append(doses, text), append(instructions, d.PatientInstruction)
	}
	return joined(doses), joined(instructions)
}

// joined joins what is not empty.
func joined(texts []string) string {
	var some []string
	for _, t := range texts {
		if t != "" {
			some = append(some, t)
		}
	}
	return strings.Join(some, "; ")
}

func extensionDate(x fhir.Extensions, name string) fhir.Date {
	e, _ := x.Find(name)
	return e.Date()
}
