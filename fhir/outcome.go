package fhir

import (
	"bytes"
	"unicode/utf8"
)

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

// outcomeLimits bound an error's body; the largest seen had a few thousand bytes. A view of
// empty issues takes some hundred times the room of its bytes.
var outcomeLimits = Limits{Bytes: 256 << 10, Depth: 100}

// ParseOutcome reads an OperationOutcome from the body of a response, JSON or XML. It is
// not ok when the body is anything else, an HTML page most of the time: see [Sniff]. The
// body decides what it is: content types are often wrong.
//
// An error is read with more patience than a record. The proxy's documented answer has a
// comma too many, and a message may come in Latin-1: both are taken. Of XML the id, the
// profiles and the issues are read. The Raw of the outcome is the body as it came.
func ParseOutcome(_ string, body []byte) (*OperationOutcome, bool) {
	if int64(len(body)) > outcomeLimits.Bytes {
		return nil, false
	}
	switch Sniff(body) {
	case JSONBody:
		return outcomeFromJSON(body)
	case XMLBody:
		return outcomeFromXML(body)
	}
	return nil, false
}

func outcomeFromJSON(body []byte) (*OperationOutcome, bool) {
	r, err := ParseResource(body, outcomeLimits)
	sound := err == nil
	if !sound {
		r, err = ParseResource(blankTrailingCommas(toUTF8(body)), Limits{Depth: outcomeLimits.Depth})
	}
	if err != nil {
		return nil, false
	}
	o, err := As[OperationOutcome](r)
	if err != nil {
		return nil, false
	}
	if !sound {
		o.Raw, o.Offset = body, 0
	}
	return o, true
}

// blankTrailingCommas is a copy of a JSON document with a space for each comma that
// nothing but white space divides from the end of its object or list.
func blankTrailingCommas(doc []byte) []byte {
	doc = bytes.Clone(doc)
	comma := -1 // where the last thing that was not white space is a comma
	for i := 0; i < len(doc); i++ {
		switch doc[i] {
		case ' ', '\t', '\r', '\n':
			continue
		case '}', ']':
			if comma >= 0 {
				doc[comma] = ' '
			}
		case '"':
			for i++; i < len(doc) && doc[i] != '"'; i++ {
				if doc[i] == '\\' {
					i++
				}
			}
		}
		comma = -1
		if i < len(doc) && doc[i] == ',' {
			comma = i
		}
	}
	return doc
}

// toUTF8 takes what is no UTF-8 for Latin-1, the one other thing that old software sends.
func toUTF8(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	runes := make([]rune, len(body))
	for i, b := range body {
		runes[i] = rune(b)
	}
	return []byte(string(runes))
}
