package fhir

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// read parses a resource and reads it through the view T.
func read[T any](t testing.TB, doc string) *T {
	t.Helper()
	r, err := ParseResource([]byte(doc), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := As[T](r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAsTakesWhatProvidersSend(t *testing.T) {
	p := read[Patient](t, `{"resourceType":"Patient","id":5,"active":"true","name":{"given":"Anna","family":["Winter"]},
		"birthDate":1980,"telecom":{"value":"1"},"deceasedBoolean":false,"multipleBirthInteger":"2",
		"managingOrganization":"Organization/1","maritalStatus":"single","address":[{"line":"1 High Street"}],"unknown":{"a":[1]}}`)
	if p.ID != "5" || !p.Active.IsTrue() || !p.DeceasedBoolean.IsFalse() || p.MultipleBirthBoolean != Absent {
		t.Errorf("got id %q active %v deceased %v multiple %v", p.ID, p.Active, p.DeceasedBoolean, p.MultipleBirthBoolean)
	}
	if len(p.Name) != 1 || !slices.Equal(p.Name[0].Given, []string{"Anna"}) || p.Name[0].Family != "Winter" {
		t.Error("the name was not taken")
	}
	if p.BirthDate != "1980" || p.MultipleBirthInteger != "2" || len(p.Telecom) != 1 || p.Telecom[0].Value != "1" {
		t.Error("birth date, number or telecom was not taken")
	}
	if p.ManagingOrganization.Reference != "Organization/1" || p.MaritalStatus.Text != "single" || p.Address[0].Line[0] != "1 High Street" {
		t.Error("a string in place of an object, or one in place of many, was not taken")
	}
	if p.Odd != nil {
		t.Errorf("got odd %v, want none", p.Odd)
	}
	if !strings.Contains(string(p.Raw), `"unknown":{"a":[1]}`) {
		t.Error("the raw bytes are not all there")
	}
}

func TestAsLeavesOutAndSaysSo(t *testing.T) {
	o := read[Observation](t, `{"resourceType":"Observation","id":"1","status":{"x":1},"code":{"coding":[{"code":"a"},7,{"code":"b"}]},
		"valueQuantity":12,"component":[{"valueQuantity":{"value":[1.50,2],"unit":"mmol/L"}}],"comment":[],
		"subject":[{"reference":"Patient/1"},{"reference":"Patient/2"}],"referenceRange":false,"issued":null}`)
	want := []string{"/status", "/code/coding/1", "/valueQuantity", "/component/0/valueQuantity/value/1", "/subject/1", "/referenceRange"}
	if !slices.Equal(o.Odd, want) {
		t.Errorf("got odd  %v\nwant odd %v", o.Odd, want)
	}
	if o.Status != "" || o.ValueQuantity != nil || o.ReferenceRange != nil || o.Subject.Reference != "Patient/1" {
		t.Errorf("got status %q quantity %v ranges %v subject %q", o.Status, o.ValueQuantity, o.ReferenceRange, o.Subject.Reference)
	}
	if len(o.Code.Coding) != 3 || o.Code.Coding[2].Code != "b" {
		t.Errorf("got codings %v, want three in their places", o.Code.Coding)
	}
	if q := o.Component[0].ValueQuantity; q == nil || q.String() != "1.50 mmol/L" {
		t.Errorf("got %v, want 1.50 mmol/L", q)
	}
}

func TestAsBendsTheSameAsItReads(t *testing.T) {
	straight := 0
	eachResource(t, func(file string, r Resource) {
		v := asView(t, r)
		if v == nil {
			return
		}
		checkReadAsJSONDoes(t, r, v)
		if len(v.domain().Odd) > 0 {
			return
		}
		bent := reflect.New(reflect.TypeOf(v).Elem()).Interface().(view)
		odd, err := decodeBending(r.Raw, bent)
		bent.domain().Resource = r
		if err != nil || odd != nil || !reflect.DeepEqual(v, bent) {
			t.Errorf("%s: %s at %d: the two ways of reading differ (%v, %v)", file, r.Type, r.Offset, odd, err)
		}
		straight++
	})
	if straight == 0 {
		t.Error("no resource was read without bending")
	}
}

// checkReadAsJSONDoes sees to it that a resource is read straight when json can read it as
// it stands, and then to the same view, v; and is not when json cannot.
func checkReadAsJSONDoes(t *testing.T, r Resource, v view) {
	t.Helper()
	fresh := func() view { return reflect.New(reflect.TypeOf(v).Elem()).Interface().(view) }
	straight, plain := fresh(), fresh()
	ok := readSound(r.Raw, straight)
	err := json.Unmarshal(r.Raw, plain)
	if ok != (err == nil) {
		t.Errorf("%s at %d: read straight: %v; json says %v", r.Type, r.Offset, ok, err)
	}
	if !ok {
		return
	}
	straight.domain().Resource, plain.domain().Resource = r, r
	if !reflect.DeepEqual(straight, plain) || !reflect.DeepEqual(straight, v) {
		t.Errorf("%s at %d: not read as json reads it", r.Type, r.Offset)
	}
}

// A field of another kind could not be read straight, and would make its resource slow to read.
func TestEveryTypeInTheViewsIsReadStraight(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(in string, typ reflect.Type)
	look = func(in string, typ reflect.Type) {
		if seen[typ] || reflect.PointerTo(typ).Implements(rawType) || typ == reflect.TypeFor[Resource]() {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.String:
		case reflect.Slice, reflect.Pointer:
			look(in, typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				if f := typ.Field(i); f.Tag.Get("json") != "-" {
					look(typ.Name()+"."+f.Name, f.Type)
				}
			}
		default:
			t.Errorf("%s is a %s", in, typ)
		}
	}
	for name, read := range views {
		v, err := read(Resource{Type: name, Raw: []byte("{}")})
		if err != nil {
			t.Fatal(err)
		}
		look(name, reflect.TypeOf(v).Elem())
	}
}

func TestAsRefuses(t *testing.T) {
	r, _ := ParseResource([]byte(`{"resourceType":"Patient"}`), Limits{})
	_, err := As[Organization](r)
	if e := new(TypeError); !errors.As(err, &e) || e.Want != "Organization" || e.Got != "Patient" {
		t.Errorf("got %v, want a TypeError", err)
	}
	if _, err := As[int](r); err == nil {
		t.Error("got no error for a type that is no view")
	}
	_, err = As[Patient](Resource{Type: "Patient", Raw: []byte(`{"id":`)})
	if e := new(ParseError); !errors.As(err, &e) {
		t.Errorf("got %v, want a ParseError", err)
	}
	_, err = As[Patient](Resource{Type: "Patient", Raw: []byte(`{"gender":"male","gender":"female"}`)})
	if !errors.Is(err, ErrDuplicateName) {
		t.Errorf("got %v, want a refusal of two genders", err)
	}
	if _, err = As[Patient](Resource{}); err == nil {
		t.Error("got no error for no resource")
	}
}

func TestThousandsOfOddMembersCostLittle(t *testing.T) {
	o := read[Observation](t, `{"resourceType":"Observation","component":[`+strings.Repeat("1,", 200_000)+`1]}`)
	if len(o.Odd) != 1000 || len(o.Component) != 200_001 {
		t.Errorf("got %d odd of %d components, want 1000 of 200001", len(o.Odd), len(o.Component))
	}
}

func TestAPrintedResourceShowsNothing(t *testing.T) {
	const secret = "Winterbottom"
	p := read[Patient](t, `{"resourceType":"Patient","id":"Winterbottom","name":[{"family":"Winterbottom"}]}`)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", p, "r", p.Resource, "person", p.Person(nil))
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "p", p, "r", p.Resource, "person", p.Person(nil))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&log, verb+verb+verb+verb, p, *p, p.Resource, p.Person(nil))
		fmt.Fprintf(&log, verb, []any{p, struct{ P *Patient }{p}, struct{ R Resource }{p.Resource}})
	}
	if strings.Contains(log.String(), secret) {
		t.Error("a patient's name was printed")
	}
	if got, want := fmt.Sprint(p), "Patient (81 bytes)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPrimitives(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1", "1.50": "1.50", "-0.0": "-0.0", "1e5": "1e5", `"7.10"`: "7.10", "null": "", `"two"`: "two",
		"123456789012345678901234567890.5": "123456789012345678901234567890.5",
	} {
		var d Decimal
		if err := d.UnmarshalJSON([]byte(in)); err != nil || string(d) != want {
			t.Errorf("%s: got %q %v, want %q", in, d, err, want)
		}
	}
	for in, want := range map[Decimal]string{"": "null", "1.50": "1.50", "two": `"two"`, "01": `"01"`, "1.": `"1."`, "Inf": `"Inf"`, "0x1": `"0x1"`, "-": `"-"`} {
		got, err := in.MarshalJSON()
		if _, ok := in.Float(); err != nil || string(got) != want || ok != (want == string(in)) {
			t.Errorf("%q: got %s %v, number %v, want %s", in, got, err, ok, want)
		}
	}
	if n, ok := Decimal("12").Int(); n != 12 || !ok {
		t.Errorf("got %d %v, want 12", n, ok)
	}
	for b, want := range map[Bool]string{True: "true", False: "false", Absent: "null"} {
		if got, _ := b.MarshalJSON(); string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if new(Bool).UnmarshalJSON([]byte(`"yes"`)) == nil || new(Decimal).UnmarshalJSON([]byte(`{}`)) == nil {
		t.Error("got no error for what is no boolean or no number")
	}
}

