package fhir

// Organization is a practice or another organisation. Address and telecom are sometimes
// sent without the list.
type Organization struct {
	DomainResource
	Identifier []Identifier      `json:"identifier"`
	Active     Bool              `json:"active"`
	Type       []CodeableConcept `json:"type"`
	Name       string            `json:"name"`
	Alias      []string          `json:"alias"`
	Telecom    []ContactPoint    `json:"telecom"`
	Address    []Address         `json:"address"`
	PartOf     Reference         `json:"partOf"`
}

func (*Organization) resourceType() string { return "Organization" }

// ODS is the organisation's ODS code, or "".
func (o *Organization) ODS() string { return identifierOf(o.Identifier, ODSOrganisationSystem) }

// Practitioner is a person who works for an organisation.
type Practitioner struct {
	DomainResource
	Identifier    []Identifier    `json:"identifier"`
	Active        Bool            `json:"active"`
	Name          []HumanName     `json:"name"`
	Telecom       []ContactPoint  `json:"telecom"`
	Address       []Address       `json:"address"`
	Gender        string          `json:"gender"`
	BirthDate     Date            `json:"birthDate"`
	Qualification []Qualification `json:"qualification"`
}

func (*Practitioner) resourceType() string { return "Practitioner" }

// SDSUser is the practitioner's SDS user id, or "".
func (p *Practitioner) SDSUser() string { return identifierOf(p.Identifier, SDSUserSystem) }

// Qualification is a practitioner's qualification.
type Qualification struct {
	Identifier []Identifier    `json:"identifier"`
	Code       CodeableConcept `json:"code"`
	Period     Period          `json:"period"`
	Issuer     Reference       `json:"issuer"`
}

// PractitionerRole is what a practitioner does where. Providers send none for a
// practitioner with several, as it would not be known which was meant.
type PractitionerRole struct {
	DomainResource
	Identifier        []Identifier      `json:"identifier"`
	Active            Bool              `json:"active"`
	Period            Period            `json:"period"`
	Practitioner      Reference         `json:"practitioner"`
	Organization      Reference         `json:"organization"`
	Code              []CodeableConcept `json:"code"`
	Specialty         []CodeableConcept `json:"specialty"`
	Location          []Reference       `json:"location"`
	HealthcareService []Reference       `json:"healthcareService"`
	Telecom           []ContactPoint    `json:"telecom"`
}

func (*PractitionerRole) resourceType() string { return "PractitionerRole" }

// Location is a place: a branch surgery, most of the time.
type Location struct {
	DomainResource
	Identifier           []Identifier    `json:"identifier"`
	Status               string          `json:"status"`
	Name                 string          `json:"name"`
	Alias                []string        `json:"alias"`
	Description          string          `json:"description"`
	Mode                 string          `json:"mode"`
	Type                 CodeableConcept `json:"type"`
	Telecom              []ContactPoint  `json:"telecom"`
	Address              Address         `json:"address"`
	PhysicalType         CodeableConcept `json:"physicalType"`
	ManagingOrganization Reference       `json:"managingOrganization"`
	PartOf               Reference       `json:"partOf"`
}

func (*Location) resourceType() string { return "Location" }

// ODSSite is the location's ODS site code, or "".
func (l *Location) ODSSite() string { return identifierOf(l.Identifier, ODSSiteSystem) }

// HealthcareService is a service, as the recipient of a referral or behind a schedule.
type HealthcareService struct {
	DomainResource
	Identifier []Identifier      `json:"identifier"`
	Active     Bool              `json:"active"`
	ProvidedBy Reference         `json:"providedBy"`
	Category   CodeableConcept   `json:"category"`
	Type       []CodeableConcept `json:"type"`
	Specialty  []CodeableConcept `json:"specialty"`
	Location   []Reference       `json:"location"`
	Name       string            `json:"name"`
	Comment    string            `json:"comment"`
	Telecom    []ContactPoint    `json:"telecom"`
}

func (*HealthcareService) resourceType() string { return "HealthcareService" }

// Device is a thing that acts in the record, such as the system that made an entry.
type Device struct {
	DomainResource
	Identifier   []Identifier    `json:"identifier"`
	Status       string          `json:"status"`
	Type         CodeableConcept `json:"type"`
	LotNumber    string          `json:"lotNumber"`
	Manufacturer string          `json:"manufacturer"`
	Model        string          `json:"model"`
	Version      string          `json:"version"`
	Patient      Reference       `json:"patient"`
	Owner        Reference       `json:"owner"`
	Location     Reference       `json:"location"`
	Note         []Annotation    `json:"note"`
}

func (*Device) resourceType() string { return "Device" }

// identifierOf is the value of the first identifier of the system.
func identifierOf(ids []Identifier, system string) string {
	for _, id := range ids {
		if id.System == system && id.Value != "" {
			return id.Value
		}
	}
	return ""
}
