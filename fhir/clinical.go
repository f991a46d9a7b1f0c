package fhir

// AllergyIntolerance is an allergy. Ended ones are contained in their List. The profile
// fixes VerificationStatus, so that it says nothing.
type AllergyIntolerance struct {
	DomainResource
	Identifier         []Identifier      `json:"identifier"`
	ClinicalStatus     string            `json:"clinicalStatus"`
	VerificationStatus string            `json:"verificationStatus"`
	Type               string            `json:"type"`
	Category           []string          `json:"category"` // medication, environment
	Criticality        string            `json:"criticality"`
	Code               CodeableConcept   `json:"code"`
	Patient            Reference         `json:"patient"`
	OnsetDateTime      Date              `json:"onsetDateTime"`
	OnsetAge           *Quantity         `json:"onsetAge"`
	OnsetPeriod        *Period           `json:"onsetPeriod"`
	OnsetRange         *Range            `json:"onsetRange"`
	OnsetString        string            `json:"onsetString"`
	AssertedDate       Date              `json:"assertedDate"`
	Recorder           Reference         `json:"recorder"`
	Asserter           Reference         `json:"asserter"`
	LastOccurrence     Date              `json:"lastOccurrence"`
	Note               []Annotation      `json:"note"`
	Reaction           []AllergyReaction `json:"reaction"`
}

func (*AllergyIntolerance) resourceType() string { return "AllergyIntolerance" }

// AllergyReaction is what the allergy did.
type AllergyReaction struct {
	Substance     CodeableConcept   `json:"substance"`
	Manifestation []CodeableConcept `json:"manifestation"`
	Description   string            `json:"description"`
	Onset         Date              `json:"onset"`
	Severity      string            `json:"severity"`
	ExposureRoute CodeableConcept   `json:"exposureRoute"`
	Note          []Annotation      `json:"note"`
}

// Immunization is an immunisation, or one that was not given. The vaccine is in the
// extension VaccinationProcedure more often than in VaccineCode.
type Immunization struct {
	DomainResource
	Identifier          []Identifier               `json:"identifier"`
	Status              string                     `json:"status"`
	NotGiven            Bool                       `json:"notGiven"`
	VaccineCode         CodeableConcept            `json:"vaccineCode"`
	Patient             Reference                  `json:"patient"`
	Encounter           Reference                  `json:"encounter"`
	Date                Date                       `json:"date"`
	PrimarySource       Bool                       `json:"primarySource"`
	ReportOrigin        CodeableConcept            `json:"reportOrigin"`
	Location            Reference                  `json:"location"`
	Manufacturer        Reference                  `json:"manufacturer"`
	LotNumber           string                     `json:"lotNumber"`
	ExpirationDate      Date                       `json:"expirationDate"`
	Site                CodeableConcept            `json:"site"`
	Route               CodeableConcept            `json:"route"`
	DoseQuantity        *Quantity                  `json:"doseQuantity"`
	Practitioner        []ImmunizationPractitioner `json:"practitioner"`
	Note                []Annotation               `json:"note"`
	Explanation         ImmunizationExplanation    `json:"explanation"`
	Reaction            []ImmunizationReaction     `json:"reaction"`
	VaccinationProtocol []VaccinationProtocol      `json:"vaccinationProtocol"`
}

func (*Immunization) resourceType() string { return "Immunization" }

// ImmunizationPractitioner is who recorded (EP) or administered (AP) it.
type ImmunizationPractitioner struct {
	Role  CodeableConcept `json:"role"`
	Actor Reference       `json:"actor"`
}

// ImmunizationExplanation is why it was given or not.
type ImmunizationExplanation struct {
	Reason         []CodeableConcept `json:"reason"`
	ReasonNotGiven []CodeableConcept `json:"reasonNotGiven"`
	NotGivenReason []CodeableConcept `json:"notGivenReason"` // seen instead of ReasonNotGiven
}

// WhyNotGiven is the reason for not giving it, under either name.
func (e ImmunizationExplanation) WhyNotGiven() []CodeableConcept {
	if len(e.ReasonNotGiven) > 0 {
		return e.ReasonNotGiven
	}
	return e.NotGivenReason
}

// ImmunizationReaction is what followed.
type ImmunizationReaction struct {
	Date     Date      `json:"date"`
	Detail   Reference `json:"detail"`
	Reported Bool      `json:"reported"`
}

// VaccinationProtocol is the place of a dose in its series.
type VaccinationProtocol struct {
	DoseSequence     Decimal           `json:"doseSequence"`
	Description      string            `json:"description"`
	Authority        Reference         `json:"authority"`
	Series           string            `json:"series"`
	SeriesDoses      Decimal           `json:"seriesDoses"`
	TargetDisease    []CodeableConcept `json:"targetDisease"`
	DoseStatus       CodeableConcept   `json:"doseStatus"`
	DoseStatusReason CodeableConcept   `json:"doseStatusReason"`
}
