package sandbox

import (
	"errors"
	"strings"
	"testing"
)

const (
	resolved  = `{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]}`
	recent    = `{"name":"includeConsultations","part":[{"name":"includeNumberOfMostRecent","valuePositiveInt":3}]}`
	yearOfMed = `{"name":"includeMedication","part":[{"name":"medicationSearchFromDate","valueDate":"2025-11-20"}]}`
	today     = "2026-11-20"
)

// withPart is a parameter with one part.
func withPart(parameter, part, value string) string {
	return `{"name":"` + parameter + `","part":[{"name":"` + part + `",` + value + `}]}`
}

func TestParametersAccepted(t *testing.T) {
	for name, parameters := range map[string]string{
		"everything":                everything,
		"nothing but the number":    "",
		"medication without parts":  `{"name":"includeMedication"}`,
		"medication since today":    withPart("includeMedication", "medicationSearchFromDate", `"valueDate":"2026-11-20"`),
		"period":                    withPart("includeConsultations", "consultationSearchPeriod", `"valuePeriod":{"start":"2020-01-01","end":"2020-01-01"}`),
		"period without end":        withPart("includeReferrals", "referralSearchPeriod", `"valuePeriod":{"start":"2020-01-01"}`),
		"period without start":      withPart("includeInvestigations", "investigationSearchPeriod", `"valuePeriod":{"end":"2020-01-01"}`),
		"diary from today":          withPart("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2026-11-20"`),
		"diary until some day":      withPart("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2031-01-01"`),
		"problems filtered":         withPart("includeProblems", "filterStatus", `"valueCode":"active"`),
		"problems by significance":  withPart("includeProblems", "filterSignificance", `"valueCode":"minor"`),
		"immunisations not given":   withPart("includeImmunisations", "includeNotGiven", `"valueBoolean":true`),
		"summary":                   recent + `,{"name":"includeProblems"},` + resolved + "," + yearOfMed,
		"paediatric":                recent + `,{"name":"includeProblems"},` + resolved + "," + yearOfMed + `,{"name":"includeImmunisations"},{"name":"includeUncategorisedData"}`,
		"permitted with problems":   `{"name":"includeProblems"},` + resolved + "," + withPart("includeInvestigations", "investigationSearchPeriod", `"valuePeriod":{"start":"2020-01-01"}`),
		"permitted with both":       `{"name":"includeProblems"},` + recent + "," + withPart("includeMedication", "includePrescriptionIssues", `"valueBoolean":false`),
		"an unknown one beside one": `{"name":"includeDreams"},{"name":"includeProblems"}`,
	} {
		if _, err := parseQuery([]byte(parametersOf("9000000009", parameters)), today); err != nil {
			t.Errorf("%s: got %v, want it accepted", name, err)
		}
	}
}

