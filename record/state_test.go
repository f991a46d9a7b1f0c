package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

const noKnownAllergies = `{"resourceType":"AllergyIntolerance","id":"none","clinicalStatus":"active","patient":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003","display":"No known allergy"}]}}`

// warned is a list with warnings.
func warned(list string, codes ...string) string {
	var extensions []string
	for _, c := range codes {
		extensions = append(extensions, fmt.Sprintf(`{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1","valueCode":%q}`, c))
	}
	return strings.Replace(list, `"resourceType":"List",`, `"resourceType":"List","extension":[`+strings.Join(extensions, ",")+`],`, 1)
}

func empty(list, reason string) string {
	return strings.Replace(list, `"entry":[]`, `"emptyReason":{"coding":[{"code":"`+reason+`"}]},"note":[{"text":"Information not available"}]`, 1)
}

func outcome(said, about string) string {
	return fmt.Sprintf(`{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"not-supported","details":{"coding":[{"code":"NOT_IMPLEMENTED"}],"text":%q},"diagnostics":%q}]}`, about+" "+said, about)
}

func TestStatesThatDiffer(t *testing.T) {
	list := listOf(codeAllergies)
	onlyAllergies, err := Only("allergies")
	if err != nil {
		t.Fatal(err)
	}
	onlyProblems, err := Only("problems")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		query     Query
		resources []string
		want      State
		withheld  bool
		warning   WarningKind
	}{
		{"not asked for", onlyProblems, nil, StateNotRequested, false, ""},
		{"not asked for, and an empty list", onlyProblems, []string{list}, StateNotRequested, false, ""},
		{"not asked for, and items", onlyProblems, []string{listOf(codeAllergies, "AllergyIntolerance/none"), noKnownAllergies}, StateRecorded, false, WarnNotWhole},
		{"no list", onlyAllergies, nil, StateMissing, false, WarnMissing},
		{"a list under another code", onlyAllergies, []string{listOf("886721000000107")}, StateMissing, false, WarnMissing},
		{"empty", onlyAllergies, []string{empty(list, "no-content-recorded")}, StateNone, false, ""},
		{"empty without a reason", onlyAllergies, []string{list}, StateNone, false, ""},
		{"empty for another reason", onlyAllergies, []string{empty(list, "notasked")}, StateMissing, false, WarnEmptyReason},
		{"empty because withheld", onlyAllergies, []string{empty(list, "withheld")}, StateWithheld, false, WarnEmptyReason},
		{"empty in words", onlyAllergies, []string{strings.Replace(list, `"entry":[]`, `"emptyReason":{"text":"noContent"}`, 1)}, StateNone, false, ""},
		{"empty for another reason in words", onlyAllergies, []string{strings.Replace(list, `"entry":[]`, `"emptyReason":{"text":"Not available at present"}`, 1)}, StateMissing, false, WarnEmptyReason},
		{"empty for two reasons", onlyAllergies, []string{strings.Replace(list, `"entry":[]`, `"emptyReason":{"coding":[{"code":"no-content-recorded"},{"code":"withheld"}]}`, 1)}, StateWithheld, false, WarnEmptyReason},
		{"empty and confidential in words", onlyAllergies, []string{strings.Replace(list, `"entry":[]`, `"note":[{"text":"Items excluded due to confidentiality and/or patient preferences."}]`, 1)}, StateWithheld, true, WarnConfidential},
		{"empty and confidential in another spelling", onlyAllergies, []string{warned(list, "Confidential-Items")}, StateWithheld, true, WarnConfidential},
		{"empty and confidential in a coding", onlyAllergies, []string{strings.Replace(warned(list, "x"), `"valueCode":"x"`, `"valueCoding":{"code":"confidential-items"}`, 1)}, StateWithheld, true, WarnConfidential},
		{"empty and confidential in a concept", onlyAllergies, []string{strings.Replace(warned(list, "x"), `"valueCode":"x"`, `"valueCodeableConcept":{"coding":[{"code":"confidential-items"}]}`, 1)}, StateWithheld, true, WarnConfidential},
		{"empty with a warning without a code", onlyAllergies, []string{strings.Replace(warned(list, "x"), `"valueCode":"x"`, `"valueBoolean":true`, 1)}, StateWithheld, true, WarnOtherCode},
		{"words that are a finding", onlyAllergies, []string{listOf(codeAllergies, "Registered disabled")}, StateRecorded, false, WarnNotSent},
		{"empty and confidential", onlyAllergies, []string{warned(empty(list, "no-content-recorded"), "confidential-items")}, StateWithheld, true, WarnConfidential},
		{"empty and in transit", onlyAllergies, []string{warned(empty(list, "no-content-recorded"), "data-in-transit")}, StateNone, false, WarnInTransit},
		{"empty with an unknown warning", onlyAllergies, []string{warned(list, "data-eaten-by-dog")}, StateNone, false, WarnOtherCode},
		{"no known allergies", onlyAllergies, []string{listOf(codeAllergies, "AllergyIntolerance/none"), noKnownAllergies}, StateExplicitlyNone, false, ""},
		{"no known allergies and confidential", onlyAllergies, []string{warned(listOf(codeAllergies, "AllergyIntolerance/none"), "confidential-items"), noKnownAllergies}, StateRecorded, true, WarnConfidential},
		{"no known allergies and another", onlyAllergies, []string{listOf(codeAllergies, "AllergyIntolerance/none", "AllergyIntolerance/x"), noKnownAllergies}, StateRecorded, false, WarnUnresolved},
		{"no known allergies, no longer", onlyAllergies, []string{listOf(codeAllergies, "AllergyIntolerance/none"), strings.Replace(noKnownAllergies, `"active"`, `"inactive"`, 1)}, StateRecorded, false, ""},
		{"no known allergies, refuted", onlyAllergies, []string{listOf(codeAllergies, "AllergyIntolerance/none"), strings.Replace(noKnownAllergies, `"id"`, `"verificationStatus":"refuted","id"`, 1)}, StateRecorded, false, ""},
		{"no known allergies, partly unreadable", onlyAllergies, []string{listOf(codeAllergies, "AllergyIntolerance/none"), strings.Replace(noKnownAllergies, `"active"`, `{}`, 1)}, StateRecorded, false, WarnUnreadable},
		{"no known allergies in one of two lists", onlyAllergies, []string{list, listOf(codeAllergies, "AllergyIntolerance/none"), noKnownAllergies}, StateRecorded, false, WarnDuplicate},
		{"no known allergies, in error", onlyAllergies, []string{listOf(codeAllergies, "AllergyIntolerance/none"), strings.Replace(noKnownAllergies, `"id"`, `"verificationStatus":"entered-in-error","id"`, 1)}, StateRecorded, false, WarnError},
		{"disabled", onlyAllergies, []string{outcome("has been disabled", "includeAllergies")}, StateDisabled, false, WarnDisabled},
		{"disabled, and an empty list", onlyAllergies, []string{list, outcome("has been disabled", "includeAllergies")}, StateDisabled, false, WarnDisabled},
		{"unsupported", onlyAllergies, []string{outcome("is an unrecognised parameter", "includeAllergies")}, StateUnsupported, false, WarnUnsupported},
		{"a part unsupported", onlyAllergies, []string{list, outcome("is an unrecognised parameter", "includeAllergies.includeResolvedAllergies")}, StateNone, false, WarnUnsupported},
		{"words that say disabled", onlyAllergies, []string{listOf(codeAllergies, "Allergy items have been disabled")}, StateDisabled, false, WarnNotSent},
		{"words that say unsupported", onlyAllergies, []string{listOf(codeAllergies, "Allergy items are not supported by the provider system")}, StateUnsupported, false, WarnNotSent},
		{"an unreadable list", onlyAllergies, []string{strings.Replace(list, `"entry":[]`, `"entry":7`, 1)}, StateMissing, false, WarnUnreadable},
		{"a list that is unreadable in part", onlyAllergies, []string{strings.Replace(listOf(codeAllergies, "AllergyIntolerance/none"), `"item":{"reference":"AllergyIntolerance/none"}`, `"item":[{"reference":"AllergyIntolerance/none"},{"reference":"AllergyIntolerance/other"}]`, 1), noKnownAllergies}, StateRecorded, false, WarnUnreadable},
		{"unreadable warnings", onlyAllergies, []string{strings.Replace(list, `"entry":[]`, `"extension":[7]`, 1)}, StateWithheld, true, WarnUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Read(bundleOf(t, append([]string{testPatient}, c.resources...)...), number(t), c.query)
			if err != nil {
				t.Fatal(err)
			}
			a := r.Areas.Allergies.Area
			if a.State != c.want || a.Withheld != c.withheld {
				t.Errorf("got %s, withheld %t; want %s, %t", a.State, a.Withheld, c.want, c.withheld)
			}
			if c.warning != "" && !hasWarning(r, c.warning, Allergies) {
				t.Errorf("got no warning %s, want one", c.warning)
			}
			if len(a.Warnings) > len(r.Warnings) {
				t.Errorf("got %d warnings in the area and %d in all", len(a.Warnings), len(r.Warnings))
			}
		})
	}
}

