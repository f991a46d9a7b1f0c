package record

import "github.com/gpconnect-go/gpc/fhir"

// Document is what is known about a document. The document itself is fetched with Access
// Document, which is another capability. Text is its type or description.
type Document struct {
	Item
	Status      string    `json:"status,omitzero"`
	Description string    `json:"description,omitzero"`
	Created     fhir.Date `json:"created,omitzero"`
	Indexed     fhir.Date `json:"indexed,omitzero"` // entered at the practice
	Authors     []Actor   `json:"authors,omitempty"`
	Custodian   *Actor    `json:"custodian,omitempty"`
	Setting     *Concept  `json:"setting,omitempty"` // where care was given
	Labels      []Concept `json:"labels,omitempty"`  // security labels of the document

	Attachments  []Attachment `json:"attachments,omitempty"`
	Consultation *Link        `json:"consultation,omitempty"`
}

// Attachment is one form of a document. Without a URL there is none to fetch, and Title says why.
type Attachment struct {
	ContentType string       `json:"content_type,omitzero"`
	Size        fhir.Decimal `json:"size,omitzero"` // bytes
	URL         string       `json:"url,omitzero"`
	Title       string       `json:"title,omitzero"`
	Created     fhir.Date    `json:"created,omitzero"`
}
