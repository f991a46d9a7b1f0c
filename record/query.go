package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// Query is what to ask of a record: an area is asked for when it is not nil, and its zero
// value asks for the whole of it. The zero Query asks for nothing and is refused.
//
//	q := record.Query{
//		Allergies:   &record.AllergiesQuery{},
//		Medications: &record.MedicationsQuery{Since: record.FromToday(-365)},
//	}
//
// The combinations that the specification forbids are refused by [Query.Parameters].
type Query struct {
	Allergies      *AllergiesQuery
	Medications    *MedicationsQuery
	Consultations  *ConsultationsQuery
	Problems       *ProblemsQuery
	Immunisations  *ImmunisationsQuery
	Uncategorised  *UncategorisedQuery
	Investigations *InvestigationsQuery
	Referrals      *ReferralsQuery
	Diary          *DiaryQuery
}

// AllergiesQuery asks for allergies.
type AllergiesQuery struct {
	WithoutResolved bool // leave out those that have ended
}

// MedicationsQuery asks for medication.
type MedicationsQuery struct {
	WithoutIssues bool // leave out the issues; that there are none then says nothing
	Since         Day  // active on or after it; not with consultations or problems
}

// ConsultationsQuery asks for consultations.
type ConsultationsQuery struct {
	Which ConsultationFilter
}

// ConsultationFilter is either of the two filters for consultations, [Within] or
// [MostRecent], which exclude each other. The zero filter leaves out nothing.
type ConsultationFilter struct {
	period Days
	recent int
	limits bool // recent is given
}

// Within is the filter for consultations on those days.
func Within(period Days) ConsultationFilter { return ConsultationFilter{period: period} }

// MostRecent is the filter for the latest n consultations.
func MostRecent(n int) ConsultationFilter { return ConsultationFilter{recent: n, limits: true} }

// ProblemsQuery asks for problems.
type ProblemsQuery struct {
	Status       ProblemStatus       // not with consultations
	Significance ProblemSignificance // not with consultations; providers of 1.6.2 and later ignore it and say so
}

// ProblemStatus is a filter for problems; "" leaves out none.
type ProblemStatus string

const (
	ActiveProblems   ProblemStatus = "active"
	InactiveProblems ProblemStatus = "inactive"
)

// ProblemSignificance is a filter for problems; "" leaves out none.
type ProblemSignificance string

const (
	MajorProblems ProblemSignificance = "major"
	MinorProblems ProblemSignificance = "minor"
)

// ImmunisationsQuery asks for immunisations. Neither part goes with consultations or problems.
type ImmunisationsQuery struct {
	NotGiven fhir.Bool // those that were intended and not given, too; without it, they are left out
	Status   fhir.Bool // notes of consent and dissent; without it, they are sent
}

// UncategorisedQuery asks for uncategorised data.
type UncategorisedQuery struct {
	Within Days // not with consultations or problems; data without a date always comes
}

// InvestigationsQuery asks for investigations.
type InvestigationsQuery struct {
	Within Days // when they were issued
}

// ReferralsQuery asks for referrals.
type ReferralsQuery struct {
	Within Days // when they were written; not with consultations or problems
}

// DiaryQuery asks for diary entries.
type DiaryQuery struct {
	Until Day // due on or before it, today or later; not with consultations or problems
}

// Full asks for all areas and all of each: the widest question there is.
func Full() Query {
	return Query{
		Allergies: &AllergiesQuery{}, Medications: &MedicationsQuery{}, Consultations: &ConsultationsQuery{},
		Problems: &ProblemsQuery{}, Immunisations: &ImmunisationsQuery{}, Uncategorised: &UncategorisedQuery{},
		Investigations: &InvestigationsQuery{}, Referrals: &ReferralsQuery{}, Diary: &DiaryQuery{},
	}
}

// Summary is the specification's predefined search for a summary: the latest three
// consultations, problems, allergies, and the medication of the last 365 days. It and
// [Paediatric] are allowed although the filter of medication goes with consultations in no
// other question.
func Summary() Query {
	return Query{
		Consultations: &ConsultationsQuery{Which: MostRecent(3)},
		Problems:      &ProblemsQuery{},
		Allergies:     &AllergiesQuery{},
		Medications:   &MedicationsQuery{Since: FromToday(-365)},
	}
}

// Paediatric is the specification's predefined search for children: [Summary] with
// immunisations and uncategorised data.
func Paediatric() Query {
	q := Summary()
	q.Immunisations, q.Uncategorised = &ImmunisationsQuery{}, &UncategorisedQuery{}
	return q
}

// Only asks for the whole of the named areas; see [AreaNames].
func Only(areas ...string) (Query, error) {
	var only Query
	full := Full()
	for _, name := range areas {
		if !only.take(AreaName(name), full) {
			return Query{}, fmt.Errorf("there is no area of that name to ask for; there are %s", strings.Join(AreaNames(), ", "))
		}
	}
	if only == (Query{}) {
		return Query{}, fmt.Errorf("name at least one area of %s", strings.Join(AreaNames(), ", "))
	}
	return only, nil
}

// take takes one area over from another Query. It is not ok when there is none of the name.
func (q *Query) take(name AreaName, from Query) bool {
	switch name {
	case Allergies:
		q.Allergies = from.Allergies
	case Medications:
		q.Medications = from.Medications
	case Consultations:
		q.Consultations = from.Consultations
	case Problems:
		q.Problems = from.Problems
	case Immunisations:
		q.Immunisations = from.Immunisations
	case Uncategorised:
		q.Uncategorised = from.Uncategorised
	case Investigations:
		q.Investigations = from.Investigations
	case Referrals:
		q.Referrals = from.Referrals
	case Diary:
		q.Diary = from.Diary
	default:
		return false
	}
	return true
}

// AreaNames are the areas that can be asked for. Documents cannot: they come with others.
func AreaNames() []string {
	names := make([]string, 0, len(areaOrder))
	for _, name := range areaOrder {
		if name != Documents {
			names = append(names, string(name))
		}
	}
	return names
}

// Asks says whether the area is asked for.
func (q Query) Asks(name AreaName) bool {
	var one Query
	return one.take(name, q) && one != (Query{})
}

// Downgraded is what is left of q for a provider of version 1.2.3 or earlier, which refuses
// what it does not know: medication and allergies. It is not ok when nothing is left, or
// nothing would be left out.
func (q Query) Downgraded() (Query, bool) {
	left := Query{Allergies: q.Allergies, Medications: q.Medications}
	return left, left != (Query{}) && left != q
}

// Areas are the areas that are asked for, in the order of [AreaNames].
func (q Query) Areas() []AreaName {
	return slices.DeleteFunc(slices.Clone(areaOrder), func(name AreaName) bool { return !q.Asks(name) })
}
