package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A query is what a Parameters body of getstructuredrecord asks for.
type query struct {
	nhs      string
	asked    map[string]bool // by parameter
	values   map[string]any  // by part: bool, string, int or span
	warnings []any           // an issue for each parameter or part that is not known here
}

func (q query) day(part string) string { s, _ := q.values[part].(string); return s }

func (q query) between(part string) (start, end string) {
	s, _ := q.values[part].(span)
	return s.first, s.last
}

// yes is a boolean part's value, or what it is when it was not sent.
func (q query) yes(part string, otherwise bool) bool {
	if b, ok := q.values[part].(bool); ok {
		return b
	}
	return otherwise
}

// A broken is a rule of the operation that a body breaks.
type broken struct{ code, text string }

func (b *broken) Error() string { return b.code + ": " + b.text }

func invalidParameter(format string, args ...any) error {
	return &broken{"INVALID_PARAMETER", fmt.Sprintf(format, args...)}
}

func invalidResource(format string, args ...any) error {
	return &broken{"INVALID_RESOURCE", fmt.Sprintf(format, args...)}
}

// parseQuery reads and judges a body. today is London's day.
func parseQuery(body []byte, today string) (query, error) {
	q := query{asked: map[string]bool{}, values: map[string]any{}}
	value, err := decodeStrict(body)
	object, _ := value.(map[string]any)
	if err != nil || object["resourceType"] != "Parameters" {
		return q, invalidResource("the body is not a Parameters resource in JSON")
	}
	list, ok := object["parameter"].([]any)
	if !ok {
		return q, invalidParameter("patientNHSNumber is missing")
	}
	seen := map[string]bool{}
	for _, item := range list {
		p, _ := item.(map[string]any)
		name, ok := p["name"].(string)
		if !ok || name == "" {
			return q, invalidResource("a parameter has no name")
		}
		if seen[name] {
			return q, invalidParameter("%s is there twice", name)
		}
		seen[name] = true
		if err := q.parameter(name, p, today); err != nil {
			return q, err
		}
	}
	if !seen["patientNHSNumber"] {
		return q, invalidParameter("patientNHSNumber is missing")
	}
	// That nothing besides patientNHSNumber is recognised is an error by the specification, and
	// a warning for each parameter by the official suite, which counts here.
	return q, q.judgeCombinations(today)
}

// parameter reads one parameter. One that is not known here is warned of.
func (q *query) parameter(name string, p map[string]any, today string) error {
	if name == "patientNHSNumber" {
		return q.patient(p)
	}
	areas := clinicalAreas()
	at := slices.IndexFunc(areas, func(a area) bool { return a.parameter == name })
	if at < 0 {
		q.unknown(name)
		return nil
	}
	q.asked[name] = true
	if len(values(p)) > 0 {
		return invalidParameter("%s takes parts, not a value", name)
	}
	return q.parts(areas[at], p, today)
}

func (q *query) unknown(name string) {
	c := codeNamed("NOT_IMPLEMENTED")
	q.warnings = append(q.warnings, issue("warning", c, name+" is an unrecognised parameter", name))
}

// disable takes out the areas that a practice has switched off, with a warning for each that
// was asked for.
func (q *query) disable(parameters []string) {
	for _, name := range parameters {
		if q.asked[name] {
			delete(q.asked, name)
			q.warnings = append(q.warnings, issue("warning", codeNamed("NOT_IMPLEMENTED"), name+" has been disabled", name))
		}
	}
}

// patient reads patientNHSNumber.
func (q *query) patient(p map[string]any) error {
	identifier, ok := p["valueIdentifier"].(map[string]any)
	if !ok {
		return invalidParameter("patientNHSNumber has no valueIdentifier")
	}
	if identifier["system"] != "https://fhir.nhs.uk/Id/nhs-number" {
		return &broken{"INVALID_IDENTIFIER_SYSTEM", "patientNHSNumber's system is not that of NHS numbers"}
	}
	q.nhs, _ = identifier["value"].(string)
	if !validNHSNumber(q.nhs) {
		return &broken{"INVALID_NHS_NUMBER", "patientNHSNumber's value is no NHS number"}
	}
	return nil
}

// validNHSNumber checks ten digits and the eleven-modulus check digit.
func validNHSNumber(s string) bool {
	if len(s) != 10 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(s[i]-'0') * (10 - i)
	}
	check := (11 - sum%11) % 11
	return check < 10 && int(s[9]-'0') == check
}

// judgeCombinations refuses filters together with consultations or problems, unless the
// query is one of the two predefined searches.
func (q query) judgeCombinations(today string) error {
	if q.predefined(today) {
		return nil
	}
	for _, a := range clinicalAreas() {
		for _, r := range a.parts {
			_, sent := q.values[r.name]
			switch {
			case sent && r.notConsultations && q.asked["includeConsultations"]:
				return invalidParameter("%s.%s is not permitted together with includeConsultations", a.parameter, r.name)
			case sent && r.notProblems && q.asked["includeProblems"]:
				return invalidParameter("%s.%s is not permitted together with includeProblems", a.parameter, r.name)
			}
		}
	}
	return nil
}

// predefined says whether the query is the summary or the paediatric search: the last three
// consultations, problems, allergies with the resolved ones, a year of medication, and for a
// child immunisations and uncategorised data.
func (q query) predefined(today string) bool {
	t, err := time.Parse(time.DateOnly, today)
	if err != nil || len(q.values) != 3 || len(q.warnings) > 0 {
		return false
	}
	yearAgo := t.AddDate(0, 0, -365).Format(time.DateOnly)
	if q.values["includeNumberOfMostRecent"] != 3 || q.values["includeResolvedAllergies"] != true || q.values["medicationSearchFromDate"] != yearAgo {
		return false
	}
	want := map[string]bool{"includeConsultations": true, "includeProblems": true, "includeAllergies": true, "includeMedication": true}
	if len(q.asked) == 6 {
		want["includeImmunisations"], want["includeUncategorisedData"] = true, true
	}
	for name := range want {
		if !q.asked[name] {
			return false
		}
	}
	return len(q.asked) == len(want)
}
