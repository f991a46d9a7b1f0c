package pds

import (
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Field is what two sources are compared in.
type Field string

const (
	FieldNHSNumber Field = "NHS number"
	FieldFamily    Field = "family name"
	FieldGiven     Field = "given names"
	FieldGender    Field = "gender"
	FieldBirthDate Field = "birth date"
	FieldPractice  Field = "registered practice"
	FieldDeceased  Field = "deceased" // the practice says so and PDS does not
)

// Difference is one field in which the practice's Patient is not as PDS has them,
// with both values for the screen. NHS numbers are masked.
type Difference struct {
	Field         Field
	PDS, Provider string
}

// Differences are all the fields that differ; an error when there are any.
type Differences []Difference

// Error names the fields, never the values.
func (ds Differences) Error() string {
	var fields []string
	for _, d := range ds {
		fields = append(fields, string(d.Field))
	}
	return "pds: " + ErrMismatch.Error() + ": " + strings.Join(fields, ", ")
}

// Is reports whether target is ErrMismatch or Mismatch.
func (ds Differences) Is(target error) bool { return target == ErrMismatch || target == Mismatch }

// Why is the reason in one word, for an audit.
func (ds Differences) Why() string { return string(Mismatch) }

// WrongPatient says whether the NHS number is among them: then what came is about
// somebody else and must not be shown.
func (ds Differences) WrongPatient() bool {
	for _, d := range ds {
		if d.Field == FieldNHSNumber {
			return true
		}
	}
	return false
}

// Compare holds the Patient that a practice sent against PDS, field by field: family
// and given names, gender, birth date and registered practice (GP Connect, "cross
// checking demographics"), the NHS number, and a death that PDS does not know of.
//
// Upper and lower case and the kind of white space, hyphen and apostrophe make no
// difference; a value that one of the two does not have does. Only a practice that
// is not known on the provider's side is passed over.
func Compare(d Demographics, p fhir.Person, at time.Time) Differences {
	known := d.Person(at)
	var found Differences
	differ := func(f Field, pds, provider string, same bool) {
		if !same {
			found = append(found, Difference{f, pds, provider})
		}
	}
	differ(FieldNHSNumber, known.NHSNumber.String(), p.NHSNumber.String(), known.NHSNumber == p.NHSNumber)
	differ(FieldFamily, known.Family, p.Family, sameName(known.Family, p.Family))
	given, theirs := strings.Join(known.Given, " "), strings.Join(p.Given, " ")
	differ(FieldGiven, given, theirs, sameName(given, theirs))
	differ(FieldGender, known.Gender, p.Gender, strings.EqualFold(known.Gender, p.Gender))
	differ(FieldBirthDate, string(known.BirthDate), string(p.BirthDate), day(known.BirthDate) == day(p.BirthDate))
	differ(FieldPractice, known.Practice, p.Practice, p.Practice == "" || sameODS(known.Practice, p.Practice))
	differ(FieldDeceased, "no", "yes", known.Deceased || !p.Deceased)
	return found
}

func sameName(a, b string) bool { return strings.EqualFold(plain(a), plain(b)) }

// plain is a name with one kind of space, hyphen and apostrophe.
func plain(name string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch r {
		case '\u2010', '\u2011', '\u2012', '\u2013', '\u2212':
			return '-'
		case '\u2018', '\u2019', '\u02bc', '`', '\u00b4':
			return '\''
		}
		return r
	}, name)), " ")
}

// day is a date as written, without a time of day where there is one.
func day(d fhir.Date) fhir.Date {
	if d.Precision() > fhir.Day {
		return d[:len("2006-01-02")]
	}
	return d
}