func TestParametersRefused(t *testing.T) {
	medicationSince := func(day string) string {
		return withPart("includeMedication", "medicationSearchFromDate", `"valueDate":`+day)
	}
	period := func(value string) string {
		return withPart("includeConsultations", "consultationSearchPeriod", `"valuePeriod":`+value)
	}
	for _, test := range []struct{ name, parameters, code, says string }{
		{"parameter twice", `{"name":"includeProblems"},{"name":"includeProblems"}`, "INVALID_PARAMETER", "includeProblems"},
		{"number twice", `{"name":"patientNHSNumber"}`, "INVALID_PARAMETER", "patientNHSNumber"},
		{"parameter without name", `{"part":[]}`, "INVALID_RESOURCE", "name"},
		{"parameter with a value", `{"name":"includeProblems","valueBoolean":true}`, "INVALID_PARAMETER", "includeProblems"},
		{"allergies without its part", `{"name":"includeAllergies"}`, "INVALID_PARAMETER", "includeAllergies.includeResolvedAllergies"},
		{"allergies with another part", withPart("includeAllergies", "timePeriod", `"valueBoolean":true`), "INVALID_PARAMETER", "includeResolvedAllergies"},
		{"parts no list", `{"name":"includeMedication","part":{}}`, "INVALID_RESOURCE", "includeMedication"},
		{"part without name", `{"name":"includeMedication","part":[{"valueBoolean":true}]}`, "INVALID_RESOURCE", "includeMedication"},
		{"part twice", `{"name":"includeMedication","part":[{"name":"includePrescriptionIssues","valueBoolean":true},{"name":"includePrescriptionIssues","valueBoolean":true}]}`, "INVALID_RESOURCE", "includePrescriptionIssues"},
		{"part without value", `{"name":"includeMedication","part":[{"name":"includePrescriptionIssues"}]}`, "INVALID_PARAMETER", "includeMedication.includePrescriptionIssues"},
		{"part with two values", withPart("includeMedication", "includePrescriptionIssues", `"valueBoolean":true,"valueString":"true"`), "INVALID_RESOURCE", "includePrescriptionIssues"},
		{"boolean as string", withPart("includeMedication", "includePrescriptionIssues", `"valueString":"true"`), "INVALID_PARAMETER", "valueBoolean"},
		{"boolean quoted", withPart("includeMedication", "includePrescriptionIssues", `"valueBoolean":"true"`), "INVALID_PARAMETER", "includePrescriptionIssues"},
		{"date in the future", medicationSince(`"2026-11-21"`), "INVALID_PARAMETER", "future"},
		{"date partial", medicationSince(`"2026-11"`), "INVALID_PARAMETER", "whole date"},
		{"date with time", medicationSince(`"2020-01-01T00:00:00Z"`), "INVALID_PARAMETER", "whole date"},
		{"date that is none", medicationSince(`"2025-02-30"`), "INVALID_PARAMETER", "whole date"},
		{"date a number", medicationSince(`2025`), "INVALID_PARAMETER", "whole date"},
		{"period the wrong way round", period(`{"start":"2020-01-02","end":"2020-01-01"}`), "INVALID_PARAMETER", "ends before"},
		{"period in the future", period(`{"end":"2026-11-21"}`), "INVALID_PARAMETER", "end is in the future"},
		{"period partial", period(`{"start":"2020"}`), "INVALID_PARAMETER", "start is not a whole date"},
		{"period empty", period(`{}`), "INVALID_PARAMETER", "neither"},
		{"period no object", period(`"2020-01-01"`), "INVALID_PARAMETER", "Period"},
		{"none of the most recent", withPart("includeConsultations", "includeNumberOfMostRecent", `"valuePositiveInt":0`), "INVALID_PARAMETER", "from 1"},
		{"half of the most recent", withPart("includeConsultations", "includeNumberOfMostRecent", `"valuePositiveInt":1.5`), "INVALID_PARAMETER", "from 1"},
		{"both consultation filters", `{"name":"includeConsultations","part":[{"name":"includeNumberOfMostRecent","valuePositiveInt":3},{"name":"consultationSearchPeriod","valuePeriod":{"start":"2020-01-01"}}]}`, "INVALID_RESOURCE", "exclude each other"},
		{"status unknown", withPart("includeProblems", "filterStatus", `"valueCode":"resolved"`), "INVALID_PARAMETER", "filterStatus"},
		{"diary in the past", withPart("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2026-11-19"`), "INVALID_PARAMETER", "past"},

		{"medication filter with consultations", `{"name":"includeConsultations"},` + yearOfMed, "INVALID_PARAMETER", "includeConsultations"},
		{"medication filter with problems", `{"name":"includeProblems"},` + yearOfMed, "INVALID_PARAMETER", "includeProblems"},
		{"referral filter with consultations", `{"name":"includeConsultations"},` + withPart("includeReferrals", "referralSearchPeriod", `"valuePeriod":{"start":"2020-01-01"}`), "INVALID_PARAMETER", "referralSearchPeriod"},
		{"uncategorised filter with problems", `{"name":"includeProblems"},` + withPart("includeUncategorisedData", "uncategorisedDataSearchPeriod", `"valuePeriod":{"start":"2020-01-01"}`), "INVALID_PARAMETER", "uncategorisedDataSearchPeriod"},
		{"diary filter with consultations", `{"name":"includeConsultations"},` + withPart("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2031-01-01"`), "INVALID_PARAMETER", "diaryEntriesSearchDate"},
		{"not given with problems", `{"name":"includeProblems"},` + withPart("includeImmunisations", "includeNotGiven", `"valueBoolean":true`), "INVALID_PARAMETER", "includeNotGiven"},
		{"status of vaccinations with consultations", `{"name":"includeConsultations"},` + withPart("includeImmunisations", "includeStatus", `"valueBoolean":true`), "INVALID_PARAMETER", "includeStatus"},
		{"problem filter with consultations", `{"name":"includeConsultations"},` + withPart("includeProblems", "filterStatus", `"valueCode":"active"`), "INVALID_PARAMETER", "filterStatus"},
		{"summary with another day", recent + `,{"name":"includeProblems"},` + resolved + "," + strings.Replace(yearOfMed, "2025-11-20", "2025-11-19", 1), "INVALID_PARAMETER", "medicationSearchFromDate"},
		{"summary with four", strings.Replace(recent, "3", "4", 1) + `,{"name":"includeProblems"},` + resolved + "," + yearOfMed, "INVALID_PARAMETER", "medicationSearchFromDate"},
		{"summary and one area more", recent + `,{"name":"includeProblems"},` + resolved + "," + yearOfMed + `,{"name":"includeReferrals"}`, "INVALID_PARAMETER", "medicationSearchFromDate"},
		{"paediatric without half of it", recent + `,{"name":"includeProblems"},` + resolved + "," + yearOfMed + `,{"name":"includeImmunisations"}`, "INVALID_PARAMETER", "medicationSearchFromDate"},
	} {
		_, err := parseQuery([]byte(parametersOf("9000000009", test.parameters)), today)
		wantBroken(t, test.name, err, test.code, test.says)
	}
}

