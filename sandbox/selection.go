package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// linkedProblems is the secondary list of problems that are linked to what was asked for and
// are not themselves in the primary list of problems. It can come with any query.
const linkedProblems = "problems-linked-problems-not-relating-to-the-primary-query"

// A selection is the part of a chart that answers a query.
type selection struct {
	chart *chart
	q     query
	zone  *time.Location

	chosen map[int]bool            // resources that go in as they are
	listed map[int]resource        // lists that go in with other entries than they have
	reach  map[string]map[int]bool // by parameter: what its area reaches
	roots  map[int]bool            // problems of the primary list
}

// choose selects (structured record, response bundle): the patient and who belongs to them
// always; for each area asked for its primary list and everything its entries reach; the
// secondary lists of consultations and problems when these were asked for.
//
// Who asks the same again gets the same slice, which is not to be changed.
func (c *chart) choose(q query, zone *time.Location) []resource {
	key := fmt.Sprint(q.asked, q.values)
	c.mu.Lock()
	out, ok := c.recall[key]
	c.mu.Unlock()
	if ok {
		return out
	}
	out = c.chooseAnew(q, zone)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.recall == nil || len(c.recall) > 100 {
		c.recall = map[string][]resource{}
	}
	c.recall[key] = out
	return out
}

func (c *chart) chooseAnew(q query, zone *time.Location) []resource {
	s := &selection{chart: c, q: q, zone: zone, chosen: map[int]bool{}, listed: map[int]resource{}, reach: map[string]map[int]bool{}, roots: map[int]bool{}}
	s.follow("", c.patient)
	for _, a := range clinicalAreas() {
		if q.asked[a.parameter] {
			s.area(a)
		}
	}
	s.secondaryLists()
	linked, generated := s.linkedProblems()
	var out []resource
	for i, r := range c.resources {
		if edited, ok := s.listed[i]; ok {
			out = append(out, edited)
		} else if s.chosen[i] {
			out = append(out, r)
		}
	}
	if generated {
		out = append(out, linked)
	}
	return out
}

// area takes an area's primary lists, filters their entries, and follows those that stay.
func (s *selection) area(a area) {
	s.reach[a.parameter] = map[int]bool{}
	for i, r := range s.chart.resources {
		code, secondary := r.listCode()
		if secondary || !slices.Contains(a.lists, code) || code == listEnded && !s.q.yes("includeResolvedAllergies", false) {
			continue
		}
		keep := s.filter(a.parameter, r.entryTargets())
		s.putList(i, keep)
		for n, target := range r.entryTargets() {
			if at, ok := s.chart.at[target]; ok && keep[n] {
				if a.parameter == "includeProblems" {
					s.roots[at] = true
				}
			}
		}
		for n, target := range r.entryTargets() {
			if at, ok := s.chart.at[target]; ok && keep[n] {
				s.follow(a.parameter, at)
			}
		}
		s.followContained(a.parameter, r)
	}
}

// followContained takes in who the contained resources of a list refer to.
func (s *selection) followContained(origin string, list resource) {
	for _, l := range list.links {
		if l.via == "contained" || l.via == "source" {
			s.step(origin, list, l)
		}
	}
}

// putList takes a list with those of its entries that are kept.
func (s *selection) putList(i int, keep []bool) {
	r := s.chart.resources[i]
	if !slices.Contains(keep, false) {
		s.chosen[i] = true
		return
	}
	old, _ := r.fields["entry"].([]any)
	var entries []any
	for n, e := range old {
		if keep[n] {
			entries = append(entries, e)
		}
	}
	fields := maps.Clone(r.fields)
	if len(entries) > 0 {
		fields["entry"] = entries
	} else {
		delete(fields, "entry")
		fields["emptyReason"] = map[string]any{"coding": []any{map[string]any{
			"system": "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-ListEmptyReasonCode-1", "code": "no-content-recorded", "display": "No Content Recorded"}}}
		notes, _ := fields["note"].([]any)
		fields["note"] = append(slices.Clone(notes), map[string]any{"text": "Information not available"})
	}
	s.listed[i] = asResource(fields)
}

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

// secondaryLists takes those of the areas asked for, with the entries their area reached.
// An empty one is left out unless it carries a warning.
func (s *selection) secondaryLists() {
	ended := false
	for i, r := range s.chart.resources {
		code, secondary := r.listCode()
		origin := map[bool]string{true: "includeConsultations", false: "includeProblems"}[strings.HasPrefix(code, "consultations-")]
		if !secondary || code == linkedProblems || !s.q.asked[origin] {
			continue
		}
		var keep []bool
		for _, target := range r.entryTargets() {
			at, there := s.chart.at[target]
			keep = append(keep, target == "" || strings.HasPrefix(target, "#") || there && s.reach[origin][at])
		}
		if !slices.Contains(keep, true) && r.extension("ListWarningCode-1") == nil {
			continue
		}
		s.putList(i, keep)
		ended = ended || strings.Contains(code, "that-have-been-ended") && slices.Contains(keep, true)
	}
	if !ended || s.q.yes("includeResolvedAllergies", false) {
		return
	}
	for i, r := range s.chart.resources { // the entries of the secondary list live in this one
		if code, secondary := r.listCode(); !secondary && code == listEnded {
			s.chosen[i] = true
		}
	}
}

// linkedProblems adds the problems that are linked to something selected, and makes the list
// that names those outside the primary list.
func (s *selection) linkedProblems() (resource, bool) {
	template := -1
	for i, r := range s.chart.resources {
		if code, secondary := r.listCode(); !secondary && code == listProblems {
			template = i
		}
	}
	if template < 0 {
		return resource{}, false
	}
	var linked []any
	for _, target := range s.chart.resources[template].entryTargets() {
		at, ok := s.chart.at[target]
		if !ok || s.roots[at] || !s.chosen[at] && !s.linksToChosen(s.chart.resources[at]) {
			continue
		}
		s.follow("linked", at)
		linked = append(linked, map[string]any{"item": map[string]any{"reference": target}})
	}
	if len(linked) == 0 {
		return resource{}, false
	}
	fields := maps.Clone(s.chart.resources[template].fields)
	for _, name := range []string{"id", "emptyReason", "note", "contained"} {
		delete(fields, name)
	}
	fields["title"] = "Problems - linked problems not relating to the primary query"
	fields["code"] = map[string]any{"coding": []any{map[string]any{
		"system": "https://fhir.hl7.org.uk/STU3/CodeSystem/GPConnect-SecondaryListValues-1", "code": linkedProblems,
		"display": "Problems - linked problems not relating to the primary query"}}}
	fields["entry"] = linked
	return asResource(fields), true
}

// linksToChosen says whether a problem names something selected as its content.
func (s *selection) linksToChosen(problem resource) bool {
	for _, l := range problem.links {
		at, ok := s.chart.at[l.target]
		if ok && s.chosen[at] && (strings.Contains(l.via, "RelatedClinicalContent") || strings.Contains(l.via, "ActualProblem")) {
			return true
		}
	}
	return false
}
