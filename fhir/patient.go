package fhir

import (
	"fmt"
	"io"
	"log/slog"
)

// Naming systems of the identifiers that people and organisations are known by.
const (
	NHSNumberSystem       = "https://fhir.nhs.uk/Id/nhs-number"
	NHSNumberSystemDSTU2  = "http://fhir.nhs.net/Id/nhs-number"
	ODSOrganisationSystem = "https://fhir.nhs.uk/Id/ods-organization-code"
	ODSSiteSystem         = "https://fhir.nhs.uk/Id/ods-site-code"
	SDSUserSystem         = "https://fhir.nhs.uk/Id/sds-user-id"
	SDSRoleProfileSystem  = "https://fhir.nhs.uk/Id/sds-role-profile-id"
)

// Patient is who the record is about. Some providers send no Active.
type Patient struct {
	DomainResource
	Identifier           []Identifier     `json:"identifier"`
	Active               Bool             `json:"active"`
	Name                 []HumanName      `json:"name"`
	Telecom              []ContactPoint   `json:"telecom"`
	Gender               string           `json:"gender"`
	BirthDate            Date             `json:"birthDate"`
	DeceasedBoolean      Bool             `json:"deceasedBoolean"`
	DeceasedDateTime     Date             `json:"deceasedDateTime"`
	Address              []Address        `json:"address"`
	MaritalStatus        CodeableConcept  `json:"maritalStatus"`
	MultipleBirthBoolean Bool             `json:"multipleBirthBoolean"`
	MultipleBirthInteger Decimal          `json:"multipleBirthInteger"`
	Contact              []PatientContact `json:"contact"`
	Communication        []Communication  `json:"communication"`
	GeneralPractitioner  []Reference      `json:"generalPractitioner"`
	ManagingOrganization Reference        `json:"managingOrganization"`
	Link                 []PatientLink    `json:"link"`
}

func (*Patient) resourceType() string { return "Patient" }

// PatientContact is someone to turn to about the patient.
type PatientContact struct {
	Relationship []CodeableConcept `json:"relationship"`
	Name         HumanName         `json:"name"`
	Telecom      []ContactPoint    `json:"telecom"`
	Address      Address           `json:"address"`
	Gender       string            `json:"gender"`
	Organization Reference         `json:"organization"`
	Period       Period            `json:"period"`
	Extension    Extensions        `json:"extension"`
}

// Communication is a language; GP Connect has it in the extension NHSCommunication instead.
type Communication struct {
	Language  CodeableConcept `json:"language"`
	Preferred Bool            `json:"preferred"`
}

// PatientLink points to another resource about the same person.
type PatientLink struct {
	Other Reference `json:"other"`
	Type  string    `json:"type"`
}

// NHSNumber is the patient's NHS number. It is not ok when there is none, when what is
// there is no NHS number, or when there are two that differ: then nobody can know which
// is meant. Identifiers in use "old" do not count.
func (p *Patient) NHSNumber() (NHSNumber, bool) {
	var found NHSNumber
	for _, id := range p.NHSIdentifiers() {
		n, err := ParseNHSNumber(id.Value)
		if err != nil || !found.IsZero() && n != found {
			return NHSNumber{}, false
		}
		found = n
	}
	return found, !found.IsZero()
}

// NHSIdentifiers are the identifiers that say they are the NHS number, valid or not,
// without old ones. The extension NHSNumberVerificationStatus is on them.
func (p *Patient) NHSIdentifiers() []Identifier {
	var found []Identifier
	for _, id := range p.Identifier {
		if (id.System == NHSNumberSystem || id.System == NHSNumberSystemDSTU2) && id.Use != "old" {
			found = append(found, id)
		}
	}
	return found
}

// OfficialName is the name to call the patient by in a record: the one in use "official",
// else "usual", else the first that is not an old one, else the first.
func (p *Patient) OfficialName() HumanName {
	for _, fits := range []func(use string) bool{
		func(use string) bool { return use == "official" },
		func(use string) bool { return use == "usual" },
		func(use string) bool { return use != "old" && use != "maiden" },
		func(string) bool { return true },
	} {
		for _, n := range p.Name {
			if fits(n.Use) {
				return n
			}
		}
	}
	return HumanName{}
}

// IsDeceased says whether the record says so, in either of FHIR's two ways.
func (p *Patient) IsDeceased() bool {
	return p.DeceasedBoolean.IsTrue() || p.DeceasedDateTime != ""
}

// Person is what identifies a patient, as far as two sources can be compared by it.
type Person struct {
	NHSNumber NHSNumber
	Family    string
	Given     []string
	BirthDate Date
	Gender    string
	Practice  string // ODS code of the practice where the patient is registered; "" if not known
	Deceased  bool
}

// Person is the patient's identity. The practice is found in b, which may be nil: it is the
// patient's managing organisation, which in a structured record is the registered practice.
// In an answer to "find a patient" it is the organisation that was asked.
func (p *Patient) Person(b *Bundle) Person {
	name := p.OfficialName()
	number, _ := p.NHSNumber()
	return Person{
		NHSNumber: number, Family: name.Family, Given: name.Given, BirthDate: p.BirthDate, Gender: p.Gender,
		Practice: p.practice(b), Deceased: p.IsDeceased(),
	}
}

func (p *Patient) practice(b *Bundle) string {
	ref := p.ManagingOrganization
	if ref.Identifier != nil && ref.Identifier.System == ODSOrganisationSystem {
		return ref.Identifier.Value
	}
	r, ok := p.Contained(ref.Reference)
	if !ok && b != nil {
		r, ok = b.Resolve(ref.Reference)
	}
	if !ok {
		return ""
	}
	o, err := As[Organization](r)
	if err != nil {
		return ""
	}
	return o.ODS()
}

// Format writes that this is a person and nothing about them, whatever the verb.
func (p Person) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.masked()) }

// LogValue is as Format.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.masked()) }

func (p Person) masked() string { return "person " + p.NHSNumber.String() }