// What is taken without bending is taken as bending would take it.
func TestListsOfOneAndCodesInCodings(t *testing.T) {
	for _, c := range []struct{ performer, category, code, want, odd string }{
		{`[{"reference":"A/1"},{"reference":"A/2"}]`, `[{"text":"x"}]`, `"major"`, "A/1 A/2|x|major", ""},
		{`{"reference":"A/1"}`, `{"text":"x"}`, `{"code":"major"}`, "A/1|x|major", ""},
		{`"A/1"`, `"x"`, `[{"code":"major"}]`, "A/1|x|major", ""},
		{`null`, `null`, `null`, "||", ""},
		{`[]`, `[]`, `7`, "||7", ""},
		{`7`, `[true]`, `[{"code":"major"},{"code":"minor"}]`, "||major", "/performer /category/0 /extension/0/valueCode/1"},
		{`[7,{"reference":"A/2"}]`, `["x"]`, `{"display":"major"}`, " A/2|x|", "/performer/0 /extension/0/valueCode"},
	} {
		o := read[Observation](t, `{"resourceType":"Observation","performer":`+c.performer+`}`)
		p := read[Condition](t, `{"resourceType":"Condition","category":`+c.category+`,"extension":[{"url":"u","valueCode":`+c.code+`}]}`)
		var who, what []string
		for _, r := range o.Performer {
			who = append(who, r.Reference)
		}
		for _, k := range p.Category {
			what = append(what, k.Text)
		}
		got := strings.Join(who, " ") + "|" + strings.Join(what, " ") + "|" + string(p.Extension[0].ValueCode)
		if odd := strings.Join(append(o.Odd, p.Odd...), " "); got != c.want || odd != c.odd {
			t.Errorf("%s, %s, %s: got %q, odd %q; want %q, odd %q", c.performer, c.category, c.code, got, odd, c.want, c.odd)
		}
	}
}
