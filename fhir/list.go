package fhir

// List is what an area of the record is made of: the primary list names its items. Lists
// usually have no id; Code says which one it is. An empty list says why in EmptyReason,
// and a list that is not whole says so in its warnings.
type List struct {
	DomainResource
	Identifier  []Identifier    `json:"identifier"`
	Status      string          `json:"status"`
	Mode        string          `json:"mode"`
	Title       string          `json:"title"`
	Code        CodeableConcept `json:"code"`
	Subject     Reference       `json:"subject"`
	Encounter   Reference       `json:"encounter"`
	Date        Date            `json:"date"`
	Source      Reference       `json:"source"`
	OrderedBy   CodeableConcept `json:"orderedBy"`
	Note        []Annotation    `json:"note"`
	Entry       []ListEntry     `json:"entry"`
	EmptyReason CodeableConcept `json:"emptyReason"`
}

func (*List) resourceType() string { return "List" }

// ListEntry is one item. Item may be display-only: there is one, and it was not sent.
type ListEntry struct {
	Flag      CodeableConcept `json:"flag"`
	Deleted   Bool            `json:"deleted"`
	Date      Date            `json:"date"`
	Item      Reference       `json:"item"`
	Extension Extensions      `json:"extension"`
}

// WarningCodes are the codes of the list's warnings as sent (confidential-items,
// data-in-transit, data-awaiting-filing, or one not known yet). Their wording is in Note,
// several run together without a fixed separator. A code is "" where there is a warning and
// no code in it.
func (l *List) WarningCodes() []string {
	var codes []string
	for _, e := range l.Extension.All("ListWarningCode") {
		code := e.Text()
		if c := e.ValueCodeableConcept; c != nil && code == "" && len(c.Coding) > 0 {
			code = c.Coding[0].Code
		}
		if e.ValueCoding != nil {
			code = firstOf(code, e.ValueCoding.Code)
		}
		codes = append(codes, code)
	}
	return codes
}

// Encounter is a consultation. Its content is in Lists that refer to it.
type Encounter struct {
	DomainResource
	Identifier      []Identifier           `json:"identifier"`
	Status          string                 `json:"status"`
	Class           Coding                 `json:"class"`
	Type            []CodeableConcept      `json:"type"`
	Priority        CodeableConcept        `json:"priority"`
	Subject         Reference              `json:"subject"`
	EpisodeOfCare   []Reference            `json:"episodeOfCare"`
	Participant     []EncounterParticipant `json:"participant"`
	Appointment     Reference              `json:"appointment"`
	Period          Period                 `json:"period"`
	Length          *Quantity              `json:"length"`
	Reason          []CodeableConcept      `json:"reason"`
	Diagnosis       []EncounterDiagnosis   `json:"diagnosis"`
	Location        []EncounterLocation    `json:"location"`
	ServiceProvider Reference              `json:"serviceProvider"`
	PartOf          Reference              `json:"partOf"`
}

func (*Encounter) resourceType() string { return "Encounter" }

// EncounterParticipant is who took part; Type has REC recorder, PPRF performer, PART.
type EncounterParticipant struct {
	Type       []CodeableConcept `json:"type"`
	Period     Period            `json:"period"`
	Individual Reference         `json:"individual"`
}

// EncounterDiagnosis is a diagnosis of the consultation.
type EncounterDiagnosis struct {
	Condition Reference       `json:"condition"`
	Role      CodeableConcept `json:"role"`
	Rank      Decimal         `json:"rank"`
}

// EncounterLocation is where it took place; often display-only.
type EncounterLocation struct {
	Location Reference `json:"location"`
	Status   string    `json:"status"`
	Period   Period    `json:"period"`
}

// Condition is a problem. Actual problem, related content and related problems are in its
// extensions ActualProblem, RelatedClinicalContent and RelatedProblemHeader.
type Condition struct {
	DomainResource
	Identifier         []Identifier          `json:"identifier"`
	ClinicalStatus     string                `json:"clinicalStatus"`
	VerificationStatus string                `json:"verificationStatus"`
	Category           Many[CodeableConcept] `json:"category"`
	Severity           CodeableConcept       `json:"severity"`
	Code               CodeableConcept       `json:"code"`
	BodySite           []CodeableConcept     `json:"bodySite"`
	Subject            Reference             `json:"subject"`
	Context            Reference             `json:"context"`
	OnsetDateTime      Date                  `json:"onsetDateTime"`
	OnsetAge           *Quantity             `json:"onsetAge"`
	OnsetPeriod        *Period               `json:"onsetPeriod"`
	OnsetRange         *Range                `json:"onsetRange"`
	OnsetString        string                `json:"onsetString"`
	AbatementDateTime  Date                  `json:"abatementDateTime"`
	AbatementAge       *Quantity             `json:"abatementAge"`
	AbatementBoolean   Bool                  `json:"abatementBoolean"`
	AbatementPeriod    *Period               `json:"abatementPeriod"`
	AbatementRange     *Range                `json:"abatementRange"`
	AbatementString    string                `json:"abatementString"`
	AssertedDate       Date                  `json:"assertedDate"`
	Asserter           Reference             `json:"asserter"`
	Evidence           []ConditionEvidence   `json:"evidence"`
	Note               Many[Annotation]      `json:"note"`
}

func (*Condition) resourceType() string { return "Condition" }

// ConditionEvidence is what a problem is inferred from.
type ConditionEvidence struct {
	Code   []CodeableConcept `json:"code"`
	Detail []Reference       `json:"detail"`
}
