package record

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

const otherPatient = `{"resourceType":"Patient","id":"q","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000017"}]}`

// Answers that are not, beyond doubt, about the person of the fixtures.
var wrongAnswers = []struct {
	name      string
	resources []string
	want      error
}{
	{"another patient", []string{otherPatient}, ErrWrongPatient},
	{"two patients", []string{testPatient, otherPatient}, ErrWrongPatient},
	{"the patient twice", []string{testPatient, testPatient}, ErrWrongPatient},
	{"no patient", []string{listOf(codeAllergies)}, ErrNoPatient},
	{"nothing", nil, ErrNoRecord},
	{"no identifier", []string{`{"resourceType":"Patient","id":"p"}`}, ErrWrongPatient},
	{"another system", []string{strings.Replace(testPatient, "Id/nhs-number", "Id/local", 1)}, ErrWrongPatient},
	{"no NHS number", []string{strings.Replace(testPatient, testNumber, "9000000001", 1)}, ErrWrongPatient},
	{"two numbers", []string{strings.Replace(testPatient, `"identifier":[`, `"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000017"},`, 1)}, ErrWrongPatient},
	{"a subject with another id", []string{testPatient, `{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/q"}}`}, ErrWrongPatient},
	{"a patient with another id", []string{testPatient, `{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/q"}}`}, ErrWrongPatient},
	{"a subject with another number", []string{testPatient, `{"resourceType":"List","subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000017"}}}`}, ErrWrongPatient},
	{"a subject of another type", []string{testPatient, `{"resourceType":"Observation","id":"o","subject":{"reference":"Group/p"}}`}, ErrWrongPatient},
	{"a subject elsewhere", []string{testPatient, `{"resourceType":"Observation","id":"o","subject":{"reference":"https://example.org/Patient/q"}}`}, ErrWrongPatient},
	{"a subject that is none", []string{testPatient, `{"resourceType":"Observation","id":"o","subject":true}`}, ErrWrongPatient},
	{"two subjects", []string{testPatient, `{"resourceType":"Observation","id":"o","subject":[{"reference":"Patient/p"},{"reference":"Patient/q"}]}`}, ErrWrongPatient},
	{"a contained subject", []string{testPatient, `{"resourceType":"List","contained":[{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/q"}}]}`}, ErrWrongPatient},
	{"a contained patient", []string{testPatient, `{"resourceType":"List","contained":[` + otherPatient + `]}`}, ErrWrongPatient},
	{"a resource of an unknown type", []string{testPatient, `{"resourceType":"Flag","id":"f","subject":{"reference":"Patient/q"}}`}, ErrWrongPatient},
	{"a resource without a type", []string{testPatient, `{"id":"f","subject":{"reference":"Patient/q"}}`}, ErrWrongPatient},
	{"an unknown type with an unreadable subject", []string{testPatient, `{"resourceType":"Flag","id":"f","subject":7}`}, ErrWrongPatient},
	{"subjects, and a patient without an id", []string{strings.Replace(testPatient, `"id":"p",`, "", 1), listOf(codeAllergies)}, ErrWrongPatient},
}

func TestReadRefusesWhatIsNotThePatientAskedFor(t *testing.T) {
	for _, c := range wrongAnswers {
		t.Run(c.name, func(t *testing.T) {
			r, err := Read(bundleOf(t, append([]string(nil), c.resources...)...), number(t), Full())
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if r != nil {
				t.Error("got a record with the error, want none")
			}
			var told *PatientError
			if !errors.As(err, &told) {
				t.Fatalf("got %T, want a *PatientError", err)
			}
			for _, secret := range []string{testNumber, "9000000017", "Example", "1960"} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, told, told), secret) {
					t.Error("the error tells something about a patient")
				}
			}
		})
	}
}

func TestReadTakesEveryWayToNameThePatient(t *testing.T) {
	for _, subject := range []string{
		`{"reference":"Patient/p"}`,
		`{"reference":"Patient/p/_history/3"}`,
		`{"reference":"https://provider.example/A12345/STU3/1/gpconnect/Patient/p"}`,
		`{"reference":"Patient/p","display":"EXAMPLE, Ann"}`,
		`{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"900 000 0009"}}`,
		`{"identifier":{"system":"https://example.org/local","value":"17"}}`,
		`{"display":"EXAMPLE, Ann"}`,
	} {
		resource := `{"resourceType":"Observation","id":"o","subject":` + subject + `}`
		if _, err := Read(bundleOf(t, testPatient, resource), number(t), Full()); err != nil {
			t.Errorf("subject %s: got %v, want no error", subject, err)
		}
	}
	if _, err := Read(bundleOf(t, testPatient), fhir.NHSNumber{}, Full()); !errors.Is(err, ErrWrongPatient) {
		t.Errorf("no number asked for: got %v, want ErrWrongPatient", err)
	}
}

