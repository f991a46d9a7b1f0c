package fhir

import (
	"slices"
	"strings"
)

// Extension carries what a profile adds to a resource: a value, or nested extensions.
type Extension struct {
	URL       string     `json:"url,omitzero"`
	Extension Extensions `json:"extension,omitzero"`

	ValueString          string           `json:"valueString,omitzero"`
	ValueCode            Code             `json:"valueCode,omitzero"`
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
	return firstOf(e.ValueString, string(e.ValueCode), e.ValueID, e.ValueURI, e.ValueMarkdown)
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
	if e := x.find(name); e != nil {
		return *e, true
	}
	return Extension{}, false
}

// find is Find without a copy; nil when there is none.
func (x Extensions) find(name string) *Extension {
	for i := range x {
		if isNamed(x[i].URL, name) {
			return &x[i]
		}
	}
	return nil
}

// All are the extensions of that name, in order; not to be changed.
func (x Extensions) All(name string) []Extension {
	first, last, n := 0, -1, 0
	for i := range x {
		if isNamed(x[i].URL, name) {
			if n++; n == 1 {
				first = i
			}
			last = i
		}
	}
	found := x[first : last+1 : last+1]
	if len(found) == n { // none between them, as mostly
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(e Extension) bool { return !isNamed(e.URL, name) })
}

// isNamed says whether the last path segment of an extension's url is the name but for what
// varies: the words before it and a version after it.
func isNamed(url, name string) bool {
	url = withoutVersion(url)
	name = withoutVersion(name)
	at := len(url) - len(name)
	if at < 0 || !strings.EqualFold(url[at:], name) {
		return false
	}
	before := url[strings.LastIndexByte(url[:at], '/')+1 : at]
	for _, prefix := range []string{"Extension-", "CareConnect-", "GPC-", "GPConnect-"} {
		if len(before) >= len(prefix) && strings.EqualFold(before[:len(prefix)], prefix) {
			before = before[len(prefix):]
		}
	}
	return before == ""
}

// withoutVersion is a name without the digits after its last hyphen.
func withoutVersion(name string) string {
	i := len(name)
	for i > 0 && name[i-1] >= '0' && name[i-1] <= '9' {
		i--
	}
	if i > 1 && i < len(name) && name[i-1] == '-' {
		return name[:i-1]
	}
	return name
}
