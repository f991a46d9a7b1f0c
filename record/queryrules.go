package record

import (
	"errors"

	"github.com/gpconnect-go/gpc/fhir"
)

// QueryError says what a provider would have to refuse about a question.
type QueryError struct {
	Parameter string // "includeMedication"; "" when it is about the whole question
	Part      string // "medicationSearchFromDate"; "" when it is about the parameter
	Rule      string // in words
}

func (e *QueryError) Error() string {
	name := e.Parameter
	if e.Part != "" {
		name += "." + e.Part
	}
	if name != "" {
		name += ": "
	}
	return name + e.Rule
}

const (
	ruleNothing   = "ask for at least one area"
	ruleNumber    = "an NHS number is required"
	ruleFuture    = "must not lie in the future"
	rulePast      = "must not lie in the past"
	ruleOrder     = "must not end before it starts"
	ruleCount     = "must be 1 or more"
	ruleStatus    = "must be active or inactive"
	ruleWeight    = "must be major or minor"
	ruleConsulted = "does not go with consultations in one question: make two, and keep the answers apart"
	ruleProblems  = "does not go with problems in one question: make two, and keep the answers apart"
)

// check applies the rules of the request's parameters and of their combinations. All that is
// wrong is said at once.
func (q Query) check(n fhir.NHSNumber, today Day) error {
	var wrong []error
	refuse := func(name AreaName, part, rule string) {
		wrong = append(wrong, &QueryError{Parameter: parameterNames[name], Part: part, Rule: rule})
	}
	if n.IsZero() {
		wrong = append(wrong, &QueryError{Parameter: "patientNHSNumber", Rule: ruleNumber})
	}
	if q == (Query{}) {
		refuse("", "", ruleNothing)
	}
	q.checkValues(today, refuse)
	if q.predefined(today) == nil {
		q.checkCombinations(today, refuse)
	}
	return errors.Join(wrong...)
}

// checkValues applies what each part must keep by itself.
func (q Query) checkValues(today Day, refuse func(name AreaName, part, rule string)) {
	for _, name := range q.Areas() {
		for _, p := range q.parts(name, today, false) {
			if rule := p.brokenRule(today); rule != "" {
				refuse(name, p.Name, rule)
			}
		}
	}
}

// brokenRule is the rule that the part breaks, or "". Whole dates are written so that their
// order is that of the texts.
func (p part) brokenRule(today Day) string {
	now := today.String()
	switch {
	case p.Name == "diaryEntriesSearchDate" && p.ValueDate < now:
		return rulePast
	case p.Name == "medicationSearchFromDate" && p.ValueDate > now:
		return ruleFuture
	case p.Name == "includeNumberOfMostRecent" && p.ValuePositiveInt < 1:
		return ruleCount
	case p.Name == "filterStatus" && p.ValueCode != string(ActiveProblems) && p.ValueCode != string(InactiveProblems):
		return ruleStatus
	case p.Name == "filterSignificance" && p.ValueCode != string(MajorProblems) && p.ValueCode != string(MinorProblems):
		return ruleWeight
	case p.ValuePeriod == nil:
		return ""
	case p.ValuePeriod.Start > now, p.ValuePeriod.End > now:
		return ruleFuture
	case p.ValuePeriod.End != "" && p.ValuePeriod.Start > p.ValuePeriod.End:
		return ruleOrder
	}
	return ""
}

// checkCombinations applies "Combinations not permitted": with consultations or problems the
// parts that would leave out what these are linked to.
func (q Query) checkCombinations(today Day, refuse func(name AreaName, part, rule string)) {
	for _, name := range q.Areas() {
		for _, p := range q.parts(name, today, false) {
			switch p.Name {
			case "medicationSearchFromDate", "uncategorisedDataSearchPeriod", "referralSearchPeriod",
				"diaryEntriesSearchDate", "includeNotGiven", "includeStatus":
				if q.Consultations != nil {
					refuse(name, p.Name, ruleConsulted)
				} else if q.Problems != nil {
					refuse(name, p.Name, ruleProblems)
				}
			case "filterStatus", "filterSignificance":
				if q.Consultations != nil {
					refuse(name, p.Name, ruleConsulted)
				}
			}
		}
	}
}
