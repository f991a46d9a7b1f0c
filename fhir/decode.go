package fhir

import (
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A view is a struct that reads one type of resource.
type view interface {
	resourceType() string
	domain() *DomainResource
}

// As reads r through the view T: fhir.As[fhir.Patient](r). T must be one of this package's
// views and r of its type, else the error is a [*TypeError]. A member that has a wrong
// shape never fails the resource: it is taken if there is a way to, or left out and named
// in Odd. Only bytes that are no JSON at all fail, with a [*ParseError].
//
// Each call decodes anew.
func As[T any](r Resource) (*T, error) {
	v := new(T)
	d, ok := any(v).(view)
	if !ok {
		return nil, fmt.Errorf("%T is not a view of a resource", *v)
	}
	if r.Type != d.resourceType() {
		return nil, &TypeError{Want: d.resourceType(), Got: r.Type}
	}
	odd, err := fill(r, v)
	if err != nil {
		return nil, err
	}
	d.domain().Resource, d.domain().Odd = r, odd
	return v, nil
}

// fill reads r into v. What is sound and has the shape that it should have is read as fast
// as can be; only when something has another shape it begins again and bends.
func fill[T any](r Resource, v *T) (odd []string, err error) {
	if r.has&indexed == 0 { // somebody made it: nobody has looked whether it is sound
		if r, err = ParseResource(r.Raw, unlimited(r.Raw)); err != nil {
			return nil, err
		}
	}
	if readSound(r.Raw, v) {
		return nil, nil
	}
	*v = *new(T)
	odd, err = decodeBending(r.Raw, v)
	if bad := new(jsontext.SyntacticError); errors.As(err, &bad) {
		return nil, refuse(bad.ByteOffset, ErrSyntax)
	}
	return odd, err
}

// Many is a list that some send as its only element. Where that has been seen, the list is
// a Many: there is a quicker way to take it than to bend.
type Many[T any] []T

// UnmarshalJSONFrom takes one element without its list, too.
func (m *Many[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	next := dec.PeekKind()
	if next != '{' && next != '"' {
		return json.UnmarshalDecode(dec, (*[]T)(m))
	}
	one := make(Many[T], 1)
	if words, ok := any(&one[0]).(fromText); ok && next == '"' {
		raw, err := dec.ReadValue()
		words.setText(string(text(raw)))
		*m = one
		return err
	}
	*m = one
	return json.UnmarshalDecode(dec, &one[0])
}

func (Many[T]) many() {} // what tells it from other lists

// Code is a code. In its place may stand a coding that has it, or a list of one, as in the
// specification's own examples of problems.
type Code string

var errNotCode = errors.New("not a code")

// UnmarshalJSON takes what is said of Code, and a number or boolean as it is written.
func (c *Code) UnmarshalJSON(data []byte) error { return c.setRaw(string(data)) }

func (c *Code) setRaw(raw string) error {
	switch raw[0] {
	case '"':
		*c = Code(unquoted(raw))
		return nil
	case 'n':
		*c = ""
		return nil
	case '{', '[':
		var all Many[Coding]
		if json.Unmarshal([]byte(raw), &all) != nil || len(all) != 1 || all[0].Code == "" {
			return errNotCode
		}
		*c = Code(all[0].Code)
		return nil
	}
	*c = Code(raw)
	return nil
}

// A bender takes members of the wrong shape. json asks it about every value it meets.
type bender struct {
	odd  []string
	opts json.Options
}

// Benders are kept, because what json learns about the types is kept in their options.
var benders = sync.Pool{New: func() any {
	b := new(bender)
	b.opts = json.WithUnmarshalers(json.UnmarshalFromFunc(b.take))
	return b
}}

func decodeBending(raw []byte, v any) ([]string, error) {
	b := benders.Get().(*bender)
	defer benders.Put(b)
	b.odd = nil
	err := json.Unmarshal(raw, v, b.opts)
	return b.odd, err
}

// A fromText is a data type that can make sense of a string in its place.
type fromText interface{ setText(string) }

// take reads the next value into target (a pointer), or leaves it to json when it has the
// shape that json expects there.
func (b *bender) take(dec *jsontext.Decoder, target any) error {
	next := dec.PeekKind()
	if next == 'n' || next == 0 {
		return errors.ErrUnsupported
	}
	v := reflect.ValueOf(target).Elem()
	if p, ok := target.(interface{ UnmarshalJSON([]byte) error }); ok && v.Kind() != reflect.Pointer {
		return b.primitive(dec, next, target, p.UnmarshalJSON)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return b.pointer(dec, v)
	case reflect.Slice:
		if next == '[' {
			return errors.ErrUnsupported
		}
		return b.oneForMany(dec, v)
	case reflect.Struct:
		if next == '{' {
			return errors.ErrUnsupported
		}
	case reflect.String:
		if next == '"' {
			return errors.ErrUnsupported
		}
	default:
		return errors.ErrUnsupported
	}
	switch {
	case next == '[':
		return b.manyForOne(dec, target)
	case next == '"':
		return b.textForObject(dec, target)
	case next == '{':
		return b.codingForCode(dec, v)
	case v.Kind() == reflect.String:
		raw, err := dec.ReadValue()
		v.SetString(string(raw)) // a number or a boolean, as written
		return err
	}
	return b.leaveOut(dec)
}

// primitive reads a Bool or Decimal, which know themselves what they take.
func (b *bender) primitive(dec *jsontext.Decoder, next jsontext.Kind, target any, set func([]byte) error) error {
	if next == '[' {
		return b.manyForOne(dec, target)
	}
	raw, err := dec.ReadValue()
	if err == nil && set(raw) != nil {
		b.note(dec)
	}
	return err
}

// pointer leaves the pointer nil when nothing at all could be taken.
func (b *bender) pointer(dec *jsontext.Decoder, v reflect.Value) error {
	noted := len(b.odd)
	fresh := reflect.New(v.Type().Elem())
	err := json.UnmarshalDecode(dec, fresh.Interface())
	if len(b.odd) == noted || !fresh.Elem().IsZero() {
		v.Set(fresh)
	}
	return err
}

func (b *bender) oneForMany(dec *jsontext.Decoder, v reflect.Value) error {
	noted := len(b.odd)
	fresh := reflect.New(v.Type().Elem())
	err := json.UnmarshalDecode(dec, fresh.Interface())
	if len(b.odd) == noted || !fresh.Elem().IsZero() {
		v.Set(reflect.Append(reflect.Zero(v.Type()), fresh.Elem()))
	}
	return err
}

// manyForOne takes the first of a list and notes each that it leaves.
func (b *bender) manyForOne(dec *jsontext.Decoder, target any) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for first := true; dec.PeekKind() != ']'; first = false {
		if !first {
			if err := b.leaveOut(dec); err != nil {
				return err
			}
			continue
		}
		if err := json.UnmarshalDecode(dec, target); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

func (b *bender) textForObject(dec *jsontext.Decoder, target any) error {
	t, ok := target.(fromText)
	if !ok {
		return b.leaveOut(dec)
	}
	raw, err := dec.ReadValue()
	t.setText(string(text(raw)))
	return err
}

// codingForCode takes the code out of a coding that stands where only its code should, as
// in the specification's own examples of problems.
func (b *bender) codingForCode(dec *jsontext.Decoder, v reflect.Value) error {
	var c Coding
	err := json.UnmarshalDecode(dec, &c)
	if v.SetString(c.Code); c.Code == "" {
		b.note(dec)
	}
	return err
}

func (b *bender) leaveOut(dec *jsontext.Decoder) error {
	err := dec.SkipValue()
	b.note(dec)
	return err
}

// note keeps the path of the value just read, within reason.
func (b *bender) note(dec *jsontext.Decoder) {
	const most = 1000
	if len(b.odd) < most {
		b.odd = append(b.odd, string(dec.StackPointer()))
	}
}
