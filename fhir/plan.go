package fhir

import (
	"reflect"
	"strings"
	"sync"
)

// A reading reads the next value into v, as json would. It is not ok when the value has a
// shape that json would not take there.
type reading func(s *scanner, v reflect.Value) bool

// A fromRaw is a data type that reads a value as it is written.
type fromRaw interface{ setRaw(string) error }

// A plan is how values of one type are read; a type that has itself within it has its own
// plan in there.
type plan struct{ read reading }

// plans are those of the views. Each is made when it is first needed.
var plans sync.Map // of reflect.Type to *plan

// readSound reads a resource that has been checked through the view that v points to.
func readSound(raw []byte, v any) bool {
	s := scanner{text: string(raw)} // one copy for all the texts in the view
	target := reflect.ValueOf(v).Elem()
	return planOf(target.Type()).read(&s, target) && s.next() == 0
}

func planOf(t reflect.Type) *plan {
	p, ok := plans.Load(t)
	if !ok {
		p, _ = plans.LoadOrStore(t, newPlan(t, map[reflect.Type]*plan{}))
	}
	return p.(*plan)
}

// newPlan makes the plan of t and of those types within it that are not in made yet.
func newPlan(t reflect.Type, made map[reflect.Type]*plan) *plan {
	if p, ok := made[t]; ok {
		return p
	}
	p := new(plan)
	made[t] = p
	p.read = newReading(t, made)
	return p
}

var (
	rawType  = reflect.TypeFor[fromRaw]()
	textType = reflect.TypeFor[fromText]()
	manyType = reflect.TypeFor[interface{ many() }]()
)

func newReading(t reflect.Type, made map[reflect.Type]*plan) reading {
	switch p := reflect.PointerTo(t); {
	case p.Implements(rawType):
		return readRaw
	case t.Kind() == reflect.Slice:
		return listReading(t, newPlan(t.Elem(), made), p.Implements(manyType))
	case t.Kind() == reflect.Pointer:
		return pointerReading(t, newPlan(t.Elem(), made))
	case t.Kind() == reflect.Struct:
		return structReading(t, made)
	case t.Kind() == reflect.String:
		return readString
	}
	return func(*scanner, reflect.Value) bool { return false }
}

func readString(s *scanner, v reflect.Value) bool {
	if s.null() {
		return true
	}
	text, ok := s.string()
	v.SetString(text)
	return ok
}

func readRaw(s *scanner, v reflect.Value) bool {
	raw, ok := s.raw()
	return ok && v.Addr().Interface().(fromRaw).setRaw(s.kept(raw)) == nil
}

func pointerReading(t reflect.Type, elem *plan) reading {
	return func(s *scanner, v reflect.Value) bool {
		if s.null() {
			return true
		}
		v.Set(reflect.New(t.Elem()))
		return elem.read(s, v.Elem())
	}
}

func listReading(t reflect.Type, elem *plan, many bool) reading {
	words := reflect.PointerTo(t.Elem()).Implements(textType)
	return func(s *scanner, v reflect.Value) bool {
		switch next := s.next(); {
		case next == '[':
			return readList(s, v, elem)
		case next == 'n':
			return s.null()
		case !many:
			return false
		case next == '"' && words:
			text, ok := s.string()
			appended(v).Addr().Interface().(fromText).setText(text)
			return ok
		case next == '"' || next == '{':
			return elem.read(s, appended(v))
		}
		return false
	}
}

func readList(s *scanner, v reflect.Value, elem *plan) bool {
	if !s.open('[') {
		return false
	}
	for n := 0; ; n++ {
		more, ok := s.more(n == 0, ']')
		if !ok || !more {
			if n == 0 {
				v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			}
			return ok
		}
		if !elem.read(s, appended(v)) {
			return false
		}
	}
}

// appended is a new element at the end of the list v.
func appended(v reflect.Value) reflect.Value {
	n := v.Len()
	if n == v.Cap() {
		v.Grow(1)
	}
	v.SetLen(n + 1)
	return v.Index(n)
}

// A field is where a member goes: outer is the embedded struct it is in, or -1.
type field struct {
	name         string
	outer, inner int
	plan         *plan
}

func structReading(t reflect.Type, made map[reflect.Type]*plan) reading {
	fields := addFields(nil, t, -1, made)
	return func(s *scanner, v reflect.Value) bool {
		if s.next() == 'n' {
			return s.null()
		}
		if !s.open('{') {
			return false
		}
		for at, n := 0, 0; ; n++ {
			more, ok := s.more(n == 0, '}')
			if !ok || !more {
				return ok
			}
			name, ok := s.name()
			if !ok {
				return false
			}
			i := find(fields, name, at)
			if i < 0 {
				_, ok = s.raw()
			} else {
				ok, at = fields[i].read(s, v), i+1
			}
			if !ok {
				return false
			}
		}
	}
}

func (f *field) read(s *scanner, v reflect.Value) bool {
	if f.outer >= 0 {
		v = v.Field(f.outer)
	}
	return f.plan.read(s, v.Field(f.inner))
}

// find is where the field of that name is, or -1. It begins where the one before was found:
// members mostly come in the order in which FHIR names them.
func find(fields []field, name string, at int) int {
	for i := at; i < len(fields); i++ {
		if fields[i].name == name {
			return i
		}
	}
	for i := range min(at, len(fields)) {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

// addFields adds the fields of t under the names of their members. Those of a struct that
// is embedded (in the field outer) count as the struct's own, unless it has them itself.
func addFields(fields []field, t reflect.Type, outer int, made map[reflect.Type]*plan) []field {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if f.Anonymous && name == "" {
			fields = addFields(fields, f.Type, i, made)
			continue
		}
		found := field{name, outer, i, newPlan(f.Type, made)}
		switch same := find(fields, name, 0); {
		case same < 0:
			fields = append(fields, found)
		case outer < 0:
			fields[same] = found
		}
	}
	return fields
}
