package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// maxNesting bounds how deep a JSON document may go.
const maxNesting = 200

var errNesting = errors.New("nested too deep")

// decodeStrict reads one JSON value and nothing after it: names not repeated, UTF-8 valid.
// Numbers are json.Number, so that 1 and 1.0 stay apart.
func decodeStrict(b []byte) (any, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(b))
	value, err := decodeValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errors.New("something follows the value")
	}
	return value, nil
}

func decodeValue(d *jsontext.Decoder, depth int) (any, error) {
	if depth > maxNesting {
		return nil, errNesting
	}
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '"':
		return t.String(), nil
	case '0':
		return json.Number(t.String()), nil
	case 't', 'f':
		return t.Bool(), nil
	case '{':
		return decodeObject(d, depth)
	case '[':
		list := []any{}
		for d.PeekKind() != ']' {
			v, err := decodeValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.ReadToken()
		return list, err
	}
	return nil, nil
}

func decodeObject(d *jsontext.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String() // before the next read: a token lives until then
		if object[key], err = decodeValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return object, err
}
