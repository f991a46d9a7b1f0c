package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// expectation is who the caller believes the patient to be.
type expectation struct {
	family, given, born, gender string
	allow                       bool
}

func (e *expectation) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&e.family, "expect-family", "", "the patient's family `name`, to be compared")
	flags.StringVar(&e.given, "expect-given", "", "the patient's given `names`, to be compared")
	flags.StringVar(&e.born, "expect-born", "", "the patient's `date` of birth, to be compared, as in 1958-04-17")
	flags.StringVar(&e.gender, "expect-gender", "", "the patient's `gender`, to be compared: male, female, other, unknown")
	flags.BoolVar(&e.allow, "allow-mismatch", false, "go on although the patient differs from what was expected")
}

func (e *expectation) check() error {
	if d := fhir.Date(e.born); e.born != "" && !d.Valid() {
		return &usageError{"--expect-born is no date", "write it as 1958-04-17"}
	}
	return nil
}

func (e *expectation) person() fhir.Person {
	return fhir.Person{Family: e.family, Given: strings.Fields(e.given), BirthDate: fhir.Date(e.born), Gender: e.gender}
}

// hold compares the patient that came with the expectation. Each difference is
// said; its values only on a terminal or with -v, as stderr often ends in a
// log.
func (e *expectation) hold(a *app, rec *record.Record) error {
	return e.judge(a, rec.Compare(e.person()), "the record is withheld")
}

// holdPatient is hold for a patient without a record; so is what follows.
func (e *expectation) holdPatient(a *app, p fhir.Person, so string) error {
	return e.judge(a, record.Compare(p, e.person()), so)
}

func (e *expectation) judge(a *app, differences []record.Difference, so string) error {
	if len(differences) == 0 {
		return nil
	}
	for _, d := range differences {
		a.differs(string(d.Field), "expected", d.Expected, d.Got)
	}
	if e.allow {
		return nil
	}
	return &mismatchError{len(differences), so}
}

// differs says that a field is not the same in two places. The values are for
// the eyes of who asks, so they are shown on a terminal or with -v alone.
func (a *app) differs(field, where, value, practice string) {
	field = fieldWords(field)
	if a.progress || a.flags.verbose {
		a.words("the %s differs: %s %q, the practice has %q", field, where, value, practice)
		return
	}
	a.words("the %s differs from what %s (-v shows both)", field, map[string]string{"expected": "was expected", "PDS has": "PDS has"}[where])
}

// fieldWords is what a field is called.
func fieldWords(field string) string {
	switch record.Field(field) {
	case record.FieldFamily:
		return "family name"
	case record.FieldGiven:
		return "given name"
	}
	return strings.ReplaceAll(field, "-", " ")
}

// mismatchError is a patient who is not as expected, and what follows.
type mismatchError struct {
	fields int
	so     string
}

func (e *mismatchError) Error() string {
	if e.fields == 1 {
		return "the patient is not as expected; " + e.so
	}
	return fmt.Sprintf("the patient is not as expected, in %d ways; %s", e.fields, e.so)
}
