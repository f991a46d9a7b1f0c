package record

import "github.com/gpconnect-go/gpc/fhir"

// deepest is how deep consultations and groups of results are told; real ones have three levels.
const deepest = 16

// sectionEntries are the entries of a consultation, topic or heading list, in its order.
// seen is what the consultation has told before.
func (r *reader) sectionEntries(list *fhir.List, seen map[int64]bool, depth int) []Entry {
	entries := make([]Entry, 0, len(list.Entry))
	for i, e := range list.Entry {
		res, about := r.pick(list, i, seen)
		switch {
		case about != nil:
			entries = append(entries, Entry{Kind: r.kindOfEntry(e.Item, res), Item: about})
		case res.Type == "List":
			entries = append(entries, r.section(res, seen, depth))
		default:
			entry := r.tell(res)
			entry.About().Deleted = e.Deleted.IsTrue()
			entries = append(entries, entry)
		}
	}
	return entries
}

// kindOfEntry is what an entry that cannot be told would have been.
func (r *reader) kindOfEntry(ref fhir.Reference, res fhir.Resource) Kind {
	if res.Raw != nil {
		return r.kindOfResource(res)
	}
	typ, _, _ := fhir.SplitReference(ref.Reference)
	return kindOf(typ)
}

// kindOfResource is kindOf, where the type alone does not tell.
func (r *reader) kindOfResource(res fhir.Resource) Kind {
	switch v := r.read(res).(type) {
	case *fhir.List:
		return sectionKind(v)
	case *fhir.ProcedureRequest:
		if v.Intent == "order" {
			return KindRequest
		}
	}
	return kindOf(res.Type)
}

// section tells a topic or heading. A list is told once, wherever it is named: lists that
// hold each other would never come to an end.
func (r *reader) section(res fhir.Resource, seen map[int64]bool, depth int) Entry {
	list := view[fhir.List](r, res)
	if list == nil || r.expanded[res.Offset] || depth >= deepest {
		about := r.cutShort(res)
		return Entry{Kind: r.kindOfResource(res), Item: &about}
	}
	r.expanded[res.Offset] = true
	s := Section{
		Item:  r.item(&list.DomainResource, sectionName(list), list.Status),
		Title: list.Title,
		Date:  list.Date,
	}
	s.Codes = codes(list.Code.Coding)
	s.Problems = r.topicProblems(list)
	s.Entries = r.sectionEntries(list, seen, depth+1)
	return Entry{Kind: sectionKind(list), Section: &s}
}

// sectionName is the title, or what kind of list it is.
func sectionName(list *fhir.List) fhir.CodeableConcept {
	return inWords(coalesce(list.Title, list.Code.Display()))
}

// topicProblems are the problems that a topic is about. Some providers leave out the level
// of the extension that has the relation's type.
func (r *reader) topicProblems(list *fhir.List) []Link {
	var found []Link
	add := func(ref *fhir.Reference) {
		if ref != nil {
			found = append(found, r.link(list.Resource, *ref))
		}
	}
	headers := list.Extension.All("RelatedProblemHeader")
	for i := range headers {
		add(headers[i].ValueReference)
		targets := headers[i].Extension.All("target")
		for i := range targets {
			add(targets[i].ValueReference)
		}
	}
	return found
}

// tell is a resource in full, by its type, as long as there is room; else its name.
func (r *reader) tell(res fhir.Resource) Entry {
	e := Entry{Kind: r.kindOfResource(res)}
	if r.depth >= deepest || !r.spend(len(res.Raw)) {
		about := r.cutShort(res)
		e.Item = &about
		return e
	}
	r.depth++
	defer func() { r.depth-- }()
	r.told[r.sourceOf(res)] = true
	switch res.Type {
	case "AllergyIntolerance":
		e.Allergy = told(r.tellAllergy(res))
	case "MedicationStatement":
		e.Medication = told(r.tellMedication(res))
	case "MedicationRequest":
		if v := view[fhir.MedicationRequest](r, res); v != nil {
			p := r.prescription(v)
			e.Prescription = &p
		}
	case "Encounter":
		e.Consultation = told(r.tellConsultation(res))
	case "Condition":
		e.Problem = told(r.tellProblem(res))
	case "Immunization":
		e.Immunisation = told(r.tellImmunisation(res))
	case "Observation", "QuestionnaireResponse":
		e.Observation = told(r.tellObservation(res))
	case "DiagnosticReport":
		e.Investigation = told(r.tellInvestigation(res))
	case "ReferralRequest":
		e.Referral = told(r.tellReferral(res))
	case "ProcedureRequest":
		e.Diary = told(r.tellRequest(res))
	case "DocumentReference":
		e.Document = told(r.tellDocument(res))
	}
	if e.About() == nil {
		o := r.readOther(res)
		about := r.item(&o.DomainResource, o.code, "")
		e.Item = &about
	}
	return e
}

// told is what a resource tells, or nil.
func told[T any](t T, ok bool) *T {
	if !ok {
		return nil
	}
	return &t
}
