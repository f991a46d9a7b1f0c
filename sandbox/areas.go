package sandbox

import "sync"

// A kind is the type of a parameter part's value.
type kind int

const (
	boolean kind = iota
	date
	period
	positiveInt
	statusCode
	significanceCode
)

// member is the JSON name of a value of this kind.
func (k kind) member() string {
	return [...]string{"valueBoolean", "valueDate", "valuePeriod", "valuePositiveInt", "valueCode", "valueCode"}[k]
}

// A part is a parameter's part. alone says with which of consultations and problems it may
// not be combined (structured record, combinations not permitted).
type part struct {
	name             string
	kind             kind
	required         bool
	notConsultations bool
	notProblems      bool
	future           bool // a date that may not lie in the past; others may not lie in the future
}

// An area is a clinical area: its parameter, the parameter's parts, and the SNOMED CT codes
// of its primary lists.
type area struct {
	parameter string
	parts     []part
	lists     []string
}

const (
	listAllergies      = "886921000000105"
	listEnded          = "1103671000000101"
	listMedication     = "933361000000108"
	listConsultations  = "1149501000000101"
	listProblems       = "717711000000103"
	listImmunisations  = "1102181000000102"
	listUncategorised  = "826501000000100"
	listInvestigations = "887191000000108"
	listReferrals      = "792931000000107"
	listDiary          = "714311000000108"

	listConsultation = "325851000000107" // the three of a consultation's structure
	listTopic        = "25851000000105"
	listHeading      = "24781000000107"
)

// clinicalAreas are the ten, Ended allergies counted with Allergies.
var clinicalAreas = sync.OnceValue(func() []area {
	return []area{
		{"includeAllergies", []part{{name: "includeResolvedAllergies", kind: boolean, required: true}}, []string{listAllergies, listEnded}},
		{"includeMedication", []part{
			{name: "includePrescriptionIssues", kind: boolean},
			{name: "medicationSearchFromDate", kind: date, notConsultations: true, notProblems: true},
		}, []string{listMedication}},
		{"includeConsultations", []part{
			{name: "consultationSearchPeriod", kind: period},
			{name: "includeNumberOfMostRecent", kind: positiveInt},
		}, []string{listConsultations}},
		{"includeProblems", []part{
			{name: "filterStatus", kind: statusCode, notConsultations: true},
			{name: "filterSignificance", kind: significanceCode, notConsultations: true}, // until 1.6.1
		}, []string{listProblems}},
		{"includeImmunisations", []part{
			{name: "includeNotGiven", kind: boolean, notConsultations: true, notProblems: true},
			{name: "includeStatus", kind: boolean, notConsultations: true, notProblems: true},
		}, []string{listImmunisations}},
		{"includeUncategorisedData", []part{
			{name: "uncategorisedDataSearchPeriod", kind: period, notConsultations: true, notProblems: true},
		}, []string{listUncategorised}},
		{"includeInvestigations", []part{{name: "investigationSearchPeriod", kind: period}}, []string{listInvestigations}},
		{"includeReferrals", []part{
			{name: "referralSearchPeriod", kind: period, notConsultations: true, notProblems: true},
		}, []string{listReferrals}},
		{"includeDiaryEntries", []part{
			{name: "diaryEntriesSearchDate", kind: date, notConsultations: true, notProblems: true, future: true},
		}, []string{listDiary}},
	}
})
