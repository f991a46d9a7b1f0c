package record

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The schema has the members that the types have, no more and no fewer, and requires those
// that are never left out; so do its lists of words.
func TestTheSchemaHasEveryField(t *testing.T) {
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var root object
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	c := comparison{t: t, defs: child(root, "$defs"), seen: map[string]bool{}}
	c.compare("record", reflect.TypeFor[Record](), root)
	if len(c.seen) < 40 {
		t.Errorf("got %d objects, want at least 40", len(c.seen))
	}
	for name := range c.defs {
		if !c.reached(name, data) {
			t.Errorf("nothing refers to %s", name)
		}
	}
}

type comparison struct {
	t    *testing.T
	defs object
	seen map[string]bool
}

func (c *comparison) reached(name string, schema []byte) bool {
	return strings.Contains(string(schema), `"#/$defs/`+name+`"`)
}

// members gathers what a schema says of an object, following what it refers to.
func (c *comparison) members(schema object) (properties object, required []string, closed bool) {
	properties = object{}
	if ref := word(schema, "$ref"); ref != "" {
		properties, required, _ = c.members(child(c.defs, strings.TrimPrefix(ref, "#/$defs/")))
		if len(schema) == 1 || schema["properties"] == nil && schema["unevaluatedProperties"] == nil {
			_, _, closed = c.members(child(c.defs, strings.TrimPrefix(ref, "#/$defs/")))
			return properties, required, closed
		}
	}
	maps.Copy(properties, child(schema, "properties"))
	if names, ok := schema["required"].([]any); ok {
		for _, n := range names {
			required = append(required, n.(string))
		}
	}
	return properties, required, schema["additionalProperties"] == false || schema["unevaluatedProperties"] == false
}

// compare compares a struct with a schema and goes on with its fields.
func (c *comparison) compare(path string, typ reflect.Type, schema object) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() == reflect.Slice {
		items := child(schema, "items")
		if items == nil {
			c.t.Errorf("%s: the schema does not say what is in the list", path)
			return
		}
		c.compare(path+"[]", typ.Elem(), items)
		return
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() || c.seen[typ.String()] {
		return
	}
	c.seen[typ.String()] = true
	properties, required, closed := c.members(schema)
	if !closed {
		c.t.Errorf("%s: the schema takes any other member", path)
	}
	want, always := map[string]reflect.Type{}, map[string]bool{}
	jsonFields(typ, want, always)
	for name, field := range want {
		property := child(properties, name)
		if property == nil {
			c.t.Errorf("%s: the schema has no %s", path, name)
			continue
		}
		if always[name] != slices.Contains(required, name) {
			c.t.Errorf("%s: %s: got required %t, want %t", path, name, !always[name], always[name])
		}
		c.compare(path+"."+name, field, property)
	}
	for name := range properties {
		if want[name] == nil {
			c.t.Errorf("%s: the schema has %s, and the type has not", path, name)
		}
	}
}

// jsonFields are the members that a struct has as JSON, and those that are never left out.
func jsonFields(typ reflect.Type, fields map[string]reflect.Type, always map[string]bool) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			jsonFields(f.Type, fields, always)
		case f.IsExported():
			fields[name], always[name] = f.Type, options == ""
		}
	}
}

// Every word that stands for something is one that the schema takes.
func TestTheSchemaHasEveryWord(t *testing.T) {
	s := compiled(t)
	for _, w := range []struct {
		at    string
		words []string
	}{
		{"warnings.kind", strs(WarnConfidential, WarnInTransit, WarnAwaitingFiling, WarnOtherCode, WarnUnsupported, WarnDisabled,
			WarnOutcome, WarnMissing, WarnEmptyReason, WarnNotWhole, WarnNotSent, WarnUnresolved, WarnWrongType, WarnDuplicate,
			WarnUnreadable, WarnAbridged, WarnDegraded, WarnError, WarnUnlinked, WarnOtherSubject, WarnUnknownList, WarnNHSNumber, WarnConsultation)},
		{"warnings.area", strs(areaOrder...)},
		{"areas.documents.items.absent", strs(AbsentNotSent, AbsentUnresolved, AbsentWrongType, AbsentEmpty)},
		{"areas.immunisations.items.kind", strs(ImmunisationGiven, ImmunisationNotGiven, ImmunisationUnknown, ImmunisationStatus)},
		{"areas.problems.items.actual.kind", strs(KindTopic, KindHeading, KindList, KindAllergy, KindMedication, KindPrescription,
			KindConsultation, KindProblem, KindImmunisation, KindObservation, KindInvestigation, KindReferral, KindDiary, KindRequest,
			KindDocument, KindForm, KindOther)},
	} {
		for _, name := range append(w.words, "another") {
			r := recordOf(t, listOf(codeProblems, "Condition/a"), listOf(codeImmunisations, "Immunization/a"))
			r.Warnings = append(r.Warnings, Warning{Kind: WarnMissing, Area: Diary, Text: "x"})
			r.Areas.Problems.Items[0].Actual = &Link{Text: "x", Kind: KindOther}
			r.Areas.Documents = Area[Document]{State: StateRecorded, Warnings: []Warning{}, Items: []Document{{Item: r.Areas.Problems.Items[0].Item}}}
			switch w.at {
			case "warnings.kind":
				r.Warnings[0].Kind = WarningKind(name)
			case "warnings.area":
				r.Warnings[0].Area = AreaName(name)
			case "areas.documents.items.absent":
				r.Areas.Documents.Items[0].Absent = Absence(name)
			case "areas.immunisations.items.kind":
				r.Areas.Immunisations.Items[0].Kind = ImmunisationKind(name)
			default:
				r.Areas.Problems.Items[0].Actual.Kind = Kind(name)
			}
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(s, data); (err == nil) != (name != "another") {
				t.Errorf("%s %q: got %v", w.at, name, err)
			}
		}
	}
}

func strs[T ~string](words ...T) []string {
	var found []string
	for _, w := range words {
		found = append(found, string(w))
	}
	return found
}

// What no output may say: "none" where something was withheld, and items where there are none.
func TestTheSchemaRefusesFalseStates(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct {
		name string
		area Area[Observation]
		ok   bool
	}{
		{"nothing recorded", Area[Observation]{State: StateNone}, true},
		{"nothing recorded, and withheld", Area[Observation]{State: StateNone, Withheld: true}, false},
		{"nothing recorded, and an item", Area[Observation]{State: StateNone, Items: make([]Observation, 1)}, false},
		{"recorded, and no item", Area[Observation]{State: StateRecorded}, false},
		{"recorded", Area[Observation]{State: StateRecorded, Items: make([]Observation, 1)}, true},
		{"recorded and withheld", Area[Observation]{State: StateRecorded, Withheld: true, Items: make([]Observation, 1)}, true},
		{"withheld", Area[Observation]{State: StateWithheld, Withheld: true}, true},
		{"withheld, and an item", Area[Observation]{State: StateWithheld, Withheld: true, Items: make([]Observation, 1)}, false},
		{"missing, and an item", Area[Observation]{State: StateMissing, Items: make([]Observation, 1)}, false},
		{"no known weight", Area[Observation]{State: StateExplicitlyNone, Items: make([]Observation, 1)}, false},
		{"no state", Area[Observation]{}, false},
	} {
		r := recordOf(t)
		c.area.Warnings = []Warning{}
		c.area.Items = append([]Observation{}, c.area.Items...)
		for i := range c.area.Items {
			c.area.Items[i].Item = Item{Text: "Weight", Sources: []string{"Observation/a"}}
		}
		r.Areas.Uncategorised = c.area
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(s, data); (err == nil) != c.ok {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}
