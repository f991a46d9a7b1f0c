package fhir

// Observation is anything observed, and most uncategorised data: more than half carry no
// value but only a code or a comment.
type Observation struct {
	DomainResource
	Identifier        []Identifier           `json:"identifier"`
	BasedOn           []Reference            `json:"basedOn"`
	Status            string                 `json:"status"`
	Category          []CodeableConcept      `json:"category"`
	Code              CodeableConcept        `json:"code"`
	Subject           Reference              `json:"subject"`
	Context           Reference              `json:"context"`
	EffectiveDateTime Date                   `json:"effectiveDateTime"`
	EffectivePeriod   *Period                `json:"effectivePeriod"`
	Issued            Date                   `json:"issued"`
	Performer         Many[Reference]        `json:"performer"`
	Interpretation    CodeableConcept        `json:"interpretation"`
	Comment           string                 `json:"comment"`
	BodySite          CodeableConcept        `json:"bodySite"`
	Method            CodeableConcept        `json:"method"`
	Specimen          Reference              `json:"specimen"`
	Device            Reference              `json:"device"`
	DataAbsentReason  CodeableConcept        `json:"dataAbsentReason"`
	ReferenceRange    []ReferenceRange       `json:"referenceRange"`
	Related           []RelatedObservation   `json:"related"`
	Component         []ObservationComponent `json:"component"`

	ObservationValue
}

func (*Observation) resourceType() string { return "Observation" }

// ObservationValue is FHIR's value[x]: at most one of them is there.
type ObservationValue struct {
	ValueQuantity        *Quantity        `json:"valueQuantity"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept"`
	ValueString          string           `json:"valueString"`
	ValueBoolean         Bool             `json:"valueBoolean"`
	ValueInteger         Decimal          `json:"valueInteger"`
	ValueRange           *Range           `json:"valueRange"`
	ValueRatio           *Ratio           `json:"valueRatio"`
	ValueSampledData     *SampledData     `json:"valueSampledData"`
	ValueAttachment      *Attachment      `json:"valueAttachment"`
	ValueTime            string           `json:"valueTime"`
	ValueDateTime        Date             `json:"valueDateTime"`
	ValuePeriod          *Period          `json:"valuePeriod"`
}

// HasValue says whether there is a value of any type.
func (v ObservationValue) HasValue() bool { return v != ObservationValue{} }

// ObservationComponent is one of several values taken together: a blood pressure has two.
type ObservationComponent struct {
	Code             CodeableConcept  `json:"code"`
	DataAbsentReason CodeableConcept  `json:"dataAbsentReason"`
	Interpretation   CodeableConcept  `json:"interpretation"`
	ReferenceRange   []ReferenceRange `json:"referenceRange"`
	Extension        Extensions       `json:"extension"`

	ObservationValue
}

// ReferenceRange is what the laboratory calls ordinary; some give it as text alone.
type ReferenceRange struct {
	Low       *Quantity         `json:"low"`
	High      *Quantity         `json:"high"`
	Type      CodeableConcept   `json:"type"`
	AppliesTo []CodeableConcept `json:"appliesTo"`
	Age       *Range            `json:"age"`
	Text      string            `json:"text"`
}

func (r *ReferenceRange) setText(s string) { r.Text = s }

// RelatedObservation ties a group to its results: has-member downwards, derived-from
// upwards. A bundle may have only one of the two directions.
type RelatedObservation struct {
	Type   string    `json:"type"`
	Target Reference `json:"target"`
}

// DiagnosticReport is a report on an investigation. Its code is a constant; its first
// group or result gives it a name.
type DiagnosticReport struct {
	DomainResource
	Identifier        []Identifier      `json:"identifier"`
	BasedOn           []Reference       `json:"basedOn"`
	Status            string            `json:"status"`
	Category          CodeableConcept   `json:"category"`
	Code              CodeableConcept   `json:"code"`
	Subject           Reference         `json:"subject"`
	Context           Reference         `json:"context"`
	EffectiveDateTime Date              `json:"effectiveDateTime"`
	EffectivePeriod   *Period           `json:"effectivePeriod"`
	Issued            Date              `json:"issued"`
	Performer         []ReportPerformer `json:"performer"`
	Specimen          []Reference       `json:"specimen"`
	Result            []Reference       `json:"result"`
	ImagingStudy      []Reference       `json:"imagingStudy"`
	Conclusion        string            `json:"conclusion"`
	CodedDiagnosis    []CodeableConcept `json:"codedDiagnosis"`
	PresentedForm     []Attachment      `json:"presentedForm"`
}

func (*DiagnosticReport) resourceType() string { return "DiagnosticReport" }

// ReportPerformer is who made a report.
type ReportPerformer struct {
	Role  CodeableConcept `json:"role"`
	Actor Reference       `json:"actor"`
}

// Specimen is what was taken from the patient to be looked at.
type Specimen struct {
	DomainResource
	Identifier          []Identifier       `json:"identifier"`
	AccessionIdentifier *Identifier        `json:"accessionIdentifier"`
	Status              string             `json:"status"`
	Type                CodeableConcept    `json:"type"`
	Subject             Reference          `json:"subject"`
	ReceivedTime        Date               `json:"receivedTime"`
	Parent              []Reference        `json:"parent"`
	Request             []Reference        `json:"request"`
	Collection          SpecimenCollection `json:"collection"`
	Note                []Annotation       `json:"note"`
}

func (*Specimen) resourceType() string { return "Specimen" }

// SpecimenCollection is how and when a specimen was taken.
type SpecimenCollection struct {
	Collector         Reference       `json:"collector"`
	CollectedDateTime Date            `json:"collectedDateTime"`
	CollectedPeriod   *Period         `json:"collectedPeriod"`
	Quantity          *Quantity       `json:"quantity"`
	Method            CodeableConcept `json:"method"`
	BodySite          CodeableConcept `json:"bodySite"`
	Extension         Extensions      `json:"extension"`
}
