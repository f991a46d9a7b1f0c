package record

import (
	"encoding/json"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// parameterNames are the request's parameters by area.
var parameterNames = map[AreaName]string{
	Allergies:      "includeAllergies",
	Medications:    "includeMedication",
	Consultations:  "includeConsultations",
	Problems:       "includeProblems",
	Immunisations:  "includeImmunisations",
	Uncategorised:  "includeUncategorisedData",
	Investigations: "includeInvestigations",
	Referrals:      "includeReferrals",
	Diary:          "includeDiaryEntries",
}

type parameter struct {
	Name            string      `json:"name"`
	ValueIdentifier *identifier `json:"valueIdentifier,omitempty"`
	Part            []part      `json:"part,omitempty"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type part struct {
	Name             string `json:"name"`
	ValueBoolean     *bool  `json:"valueBoolean,omitempty"`
	ValueDate        string `json:"valueDate,omitempty"`
	ValueCode        string `json:"valueCode,omitempty"`
	ValuePositiveInt int    `json:"valuePositiveInt,omitempty"`
	ValuePeriod      *ends  `json:"valuePeriod,omitempty"`
}

type ends struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Parameters is the body of the request for the patient with the number n, as JSON. The day
// of now in the United Kingdom is today. What a provider must refuse is refused here: the
// error is or joins [*QueryError]s, and nothing is to be sent.
func (q Query) Parameters(n fhir.NHSNumber, now time.Time) ([]byte, error) {
	today := DayOf(now)
	if err := q.check(n, today); err != nil {
		return nil, err
	}
	body := struct {
		ResourceType string      `json:"resourceType"`
		Parameter    []parameter `json:"parameter"`
	}{"Parameters", []parameter{{
		Name:            "patientNHSNumber",
		ValueIdentifier: &identifier{fhir.NHSNumberSystem, n.Digits()},
	}}}
	predefined := q.predefined(today)
	order := areaOrder
	if predefined != nil {
		order = predefined
	}
	for _, name := range order {
		if q.Asks(name) {
			body.Parameter = append(body.Parameter, parameter{Name: parameterNames[name], Part: q.parts(name, today, predefined != nil)})
		}
	}
	return json.Marshal(body)
}

// The predefined searches have an order of their own.
var (
	summaryOrder    = []AreaName{Consultations, Problems, Allergies, Medications}
	paediatricOrder = []AreaName{Consultations, Allergies, Medications, Problems, Immunisations, Uncategorised}
)

// predefined is the order of the predefined search that q is, or nil.
func (q Query) predefined(today Day) []AreaName {
	switch {
	case q.same(Summary(), today):
		return summaryOrder
	case q.same(Paediatric(), today):
		return paediatricOrder
	}
	return nil
}

// same says whether two queries ask for the same on that day.
func (q Query) same(o Query, today Day) bool {
	return equal(q.Allergies, o.Allergies) && equal(q.Consultations, o.Consultations) &&
		equal(q.Problems, o.Problems) && equal(q.Immunisations, o.Immunisations) &&
		equal(q.Uncategorised, o.Uncategorised) && equal(q.Investigations, o.Investigations) &&
		equal(q.Referrals, o.Referrals) && equal(q.Diary, o.Diary) &&
		equal(q.Medications.on(today), o.Medications.on(today))
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

func (m *MedicationsQuery) on(today Day) *MedicationsQuery {
	if m == nil {
		return nil
	}
	dated := *m
	dated.Since = m.Since.on(today)
	return &dated
}

// parts are the parts of one area's parameter. Issues are always asked for or asked away,
// because some versions want it said; only the predefined searches leave it out.
func (q Query) parts(name AreaName, today Day, predefined bool) (parts []part) {
	switch name {
	case Allergies:
		parts = append(parts, yesOrNo("includeResolvedAllergies", !q.Allergies.WithoutResolved))
	case Medications:
		if !predefined {
			parts = append(parts, yesOrNo("includePrescriptionIssues", !q.Medications.WithoutIssues))
		}
		parts = append(parts, day("medicationSearchFromDate", q.Medications.Since.on(today))...)
	case Consultations:
		if q.Consultations.Which.limits {
			return []part{{Name: "includeNumberOfMostRecent", ValuePositiveInt: q.Consultations.Which.recent}}
		}
		parts = days("consultationSearchPeriod", q.Consultations.Which.period.on(today))
	case Problems:
		parts = append(parts, code("filterStatus", string(q.Problems.Status))...)
		parts = append(parts, code("filterSignificance", string(q.Problems.Significance))...)
	case Immunisations:
		parts = append(parts, said("includeNotGiven", q.Immunisations.NotGiven)...)
		parts = append(parts, said("includeStatus", q.Immunisations.Status)...)
	case Uncategorised:
		parts = days("uncategorisedDataSearchPeriod", q.Uncategorised.Within.on(today))
	case Investigations:
		parts = days("investigationSearchPeriod", q.Investigations.Within.on(today))
	case Referrals:
		parts = days("referralSearchPeriod", q.Referrals.Within.on(today))
	case Diary:
		parts = day("diaryEntriesSearchDate", q.Diary.Until.on(today))
	}
	return parts
}

func yesOrNo(name string, yes bool) part { return part{Name: name, ValueBoolean: &yes} }

func said(name string, b fhir.Bool) []part {
	if b == fhir.Absent {
		return nil
	}
	return []part{yesOrNo(name, b.IsTrue())}
}

func day(name string, d Day) []part {
	if d.IsZero() {
		return nil
	}
	return []part{{Name: name, ValueDate: d.String()}}
}

func days(name string, d Days) []part {
	if d.IsZero() {
		return nil
	}
	return []part{{Name: name, ValuePeriod: &ends{d.From.String(), d.To.String()}}}
}

func code(name, value string) []part {
	if value == "" {
		return nil
	}
	return []part{{Name: name, ValueCode: value}}
}