func TestBodiesRefused(t *testing.T) {
	number := func(system, value string) string {
		return `{"resourceType":"Parameters","parameter":[{"name":"includeProblems"},{"name":"patientNHSNumber","valueIdentifier":{"system":"` + system + `","value":"` + value + `"}}]}`
	}
	const system = "https://fhir.nhs.uk/Id/nhs-number"
	for _, test := range []struct{ name, body, code, says string }{
		{"empty", "", "INVALID_RESOURCE", "Parameters"},
		{"cut off", parametersOf("9000000009", everything)[:200], "INVALID_RESOURCE", "Parameters"},
		{"followed by more", parametersOf("9000000009", everything) + "{}", "INVALID_RESOURCE", "Parameters"},
		{"a name twice", `{"resourceType":"Parameters","parameter":[],"parameter":[]}`, "INVALID_RESOURCE", "Parameters"},
		{"another resource", `{"resourceType":"Patient"}`, "INVALID_RESOURCE", "Parameters"},
		{"a list", `[]`, "INVALID_RESOURCE", "Parameters"},
		{"deep", strings.Repeat("[", 3000), "INVALID_RESOURCE", "Parameters"},
		{"no parameters", `{"resourceType":"Parameters"}`, "INVALID_PARAMETER", "patientNHSNumber"},
		{"no number", `{"resourceType":"Parameters","parameter":[{"name":"includeProblems"}]}`, "INVALID_PARAMETER", "patientNHSNumber"},
		{"number as string", `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueString":"9000000009"}]}`, "INVALID_PARAMETER", "patientNHSNumber"},
		{"another system", number("https://fhir.nhs.uk/Id/ods-organization-code", "9000000009"), "INVALID_IDENTIFIER_SYSTEM", "system"},
		{"system of DSTU2", number("http://fhir.nhs.net/Id/nhs-number", "9000000009"), "INVALID_IDENTIFIER_SYSTEM", "system"},
		{"check digit", number(system, "9000000010"), "INVALID_NHS_NUMBER", "NHS number"},
		{"check digit ten", number(system, "9000000026"), "INVALID_NHS_NUMBER", "NHS number"},
		{"nine digits", number(system, "900000000"), "INVALID_NHS_NUMBER", "NHS number"},
		{"with spaces", number(system, "900 000 0009"), "INVALID_NHS_NUMBER", "NHS number"},
		{"empty number", number(system, ""), "INVALID_NHS_NUMBER", "NHS number"},
	} {
		_, err := parseQuery([]byte(test.body), today)
		wantBroken(t, test.name, err, test.code, test.says)
	}
}

func wantBroken(t *testing.T, name string, err error, code, says string) {
	t.Helper()
	var b *broken
	if !errors.As(err, &b) {
		t.Errorf("%s: got %v, want %s", name, err, code)
	} else if b.code != code || !strings.Contains(b.text, says) {
		t.Errorf("%s: got %s %q, want %s naming %q", name, b.code, b.text, code, says)
	} else if strings.Contains(b.text, "900000") {
		t.Errorf("%s: the text carries the number: %s", name, b.text)
	}
}

func TestUnknownParametersAreWarnedOf(t *testing.T) {
	s := run(t, Config{})
	r := recordOf(t, s, "A12345", "9000000009", `{"name":"includeProblems","part":[{"name":"filterColour","valueCode":"blue"}]},{"name":"includeDreams"}`).send(t, s)
	var told []string
	for _, x := range r.resources(t) {
		if x["resourceType"] != "OperationOutcome" {
			continue
		}
		for _, i := range x["issue"].([]any) {
			issue := i.(map[string]any)
			text := issue["details"].(map[string]any)["text"].(string)
			told = append(told, text+" / "+issue["diagnostics"].(string))
			if issue["severity"] != "warning" || issue["code"] != "not-supported" {
				t.Errorf("got %v %v, want warning not-supported", issue["severity"], issue["code"])
			}
		}
	}
	want := "includeProblems.filterColour is an unrecognised parameter / includeProblems.filterColour; includeDreams is an unrecognised parameter / includeDreams"
	if got := strings.Join(told, "; "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRefusalsReachTheWire(t *testing.T) {
	s := run(t, Config{})
	for _, test := range []struct {
		nhs, parameters, code string
		status                int
	}{
		{"9000000010", everything, "INVALID_NHS_NUMBER", 400},
		{"9000000009", `{"name":"includeAllergies"}`, "INVALID_PARAMETER", 422},
		{"9000000009", `{"part":[]}`, "INVALID_RESOURCE", 422},
	} {
		r := recordOf(t, s, "A12345", test.nhs, test.parameters).send(t, s)
		if code, _ := r.outcome(t); code != test.code || r.status != test.status {
			t.Errorf("got %d %s, want %d %s", r.status, code, test.status, test.code)
		}
	}
}

func FuzzParameters(f *testing.F) {
	f.Add(parametersOf("9000000009", everything))
	f.Add(parametersOf("9000000009", withPart("includeConsultations", "consultationSearchPeriod", `"valuePeriod":{"start":"2020-01-01"}`)))
	f.Fuzz(func(t *testing.T, body string) {
		q, err := parseQuery([]byte(body), today)
		if err == nil && !validNHSNumber(q.nhs) {
			t.Error("accepted without a valid NHS number")
		}
		var b *broken
		if err != nil && !errors.As(err, &b) {
			t.Errorf("got %T, want a rule that was broken", err)
		}
	})
}
