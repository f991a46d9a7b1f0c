package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

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
