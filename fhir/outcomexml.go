package fhir

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// The XML of an OperationOutcome as FHIR writes it: every value in an attribute.
type (
	xmlOutcome struct {
		XMLName xml.Name   `xml:"OperationOutcome"`
		ID      xmlText    `xml:"id"`
		Profile []xmlText  `xml:"meta>profile"`
		Issue   []xmlIssue `xml:"issue"`
	}
	xmlIssue struct {
		Severity    xmlText   `xml:"severity"`
		Code        xmlText   `xml:"code"`
		Coding      []xmlCode `xml:"details>coding"`
		Text        xmlText   `xml:"details>text"`
		Diagnostics xmlText   `xml:"diagnostics"`
		Location    []xmlText `xml:"location"`
		Expression  []xmlText `xml:"expression"`
	}
	xmlCode struct {
		System  xmlText `xml:"system"`
		Version xmlText `xml:"version"`
		Code    xmlText `xml:"code"`
		Display xmlText `xml:"display"`
	}
	xmlText struct {
		Value   string `xml:"value,attr"`
		Content string `xml:",chardata"` // of <diagnostics>text</diagnostics>, which is no FHIR
	}
)

func (t xmlText) String() string { return firstOf(t.Value, strings.TrimSpace(t.Content)) }

func outcomeFromXML(body []byte) (*OperationOutcome, bool) {
	dec := xml.NewDecoder(bytes.NewReader(toUTF8(body)))
	// Whatever encoding the document says it has, it was made UTF-8.
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var x xmlOutcome
	if err := xml.NewTokenDecoder(&shallow{dec: dec}).Decode(&x); err != nil {
		return nil, false
	}
	o := new(OperationOutcome)
	o.Resource = Resource{Type: "OperationOutcome", ID: x.ID.String(), Raw: body, Index: -1}
	o.Meta.Profile = texts(x.Profile)
	for _, i := range x.Issue {
		o.Issue = append(o.Issue, i.issue())
	}
	return o, true
}

func (i xmlIssue) issue() OutcomeIssue {
	out := OutcomeIssue{
		Severity: i.Severity.String(), Code: i.Code.String(), Diagnostics: i.Diagnostics.String(),
		Location: texts(i.Location), Expression: texts(i.Expression),
	}
	out.Details.Text = i.Text.String()
	for _, c := range i.Coding {
		out.Details.Coding = append(out.Details.Coding, Coding{
			System: c.System.String(), Version: c.Version.String(), Code: c.Code.String(), Display: c.Display.String(),
		})
	}
	return out
}

func texts(all []xmlText) []string {
	var out []string
	for _, t := range all {
		out = append(out, t.String())
	}
	return out
}

// shallow hands on a document's tokens as long as it is not nested too deep. Entities that
// a document defines itself are unknown to encoding/xml, so nothing expands.
type shallow struct {
	dec   *xml.Decoder
	depth int
}

var errDeepXML = errors.New("XML is nested too deep")

func (s *shallow) Token() (xml.Token, error) {
	t, err := s.dec.Token()
	switch t.(type) {
	case xml.StartElement:
		if s.depth++; s.depth > outcomeLimits.Depth {
			return nil, errDeepXML
		}
	case xml.EndElement:
		s.depth--
	}
	return t, err
}
