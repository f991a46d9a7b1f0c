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

// tellDocument reads a DocumentReference.
func (r *reader) tellDocument(res fhir.Resource) (Document, bool) {
	v := view[fhir.DocumentReference](r, res)
	if v == nil {
		return Document{}, false
	}
	d := Document{
		Item:        r.item(&v.DomainResource, documentName(v), v.Status),
		Status:      v.Status,
		Description: v.Description,
		Created:     v.Created,
		Indexed:     v.Indexed,
		Authors:     r.actorsOf(res, v.Author),
		Custodian:   r.actorOf(res, v.Custodian),
		Setting:     concept(v.Context.PracticeSetting),
		Labels:      concepts(v.SecurityLabel),

		Consultation: r.linkTo(res, v.Context.Encounter),
	}
	d.NotForPatient = d.NotForPatient || labelled(v)
	d.FromElsewhere = isExternal(v)
	for _, c := range v.Content {
		d.Attachments = append(d.Attachments, attachments([]fhir.Attachment{c.Attachment})...)
	}
	return d, true
}

func attachments(all []fhir.Attachment) []Attachment {
	var found []Attachment
	for _, a := range all {
		found = append(found, Attachment{
			ContentType: a.ContentType, Size: a.Size, URL: a.URL, Title: a.Title, Created: a.Creation,
		})
	}
	return found
}

// documentName is the type; the description where it is not given.
func documentName(v *fhir.DocumentReference) fhir.CodeableConcept {
	if v.Type.Display() != "" {
		return v.Type
	}
	return inWords(v.Description)
}

// labelled says whether the document itself is not to be disclosed to the patient.
func labelled(v *fhir.DocumentReference) bool {
	for _, l := range v.SecurityLabel {
		if l.AnyCode(notForPatient) {
			return true
		}
	}
	return false
}

// isExternal says whether an organisation wrote the document that does not keep it.
func isExternal(v *fhir.DocumentReference) bool {
	for _, author := range v.Author {
		typ, _, _ := fhir.SplitReference(author.Reference)
		if typ == "Organization" && v.Custodian.Reference != "" && refKey(author.Reference) != refKey(v.Custodian.Reference) {
			return true
		}
	}
	return false
}
