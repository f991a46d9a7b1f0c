package fhir

// OperationOutcome is an error, or in an answer with status 200 a warning. Every issue
// counts: a warning outcome has one for each parameter that was not served.
type OperationOutcome struct {
	DomainResource
	Issue []OutcomeIssue `json:"issue"`
}

func (*OperationOutcome) resourceType() string { return "OperationOutcome" }

// OutcomeIssue is one thing that is wrong. The Spine code that says what is in Details;
// Diagnostics is free text, often the useful part, and may name the patient: it is for a
// reader, not for a log.
type OutcomeIssue struct {
	Severity    string          `json:"severity"` // fatal, error, warning, information
	Code        string          `json:"code"`
	Details     CodeableConcept `json:"details"`
	Diagnostics string          `json:"diagnostics"`
	Location    []string        `json:"location"`
	Expression  []string        `json:"expression"`
}

// IsError says whether the issue is an error or fatal. An issue that does not say is one.
func (i OutcomeIssue) IsError() bool { return i.Severity != "warning" && i.Severity != "information" }

// ParseOutcome reads an OperationOutcome from the body of a response. It is not ok when
// the body is anything else. The body decides what it is: content types are often wrong.
func ParseOutcome(_ string, body []byte) (*OperationOutcome, bool) {
	r, err := ParseResource(body, Limits{})
	if err != nil {
		return nil, false
	}
	o, err := As[OperationOutcome](r)
	return o, err == nil
}
