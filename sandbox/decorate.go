package sandbox

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// What no reader can know, and every reader has to live with (FHIR: clients ignore unknown
// elements and extensions).
const (
	unheardURL       = "https://sandbox.example/StructureDefinition/Extension-Unheard-Of-1"
	unheardExtension = `{"url":"` + unheardURL + `","valueString":"of no meaning"}`
	unheardElement   = `"unheardOf":{"nested":[1,2,{"deep":null}]}`
)

// A seam is where something can be put into a resource's bytes.
type seam struct {
	element   int  // just after the opening brace
	extension int  // just after the bracket of its extensions, 0 if it has none
	empty     bool // no extension there yet
	plain     bool // a resource without extensions by its type
}

// findSeam walks the top level of a resource.
func findSeam(raw []byte) seam {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var s seam
	if d.PeekKind() != '{' {
		return seam{plain: true, element: -1}
	}
	d.ReadToken()
	if d.PeekKind() == '}' {
		return seam{plain: true, element: -1}
	}
	s.element = int(d.InputOffset())
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			break
		}
		key := name.String()
		if key == "extension" && d.PeekKind() == '[' {
			d.ReadToken()
			s.extension, s.empty = int(d.InputOffset()), d.PeekKind() == ']'
			return s
		}
		s.plain = s.plain || key == "extension" // one that is no list is left alone
		value, err := d.ReadValue()
		if err != nil {
			break
		}
		if key == "resourceType" {
			kind := string(value)
			s.plain = s.plain || kind == `"Bundle"` || kind == `"Binary"` || kind == `"Parameters"`
		}
	}
	return s
}

// decorate adds, by the dice, what nobody knows to a resource's bytes, once: an answer that was
// saved and is served again has it already.
func (c *call) decorate(raw []byte, s seam) []byte {
	has := func(text string) bool { return bytes.Contains(raw, []byte(text)) }
	extension := !s.plain && c.dice.IntN(2) == 0 && !has(unheardURL) && c.differ("extensions")
	element := s.element > 0 && c.dice.IntN(2) == 0 && !has(`"unheardOf"`) && c.differ("elements")
	if !extension && !element {
		return raw
	}
	out := append(make([]byte, 0, len(raw)+256), raw[:s.element]...)
	if element {
		out = append(out, unheardElement+","...)
	}
	switch {
	case !extension:
		return append(out, raw[s.element:]...)
	case s.extension == 0:
		out = append(out, `"extension":[`+unheardExtension+`],`...)
		return append(out, raw[s.element:]...)
	}
	out = append(out, raw[s.element:s.extension]...)
	out = append(out, unheardExtension...)
	if !s.empty {
		out = append(out, ',')
	}
	return append(out, raw[s.extension:]...)
}

// different makes a Bundle's bytes differ: entries in another order, and in them what nobody
// knows. With all of these differences off the bytes are what they were.
func (c *call) different(raw []byte) []byte {
	d := c.server.differences
	if !d.on("shuffle") && !d.on("extensions") && !d.on("elements") {
		return raw
	}
	doc, err := cut(raw)
	if err != nil || doc.after == nil {
		return raw
	}
	if c.differ("shuffle") {
		c.dice.Shuffle(len(doc.entries), func(i, j int) { doc.entries[i], doc.entries[j] = doc.entries[j], doc.entries[i] })
	}
	out := append(make([]byte, 0, len(raw)+len(raw)/8), doc.before...)
	for i, e := range doc.entries {
		if i > 0 {
			out = append(out, ',')
		}
		from, to := resourceWithin(e)
		out = append(out, e[:from]...)
		out = append(out, c.decorate(e[from:to], findSeam(e[from:to]))...)
		out = append(out, e[to:]...)
	}
	return append(out, doc.after...)
}

// resourceWithin is where an entry's resource begins and ends.
func resourceWithin(entry []byte) (from, to int) {
	d := jsontext.NewDecoder(bytes.NewBuffer(entry), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() != '{' {
		return 0, 0
	}
	d.ReadToken()
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return 0, 0
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return 0, 0
		}
		if end := int(d.InputOffset()); key == "resource" && value.Kind() == '{' {
			return end - len(value), end
		}
	}
	return 0, 0
}
