package fhir

// Medication names a product by its Code.
type Medication struct {
	DomainResource
	Code             CodeableConcept        `json:"code"`
	Status           string                 `json:"status"`
	IsBrand          Bool                   `json:"isBrand"`
	IsOverTheCounter Bool                   `json:"isOverTheCounter"`
	Manufacturer     Reference              `json:"manufacturer"`
	Form             CodeableConcept        `json:"form"`
	Ingredient       []MedicationIngredient `json:"ingredient"`
}

func (*Medication) resourceType() string { return "Medication" }

// MedicationIngredient is a part of a mixture.
type MedicationIngredient struct {
	ItemCodeableConcept *CodeableConcept `json:"itemCodeableConcept"`
	ItemReference       *Reference       `json:"itemReference"`
	IsActive            Bool             `json:"isActive"`
	Amount              *Ratio           `json:"amount"`
}

// MedicationStatement is an item of the patient's medication, based on one plan.
type MedicationStatement struct {
	DomainResource
	Identifier                []Identifier      `json:"identifier"`
	BasedOn                   []Reference       `json:"basedOn"`
	PartOf                    []Reference       `json:"partOf"`
	Context                   Reference         `json:"context"`
	Status                    string            `json:"status"`
	Category                  CodeableConcept   `json:"category"`
	MedicationReference       Reference         `json:"medicationReference"`
	MedicationCodeableConcept CodeableConcept   `json:"medicationCodeableConcept"`
	EffectiveDateTime         Date              `json:"effectiveDateTime"`
	EffectivePeriod           *Period           `json:"effectivePeriod"`
	DateAsserted              Date              `json:"dateAsserted"`
	InformationSource         Reference         `json:"informationSource"`
	Subject                   Reference         `json:"subject"`
	DerivedFrom               []Reference       `json:"derivedFrom"`
	Taken                     string            `json:"taken"` // always "unk"
	ReasonNotTaken            []CodeableConcept `json:"reasonNotTaken"`
	ReasonCode                []CodeableConcept `json:"reasonCode"`
	ReasonReference           []Reference       `json:"reasonReference"`
	Note                      []Annotation      `json:"note"`
	Dosage                    []Dosage          `json:"dosage"`
}

func (*MedicationStatement) resourceType() string { return "MedicationStatement" }

// MedicationRequest is a plan (Intent "plan") or one of its issues (Intent "order"), which
// is based on its plan. A plan that replaced another names it in PriorPrescription.
type MedicationRequest struct {
	DomainResource
	Identifier                []Identifier      `json:"identifier"`
	Definition                []Reference       `json:"definition"`
	BasedOn                   []Reference       `json:"basedOn"`
	GroupIdentifier           *Identifier       `json:"groupIdentifier"` // EPS prescription; some send no system
	Status                    string            `json:"status"`
	Intent                    string            `json:"intent"`
	Category                  CodeableConcept   `json:"category"`
	Priority                  string            `json:"priority"`
	MedicationReference       Reference         `json:"medicationReference"`
	MedicationCodeableConcept CodeableConcept   `json:"medicationCodeableConcept"`
	Subject                   Reference         `json:"subject"`
	Context                   Reference         `json:"context"`
	SupportingInformation     []Reference       `json:"supportingInformation"`
	AuthoredOn                Date              `json:"authoredOn"`
	Requester                 Requester         `json:"requester"`
	Recorder                  Reference         `json:"recorder"`
	ReasonCode                []CodeableConcept `json:"reasonCode"`
	ReasonReference           []Reference       `json:"reasonReference"`
	Note                      []Annotation      `json:"note"`
	DosageInstruction         []Dosage          `json:"dosageInstruction"`
	DispenseRequest           DispenseRequest   `json:"dispenseRequest"`
	Substitution              *Substitution     `json:"substitution"`
	PriorPrescription         Reference         `json:"priorPrescription"`
	DetectedIssue             []Reference       `json:"detectedIssue"`
	EventHistory              []Reference       `json:"eventHistory"`
}

func (*MedicationRequest) resourceType() string { return "MedicationRequest" }

// Requester is who asked for something, and for whom.
type Requester struct {
	Agent      Reference `json:"agent"`
	OnBehalfOf Reference `json:"onBehalfOf"`
}

// DispenseRequest is what to dispense, when and how much. Of an order, ValidityPeriod
// starts on the date of issue.
type DispenseRequest struct {
	ValidityPeriod         Period    `json:"validityPeriod"`
	NumberOfRepeatsAllowed Decimal   `json:"numberOfRepeatsAllowed"`
	Quantity               *Quantity `json:"quantity"`
	ExpectedSupplyDuration *Quantity `json:"expectedSupplyDuration"`
	Performer              Reference `json:"performer"`
}

// QuantityText is the quantity as it is read out. Some providers put the unit into an
// extension, others the whole of it, and then it is not taken for a unit.
func (d DispenseRequest) QuantityText() string {
	if d.Quantity == nil {
		return ""
	}
	e, _ := d.Quantity.Extension.Find("MedicationQuantityText")
	text, value := e.Text(), string(d.Quantity.Value)
	number, _ := cutDigits(text)
	switch {
	case text == "" || d.Quantity.Unit != "":
		return d.Quantity.String()
	case number == "":
		return Quantity{Value: d.Quantity.Value, Unit: text}.String()
	case value == "" || value == number:
		return text
	}
	return value + " (" + text + ")"
}

// Substitution says whether another product may be dispensed.
type Substitution struct {
	Allowed Bool            `json:"allowed"`
	Reason  CodeableConcept `json:"reason"`
}
