package sandbox

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// fromXML reads a resource in XML as the same resource in JSON. It knows which elements may
// repeat and which are no strings in what the sandbox is sent: Parameters, Patient,
// Appointment and what is in them.
func fromXML(body []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok {
			resource, err := readResourceXML(d, start, 0)
			if err != nil {
				return nil, err
			}
			if err := onlySpace(d); err != nil {
				return nil, err
			}
			return json.Marshal(resource)
		}
	}
}

// onlySpace wants nothing that counts until the end.
func onlySpace(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, element := token.(xml.StartElement); element {
			return errors.New("something follows the resource")
		}
	}
}

func readResourceXML(d *xml.Decoder, start xml.StartElement, depth int) (map[string]any, error) {
	if start.Name.Space != "http://hl7.org/fhir" {
		return nil, errors.New("not an element of FHIR")
	}
	fields, err := readElementXML(d, start, start.Name.Local, depth)
	if err != nil {
		return nil, err
	}
	fields["resourceType"] = start.Name.Local
	return fields, nil
}

// readElementXML reads what is within an element up to its end; context is the resource type
// or the element's name.
func readElementXML(d *xml.Decoder, start xml.StartElement, context string, depth int) (map[string]any, error) {
	if depth > maxNesting {
		return nil, errNesting
	}
	fields := map[string]any{}
	for _, a := range start.Attr {
		if a.Name.Local == "id" || a.Name.Local == "url" {
			fields[a.Name.Local] = a.Value
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return fields, nil
		case xml.StartElement:
			if err := readMemberXML(d, t, fields, context, depth); err != nil {
				return nil, err
			}
		}
	}
}

// readMemberXML reads one child element into fields.
func readMemberXML(d *xml.Decoder, start xml.StartElement, fields map[string]any, context string, depth int) error {
	name := start.Name.Local
	var value any
	if name == "contained" || name == "resource" {
		inner, err := readWithinXML(d, depth+1)
		if err != nil {
			return err
		}
		value = inner
	} else {
		inner, err := readElementXML(d, start, name, depth+1)
		if err != nil {
			return err
		}
		value = inner
		if i := slices.IndexFunc(start.Attr, func(a xml.Attr) bool { return a.Name.Local == "value" }); i >= 0 {
			if len(inner) > 0 {
				fields["_"+name] = inner
			}
			value = primitiveOf(name, start.Attr[i].Value)
		}
	}
	old, there := fields[name]
	switch {
	case repeats(context, name):
		list, _ := old.([]any)
		fields[name] = append(list, value)
	case there:
		return errors.New("an element is there twice")
	default:
		fields[name] = value
	}
	return nil
}

// readWithinXML reads the resource that an element holds, and the element's end.
func readWithinXML(d *xml.Decoder, depth int) (resource map[string]any, err error) {
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if resource != nil {
				return nil, errors.New("two resources in one element")
			}
			if resource, err = readResourceXML(d, t, depth); err != nil {
				return nil, err
			}
		case xml.EndElement:
			return resource, nil
		}
	}
}

// primitiveOf is a value attribute in JSON: a string but for the few that are not.
func primitiveOf(name, value string) any {
	switch name {
	case "active", "valueBoolean", "userSelected":
		if value == "true" || value == "false" {
			return value == "true"
		}
	case "minutesDuration", "rank", "valueInteger", "valuePositiveInt", "valueUnsignedInt":
		if n := json.Number(value); n != "" {
			if _, err := n.Int64(); err == nil {
				return n
			}
		}
	}
	return value
}

// repeats says whether an element is a list in JSON.
func repeats(context, name string) bool {
	const always = " extension modifierExtension contained identifier telecom given prefix suffix line coding parameter part participant slot entry profile contact" +
		" communication photo link generalPractitioner reason specialty serviceType supportingInformation indication incomingReferral requestedPeriod security tag "
	switch name {
	case "name":
		return context == "Patient" || context == "Practitioner"
	case "address":
		return context == "Patient" || context == "Practitioner" || context == "Organization"
	case "type":
		return context == "Organization" || context == "participant"
	}
	return strings.Contains(always, " "+name+" ")
}
