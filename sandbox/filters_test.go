package sandbox

import (
	"slices"
	"strings"
	"testing"
)

// A little record in which each filter has something to keep and something to drop.
const filterRecord = `{"resourceType":"Bundle","type":"collection","entry":[

{"resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}]}},
{"resource":{"resourceType":"List","code":{"coding":[{"system":"http://snomed.info/sct","code":"LIST"}]},"entry":[ENTRIES]}},
RESOURCES]}`

func TestFilters(t *testing.T) {
	plan := func(kind string) string {
		return `{"resourceType":"MedicationRequest","id":"plan","intent":"plan","extension":[{"url":"https://x/Extension-CareConnect-GPC-PrescriptionType-1","valueCodeableConcept":{"coding":[{"code":"` + kind + `"}]}}]}`
	}
	statement := func(period string) string {
		return `{"resourceType":"MedicationStatement","id":"x","basedOn":[{"reference":"MedicationRequest/plan"}],"effectivePeriod":` + period + `}`
	}
	elsewhere := `{"resourceType":"MedicationStatement","id":"x","extension":[{"url":"https://x/Extension-CareConnect-GPC-PrescribingAgency-1","valueCodeableConcept":{"coding":[{"code":"prescribed-by-another-organisation"}]}}],"effectivePeriod":{"start":"2001-01-01","end":"2001-02-01"}}`
	resource := func(kind, rest string) string { return `{"resourceType":"` + kind + `","id":"x",` + rest + `}` }
	since := withPart("includeMedication", "medicationSearchFromDate", `"valueDate":"2024-06-15"`)
	within := func(parameter, part string) string {
		return withPart(parameter, part, `"valuePeriod":{"start":"2024-03-10","end":"2024-03-20"}`)
	}
	uncategorised := within("includeUncategorisedData", "uncategorisedDataSearchPeriod")
	investigations := within("includeInvestigations", "investigationSearchPeriod")
	consultations := within("includeConsultations", "consultationSearchPeriod")
	for _, test := range []struct {
		name, list, kind, resources, parameters string
		want                                    bool
	}{
		{"ended before", listMedication, "MedicationStatement", statement(`{"start":"2024-01-01","end":"2024-06-14"}`) + "," + plan("repeat"), since, false},
		{"ended on the day", listMedication, "MedicationStatement", statement(`{"start":"2024-01-01","end":"2024-06-15"}`) + "," + plan("repeat"), since, true},
		{"ended in the month", listMedication, "MedicationStatement", statement(`{"start":"2024-01-01","end":"2024-06"}`) + "," + plan("repeat"), since, true},
		{"repeat without end", listMedication, "MedicationStatement", statement(`{"start":"2001-01-01"}`) + "," + plan("repeat"), since, true},
		{"unknown kind without end", listMedication, "MedicationStatement", statement(`{"start":"2001-01-01"}`), since, true},
		{"acute without end before", listMedication, "MedicationStatement", statement(`{"start":"2024-06-14"}`) + "," + plan("acute"), since, false},
		{"acute without end after", listMedication, "MedicationStatement", statement(`{"start":"2024-06-16"}`) + "," + plan("acute"), since, true},
		{"prescribed elsewhere", listMedication, "MedicationStatement", elsewhere, since, true},
		{"no filter", listMedication, "MedicationStatement", statement(`{"start":"2001-01-01","end":"2001-01-02"}`), `{"name":"includeMedication"}`, true},

		{"problem active", listProblems, "Condition", resource("Condition", `"clinicalStatus":"active"`), withPart("includeProblems", "filterStatus", `"valueCode":"active"`), true},
		{"problem inactive", listProblems, "Condition", resource("Condition", `"clinicalStatus":"inactive"`), withPart("includeProblems", "filterStatus", `"valueCode":"active"`), false},
		{"problem minor", listProblems, "Condition", resource("Condition", `"extension":[{"url":"https://x/Extension-CareConnect-GPC-ProblemSignificance-1","valueCode":"minor"}]`), withPart("includeProblems", "filterSignificance", `"valueCode":"major"`), false},

		{"given", listImmunisations, "Immunization", resource("Immunization", `"notGiven":false`), `{"name":"includeImmunisations"}`, true},
		{"not given", listImmunisations, "Immunization", resource("Immunization", `"notGiven":true`), `{"name":"includeImmunisations"}`, false},
		{"not given, asked for", listImmunisations, "Immunization", resource("Immunization", `"notGiven":true`), withPart("includeImmunisations", "includeNotGiven", `"valueBoolean":true`), true},
		{"consent", listImmunisations, "Observation", resource("Observation", `"status":"final"`), `{"name":"includeImmunisations"}`, true},
		{"consent, not asked for", listImmunisations, "Observation", resource("Observation", `"status":"final"`), withPart("includeImmunisations", "includeStatus", `"valueBoolean":false`), false},

		{"observation before", listUncategorised, "Observation", resource("Observation", `"effectiveDateTime":"2024-03-09"`), uncategorised, false},
		{"observation on the first day", listUncategorised, "Observation", resource("Observation", `"effectiveDateTime":"2024-03-10"`), uncategorised, true},
		{"observation on the last day", listUncategorised, "Observation", resource("Observation", `"effectiveDateTime":"2024-03-20T23:59:59+00:00"`), uncategorised, true},
		{"observation after", listUncategorised, "Observation", resource("Observation", `"effectiveDateTime":"2024-03-21"`), uncategorised, false},
		{"observation in the month", listUncategorised, "Observation", resource("Observation", `"effectiveDateTime":"2024-03"`), uncategorised, true},
		{"observation in the year", listUncategorised, "Observation", resource("Observation", `"effectiveDateTime":"2024"`), uncategorised, true},
		{"observation in another year", listUncategorised, "Observation", resource("Observation", `"effectiveDateTime":"2023"`), uncategorised, false},
		{"observation without date", listUncategorised, "Observation", resource("Observation", `"status":"final"`), uncategorised, true},
		{"observation over a time", listUncategorised, "Observation", resource("Observation", `"effectivePeriod":{"start":"2024-01-01","end":"2024-03-10"}`), uncategorised, true},
		{"observation over an earlier time", listUncategorised, "Observation", resource("Observation", `"effectivePeriod":{"start":"2024-01-01","end":"2024-03-09"}`), uncategorised, false},

		{"report within", listInvestigations, "DiagnosticReport", resource("DiagnosticReport", `"issued":"2024-03-15T10:00:00+00:00"`), investigations, true},
		{"report late on the day before, London time", listInvestigations, "DiagnosticReport", resource("DiagnosticReport", `"issued":"2024-03-10T00:30:00+02:00"`), investigations, false},
		{"report after", listInvestigations, "DiagnosticReport", resource("DiagnosticReport", `"issued":"2024-03-21T00:00:00+00:00"`), investigations, false},

		{"consultation that began within", listConsultations, "Encounter", resource("Encounter", `"period":{"start":"2024-03-20T09:00:00+00:00","end":"2024-03-25"}`), consultations, true},
		{"consultation that began before", listConsultations, "Encounter", resource("Encounter", `"period":{"start":"2024-03-09T09:00:00+00:00","end":"2024-03-15"}`), consultations, false},

		{"referral within", listReferrals, "ReferralRequest", resource("ReferralRequest", `"authoredOn":"2024-03-11"`), within("includeReferrals", "referralSearchPeriod"), true},
		{"referral before", listReferrals, "ReferralRequest", resource("ReferralRequest", `"authoredOn":"2024-03-01"`), within("includeReferrals", "referralSearchPeriod"), false},

		{"diary before the day", listDiary, "ProcedureRequest", resource("ProcedureRequest", `"occurrenceDateTime":"2030-12-31"`), withPart("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2031-01-01"`), true},
		{"diary after the day", listDiary, "ProcedureRequest", resource("ProcedureRequest", `"occurrenceDateTime":"2031-01-02"`), withPart("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2031-01-01"`), false},
		{"diary over a time that has begun", listDiary, "ProcedureRequest", resource("ProcedureRequest", `"occurrencePeriod":{"start":"2030-01-01","end":"2032-01-01"}`), withPart("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2031-01-01"`), true},
	} {
		entries := strings.SplitAfter(test.resources, "\x00")
		raw := strings.NewReplacer("LIST", test.list, "ENTRIES", `{"item":{"reference":"`+test.kind+`/x"}}`,
			"RESOURCES", `{"resource":`+strings.ReplaceAll(strings.Join(entries, ""), `},{"resourceType"`, `}},{"resource":{"resourceType"`)+`}`).Replace(filterRecord)
		record, err := readChart([]byte(raw))
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		q, err := parseQuery([]byte(parametersOf("9000000009", test.parameters)), today)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		got := record.choose(q, london())
		targets, there := listed(got, test.list)
		if !there {
			t.Errorf("%s: the list is not there", test.name)
		}
		if kept := len(targets) == 1 && slices.Contains(ofKind(got, test.kind), "x"); kept != test.want {
			t.Errorf("%s: kept: got %v, want %v", test.name, kept, test.want)
		}
	}
}

// linkedRecord has an active problem with an inactive sibling, and a vaccination that the
// inactive one is about.
const linkedRecord = `{"resourceType":"Bundle","type":"collection","entry":[

{"resource":{"resourceType":"Patient","id":"p"}},
{"resource":{"resourceType":"List","title":"Problems","code":{"coding":[{"system":"http://snomed.info/sct","code":"717711000000103"}]},
  "entry":[{"item":{"reference":"Condition/now"}},{"item":{"reference":"Condition/then"}},{"item":{"reference":"Condition/apart"}}]}},
{"resource":{"resourceType":"List","title":"Immunisations","code":{"coding":[{"system":"http://snomed.info/sct","code":"1102181000000102"}]},"entry":[{"item":{"reference":"Immunization/v"}}]}},
{"resource":{"resourceType":"Immunization","id":"v","encounter":{"reference":"Encounter/e"}}},
{"resource":{"resourceType":"Encounter","id":"e"}},
{"resource":{"resourceType":"Condition","id":"now","clinicalStatus":"active","context":{"reference":"Encounter/e"},"extension":[
  {"url":"https://x/Extension-CareConnect-RelatedProblemHeader-1","extension":[{"url":"type","valueCode":"sibling"},{"url":"target","valueReference":{"reference":"Condition/then"}}]}]}},
{"resource":{"resourceType":"Condition","id":"then","clinicalStatus":"inactive","asserter":{"reference":"Practitioner/d"},"extension":[
  {"url":"https://x/Extension-CareConnect-RelatedClinicalContent-1","valueReference":{"reference":"Immunization/v"}}]}},
{"resource":{"resourceType":"Condition","id":"apart","clinicalStatus":"inactive"}},
{"resource":{"resourceType":"Practitioner","id":"d"}},
{"resource":{"resourceType":"Practitioner","id":"nobody"}}]}`

func TestLinkedProblems(t *testing.T) {
	record, err := readChart([]byte(linkedRecord))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, parameters        string
		primary, linked, others []string // of the list of problems, of the linked ones, and all else without lists
	}{
		{"active ones", withPart("includeProblems", "filterStatus", `"valueCode":"active"`),
			[]string{"Condition/now"}, []string{"Condition/then"}, []string{"Encounter/e", "Patient/p", "Practitioner/d"}},
		{"inactive ones", withPart("includeProblems", "filterStatus", `"valueCode":"inactive"`),
			[]string{"Condition/then", "Condition/apart"}, nil, []string{"Immunization/v", "Patient/p", "Practitioner/d"}},
		{"all", `{"name":"includeProblems"}`,
			[]string{"Condition/now", "Condition/then", "Condition/apart"}, nil, []string{"Encounter/e", "Immunization/v", "Patient/p", "Practitioner/d"}},
		{"another area", `{"name":"includeImmunisations"}`,
			nil, []string{"Condition/then"}, []string{"Immunization/v", "Patient/p", "Practitioner/d"}},
	} {
		q, err := parseQuery([]byte(parametersOf("9000000009", test.parameters)), today)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var primary, linked, others []string
		for _, r := range record.choose(q, london()) {
			switch code, _ := r.listCode(); {
			case code == listProblems:
				primary = r.entryTargets()
			case code == linkedProblems:
				linked = r.entryTargets()
			case r.kind != "List" && r.kind != "Condition":
				others = append(others, r.kind+"/"+r.id)
			}
		}
		slices.Sort(others)
		if !slices.Equal(primary, test.primary) || !slices.Equal(linked, test.linked) || !slices.Equal(others, test.others) {
			t.Errorf("%s: got problems %v, linked %v, others %v; want %v, %v, %v", test.name, primary, linked, others, test.primary, test.linked, test.others)
		}
	}
}
