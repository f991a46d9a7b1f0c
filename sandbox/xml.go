package sandbox

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A tree is a JSON object that remembers the order of its members.
type tree struct {
	names  []string
	values map[string]any // tree, []any, or what a primitive looks like in XML: string
}

// readTree reads one object. Strings, numbers and booleans become strings; null is nil.
func readTree(d *jsontext.Decoder, depth int) (any, error) {
	if depth > maxNesting {
		return nil, errNesting
	}
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '{':
		return readMembers(d, depth)
	case '[':
		list := []any{}
		for d.PeekKind() != ']' {
			value, err := readTree(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = d.ReadToken()
		return list, err
	case 'n':
		return nil, nil
	}
	return t.String(), nil
}

func readMembers(d *jsontext.Decoder, depth int) (any, error) {
	o := &tree{values: map[string]any{}}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		value, err := readTree(d, depth+1)
		if err != nil {
			return nil, err
		}
		if _, twice := o.values[key]; !twice {
			o.names = append(o.names, key)
		}
		o.values[key] = value
	}
	_, err := d.ReadToken()
	return o, err
}

// asXML writes a resource in JSON as the same resource in XML (FHIR STU3, XML
// representation): a member is an element, a primitive its value attribute, what stands
// beside a primitive in _name goes into the same element.
func asXML(resource []byte) ([]byte, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(bytes.TrimPrefix(resource, utf8Mark)), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	value, err := readTree(d, 0)
	if err != nil {
		return nil, err
	}
	root, ok := value.(*tree)
	if !ok {
		return nil, io.ErrUnexpectedEOF
	}
	w := &xmlWriter{}
	w.resource(root, ` xmlns="http://hl7.org/fhir"`)
	return w.Bytes(), nil
}

type xmlWriter struct{ bytes.Buffer }

// resource writes a resource under its type's name.
func (w *xmlWriter) resource(r *tree, namespace string) {
	kind, _ := r.values["resourceType"].(string)
	w.WriteString("<" + kind + namespace + ">")
	w.members(r, kind)
	w.WriteString("</" + kind + ">")
}

// members writes what is in an object, in the order its type has.
func (w *xmlWriter) members(o *tree, kind string) {
	for _, name := range inOrder(o.names, kind) {
		if name == "resourceType" || name == "fhir_comments" {
			continue
		}
		if bare, shadow := strings.CutPrefix(name, "_"); shadow {
			if _, there := o.values[bare]; !there {
				w.member(bare, nil, o.values[name])
			}
			continue
		}
		w.member(name, o.values[name], o.values["_"+name])
	}
}

// member writes one member: each item of a list is an element of its own.
func (w *xmlWriter) member(name string, value, shadow any) {
	list, many := value.([]any)
	shadows, alone := shadow.([]any)
	if !many && !alone {
		w.element(name, value, shadow)
		return
	}
	for i := range max(len(list), len(shadows)) {
		var v, s any
		if i < len(list) {
			v = list[i]
		}
		if i < len(shadows) {
			s = shadows[i]
		}
		w.element(name, v, s)
	}
}

func (w *xmlWriter) element(name string, value, shadow any) {
	beside, _ := shadow.(*tree)
	switch v := value.(type) {
	case *tree:
		if _, is := v.values["resourceType"]; is {
			w.WriteString("<" + name + ">")
			w.resource(v, "")
			w.WriteString("</" + name + ">")
			return
		}
		w.complex(name, "", v)
	case string:
		if name == "div" {
			w.WriteString(v) // the narrative is XHTML already
			return
		}
		w.complex(name, v, beside)
	case nil:
		if beside != nil {
			w.complex(name, "", beside)
		}
	}
}

// complex writes an element with its attributes and what is within it.
func (w *xmlWriter) complex(name, value string, within *tree) {
	w.WriteString("<" + name)
	attributes := []string{"id"}
	if name == "extension" || name == "modifierExtension" {
		attributes = append(attributes, "url")
	}
	inner := &tree{values: map[string]any{}}
	if within != nil {
		for _, n := range within.names {
			if s, ok := within.values[n].(string); ok && slices.Contains(attributes, n) {
				w.attribute(n, s)
				continue
			}
			inner.names = append(inner.names, n)
			inner.values[n] = within.values[n]
		}
	}
	if value != "" {
		w.attribute("value", value)
	}
	if len(inner.names) == 0 {
		w.WriteString("/>")
		return
	}
	w.WriteString(">")
	w.members(inner, name)
	w.WriteString("</" + name + ">")
}

func (w *xmlWriter) attribute(name, value string) {
	w.WriteString(" " + name + `="`)
	xml.EscapeText(w, []byte(value))
	w.WriteString(`"`)
}

// inOrder puts names in the order that the type has, as far as it is known here; a resource
// begins with what all resources begin with, and what is not known stays where it was.
func inOrder(names []string, kind string) []string {
	order := strings.Fields("id meta implicitRules language text contained extension modifierExtension " + elementOrder()[kind])
	place := func(name string) int {
		bare := strings.TrimPrefix(name, "_")
		if i := slices.Index(order, bare); i >= 0 {
			return i
		}
		return len(order)
	}
	out := slices.Clone(names)
	slices.SortStableFunc(out, func(a, b string) int { return place(a) - place(b) })
	return out
}
