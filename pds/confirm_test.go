package pds_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/pds"
)

// person is the Patient of a practice that has them as PDS does.
func person(t testing.TB) fhir.Person {
	return fhir.Person{NHSNumber: number(t, digits), Family: family, Given: []string{given, "Ann"}, BirthDate: born, Gender: "female", Practice: surgery}
}

func confirming(t *testing.T, ods string, booking bool, overrides ...pds.Override) (*pds.Gate, *audit) {
	t.Helper()
	a := new(audit)
	g := newGate(t, pds.GateConfig{Trace: read(t), Now: func() time.Time { return noon }, Overrides: overrides, OnOverride: a.hook})
	if err := g.Admit(t.Context(), number(t, digits), ods, booking); err != nil {
		t.Fatal(err)
	}
	return g, a
}

// TestConfirm: each field that is compared, alike and different.
func TestConfirm(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*fhir.Person)
		want []pds.Field
	}{
		{"the same", func(*fhir.Person) {}, nil},
		{"capitals", func(p *fhir.Person) { p.Family, p.Gender, p.Practice = strings.ToUpper(family), "Female", "b82617" }, nil},
		{"white space", func(p *fhir.Person) { p.Family = " " + family + "\u00a0" }, nil},
		{"given names in one", func(p *fhir.Person) { p.Given = []string{given + "  Ann"} }, nil},
		{"a time of birth", func(p *fhir.Person) { p.BirthDate = born + "T00:00:00+00:00" }, nil},
		{"practice not known", func(p *fhir.Person) { p.Practice = "" }, nil},
		{"family", func(p *fhir.Person) { p.Family = "Canary" }, []pds.Field{pds.FieldFamily}},
		{"no family", func(p *fhir.Person) { p.Family = "" }, []pds.Field{pds.FieldFamily}},
		{"given", func(p *fhir.Person) { p.Given = []string{"Canary"} }, []pds.Field{pds.FieldGiven}},
		{"a given name fewer", func(p *fhir.Person) { p.Given = []string{given} }, []pds.Field{pds.FieldGiven}},
		{"gender", func(p *fhir.Person) { p.Gender = "male" }, []pds.Field{pds.FieldGender}},
		{"no gender", func(p *fhir.Person) { p.Gender = "" }, []pds.Field{pds.FieldGender}},
		{"birth date", func(p *fhir.Person) { p.BirthDate = "1961-03-02" }, []pds.Field{pds.FieldBirthDate}},
		{"birth year", func(p *fhir.Person) { p.BirthDate = "1961" }, []pds.Field{pds.FieldBirthDate}},
		{"practice", func(p *fhir.Person) { p.Practice = "A20047" }, []pds.Field{pds.FieldPractice}},
		{"deceased", func(p *fhir.Person) { p.Deceased = true }, []pds.Field{pds.FieldDeceased}},
		{"number", func(p *fhir.Person) { p.NHSNumber = number(t, otherDigits) }, []pds.Field{pds.FieldNHSNumber}},
		{"no number", func(p *fhir.Person) { p.NHSNumber = fhir.NHSNumber{} }, []pds.Field{pds.FieldNHSNumber}},
		{"nobody at all", func(p *fhir.Person) { *p = fhir.Person{} },
			[]pds.Field{pds.FieldNHSNumber, pds.FieldFamily, pds.FieldGiven, pds.FieldGender, pds.FieldBirthDate}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, _ := confirming(t, surgery, false)
			p := person(t)
			test.edit(&p)
			err := g.Confirm(p)
			var found pds.Differences
			errors.As(err, &found)
			var got []pds.Field
			for _, d := range found {
				got = append(got, d.Field)
				expectClean(t, d)
			}
			if !slices.Equal(got, test.want) {
				t.Fatalf("got differences in %v, want %v", got, test.want)
			}
			if err == nil {
				return
			}
			if !errors.Is(err, pds.ErrMismatch) || !errors.Is(err, pds.Mismatch) || found.WrongPatient() != (test.want[0] == pds.FieldNHSNumber) {
				t.Errorf("got %v, wrong patient %v", err, found.WrongPatient())
			}
			for _, f := range test.want {
				if !strings.Contains(err.Error(), string(f)) {
					t.Errorf("%v does not name the %s", err, f)
				}
			}
			expectClean(t, err)
		})
	}
}

