package fhir

// DocumentReference is a document's metadata. The document itself is fetched separately;
// without Attachment.URL there is none to fetch, and Attachment.Title says why.
type DocumentReference struct {
	DomainResource
	MasterIdentifier *Identifier        `json:"masterIdentifier"`
	Identifier       []Identifier       `json:"identifier"`
	Status           string             `json:"status"`
	DocStatus        string             `json:"docStatus"`
	Type             CodeableConcept    `json:"type"`
	Class            CodeableConcept    `json:"class"`
	Subject          Reference          `json:"subject"`
	Created          Date               `json:"created"`
	Indexed          Date               `json:"indexed"`
	Author           []Reference        `json:"author"`
	Authenticator    Reference          `json:"authenticator"`
	Custodian        Reference          `json:"custodian"`
	RelatesTo        []DocumentRelation `json:"relatesTo"`
	Description      string             `json:"description"`
	SecurityLabel    []CodeableConcept  `json:"securityLabel"` // NOPAT for the document is here
	Content          []DocumentContent  `json:"content"`
	Context          DocumentContext    `json:"context"`
}

func (*DocumentReference) resourceType() string { return "DocumentReference" }

// DocumentRelation ties a document to another.
type DocumentRelation struct {
	Code   string    `json:"code"`
	Target Reference `json:"target"`
}

// DocumentContent is the document's place and format.
type DocumentContent struct {
	Attachment Attachment `json:"attachment"`
	Format     Coding     `json:"format"`
}

// DocumentContext is what the document belongs to.
type DocumentContext struct {
	Encounter       Reference          `json:"encounter"`
	Event           []CodeableConcept  `json:"event"`
	Period          Period             `json:"period"`
	FacilityType    CodeableConcept    `json:"facilityType"`
	PracticeSetting CodeableConcept    `json:"practiceSetting"`
	Related         []DocumentRelative `json:"related"`
}

// DocumentRelative is something related to a document.
type DocumentRelative struct {
	Identifier *Identifier `json:"identifier"`
	Ref        Reference   `json:"ref"`
}

// Binary is a document's content. A view copies it; for large ones read Raw as a stream.
type Binary struct {
	DomainResource
	ContentType string `json:"contentType"`
	Content     string `json:"content"` // base64
	Data        string `json:"data"`    // base64, R4's name for Content
}

func (*Binary) resourceType() string { return "Binary" }
