package fhir

// ProcedureRequest is a diary entry (Intent "plan": to be done, not done) or a request for
// an investigation (Intent "order").
type ProcedureRequest struct {
	DomainResource
	Identifier         []Identifier      `json:"identifier"`
	Definition         []Reference       `json:"definition"`
	BasedOn            []Reference       `json:"basedOn"`
	Replaces           []Reference       `json:"replaces"`
	Requisition        *Identifier       `json:"requisition"`
	Status             string            `json:"status"`
	Intent             string            `json:"intent"`
	Priority           string            `json:"priority"`
	DoNotPerform       Bool              `json:"doNotPerform"`
	Category           []CodeableConcept `json:"category"`
	Code               CodeableConcept   `json:"code"`
	Subject            Reference         `json:"subject"`
	Context            Reference         `json:"context"`
	Occurrence         Occurrence        `json:"occurrence"` // not STU3; see When
	OccurrenceDateTime Date              `json:"occurrenceDateTime"`
	OccurrencePeriod   *Period           `json:"occurrencePeriod"`
	OccurrenceTiming   *Timing           `json:"occurrenceTiming"`
	AuthoredOn         Date              `json:"authoredOn"`
	Requester          Requester         `json:"requester"`
	PerformerType      CodeableConcept   `json:"performerType"`
	Performer          Reference         `json:"performer"`
	ReasonCode         []CodeableConcept `json:"reasonCode"`
	ReasonReference    []Reference       `json:"reasonReference"`
	SupportingInfo     []Reference       `json:"supportingInfo"`
	Specimen           []Reference       `json:"specimen"`
	BodySite           []CodeableConcept `json:"bodySite"`
	Note               []Annotation      `json:"note"`
}

func (*ProcedureRequest) resourceType() string { return "ProcedureRequest" }

// Occurrence is what stands under the plain name "occurrence" in the specification's own
// examples of diary entries: a date, or a period.
type Occurrence struct {
	Date   Date `json:"-"`
	Period      // when it is an object
}

func (o *Occurrence) setText(s string) { o.Date = Date(s) }

// When is the time the request is for: a Period whose ends are equal for a single date.
func (p *ProcedureRequest) When() Period {
	for _, d := range []Date{p.OccurrenceDateTime, p.Occurrence.Date} {
		if d != "" {
			return Period{Start: d, End: d}
		}
	}
	if p.OccurrencePeriod != nil {
		return *p.OccurrencePeriod
	}
	return p.Occurrence.Period
}

// ReferralRequest is an outbound referral. What it is about is in ReasonCode; Status is
// mostly "unknown"; Priority "asap" is a two-week wait.
type ReferralRequest struct {
	DomainResource
	Identifier         []Identifier      `json:"identifier"` // a UBRN among them
	Definition         []Reference       `json:"definition"`
	BasedOn            []Reference       `json:"basedOn"`
	Replaces           []Reference       `json:"replaces"`
	GroupIdentifier    *Identifier       `json:"groupIdentifier"`
	Status             string            `json:"status"`
	Intent             string            `json:"intent"`
	Type               CodeableConcept   `json:"type"`
	Priority           string            `json:"priority"`
	ServiceRequested   []CodeableConcept `json:"serviceRequested"`
	Subject            Reference         `json:"subject"`
	Context            Reference         `json:"context"`
	OccurrenceDateTime Date              `json:"occurrenceDateTime"`
	OccurrencePeriod   *Period           `json:"occurrencePeriod"`
	AuthoredOn         Date              `json:"authoredOn"`
	Requester          Requester         `json:"requester"`
	Specialty          CodeableConcept   `json:"specialty"`
	Recipient          []Reference       `json:"recipient"`
	ReasonCode         []CodeableConcept `json:"reasonCode"`
	ReasonReference    []Reference       `json:"reasonReference"`
	Description        string            `json:"description"`
	SupportingInfo     []Reference       `json:"supportingInfo"`
	Note               []Annotation      `json:"note"`
}

func (*ReferralRequest) resourceType() string { return "ReferralRequest" }

// UBRN is the number of the e-RS referral, under the system's name of either version; "".
func (r *ReferralRequest) UBRN() string {
	return firstOf(identifierOf(r.Identifier, "https://fhir.nhs.uk/Id/UBRN"),
		identifierOf(r.Identifier, "https://fhir.nhs.uk/Id/ubr-number"))
}

// QuestionnaireResponse is a filled-in form; older records have them as uncategorised data.
type QuestionnaireResponse struct {
	DomainResource
	Identifier    *Identifier         `json:"identifier"`
	BasedOn       []Reference         `json:"basedOn"`
	Parent        []Reference         `json:"parent"`
	Questionnaire Reference           `json:"questionnaire"`
	Status        string              `json:"status"`
	Subject       Reference           `json:"subject"`
	Context       Reference           `json:"context"`
	Authored      Date                `json:"authored"`
	Author        Reference           `json:"author"`
	Source        Reference           `json:"source"`
	Item          []QuestionnaireItem `json:"item"`
}

func (*QuestionnaireResponse) resourceType() string { return "QuestionnaireResponse" }

// QuestionnaireItem is a question or a group of them.
type QuestionnaireItem struct {
	LinkID  string                `json:"linkId"`
	Text    string                `json:"text"`
	Subject Reference             `json:"subject"`
	Answer  []QuestionnaireAnswer `json:"answer"`
	Item    []QuestionnaireItem   `json:"item"`
}

// QuestionnaireAnswer is one answer, and the questions that depend on it.
type QuestionnaireAnswer struct {
	ValueBoolean    Bool                `json:"valueBoolean"`
	ValueDecimal    Decimal             `json:"valueDecimal"`
	ValueInteger    Decimal             `json:"valueInteger"`
	ValueDate       Date                `json:"valueDate"`
	ValueDateTime   Date                `json:"valueDateTime"`
	ValueTime       string              `json:"valueTime"`
	ValueString     string              `json:"valueString"`
	ValueURI        string              `json:"valueUri"`
	ValueAttachment *Attachment         `json:"valueAttachment"`
	ValueCoding     *Coding             `json:"valueCoding"`
	ValueQuantity   *Quantity           `json:"valueQuantity"`
	ValueReference  *Reference          `json:"valueReference"`
	Item            []QuestionnaireItem `json:"item"`
}
