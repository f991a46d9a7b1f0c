package sandbox

// follow takes a resource and everything it reaches, on behalf of an area.
func (s *selection) follow(origin string, i int) {
	reached := s.reach[origin]
	if reached == nil {
		reached = map[int]bool{}
		s.reach[origin] = reached
	}
	if reached[i] {
		return
	}
	reached[i], s.chosen[i] = true, true
	r := s.chart.resources[i]
	for _, l := range r.links {
		s.step(origin, r, l)
	}
	for _, l := range s.chart.back[r.kind+"/"+r.id] {
		if s.belongs(origin, r, s.chart.resources[l.from], l.via) {
			s.follow(origin, l.from)
		}
	}
}

// step follows one reference, if it is one to follow.
func (s *selection) step(origin string, r resource, l link) {
	at, ok := s.chart.at[l.target]
	if ok && s.leads(r, l.via, s.chart.resources[at].kind) {
		s.follow(origin, at)
	}
}

// administrative are the kinds that come with whatever refers to them.
func administrative(kind string) bool {
	switch kind {
	case "Organization", "Practitioner", "PractitionerRole", "Location", "HealthcareService", "Device":
		return true
	}
	return false
}

// leads says whether a reference is followed. Encounters come only as consultations asked
// for or as what a problem is linked to; elsewhere the reference is left dangling, as
// providers do. A problem that was not itself asked for brings nobody but its author, and
// an earlier plan comes only if its own statement does.
func (s *selection) leads(from resource, via, kind string) bool {
	switch {
	case administrative(kind):
		return true
	case kind == "Patient":
		return false
	case administrative(from.kind) || from.kind == "Patient" || from.kind == "Encounter":
		return false
	}
	asked := from.kind == "Condition" && s.roots[s.chart.at["Condition/"+from.id]]
	switch {
	case from.kind == "Condition" && !asked:
		return false
	case kind == "Encounter":
		return asked
	case via == "priorPrescription" || via == "encounter" || via == "subject":
		return false
	}
	return true
}

// belongs says whether a resource that refers to one that was reached comes along.
func (s *selection) belongs(origin string, reached, referrer resource, via string) bool {
	switch referrer.kind {
	case "PractitionerRole":
		return via == "practitioner"
	case "Provenance":
		return via == "target"
	case "MedicationStatement":
		return via == "basedOn"
	case "MedicationRequest":
		return via == "basedOn" && s.q.yes("includePrescriptionIssues", true)
	case "Observation":
		return via == "related" && reached.kind == "Observation" && derivedFrom(referrer, reached)
	case "List":
		code, secondary := referrer.listCode()
		return !secondary && code == listConsultation && via == "encounter" && origin == "includeConsultations"
	}
	return false
}

// derivedFrom says whether one observation names another as what it is derived from.
func derivedFrom(child, parent resource) bool {
	related, _ := child.fields["related"].([]any)
	for _, x := range related {
		r, _ := x.(map[string]any)
		target, _ := r["target"].(map[string]any)
		if r["type"] == "derived-from" && target["reference"] == "Observation/"+parent.id {
			return true
		}
	}
	return false
}