// TestDifferenceHasBothValues: for the screen, and masked where it is a number.
func TestDifferenceHasBothValues(t *testing.T) {
	p := person(t)
	p.Family, p.NHSNumber = "Else", number(t, otherDigits)
	found := pds.Compare(read(t).Demographics, p, noon)
	if len(found) != 2 || found[0].PDS != "******0009" || found[0].Provider != "******0017" || found[1].PDS != family || found[1].Provider != "Else" {
		t.Error("the values are not both there")
	}
}

// TestNamesAlike: writings of one name, and names that only look alike.
func TestNamesAlike(t *testing.T) {
	for _, test := range []struct {
		pds, practice string
		same          bool
	}{
		{"O'Quill", "O’QUILL", true}, {"Quill-Jones", "Quill‐Jones", true}, {"de la Quill", "De La  Quill", true}, {"Søren", "SØREN", true},
		{"Quill-Jones", "Quill Jones", false}, {"Quill", "Quille", false}, {"Müller", "Mueller", false}, {"", "Quill", false},
	} {
		p := person(t)
		p.Family = test.practice
		d := read(t, with("name", list{object{"use": "usual", "family": test.pds, "given": list{given, "Ann"}}}))
		if found := pds.Compare(d.Demographics, p, noon); (len(found) == 0) != test.same {
			t.Errorf("%q and %q: got %v, want same %v", test.pds, test.practice, found, test.same)
		}
	}
}

// TestBookedElsewhere: where a call was admitted though the patient is not registered
// there, the practice's own code is no difference; a third one still is.
func TestBookedElsewhere(t *testing.T) {
	p := person(t)
	p.Practice = "a20047"
	g, _ := confirming(t, "A20047", true)
	if err := g.Confirm(p); err != nil {
		t.Errorf("a booking elsewhere: got %v, want none", err)
	}
	p.Practice = "Y12345"
	if err := g.Confirm(p); !errors.Is(err, pds.ErrMismatch) {
		t.Errorf("a third practice: got %v, want a difference", err)
	}
	g, a := confirming(t, "A20047", false, pds.Override{Reason: pds.OtherPractice, Why: "moved today"})
	p.Practice = "A20047"
	if err := g.Confirm(p); err != nil || len(a.told) != 1 {
		t.Errorf("overridden: got %v, want none", err)
	}
}

// TestMismatchOverridden: shown and told of, and never another patient.
func TestMismatchOverridden(t *testing.T) {
	override := pds.Override{Reason: pds.Mismatch, Why: "married last week"}
	g, a := confirming(t, surgery, false, override)
	p := person(t)
	p.Family = "Canary"
	if err := g.Confirm(p); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if len(a.told) != 1 || a.told[0].Override != override || len(a.told[0].Differences) != 1 || a.told[0].Patient != number(t, digits) {
		t.Errorf("told of %v, want the difference", a.told)
	}
	expectClean(t, a.told[0])
	p.NHSNumber = number(t, otherDigits)
	if err := g.Confirm(p); !errors.Is(err, pds.ErrMismatch) || len(a.told) != 1 {
		t.Errorf("got %v, want another patient's to be withheld", err)
	}
	p.NHSNumber, a.err = number(t, digits), errors.New("disk full")
	expectRefusal(t, g.Confirm(p), pds.Mismatch)
}

// TestConfirmKeepsToTheAdmitted: a trace of somebody else in between does not become
// what is compared with.
func TestConfirmKeepsToTheAdmitted(t *testing.T) {
	c := newClock()
	tracer, _ := surgeries(t, c, movedTo(otherDigits))
	g := newGate(t, pds.GateConfig{Trace: read(t), Tracer: tracer, Now: c.Now})
	if err := g.Admit(t.Context(), number(t, digits), surgery, false); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Trace(t.Context(), number(t, otherDigits)); err != nil {
		t.Fatal(err)
	}
	if err := g.Confirm(person(t)); err != nil {
		t.Errorf("got %v, want the admitted patient to be confirmed", err)
	}
}
