package record

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// Field is what two sources about a person are compared by.
type Field string

const (
	FieldNHSNumber Field = "nhs-number" // masked in both values
	FieldFamily    Field = "family"
	FieldGiven     Field = "given"
	FieldGender    Field = "gender"
	FieldBirthDate Field = "birth-date"
	FieldPractice  Field = "practice" // ODS code of the registered practice
)

// Difference is a field in which the record and what was expected are not the same. The
// values are for the eyes of whoever may see the record; no verb of fmt shows them.
type Difference struct {
	Field    Field  `json:"field"`
	Expected string `json:"expected"`
	Got      string `json:"got"` // "" when the record has none
}

// Format writes the field and no value, whatever the verb.
func (d Difference) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "difference in "+string(d.Field))
}

// LogValue is the field.
func (d Difference) LogValue() slog.Value {
	return slog.StringValue("difference in " + string(d.Field))
}

// Compare gives the differences between the patient of the record and who was expected, as
// every answer must be checked (General API guidance, demographic cross-check). What
// expected leaves empty is not compared. Case, spacing and the kind of apostrophe or hyphen
// make no difference in names; all given names count.
func (r *Record) Compare(expected fhir.Person) []Difference {
	return compare(r.Patient.person, expected)
}

// Compare is the same for a patient whose record was not asked for.
func Compare(got, expected fhir.Person) []Difference { return compare(got, expected) }

func compare(got, expected fhir.Person) []Difference {
	var found []Difference
	check := func(f Field, want, have string, plain func(string) string) {
		if want != "" && plain(want) != plain(have) {
			found = append(found, Difference{Field: f, Expected: want, Got: have})
		}
	}
	if !expected.NHSNumber.IsZero() && expected.NHSNumber != got.NHSNumber {
		found = append(found, Difference{FieldNHSNumber, expected.NHSNumber.String(), got.NHSNumber.String()})
	}
	check(FieldFamily, expected.Family, got.Family, plainName)
	check(FieldGiven, strings.Join(expected.Given, " "), strings.Join(got.Given, " "), plainName)
	check(FieldGender, expected.Gender, got.Gender, strings.ToLower)
	check(FieldBirthDate, string(expected.BirthDate), string(got.BirthDate), strings.TrimSpace)
	check(FieldPractice, expected.Practice, got.Practice, strings.ToUpper)
	return found
}

// plainName takes from a name what systems write differently.
func plainName(s string) string {
	s = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "´", "'", "‐", "-", "‑", "-", "–", "-").Replace(s)
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}