func TestEndedAllergiesOfWhatWasAsked(t *testing.T) {
	ended := strings.Replace(listOf(codeEndedAllergies, "#e"), `"entry"`, `"contained":[{"resourceType":"AllergyIntolerance","id":"e","patient":{"reference":"Patient/p"},"code":{"text":"Egg"}}],"entry"`, 1)
	active := listOf(codeAllergies)
	with, without := Query{Allergies: &AllergiesQuery{}}, Query{Allergies: &AllergiesQuery{WithoutResolved: true}}
	for _, c := range []struct {
		name      string
		query     Query
		resources []string
		want      State
		warning   WarningKind
	}{
		{"asked for and there", with, []string{active, ended}, StateRecorded, ""},
		{"asked for and not there", with, []string{active}, StateMissing, WarnMissing},
		{"asked away", without, []string{active}, StateNotRequested, ""},
		{"came along", Query{Problems: &ProblemsQuery{}}, []string{ended}, StateRecorded, WarnNotWhole},
		{"unsupported", with, []string{active, outcome("is an unrecognised parameter", "includeAllergies.includeResolvedAllergies")}, StateUnsupported, WarnUnsupported},
	} {
		r, err := Read(bundleOf(t, append([]string{testPatient}, c.resources...)...), number(t), c.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Areas.Allergies.Ended.State; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if c.warning != "" && !hasWarning(r, c.warning, Allergies) {
			t.Errorf("%s: got no warning %s, want one", c.name, c.warning)
		}
	}
}

func TestASecondaryListThatWithholdsForbidsToSayNone(t *testing.T) {
	hidden := warned(listOf("problems-allergies-related-to-problems"), "confidential-items")
	r := recordOf(t, listOf(codeAllergies, "AllergyIntolerance/none"), noKnownAllergies, listOf(codeProblems), listOf(codeMedications), hidden)
	if a := r.Areas.Allergies; a.State != StateRecorded || !a.Withheld {
		t.Errorf("allergies: got %s, withheld %t; want what says that there are none, and withheld", a.State, a.Withheld)
	}
	if got := r.Areas.Problems.State; got != StateWithheld {
		t.Errorf("problems: got %s, want withheld", got)
	}
	if got := r.Areas.Medications.State; got != StateNone {
		t.Errorf("medications: got %s, want none-recorded", got)
	}
}

func TestWhatIsSaidOfTheAnswerAndCannotBeReadIsSaid(t *testing.T) {
	for _, o := range []string{
		`{"resourceType":"OperationOutcome"}`, `{"resourceType":"OperationOutcome","issue":[]}`,
		`{"resourceType":"OperationOutcome","issue":["includeAllergies has been disabled"]}`, `{"resourceType":"OperationOutcome","issue":7}`,
		`{"resourceType":"OperationOutcome","issue":[{"severity":"warning","details":7}]}`,
	} {
		if r := recordOf(t, o); !hasWarning(r, WarnOutcome, "") {
			t.Errorf("%s: got no warning, want one", o)
		}
	}
}

func TestConsultationsAloneAreNotTheRecord(t *testing.T) {
	r, err := Read(bundleOf(t, testPatient, listOf(codeConsultations)), number(t), Query{Consultations: &ConsultationsQuery{}})
	if err != nil {
		t.Fatal(err)
	}
	if !hasWarning(r, WarnConsultation, Consultations) {
		t.Error("got no warning, want one that this is not the whole record")
	}
}

func TestIssuesThatWereAskedAwaySaySo(t *testing.T) {
	q := Query{Medications: &MedicationsQuery{WithoutIssues: true}}
	r, err := Read(bundleOf(t, testPatient, listOf(codeMedications)), number(t), q)
	if err != nil {
		t.Fatal(err)
	}
	if got := at(t, r, "areas.medications.issues_requested"); got != "false" {
		t.Errorf("got %s, want false", got)
	}
	v, err := View(bundleOf(t, testPatient, listOf(codeMedications)))
	if err != nil {
		t.Fatal(err)
	}
	if got := at(t, v, "areas.medications.issues_requested"); got != "" {
		t.Errorf("a saved answer: got %s, want null", got)
	}
}

// Where only a part was asked for, that nothing came says nothing about the rest.
func TestAPartIsNotTheWhole(t *testing.T) {
	since := mustDay(t, "2025-01-01")
	for _, c := range []struct {
		q    Query
		code string
		name AreaName
		want string
	}{
		{Query{Medications: &MedicationsQuery{Since: since}}, codeMedications, Medications, "Only medication active on or after 2025-01-01 was asked for: there may be more."},
		{Query{Medications: &MedicationsQuery{Since: FromToday(-365)}}, codeMedications, Medications, "Only medication active on or after 365 days ago was asked for: there may be more."},
		{Query{Consultations: &ConsultationsQuery{MostRecent(3)}}, codeConsultations, Consultations, "Only the latest 3 consultations were asked for: there may be more."},
		{Query{Consultations: &ConsultationsQuery{Within(Days{To: since})}}, codeConsultations, Consultations, "Only consultations on or before 2025-01-01 were asked for: there may be more."},
		{Query{Problems: &ProblemsQuery{Status: ActiveProblems}}, codeProblems, Problems, "Only active problems were asked for: there may be more."},
		{Query{Problems: &ProblemsQuery{Significance: MajorProblems}}, codeProblems, Problems, "Only major problems were asked for: there may be more."},
		{Query{Immunisations: &ImmunisationsQuery{Status: fhir.False}}, codeImmunisations, Immunisations, "Only immunisations without notes of consent and dissent were asked for: there may be more."},
		{Query{Uncategorised: &UncategorisedQuery{Days{From: since}}}, codeUncategorised, Uncategorised, "Only uncategorised data on or after 2025-01-01 were asked for: there may be more."},
		{Query{Investigations: &InvestigationsQuery{Days{since, FromToday(0)}}}, codeInvestigations, Investigations, "Only investigations from 2025-01-01 to today were asked for: there may be more."},
		{Query{Referrals: &ReferralsQuery{Days{From: since}}}, codeReferrals, Referrals, "Only referrals on or after 2025-01-01 were asked for: there may be more."},
		{Query{Diary: &DiaryQuery{FromToday(30)}}, codeDiary, Diary, "Only diary entries due on or before the day in 30 days were asked for: there may be more."},
	} {
		r, err := Read(bundleOf(t, testPatient, listOf(c.code)), number(t), c.q)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(r.Warnings, func(w Warning) bool { return w.Kind == WarnNotWhole && w.Area == c.name && w.Text == c.want }) {
			t.Errorf("%s: got %+v, want one that says %q", c.name, r.Warnings, c.want)
		}
	}
	for _, w := range recordOf(t).Warnings {
		if w.Kind == WarnNotWhole {
			t.Errorf("the whole asked for: got %q", w.Text)
		}
	}
}
