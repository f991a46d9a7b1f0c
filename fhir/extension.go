package fhir

import "strings"

// Extension carries what a profile adds to a resource: a value, or nested extensions.
type Extension struct {
	URL       string     `json:"url,omitzero"`
	Extension Extensions `json:"extension,omitzero"`

	ValueString          string           `json:"valueString,omitzero"`
	ValueCode            string           `json:"valueCode,omitzero"`
	ValueID              string           `json:"valueId,omitzero"`
	ValueURI             string           `json:"valueUri,omitzero"`
	ValueMarkdown        string           `json:"valueMarkdown,omitzero"`
	ValueBoolean         Bool             `json:"valueBoolean,omitzero"`
	ValueInteger         Decimal          `json:"valueInteger,omitzero"`
	ValueUnsignedInt     Decimal          `json:"valueUnsignedInt,omitzero"`
	ValuePositiveInt     Decimal          `json:"valuePositiveInt,omitzero"`
	ValueDecimal         Decimal          `json:"valueDecimal,omitzero"`
	ValueDate            Date             `json:"valueDate,omitzero"`
	ValueDateTime        Date             `json:"valueDateTime,omitzero"`
	ValueInstant         Date             `json:"valueInstant,omitzero"`
	ValuePeriod          *Period          `json:"valuePeriod,omitzero"`
	ValueReference       *Reference       `json:"valueReference,omitzero"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept,omitzero"`
	ValueCoding          *Coding          `json:"valueCoding,omitzero"`
	ValueIdentifier      *Identifier      `json:"valueIdentifier,omitzero"`
	ValueQuantity        *Quantity        `json:"valueQuantity,omitzero"`
	ValueAnnotation      *Annotation      `json:"valueAnnotation,omitzero"`
	ValueAddress         *Address         `json:"valueAddress,omitzero"`
	ValueAttachment      *Attachment      `json:"valueAttachment,omitzero"`
}

// Text is the value if it is one of the textual types: string, code, id, uri, markdown.
func (e Extension) Text() string {
	return firstOf(e.ValueString, e.ValueCode, e.ValueID, e.ValueURI, e.ValueMarkdown)
}

// Number is the value if it is a number. Providers differ in which type they give a count.
func (e Extension) Number() Decimal {
	return firstOf(e.ValueUnsignedInt, e.ValuePositiveInt, e.ValueInteger, e.ValueDecimal)
}

// Date is the value if it is a date, dateTime or instant.
func (e Extension) Date() Date { return firstOf(e.ValueDateTime, e.ValueDate, e.ValueInstant) }

// firstOf is the first that is not empty.
func firstOf[T ~string](values ...T) T {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// Extensions are found by name, because their addresses vary: http or https, fhir.nhs.uk
// or fhir.hl7.org.uk, CareConnect- or CareConnect-GPC-, any version.
type Extensions []Extension

// Find is the first extension of that name: "ListWarningCode" finds
// https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1.
// The part of a nested extension is found by its url in the same way. Case does not matter.
func (x Extensions) Find(name string) (Extension, bool) {
	name = extensionName(name)
	for _, e := range x {
		if strings.EqualFold(extensionName(e.URL), name) {
			return e, true
		}
	}
	return Extension{}, false
}

// All are the extensions of that name, in order.
func (x Extensions) All(name string) []Extension {
	name = extensionName(name)
	var found []Extension
	for _, e := range x {
		if strings.EqualFold(extensionName(e.URL), name) {
			found = append(found, e)
		}
	}
	return found
}

// extensionName is the last path segment of an extension's url without what varies: the
// words before the name and a version after it.
func extensionName(url string) string {
	name := url[strings.LastIndexByte(url, '/')+1:]
	for _, prefix := range []string{"Extension-", "CareConnect-", "GPC-", "GPConnect-"} {
		if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			name = name[len(prefix):]
		}
	}
	if i := strings.LastIndexByte(name, '-'); i > 0 && i+1 < len(name) {
		if _, rest := cutDigits(name[i+1:]); rest == "" {
			name = name[:i]
		}
	}
	return name
}