func TestViewShowsAndSaysWhatReadRefuses(t *testing.T) {
	r, err := View(bundleOf(t, strings.Replace(testPatient, testNumber, "1234567890", 1), listOf(codeAllergies, "AllergyIntolerance/a"),
		`{"resourceType":"AllergyIntolerance","id":"a","code":{"text":"Latex"},"patient":{"reference":"Patient/q"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Patient.NHSNumber; got != "1234567890" {
		t.Errorf("got another number than the file has")
	}
	if !r.Areas.Allergies.Items[0].OtherSubject {
		t.Error("got an item of the patient, want one that names another")
	}
	for _, kind := range []WarningKind{WarnNHSNumber, WarnOtherSubject} {
		if !hasWarning(r, kind, "") {
			t.Errorf("got no warning %s, want one", kind)
		}
	}
	if !r.Source.Saved || r.Source.ODS != "" {
		t.Errorf("got source %+v, want a saved one without a practice", r.Source)
	}
}

func TestViewWantsOnePatientWithANumber(t *testing.T) {
	for _, c := range wrongAnswers {
		r, err := View(bundleOf(t, append([]string(nil), c.resources...)...))
		switch c.name {
		case "two patients", "the patient twice", "a contained patient":
			if !errors.Is(err, ErrWrongPatient) || r != nil {
				t.Errorf("%s: got %v, want ErrWrongPatient", c.name, err)
			}
		case "no patient", "no identifier", "another system":
			if !errors.Is(err, ErrNoPatient) || r != nil {
				t.Errorf("%s: got %v, want ErrNoPatient", c.name, err)
			}
		case "nothing":
			if !errors.Is(err, ErrNoRecord) || r != nil {
				t.Errorf("%s: got %v, want ErrNoRecord", c.name, err)
			}
		default:
			if err != nil {
				t.Errorf("%s: got %v, want a record", c.name, err)
			}
		}
	}
}

func TestCompare(t *testing.T) {
	r := recordOf(t)
	same := fhir.Person{NHSNumber: number(t), Family: "EXAMPLE", Given: []string{"ann  Bea"}, Gender: "Female", BirthDate: "1960-02-29", Practice: "a12345"}
	if got := r.Compare(same); len(got) != 0 {
		t.Errorf("got %d differences, want none", len(got))
	}
	if got := r.Compare(fhir.Person{}); len(got) != 0 {
		t.Errorf("nothing expected: got %d differences, want none", len(got))
	}
	other, err := fhir.ParseNHSNumber("9000000017")
	if err != nil {
		t.Fatal(err)
	}
	got := r.Compare(fhir.Person{NHSNumber: other, Family: "Sample", Given: []string{"Ann"}, Gender: "male", BirthDate: "1960-02", Practice: "B82617"})
	want := []Difference{
		{FieldNHSNumber, "******0017", "******0009"}, {FieldFamily, "Sample", "Example"}, {FieldGiven, "Ann", "Ann Bea"},
		{FieldGender, "male", "female"}, {FieldBirthDate, "1960-02", "1960-02-29"}, {FieldPractice, "B82617", "A12345"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %d differences, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("difference %d: got another than in %s", i, want[i].Field)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v %s", got, got[1], got[1], got); strings.Contains(s, "Sample") || strings.Contains(s, "Example") {
		t.Error("a difference shows its values to fmt")
	}
}

func TestNothingOfARecordGetsIntoAMessage(t *testing.T) {
	r := fixture(t, "consultations.json")
	e := r.Areas.Consultations.Items[0].Entries[0]
	said := fmt.Sprintf("%v %+v %#v|%v %+v|%v %+v %#v|%v %+v|%+v %#v|%+v|%+v", *r, *r, *r, r.Patient, r.Patient,
		r.Areas, r.Areas, r.Areas, r.Areas.Consultations, r.Areas.Consultations.Items, e, e, r.Warnings, e.Section.Problems)
	for _, secret := range []string{testNumber, "Example", "Ibuprofen", "Knee", "swelling", "Osteo", "Surgery"} {
		if strings.Contains(said, secret) {
			t.Errorf("fmt shows %d bytes of a record, among them %q", len(said), secret)
		}
	}
}
