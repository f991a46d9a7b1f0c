package client

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

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
	Home, Temp  *fhir.Address // at most one of each use, which is set here
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

// check says everything that a practice would refuse.
func (r Registration) check(today fhir.Date) error {
	var wrong []error
	rule := func(broken bool, words string) {
		if broken {
			wrong = append(wrong, errors.New(words))
		}
	}
	rule(r.NHSNumber.IsZero(), "a registration needs the NHS number")
	rule(strings.TrimSpace(r.Family) == "", "a registration needs the family name")
	rule(len(r.Given) == 0 || slices.ContainsFunc(r.Given, blank), "a registration needs a given name, and no empty one")
	rule(slices.ContainsFunc(r.Prefix, blank), "a prefix of the name is empty")
	rule(!slices.Contains([]string{"", "female", "male", "other", "unknown"}, r.Gender), "the gender is one of female, male, other, unknown")
	rule(r.BirthDate.Precision() != fhir.Day, "a registration needs the date of birth, as in 2006-01-02")
	rule(r.BirthDate.Precision() == fhir.Day && r.BirthDate > today, "the date of birth lies ahead")
	rule(r.Interpreter != fhir.Absent && r.Language == nil, "whether an interpreter is required goes with a language")
	rule(r.Language != nil && r.Language.Code == "", "the language has no code")
	return errors.Join(wrong...)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

type (
	registrationBody struct {
		ResourceType string                  `json:"resourceType"`
		Parameter    []registrationParameter `json:"parameter"`
	}
	registrationParameter struct {
		Name     string      `json:"name"`
		Resource bodyPatient `json:"resource"`
	}
	bodyPatient struct {
		ResourceType string           `json:"resourceType"`
		Meta         profiled         `json:"meta"`
		Extension    []bodyExtension  `json:"extension,omitempty"`
		Identifier   []bodyIdentifier `json:"identifier"`
		Name         []bodyName       `json:"name"`
		Telecom      []bodyTelecom    `json:"telecom,omitempty"`
		Gender       string           `json:"gender,omitempty"`
		BirthDate    fhir.Date        `json:"birthDate"`
		Address      []bodyAddress    `json:"address,omitempty"`
	}
	bodyIdentifier struct {
		Extension []bodyExtension `json:"extension"`
		System    string          `json:"system"`
		Value     string          `json:"value"`
	}
	bodyName struct {
		Use    string   `json:"use"`
		Family string   `json:"family"`
		Given  []string `json:"given"`
		Prefix []string `json:"prefix,omitempty"`
	}
	bodyAddress struct {
		Use        string   `json:"use"`
		Type       string   `json:"type"`
		Line       []string `json:"line,omitempty"`
		City       string   `json:"city,omitempty"`
		District   string   `json:"district,omitempty"`
		PostalCode string   `json:"postalCode,omitempty"`
	}
)

const careConnect = profiles + "Extension-CareConnect-GPC-"

// body is the Parameters of "Register a patient", payload.
func (r Registration) body() ([]byte, error) {
	verified := bodyExtension{URL: careConnect + "NHSNumberVerificationStatus-1", ValueCodeableConcept: &bodyConcept{[]bodyCoding{{
		System: "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
		Code:   "01", Display: "Number present and verified",
	}}}}
	patient := bodyPatient{
		ResourceType: "Patient", Meta: profiled{[]string{profiles + "CareConnect-GPC-Patient-1"}},
		Extension:  r.communication(),
		Identifier: []bodyIdentifier{{[]bodyExtension{verified}, fhir.NHSNumberSystem, r.NHSNumber.Digits()}},
		Name:       []bodyName{{"official", r.Family, r.Given, r.Prefix}},
		Gender:     r.Gender, BirthDate: r.BirthDate,
	}
	for _, a := range [...]struct {
		use string
		*fhir.Address
	}{{"home", r.Home}, {"temp", r.Temp}} {
		if a.Address != nil {
			patient.Address = append(patient.Address, bodyAddress{a.use, "physical", a.Line, a.City, a.District, a.PostalCode})
		}
	}
	for _, t := range [...]bodyTelecom{
		{"phone", r.Phones.Home, "home"}, {"phone", r.Phones.Work, "work"}, {"phone", r.Phones.Mobile, "mobile"},
		{"phone", r.Phones.Temp, "temp"}, {"email", r.Email, ""},
	} {
		if t.Value != "" {
			patient.Telecom = append(patient.Telecom, t)
		}
	}
	return marshal(registrationBody{"Parameters", []registrationParameter{{"registerPatient", patient}}})
}

// communication is the one extension that may be sent.
func (r Registration) communication() []bodyExtension {
	if r.Language == nil {
		return nil
	}
	parts := []bodyExtension{{URL: "language", ValueCodeableConcept: &bodyConcept{[]bodyCoding{{
		System: "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-HumanLanguage-1", Code: r.Language.Code, Display: r.Language.Display,
	}}}}}
	if r.Interpreter != fhir.Absent {
		required := r.Interpreter.IsTrue()
		parts = append(parts, bodyExtension{URL: "interpreterRequired", ValueBoolean: &required})
	}
	return []bodyExtension{{URL: careConnect + "NHSCommunication-1", Extension: parts}}
}
