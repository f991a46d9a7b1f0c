package show

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// notRead are the ends of paths in a record, or fields of types, that nobody reads, and why.
var notRead = map[string]string{
	"Sources": "references", "Actor.Source": "a reference", "Link.Source": "a reference",
	"Medication.Chain": "a reference: shown by standing together", "Prescription.Replaces": "a reference", "Prescription.Plan": "a reference",
	"Code.System": "the words are read", "Code.Code": "the words are read", "Code.Display": "the words are read", "Code.Description": "the words are read",
	"Warning.List": "the area says it", "Warning.Parameter": "in the text", "Warning.Part": "in the text", "Warning.Code": "the words are read, see TestCautions",
	"Patient.Family": "in the name", "Patient.Given": "in the name", "Patient.Prefix": "in the name",
	"Value.Unit": "in the text", "Value.Comparator": "in the text", "Range.Unit": "in the text", "Attachment.URL": "an address",
	"Area.EmptyReason": "of empty lists, see the tests of states", "Section.Item.Text": "its title, or its kind",
	"Observation.Performers.Role": "a name tells who it was", "Results.Performers.Role": "likewise", "Comments.Performers.Role": "likewise", "Uncategorised.Items.Performers.Role": "likewise",
	"Consultations.Area.Items.Period.Start": "the date", "Consultation.Period.Start": "the date", "Prescription.Intent": "a word before the name",
	"Requests.Intent": "they stand with their report", "Requests.Supporting.Text": "likewise", "Requests.Supporting.Date": "likewise",
	"Requests.Consultation.Text": "likewise", "Requests.Consultation.Date": "likewise",
	"Issues.PrescriptionID": "one each, and nobody reads them", "Issues.Authored": "the date of issue", "Issues.Period.Start": "the date of issue", "Issues.Period.End": "the supply",
	"Issues.Repeats.Expires": "of the plan", "Issues.Consultation.Text": "the date of issue", "Issues.Consultation.Date": "the date of issue",
}

// filler fills a record so that each field holds something that can be looked for.
type filler struct {
	n    int
	path []string
	want map[string][][2]string // what to look for and where it stands, by field
}

func (f *filler) next(field string, text string) {
	f.want[field] = append(f.want[field], [2]string{text, strings.Join(f.path, ".")})
}

// fill sets all fields of v. Entries get one of each kind; what holds itself is filled once.
func (f *filler) fill(v reflect.Value, field string, above []reflect.Type) {
	f.n++
	switch field {
	case "Immunisation.Observation", "Observation.BloodPressure":
		return // they stand for all of the item, and have their own tests
	}
	switch x := v.Addr().Interface().(type) {
	case *fhir.Date:
		d := time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, f.n)
		*x = fhir.Date(d.Format("2006-01-02"))
		f.next(field, d.Format("2 Jan 2006"))
		return
	case *fhir.Decimal:
		*x = fhir.Decimal(fmt.Sprint(f.n))
		return
	case *fhir.Bool:
		*x = fhir.True
		return
	case *time.Time, *bool, *int, *record.Absence:
		return
	case *record.State:
		*x = record.StateRecorded
		return
	case *record.Kind, *record.AreaName, *record.WarningKind, *record.ImmunisationKind:
		return
	case *record.Entry:
		f.fillStruct(v, above)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("Q%dQ", f.n))
		f.next(field, v.String())
	case reflect.Pointer:
		if !slices.Contains(above, v.Type().Elem()) {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), field, above)
		}
	case reflect.Slice:
		f.fillSlice(v, field, above)
	case reflect.Struct:
		f.fillStruct(v, above)
	}
}

func (f *filler) fillSlice(v reflect.Value, field string, above []reflect.Type) {
	of := v.Type().Elem()
	if slices.Contains(above, of) {
		return
	}
	if of != reflect.TypeFor[record.Entry]() {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), field, above)
		return
	}
	for i := range of.NumField() {
		if of.Field(i).Type.Kind() != reflect.Pointer {
			continue
		}
		e := reflect.New(of).Elem()
		f.path = append(f.path, of.Field(i).Name)
		f.fill(e.Field(i), of.Name(), append(slices.Clone(above), of))
		f.path = f.path[:len(f.path)-1]
		if !e.Field(i).IsNil() {
			v.Set(reflect.Append(v, e))
		}
	}
}

func (f *filler) fillStruct(v reflect.Value, above []reflect.Type) {
	above = append(slices.Clone(above), v.Type())
	name, _, _ := strings.Cut(v.Type().Name(), "[")
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			f.path = append(f.path, v.Type().Field(i).Name)
			f.fill(v.Field(i), name+"."+v.Type().Field(i).Name, above)
			f.path = f.path[:len(f.path)-1]
		}
	}
}

// TestEverythingIsRead fills every field of a record and looks for it in the text and on the
// page, so that what the package record learns to tell cannot stay untold here unnoticed.
func TestEverythingIsRead(t *testing.T) {
	var r record.Record
	f := filler{want: map[string][][2]string{}}
	f.fill(reflect.ValueOf(&r).Elem(), "", nil)
	if len(f.want) < 100 {
		t.Fatalf("only %d fields were filled", len(f.want))
	}
	f.check(t, "text", textAs(t, &r, Options{Width: 2000, Now: now}))
	f.check(t, "page", readable(pageOf(t, &r)))
}

func (f *filler) check(t *testing.T, form, got string) {
	t.Helper()
	got = strings.Join(strings.Fields(got), " ")
	used := map[string]bool{}
	for _, field := range slices.Sorted(maps.Keys(f.want)) {
		for _, want := range f.want[field] {
			if !strings.Contains(got, want[0]) && !allowed(field, want[1], used) {
				t.Errorf("%s is not in the %s: %s", field, form, want[1])
			}
		}
	}
	for end := range notRead {
		if !used[end] {
			t.Errorf("%s is in the %s; it need not be on the list of what is not", end, form)
		}
	}
}

// allowed says whether notRead has the field or an end of its path, and notes which.
func allowed(field, path string, used map[string]bool) bool {
	for end := range notRead {
		if field == end || strings.HasSuffix(path, "."+end) {
			used[end] = true
			return true
		}
	}
	return false
}
