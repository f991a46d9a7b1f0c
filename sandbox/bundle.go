package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A document is a Bundle's bytes, cut at its entries: before, the entries without the commas
// between them, after.
type document struct {
	before, after []byte
	entries       []jsontext.Value
}

var utf8Mark = []byte("\xef\xbb\xbf")

// cut finds the entries of a Bundle. It is as lenient as a reader of other people's files
// must be: repeated names and broken UTF-8 pass.
func cut(raw []byte) (document, error) {
	mark := len(raw) - len(bytes.TrimPrefix(raw, utf8Mark))
	d := jsontext.NewDecoder(bytes.NewBuffer(raw[mark:]), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	doc := document{before: raw}
	if d.PeekKind() != '{' {
		return doc, errors.New("not a JSON object")
	}
	d.ReadToken()
	isBundle := false
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return doc, err
		}
		switch key := name.String(); {
		case key == "entry" && d.PeekKind() == '[' && doc.after == nil:
			if err := doc.cutEntries(d, raw, mark); err != nil {
				return doc, err
			}
		default:
			value, err := d.ReadValue()
			if err != nil {
				return doc, err
			}
			isBundle = isBundle || key == "resourceType" && string(value) == `"Bundle"`
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return doc, err
	}
	if rest := raw[mark+int(d.InputOffset()):]; len(bytes.TrimSpace(rest)) > 0 {
		return doc, errors.New("something follows the JSON object")
	}
	if !isBundle {
		return doc, errors.New("not a Bundle")
	}
	return doc, nil
}

func (doc *document) cutEntries(d *jsontext.Decoder, raw []byte, mark int) error {
	d.ReadToken()
	doc.before = raw[:mark+int(d.InputOffset())]
	for d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		doc.entries = append(doc.entries, value.Clone())
	}
	end := mark + int(d.InputOffset())
	doc.after = raw[end:]
	_, err := d.ReadToken()
	return err
}

// onlyPatient is the NHS number of the one Patient of a Bundle, or why the file cannot be
// served.
func onlyPatient(raw []byte) (nhs, why string) {
	doc, err := cut(raw)
	if err != nil {
		return "", wording(err, raw)
	}
	patients := 0
	for _, e := range doc.entries {
		if !bytes.Contains(e, []byte(`"Patient"`)) {
			continue
		}
		resource, _ := lenient(e)["resource"].(map[string]any)
		if resource["resourceType"] != "Patient" {
			continue
		}
		patients++
		nhs = nhsNumberOf(resource)
	}
	switch {
	case patients != 1:
		return "", fmt.Sprintf("%d Patients, where one was expected", patients)
	case nhs == "":
		return "", "its Patient has no valid NHS number"
	}
	return nhs, ""
}

// wording keeps the file's content out of a message.
func wording(err error, raw []byte) string {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("not JSON from line %d on", lineAt(bytes.TrimPrefix(raw, utf8Mark), int(syntax.ByteOffset)))
	}
	if strings.HasPrefix(err.Error(), "not ") || strings.HasPrefix(err.Error(), "something ") {
		return err.Error()
	}
	return "not JSON"
}

// lenient decodes an object whose names may be repeated: the last one counts.
func lenient(raw []byte) map[string]any {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	value, err := decodeValue(d, 0)
	if err != nil {
		return nil
	}
	fields, _ := value.(map[string]any)
	return fields
}

// nhsNumberOf is a Patient's valid NHS number, "" if it has none.
func nhsNumberOf(patient map[string]any) string {
	list, ok := patient["identifier"].([]any)
	if !ok {
		list = []any{patient["identifier"]}
	}
	for _, i := range list {
		identifier, _ := i.(map[string]any)
		value, _ := identifier["value"].(string)
		value = strings.ReplaceAll(value, " ", "")
		if identifier["system"] == "https://fhir.nhs.uk/Id/nhs-number" && validNHSNumber(value) {
			return value
		}
	}
	return ""
}
