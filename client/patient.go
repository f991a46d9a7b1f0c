package client

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/gpconnect-go/gpc/fhir"
)

// PatientRef is a patient as one practice knows them: its logical id, which
// means somebody else, or nobody, at any other practice. An operation of
// another practice refuses it.
type PatientRef struct {
	ODS    string         // the practice's
	ID     string         // logical id there
	Number fhir.NHSNumber // for gates and auditor; zero where only the id is known
}

// Format writes the practice and nothing of the patient, whatever the verb.
func (r PatientRef) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.masked()) }

// LogValue is as Format.
func (r PatientRef) LogValue() slog.Value { return slog.StringValue(r.masked()) }

func (r PatientRef) masked() string { return "patient at " + r.ODS }

// Patient is a patient of one practice. As JSON it holds the NHS number, the
// name and all else in plain text; String, every fmt verb and slog show none of it.
type Patient struct {
	ODS              string              `json:"ods"`
	ID               string              `json:"id"`
	NHSNumber        string              `json:"nhs_number"` // ten digits
	Family           string              `json:"family,omitzero"`
	Given            []string            `json:"given"`
	Prefix           []string            `json:"prefix"`
	Gender           string              `json:"gender,omitzero"`
	BirthDate        fhir.Date           `json:"birth_date,omitzero"`
	RegistrationType string              `json:"registration_type,omitzero"` // "T" for a temporary patient; see RegistrationDetails-1
	Addresses        []fhir.Address      `json:"addresses"`
	Telecoms         []fhir.ContactPoint `json:"telecoms"`
	TraceID          string              `json:"trace_id,omitzero"` // of the answer that it was in

	ref  PatientRef
	view *fhir.Patient
}

// Ref is what booking and retrieving appointments take.
func (p *Patient) Ref() PatientRef { return p.ref }

// View is the whole resource as the practice sent it, its bytes in Raw.
func (p *Patient) View() *fhir.Patient { return p.view }

// Format writes that this is a patient and nothing about them, whatever the verb.
func (p Patient) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.ref.masked()) }

// LogValue is as Format.
func (p Patient) LogValue() slog.Value { return slog.StringValue(p.ref.masked()) }
