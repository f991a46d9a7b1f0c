package client

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/gpconnect-go/gpc/fhir"
)

// Registration is what a temporary registration may say of a patient, and all
// that it may say (Register a patient).
type Registration struct {
	NHSNumber   fhir.NHSNumber // traced and verified on PDS
	Family      string
	Given       []string // at least one
	Prefix      []string
	Gender      string        // "female", "male", "other", "unknown"; should be there
	BirthDate   fhir.Date     // a whole day
	Home, Temp  *fhir.Address // at most one of each use; Use and Type are set
	Phones      Phones        // one of each use
	Email       string
	Language    *fhir.Coding // of CareConnect-HumanLanguage-1
	Interpreter fhir.Bool    // whether one is required; goes with Language
}

// Phones are telephone numbers by use; empty ones are left out.
type Phones struct{ Home, Work, Mobile, Temp string }

// Format writes nothing of it, whatever the verb.
func (r Registration) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "registration of a patient")
}

// LogValue is as Format.
func (r Registration) LogValue() slog.Value { return slog.StringValue("registration of a patient") }

// Registered is how a registration ended well.
type Registered struct {
	Patient   *Patient
	Recovered bool // the answer was lost; the patient was found afterwards
	Already   bool // the practice had the patient before
}

// RegisterPatient registers the patient with the practice for a time. It is
// sent once. Where the answer is lost, or says that the patient is registered
// already, the patient is looked for; one who is found is registered. Where
// nobody is found the error is [ErrOutcomeUnknown]; see [Encounter.Settle].
func (p *Practice) RegisterPatient(ctx context.Context, r Registration) (*Registered, error) {
	return nil, errNotYet
}
