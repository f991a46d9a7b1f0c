package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

// filter says which entries of a primary list the query's filter keeps (structured record,
// what each filter means). An entry that cannot be resolved stays.
func (s *selection) filter(parameter string, targets []string) []bool {
	keep := make([]bool, len(targets))
	for i, target := range targets {
		at, ok := s.chart.at[target]
		keep[i] = !ok || s.passes(parameter, s.chart.resources[at])
	}
	if n, ok := s.q.values["includeNumberOfMostRecent"].(int); ok && parameter == "includeConsultations" {
		s.mostRecent(n, targets, keep)
	}
	return keep
}

func (s *selection) passes(parameter string, r resource) bool {
	switch parameter {
	case "includeMedication":
		return s.medicationPasses(r)
	case "includeConsultations":
		start, end := s.q.between("consultationSearchPeriod")
		day := s.encounterDay(r)
		return day == span{} || day.touches(start, end)
	case "includeProblems":
		status, _ := s.q.values["filterStatus"].(string)
		significance, _ := s.q.values["filterSignificance"].(string)
		ext := r.extension("ProblemSignificance-1")
		return (status == "" || r.text("clinicalStatus") == status) && (significance == "" || ext["valueCode"] == significance)
	case "includeImmunisations":
		switch r.kind {
		case "Immunization":
			return r.fields["notGiven"] != true || s.q.yes("includeNotGiven", false)
		case "Observation":
			return s.q.yes("includeStatus", true)
		}
	case "includeUncategorisedData":
		start, end := s.q.between("uncategorisedDataSearchPeriod")
		return s.dated(r, start, end, "effective", "authored")
	case "includeInvestigations":
		start, end := s.q.between("investigationSearchPeriod")
		return s.dated(r, start, end, "issued")
	case "includeReferrals":
		start, end := s.q.between("referralSearchPeriod")
		return s.dated(r, start, end, "authoredOn")
	case "includeDiaryEntries":
		until := s.q.day("diaryEntriesSearchDate")
		return s.dated(r, "", until, "occurrence")
	}
	return true
}

// dated says whether one of the named members, as such or as a choice of types, touches the
// days from start to end. What has no date always does.
func (s *selection) dated(r resource, start, end string, names ...string) bool {
	for _, name := range names {
		for _, day := range []span{spanOf(r.fields[name], s.zone), spanOf(r.fields[name+"DateTime"], s.zone), periodOf(r.fields[name+"Period"], s.zone)} {
			if day == (span{}) {
				continue
			}
			if day.last == "" && name == "effective" {
				day.last = "9999-12-31"
			} else if day.last == "" {
				day.last = day.first
			}
			return day.touches(start, end)
		}
	}
	return true
}

func (s *selection) encounterDay(r resource) span {
	day := periodOf(r.fields["period"], s.zone)
	if day.first != "" { // an Encounter is found by when it began
		day.last = day.first
	}
	return day
}

// medicationPasses: active on or after the date. Without an end a repeat goes on, an acute
// one was for its first day; what another organisation prescribed always comes.
func (s *selection) medicationPasses(r resource) bool {
	since := s.q.day("medicationSearchFromDate")
	if since == "" {
		return true
	}
	if agency := r.extension("PrescribingAgency-1"); agency != nil && strings.Contains(string(asResource(agency).raw), "prescribed-by-another-organisation") {
		return true
	}
	day := periodOf(r.fields["effectivePeriod"], s.zone)
	if day == (span{}) {
		day = spanOf(r.fields["effectiveDateTime"], s.zone)
	}
	if day.last == "" {
		if !strings.HasPrefix(s.prescriptionType(r), "acute") {
			return true
		}
		day.last = day.first
	}
	return day.last >= since
}

// prescriptionType is that of the plan a statement is based on, "" if it is not known.
func (s *selection) prescriptionType(statement resource) string {
	for _, l := range statement.links {
		at, ok := s.chart.at[l.target]
		if !ok || l.via != "basedOn" {
			continue
		}
		ext := s.chart.resources[at].extension("PrescriptionType-1")
		concept, _ := ext["valueCodeableConcept"].(map[string]any)
		codings, _ := concept["coding"].([]any)
		for _, c := range codings {
			coding, _ := c.(map[string]any)
			if code, ok := coding["code"].(string); ok {
				return code
			}
		}
	}
	return ""
}

// mostRecent drops all but the n latest of the encounters that are kept.
func (s *selection) mostRecent(n int, targets []string, keep []bool) {
	var order []int
	for i := range targets {
		if _, ok := s.chart.at[targets[i]]; ok && keep[i] {
			order = append(order, i)
		}
	}
	began := func(i int) string {
		period, _ := s.chart.resources[s.chart.at[targets[i]]].fields["period"].(map[string]any)
		start, _ := period["start"].(string)
		return start
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(began(b), began(a)) })
	for _, i := range order[min(n, len(order)):] {
		keep[i] = false
	}
}
