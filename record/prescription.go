package record

import (
	"bytes"
	"slices"

	"github.com/gpconnect-go/gpc/fhir"
)

// prescription reads a plan or an issue.
func (r *reader) prescription(v *fhir.MedicationRequest) Prescription {
	name, product := r.medicine(v.Resource, v.MedicationReference, v.MedicationCodeableConcept)
	d := v.DispenseRequest
	p := Prescription{
		Item:     r.item(&v.DomainResource, name, v.Status),
		Intent:   v.Intent,
		Status:   v.Status,
		Date:     firstDate(d.ValidityPeriod.Start, v.AuthoredOn),
		Quantity: d.QuantityText(),
		Supply:   quantity(d.ExpectedSupplyDuration),
		Period:   period(&d.ValidityPeriod),

		Authored:     v.AuthoredOn,
		Requester:    r.actorOf(v.Resource, v.Requester.Agent),
		Recorder:     r.actorOf(v.Resource, v.Recorder),
		Dispenser:    r.actorOf(v.Resource, d.Performer),
		Replaces:     entryKey(v.PriorPrescription.Reference),
		Reasons:      concepts(v.ReasonCode),
		Notes:        r.notes(v.Resource, v.Note),
		Consultation: r.linkTo(v.Resource, v.Context),
	}
	p.Dosage, p.Instruction = dosage(v.DosageInstruction)
	if v.GroupIdentifier != nil {
		p.PrescriptionID = v.GroupIdentifier.Value
	}
	if v.Intent != "plan" && len(v.BasedOn) > 0 {
		p.Plan = refKey(v.BasedOn[0].Reference)
	}
	if e, ok := v.Extension.Find("PrescriptionType"); ok && e.ValueCodeableConcept != nil {
		p.Type = prescriptionType(*e.ValueCodeableConcept)
	}
	p.Repeats, p.Stopped = repeats(v.Extension), stopped(v.Extension)
	if product != nil {
		r.cite(&p.Item, &product.DomainResource)
	}
	return p
}

func prescriptionType(c fhir.CodeableConcept) Type {
	for _, k := range c.Coding {
		if k.Code != "" && !k.IsNullFlavour() {
			return Type(k.Code)
		}
	}
	return Type(c.Text)
}

func repeats(x fhir.Extensions) *Repeats {
	e, ok := x.Find("MedicationRepeatInformation")
	if !ok {
		return nil
	}
	count := func(name string) *int {
		part, _ := e.Extension.Find(name)
		if n, ok := part.Number().Int(); ok {
			return &n
		}
		return nil
	}
	rep := Repeats{
		Allowed: count("numberOfRepeatPrescriptionsAllowed"),
		Issued:  count("numberOfRepeatPrescriptionsIssued"),
		Expires: extensionDate(e.Extension, "authorisationExpiryDate"),
	}
	if rep.Allowed != nil && rep.Issued != nil {
		left := max(0, *rep.Allowed-*rep.Issued)
		rep.Left = &left
	}
	return &rep
}

func stopped(x fhir.Extensions) *Stopped {
	e, ok := x.Find("MedicationStatusReason")
	if !ok {
		return nil
	}
	s := Stopped{Date: extensionDate(e.Extension, "statusChangeDate")}
	reason, _ := e.Extension.Find("statusReason")
	if c := reason.ValueCodeableConcept; c != nil {
		if k := concept(*c); k != nil {
			s.Concept = *k
		}
	}
	s.Text = coalesce(s.Text, reason.Text(), "(no reason given)")
	return &s
}

// registerIssue notes an issue by its plan, and what a plan follows on.
func (r *reader) registerIssue(v *fhir.MedicationRequest) {
	switch {
	case v == nil:
	case v.Intent == "plan":
		r.plans = append(r.plans, v)
	case len(v.BasedOn) > 0:
		for _, ref := range v.BasedOn {
			if key := entryKey(ref.Reference); key != "" {
				r.issues[key] = append(r.issues[key], v)
			}
		}
	case v.GroupIdentifier != nil && v.GroupIdentifier.Value != "":
		r.grouped = append(r.grouped, v)
	}
}

// orderIssues puts the issues of each plan latest first, after it has given those that name
// no plan to the one plan of their group (the way of the reference provider).
func (r *reader) orderIssues() {
	plans := map[string]*fhir.MedicationRequest{}
	if len(r.grouped) > 0 {
		for _, p := range r.plans {
			if g := p.GroupIdentifier; g != nil && plans[g.Value] == nil {
				plans[g.Value] = p
			} else if g != nil {
				plans[g.Value] = &fhir.MedicationRequest{} // two plans: nobody knows whose
			}
		}
	}
	for _, v := range r.grouped {
		if p := plans[v.GroupIdentifier.Value]; p != nil && r.keyOf(p.Resource) != "" {
			r.issues[r.keyOf(p.Resource)] = append(r.issues[r.keyOf(p.Resource)], v)
		}
	}
	for key, found := range r.issues {
		slices.SortFunc(found, laterFirst)
		r.issues[key] = slices.CompactFunc(found, func(a, b *fhir.MedicationRequest) bool { return bytes.Equal(a.Raw, b.Raw) })
	}
	r.findChains()
}

func laterFirst(a, b *fhir.MedicationRequest) int {
	date := func(v *fhir.MedicationRequest) fhir.Date {
		return firstDate(v.DispenseRequest.ValidityPeriod.Start, v.AuthoredOn)
	}
	if x, y := date(a), date(b); x != y {
		if c := y.Compare(x); c != 0 {
			return c
		}
	}
	return bytes.Compare(a.Raw, b.Raw)
}
