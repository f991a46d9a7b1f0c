package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// corpus reads the published payloads that match the pattern, by name.
func corpus(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	folder := os.Getenv("GPC_CORPUS")
	if folder == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_CORPUS is not set")
		}
		t.Skip("GPC_CORPUS is not set")
	}
	names, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no file matches %s: %v", pattern, err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// asView reads r through the view of its type; nil where there is none for the type.
func asView(t testing.TB, r Resource) view {
	t.Helper()
	read, ok := views[r.Type]
	if !ok {
		return nil
	}
	v, err := read(r)
	if err != nil {
		t.Fatalf("%s at %d: %v", r.Type, r.Offset, err)
	}
	return v
}

func reader[T any](r Resource) (view, error) {
	v, err := As[T](r)
	if err != nil {
		return nil, err
	}
	return any(v).(view), nil
}

var views = map[string]func(Resource) (view, error){
	"Patient": reader[Patient], "Organization": reader[Organization], "Practitioner": reader[Practitioner],
	"PractitionerRole": reader[PractitionerRole], "Location": reader[Location], "List": reader[List],
	"AllergyIntolerance": reader[AllergyIntolerance], "Medication": reader[Medication],
	"MedicationStatement": reader[MedicationStatement], "MedicationRequest": reader[MedicationRequest],
	"Encounter": reader[Encounter], "Condition": reader[Condition], "Immunization": reader[Immunization],
	"Observation": reader[Observation], "DiagnosticReport": reader[DiagnosticReport],
	"ProcedureRequest": reader[ProcedureRequest], "Specimen": reader[Specimen],
	"ReferralRequest": reader[ReferralRequest], "DocumentReference": reader[DocumentReference],
	"HealthcareService": reader[HealthcareService], "Device": reader[Device],
	"QuestionnaireResponse": reader[QuestionnaireResponse], "Slot": reader[Slot], "Schedule": reader[Schedule],
	"Appointment": reader[Appointment], "OperationOutcome": reader[OperationOutcome],
	"CapabilityStatement": reader[CapabilityStatement], "Binary": reader[Binary],
}

func TestParseBundleAgreesWithAnIndependentParse(t *testing.T) {
	for name, data := range corpus(t, "structured/*.json") {
		b, err := ParseBundle(data, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var want struct {
			Entry []map[string]json.RawMessage `json:"entry"`
		}
		if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &want); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b.Len() != len(want.Entry) {
			t.Errorf("%s: got %d entries, want %d", name, b.Len(), len(want.Entry))
			continue
		}
		for r := range b.All() {
			checkEntry(t, name, b, r, want.Entry[r.Index])
		}
		if !bytes.Equal(b.Bytes(), data) {
			t.Errorf("%s: Bytes differ from what came", name)
		}
	}
}

func checkEntry(t *testing.T, name string, b *Bundle, r Resource, want map[string]json.RawMessage) {
	t.Helper()
	raw, ok := want["resource"]
	if !ok { // one file has the resource where the entry should be
		raw = r.Raw
		if want["resourceType"] == nil {
			t.Errorf("%s: entry %d has no resource", name, r.Index)
		}
	}
	if !bytes.Equal(r.Raw, raw) {
		t.Errorf("%s: entry %d: the slice differs", name, r.Index)
	}
	if at := b.Bytes()[r.Offset:]; !bytes.HasPrefix(at, r.Raw) {
		t.Errorf("%s: entry %d is not at its offset", name, r.Index)
	}
	var head struct{ ResourceType, ID string }
	if err := json.Unmarshal(r.Raw, &head); err != nil || r.Type != head.ResourceType || r.ID != head.ID {
		t.Errorf("%s: entry %d: got type %q id %q, want %q %q (%v)", name, r.Index, r.Type, r.ID, head.ResourceType, head.ID, err)
	}
	if r.ID != "" {
		if found, ok := b.Resolve(r.Key()); !ok || found.Type != r.Type || found.Key() != r.Key() {
			t.Errorf("%s: entry %d does not resolve", name, r.Index)
		}
	}
}

