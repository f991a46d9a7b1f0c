package record

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/gpconnect-go/gpc/fhir"
)

// Patient is whose record it is.
type Patient struct {
	// NHSNumber is the number as sent, ten digits. It is the one place in a Record that has
	// it. Of a saved answer it may be something that is no NHS number; then there is a warning.
	NHSNumber       string   `json:"nhs_number"`
	NHSNumberStatus *Concept `json:"nhs_number_status,omitempty"` // whether it has been verified

	Name       string    `json:"name"` // "DAVIES, Jane (Ms)", made from the official name
	Family     string    `json:"family,omitzero"`
	Given      []string  `json:"given,omitempty"`
	Prefix     []string  `json:"prefix,omitempty"`
	Gender     string    `json:"gender,omitzero"`
	BirthDate  fhir.Date `json:"birth_date,omitzero"`
	OtherNames []string  `json:"other_names,omitempty"`

	Active       fhir.Bool `json:"active"` // null when not said
	Deceased     bool      `json:"deceased"`
	DeceasedDate fhir.Date `json:"deceased_date,omitzero"`

	Practice     *Actor        `json:"practice,omitempty"` // where the patient is registered
	GPs          []Actor       `json:"gps,omitempty"`      // usual practitioners
	Registration *Registration `json:"registration,omitempty"`
	Addresses    []Contact     `json:"addresses,omitempty"`
	Telecoms     []Contact     `json:"telecoms,omitempty"`
	Languages    []Language    `json:"languages,omitempty"`

	Contacts []RelatedPerson `json:"contacts,omitempty"` // next of kin and others

	Sources       []string `json:"sources"`
	NotForPatient bool     `json:"not_for_patient,omitzero"`
	Unreadable    []string `json:"unreadable,omitempty"` // as in Item

	person fhir.Person
}

// Registration is how the patient is registered.
type Registration struct {
	Type   *Concept `json:"type,omitempty"`   // regular, temporary, ...
	Status *Concept `json:"status,omitempty"` // active, inactive, ...
	Period Period   `json:"period,omitzero"`
	Branch string   `json:"branch,omitzero"` // preferred branch surgery
}

// Contact is an address or a number, with its use (home, work, mobile) and kind (phone, email; of addresses none).
type Contact struct {
	Text string `json:"text"`
	Use  string `json:"use,omitzero"`
	Kind string `json:"kind,omitzero"`
}

// RelatedPerson is someone to turn to about the patient.
type RelatedPerson struct {
	Name          string    `json:"name,omitzero"`
	Relationships []string  `json:"relationships,omitempty"`
	Addresses     []Contact `json:"addresses,omitempty"`
	Telecoms      []Contact `json:"telecoms,omitempty"`
}

// Language is a language that the patient speaks.
type Language struct {
	Concept
	Interpreter fhir.Bool `json:"interpreter_required"` // null when not said
}

// Person is who the record is about, as far as two sources can be compared by it.
func (p Patient) Person() fhir.Person { return p.person }

// Format writes that this is a patient and nothing about them, whatever the verb.
func (p Patient) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "patient of a record") }

// LogValue is as Format.
func (p Patient) LogValue() slog.Value { return slog.StringValue("patient of a record") }
