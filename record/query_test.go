package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/gpconnect-go/gpc/fhir"
)

// noon of a summer's day, at which it is the same day in London and in UTC.
var noon = time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)

func mustDay(t testing.TB, s string) Day {
	t.Helper()
	d, err := ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// includes are the parameters of a body without the first, which is the patient's.
func includes(t testing.TB, q Query) string {
	t.Helper()
	body, err := q.Parameters(number(t), noon)
	if err != nil {
		t.Fatalf("got %v, want a body", err)
	}
	const patient = `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}},`
	rest, ok := strings.CutPrefix(string(body), patient)
	if !ok || !strings.HasSuffix(rest, "]}") {
		t.Fatalf("got a body of another shape")
	}
	return strings.TrimSuffix(rest, "]}")
}

func TestParameters(t *testing.T) {
	period := Days{From: mustDay(t, "2024-01-01"), To: mustDay(t, "2024-12-31")}
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"full", Full(), `{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]},` +
			`{"name":"includeMedication","part":[{"name":"includePrescriptionIssues","valueBoolean":true}]},{"name":"includeConsultations"},` +
			`{"name":"includeProblems"},{"name":"includeImmunisations"},{"name":"includeUncategorisedData"},{"name":"includeInvestigations"},` +
			`{"name":"includeReferrals"},{"name":"includeDiaryEntries"}`},
		{"allergies without resolved", Query{Allergies: &AllergiesQuery{WithoutResolved: true}},
			`{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":false}]}`},
		{"medication since a day", Query{Medications: &MedicationsQuery{WithoutIssues: true, Since: mustDay(t, "2025-01-01")}},
			`{"name":"includeMedication","part":[{"name":"includePrescriptionIssues","valueBoolean":false},{"name":"medicationSearchFromDate","valueDate":"2025-01-01"}]}`},
		{"medication since today", Query{Medications: &MedicationsQuery{Since: FromToday(0)}},
			`{"name":"includeMedication","part":[{"name":"includePrescriptionIssues","valueBoolean":true},{"name":"medicationSearchFromDate","valueDate":"2026-07-15"}]}`},
		{"consultations of a year", Query{Consultations: &ConsultationsQuery{Within(period)}},
			`{"name":"includeConsultations","part":[{"name":"consultationSearchPeriod","valuePeriod":{"start":"2024-01-01","end":"2024-12-31"}}]}`},
		{"consultations up to a day", Query{Consultations: &ConsultationsQuery{Within(Days{To: period.To})}},
			`{"name":"includeConsultations","part":[{"name":"consultationSearchPeriod","valuePeriod":{"end":"2024-12-31"}}]}`},
		{"the latest consultation", Query{Consultations: &ConsultationsQuery{MostRecent(1)}},
			`{"name":"includeConsultations","part":[{"name":"includeNumberOfMostRecent","valuePositiveInt":1}]}`},
		{"problems", Query{Problems: &ProblemsQuery{Status: ActiveProblems, Significance: MajorProblems}},
			`{"name":"includeProblems","part":[{"name":"filterStatus","valueCode":"active"},{"name":"filterSignificance","valueCode":"major"}]}`},
		{"immunisations", Query{Immunisations: &ImmunisationsQuery{NotGiven: fhir.True, Status: fhir.False}},
			`{"name":"includeImmunisations","part":[{"name":"includeNotGiven","valueBoolean":true},{"name":"includeStatus","valueBoolean":false}]}`},
		{"uncategorised", Query{Uncategorised: &UncategorisedQuery{period}},
			`{"name":"includeUncategorisedData","part":[{"name":"uncategorisedDataSearchPeriod","valuePeriod":{"start":"2024-01-01","end":"2024-12-31"}}]}`},
		{"investigations", Query{Investigations: &InvestigationsQuery{Days{From: period.From}}},
			`{"name":"includeInvestigations","part":[{"name":"investigationSearchPeriod","valuePeriod":{"start":"2024-01-01"}}]}`},
		{"referrals", Query{Referrals: &ReferralsQuery{period}},
			`{"name":"includeReferrals","part":[{"name":"referralSearchPeriod","valuePeriod":{"start":"2024-01-01","end":"2024-12-31"}}]}`},
		{"diary", Query{Diary: &DiaryQuery{FromToday(30)}},
			`{"name":"includeDiaryEntries","part":[{"name":"diaryEntriesSearchDate","valueDate":"2026-08-14"}]}`},
		{"consultations with what goes with them", Query{Consultations: &ConsultationsQuery{Within(period)}, Investigations: &InvestigationsQuery{period}},
			`{"name":"includeConsultations","part":[{"name":"consultationSearchPeriod","valuePeriod":{"start":"2024-01-01","end":"2024-12-31"}}]},` +
				`{"name":"includeInvestigations","part":[{"name":"investigationSearchPeriod","valuePeriod":{"start":"2024-01-01","end":"2024-12-31"}}]}`},
	} {
		if got := includes(t, c.q); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// The predefined searches are compared with the specification's own requests.
func TestPredefinedSearchesAreTheSpecifications(t *testing.T) {
	files := corpus(t, "requests/*searchMultiAreaSearches-*.json")
	for name, q := range map[string]Query{
		"accessrecord_structured_development_searchMultiAreaSearches-1.json": Summary(),
		"accessrecord_structured_development_searchMultiAreaSearches-2.json": Paediatric(),
	} {
		var want bytes.Buffer
		if err := json.Compact(&want, files[name]); err != nil {
			t.Fatal(err)
		}
		body, err := q.Parameters(number(t), noon)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("9999999999", testNumber, "today()-365 days", "2025-07-15").Replace(want.String())
		if string(body) != text {
			t.Errorf("%s: got %s, want %s", name, body, text)
		}
	}
}

func TestCombinationsThatAProviderMustRefuse(t *testing.T) {
	days := Days{From: mustDay(t, "2024-01-01"), To: mustDay(t, "2024-12-31")}
	parts := []struct {
		parameter, part string
		q               Query
		withProblems    bool // allowed with problems
	}{
		{"includeMedication", "medicationSearchFromDate", Query{Medications: &MedicationsQuery{Since: days.From}}, false},
		{"includeUncategorisedData", "uncategorisedDataSearchPeriod", Query{Uncategorised: &UncategorisedQuery{days}}, false},
		{"includeReferrals", "referralSearchPeriod", Query{Referrals: &ReferralsQuery{days}}, false},
		{"includeDiaryEntries", "diaryEntriesSearchDate", Query{Diary: &DiaryQuery{FromToday(1)}}, false},
		{"includeImmunisations", "includeNotGiven", Query{Immunisations: &ImmunisationsQuery{NotGiven: fhir.True}}, false},
		{"includeImmunisations", "includeStatus", Query{Immunisations: &ImmunisationsQuery{Status: fhir.False}}, false},
		{"includeProblems", "filterStatus", Query{Problems: &ProblemsQuery{Status: ActiveProblems}}, true},
		{"includeProblems", "filterSignificance", Query{Problems: &ProblemsQuery{Significance: MinorProblems}}, true},
	}
	for _, p := range parts {
		if _, err := p.q.Parameters(number(t), noon); err != nil {
			t.Errorf("%s alone: got %v, want a body", p.part, err)
		}
		withConsultations, withProblems := p.q, p.q
		withConsultations.Consultations = &ConsultationsQuery{}
		refused(t, withConsultations, p.parameter, p.part)
		if p.withProblems {
			continue
		}
		withProblems.Problems = &ProblemsQuery{}
		refused(t, withProblems, p.parameter, p.part)
	}
}

// refused wants a QueryError that names the parameter and the part.
func refused(t *testing.T, q Query, parameter, part string) {
	t.Helper()
	body, err := q.Parameters(number(t), noon)
	var told *QueryError
	if !errors.As(err, &told) || told.Parameter != parameter || told.Part != part {
		t.Errorf("%s.%s: got %v, want a QueryError about it", parameter, part, err)
	}
	if body != nil {
		t.Errorf("%s.%s: got a body with the error, want none", parameter, part)
	}
	if err != nil && strings.Contains(err.Error(), testNumber) {
		t.Error("the error holds an NHS number")
	}
}

func TestValuesThatAProviderMustRefuse(t *testing.T) {
	tomorrow, today := FromToday(1), FromToday(0)
	for _, c := range []struct {
		q               Query
		parameter, part string
	}{
		{Query{}, "", ""},
		{Query{Medications: &MedicationsQuery{Since: tomorrow}}, "includeMedication", "medicationSearchFromDate"},
		{Query{Medications: &MedicationsQuery{Since: mustDay(t, "2026-07-16")}}, "includeMedication", "medicationSearchFromDate"},
		{Query{Consultations: &ConsultationsQuery{Within(Days{From: tomorrow})}}, "includeConsultations", "consultationSearchPeriod"},
		{Query{Consultations: &ConsultationsQuery{Within(Days{To: tomorrow})}}, "includeConsultations", "consultationSearchPeriod"},
		{Query{Consultations: &ConsultationsQuery{MostRecent(0)}}, "includeConsultations", "includeNumberOfMostRecent"},
		{Query{Consultations: &ConsultationsQuery{MostRecent(-3)}}, "includeConsultations", "includeNumberOfMostRecent"},
		{Query{Uncategorised: &UncategorisedQuery{Days{From: today, To: FromToday(-1)}}}, "includeUncategorisedData", "uncategorisedDataSearchPeriod"},
		{Query{Investigations: &InvestigationsQuery{Days{To: tomorrow}}}, "includeInvestigations", "investigationSearchPeriod"},
		{Query{Referrals: &ReferralsQuery{Days{From: mustDay(t, "2024-02-02"), To: mustDay(t, "2024-02-01")}}}, "includeReferrals", "referralSearchPeriod"},
		{Query{Diary: &DiaryQuery{FromToday(-1)}}, "includeDiaryEntries", "diaryEntriesSearchDate"},
		{Query{Problems: &ProblemsQuery{Status: "Active"}}, "includeProblems", "filterStatus"},
		{Query{Problems: &ProblemsQuery{Significance: "huge"}}, "includeProblems", "filterSignificance"},
	} {
		refused(t, c.q, c.parameter, c.part)
	}
	if _, err := Full().Parameters(fhir.NHSNumber{}, noon); err == nil {
		t.Error("no number: got a body, want an error")
	}
	for _, q := range []Query{
		{Diary: &DiaryQuery{today}}, {Medications: &MedicationsQuery{Since: today}},
		{Referrals: &ReferralsQuery{Days{From: today, To: today}}},
	} {
		if _, err := q.Parameters(number(t), noon); err != nil {
			t.Errorf("today: got %v, want a body", err)
		}
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	q := Query{Medications: &MedicationsQuery{Since: FromToday(1)}, Diary: &DiaryQuery{FromToday(-1)}, Problems: &ProblemsQuery{}}
	_, err := q.Parameters(number(t), noon)
	for _, want := range []string{"medicationSearchFromDate", "diaryEntriesSearchDate", ruleFuture, rulePast, ruleProblems} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// Between midnight in London and midnight in UTC the day is London's.
func TestTodayIsTodayInLondon(t *testing.T) {
	late := time.Date(2026, 7, 15, 23, 30, 0, 0, time.UTC) // half past midnight of the 16th
	if got := DayOf(late).String(); got != "2026-07-16" {
		t.Fatalf("got %s, want 2026-07-16: is there a zone database?", got)
	}
	q := Query{Medications: &MedicationsQuery{Since: mustDay(t, "2026-07-16")}}
	if _, err := q.Parameters(number(t), late); err != nil {
		t.Errorf("got %v, want a body: it is the 16th in London", err)
	}
	winter := time.Date(2026, 1, 15, 23, 30, 0, 0, time.UTC)
	if got := DayOf(winter).String(); got != "2026-01-15" {
		t.Errorf("got %s, want 2026-01-15", got)
	}
}

func TestOnly(t *testing.T) {
	q, err := Only(AreaNames()...)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := includes(t, q), includes(t, Full()); got != want {
		t.Errorf("all areas: got %s, want %s", got, want)
	}
	for _, areas := range [][]string{nil, {"allergy"}, {"documents"}, {"allergies", "x"}} {
		if _, err := Only(areas...); err == nil || !strings.Contains(err.Error(), "uncategorised") {
			t.Errorf("%v: got %v, want an error that lists the names", areas, err)
		}
	}
	q, err = Only("diary", "allergies")
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Areas(); !slices.Equal(got, []AreaName{Allergies, Diary}) {
		t.Errorf("got %v, want allergies and diary", got)
	}
	if q.Asks(Documents) || q.Asks(Problems) || !q.Asks(Diary) {
		t.Error("got other answers of Asks than was asked for")
	}
}

func TestDowngraded(t *testing.T) {
	left, ok := Full().Downgraded()
	if !ok || !slices.Equal(left.Areas(), []AreaName{Allergies, Medications}) {
		t.Errorf("got %v, %t; want allergies and medications", left.Areas(), ok)
	}
	for _, q := range []Query{left, {Problems: &ProblemsQuery{}}, {}} {
		if _, ok := q.Downgraded(); ok {
			t.Errorf("%v: got something less to ask for, want nothing", q.Areas())
		}
	}
}

func TestParseDay(t *testing.T) {
	for _, s := range []string{"2024-02-29", "0001-01-01", "9999-12-31", "1969-12-31"} {
		if d, err := ParseDay(s); err != nil || d.String() != s {
			t.Errorf("got %s, %v; want %s", d, err, s)
		}
	}
	for _, s := range []string{"", "2024", "2024-02", "2023-02-29", "2024-2-9", "2024-01-01T00:00:00Z", " 2024-01-01"} {
		if d, err := ParseDay(s); !errors.Is(err, ErrDay) {
			t.Errorf("%q: got %s, %v; want ErrDay", s, d, err)
		}
	}
	var d Day
	if err := d.UnmarshalText([]byte("2024-02-29")); err != nil || d != mustDay(t, "2024-02-29") {
		t.Errorf("got %s, %v; want 2024-02-29", d, err)
	}
	if err := d.UnmarshalText(nil); err != nil || !d.IsZero() {
		t.Errorf("got %s, %v; want none", d, err)
	}
	if got := FromToday(-365).String(); got != "today-365" {
		t.Errorf("got %s, want today-365", got)
	}
}