// eachResource calls f with every resource of the corpus, entries and contained ones included.
func eachResource(t *testing.T, f func(file string, r Resource)) {
	for _, pattern := range []string{"structured", "appointments", "foundations", "documents", "observations", "outcomes"} {
		for name, data := range corpus(t, pattern+"/*.json") {
			r, err := ParseResource(data, Limits{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			all := []Resource{r}
			if b, err := ParseBundle(data, Limits{}); err == nil {
				all = slices.Collect(b.All())
			}
			for _, r := range all {
				f(name, r)
				for _, c := range r.ContainedResources() {
					f(name, c)
				}
			}
		}
	}
}

// Every member that a published payload has is one that a view shows, save those named here.
func TestViewsShowAllThatTheCorpusHas(t *testing.T) {
	allowed := map[string]bool{
		"List.entry.item:":                  true, // the specification's slip of the pen
		"CapabilityStatement.contact":       true,
		"CapabilityStatement.rest.security": true,
	}
	seen, odd := map[string]bool{}, map[string]bool{}
	eachResource(t, func(file string, r Resource) {
		v := asView(t, r)
		if v == nil {
			return
		}
		for _, path := range v.domain().Odd {
			odd[file+" "+r.Type+path] = true
		}
		var tree map[string]any
		if err := json.Unmarshal(r.Raw, &tree); err != nil {
			t.Fatal(err)
		}
		delete(tree, "resourceType")
		delete(tree, "id")
		delete(tree, "contained")
		for _, path := range unshown(reflect.TypeOf(v).Elem(), tree, r.Type) {
			seen[path] = true
		}
	})
	for path := range seen {
		if !allowed[path] {
			t.Errorf("no view shows %s", path)
		}
	}
	for path := range odd {
		t.Errorf("odd: %s", path)
	}
}

// unshown lists the members of tree that the struct type has no field for.
func unshown(typ reflect.Type, tree any, path string) []string {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if list, ok := tree.([]any); ok {
		var missing []string
		for _, e := range list {
			missing = append(missing, unshown(typ, e, path)...)
		}
		return missing
	}
	object, ok := tree.(map[string]any)
	if !ok || typ.Kind() != reflect.Struct {
		return nil
	}
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(typ) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" && tag != "-" {
			fields[tag] = f.Type
		}
	}
	var missing []string
	for name, value := range object {
		if f, ok := fields[name]; ok {
			missing = append(missing, unshown(f, value, path+"."+name)...)
		} else {
			missing = append(missing, path+"."+name)
		}
	}
	return missing
}

func TestMalformedIsRefusedWithItsPlace(t *testing.T) {
	for name, data := range corpus(t, "malformed/*.txt") {
		_, err := ParseBundle(data, Limits{})
		e := new(ParseError)
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want a ParseError", name, err)
			continue
		}
		var want *json.SyntaxError
		if err := json.Unmarshal(data, new(any)); !errors.As(err, &want) {
			t.Fatalf("%s: encoding/json says %v", name, err)
		}
		// encoding/json counts the byte it stumbled over, and never sees names met twice.
		if diff := want.Offset - e.Offset; diff < 0 || diff > 1 {
			t.Errorf("%s: got offset %d (%v), want about %d", name, e.Offset, e, want.Offset)
		}
	}
}

func TestMalformedDatesAreFlaggedAndTheRestIsRead(t *testing.T) {
	for _, data := range corpus(t, "malformed/malformedDateStructuredRecord.json") {
		b, err := ParseBundle(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		malformed := 0
		for r := range b.All() {
			v := asView(t, r)
			if len(v.domain().Odd) > 0 {
				t.Errorf("%s %d: got odd %v, want none", r.Type, r.Index, v.domain().Odd)
			}
			malformed += countMalformed(reflect.ValueOf(v).Elem())
		}
		if malformed != 1 {
			t.Errorf("got %d malformed dates, want 1", malformed)
		}
	}
}

func countMalformed(v reflect.Value) (n int) {
	if d, ok := v.Interface().(Date); ok {
		if !d.IsZero() && !d.Valid() {
			n++
		}
		return n
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n = countMalformed(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += countMalformed(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += countMalformed(v.Field(i))
			}
		}
	}
	return n
}
