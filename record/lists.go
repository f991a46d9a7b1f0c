package record

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// SNOMED codes of the primary lists (Access Record Structured, "Lists"). Titles vary and
// say nothing.
const (
	codeAllergies      = "886921000000105"
	codeEndedAllergies = "1103671000000101"
	codeMedications    = "933361000000108"
	codeConsultations  = "1149501000000101"
	codeProblems       = "717711000000103"
	codeImmunisations  = "1102181000000102"
	codeUncategorised  = "826501000000100"
	codeInvestigations = "887191000000108"
	codeReferrals      = "792931000000107"
	codeDiary          = "714311000000108"
)

// SNOMED codes of the lists that a consultation is built of.
const (
	codeConsultation = "325851000000107"
	codeTopic        = "25851000000105"
	codeHeading      = "24781000000107"
)

// The secondary list of problems that others are linked to; it may come with any query.
const linkedProblems = "problems-linked-problems-not-relating-to-the-primary-query"

var primaryCodes = []string{
	codeAllergies, codeEndedAllergies, codeMedications, codeConsultations, codeProblems,
	codeImmunisations, codeUncategorised, codeInvestigations, codeReferrals, codeDiary,
}

// lists are the answer's Lists by what they are for. Most have no id: their code tells.
type lists struct {
	primary   map[string][]*fhir.List // by SNOMED code; one each, in a sound answer
	secondary []secondaryList
	structure map[string][]*fhir.List // consultations, by the reference to their Encounter
	parts     []*fhir.List            // topics, headings and consultations, all of them
	unknown   []*fhir.List
}

type secondaryList struct {
	code string // of GPConnect-SecondaryListValues
	*fhir.List
}

func (l *lists) add(list *fhir.List) {
	if l.primary == nil {
		l.primary = map[string][]*fhir.List{}
	}
	for _, code := range primaryCodes {
		if list.Code.AnyCode(code) {
			l.primary[code] = append(l.primary[code], list)
			return
		}
	}
	switch code := secondaryCode(list); {
	case code != "":
		l.secondary = append(l.secondary, secondaryList{code, list})
	case list.Code.AnyCode(codeConsultation):
		if encounter := entryKey(list.Encounter.Reference); encounter != "" {
			l.structure[encounter] = append(l.structure[encounter], list)
		}
		l.parts = append(l.parts, list)
	case list.Code.AnyCode(codeTopic, codeHeading):
		l.parts = append(l.parts, list)
	default:
		l.unknown = append(l.unknown, list)
	}
}

// secondaryCode is the code of a secondary list, or "". The system's name tells; so does a
// code of its form, as systems are misspelt.
func secondaryCode(list *fhir.List) string {
	for _, c := range list.Code.Coding {
		if strings.Contains(c.System, "SecondaryListValues") ||
			strings.HasPrefix(c.Code, "consultations-") || strings.HasPrefix(c.Code, "problems-") {
			return c.Code
		}
	}
	return ""
}

// putInOrder makes the order independent of that of the answer's entries.
func (l *lists) putInOrder() {
	byBytes := func(a, b *fhir.List) int { return bytes.Compare(a.Raw, b.Raw) }
	for _, group := range []map[string][]*fhir.List{l.primary, l.structure} {
		for _, found := range group {
			slices.SortFunc(found, byBytes)
		}
	}
	slices.SortFunc(l.unknown, byBytes)
	slices.SortFunc(l.parts, byBytes)
	slices.SortFunc(l.secondary, func(a, b secondaryList) int {
		return cmp.Or(cmp.Compare(a.code, b.code), byBytes(a.List, b.List))
	})
}

// sectionKind is what a list is within a consultation.
func sectionKind(list *fhir.List) Kind {
	switch {
	case list.Code.AnyCode(codeTopic):
		return KindTopic
	case list.Code.AnyCode(codeHeading):
		return KindHeading
	}
	return KindList
}

// listName names a list in sources and warnings without quoting the answer: by its code
// where that is one of GP Connect's.
func listName(list *fhir.List) string {
	for _, code := range primaryCodes {
		if list.Code.AnyCode(code) {
			return "List:" + code
		}
	}
	if code := secondaryCode(list); code != "" {
		return "List:" + code
	}
	if key := list.Key(); key != "" {
		return key
	}
	return "List"
}
