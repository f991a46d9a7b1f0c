package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// linkedProblems is the secondary list of problems that are linked to what was asked for and
// are not themselves in the primary list of problems. It can come with any query.
const linkedProblems = "problems-linked-problems-not-relating-to-the-primary-query"

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
