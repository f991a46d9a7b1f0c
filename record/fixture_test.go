package record

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// The person of the fixtures.
const testNumber = "9000000009"

const testPatient = `{"resourceType":"Patient","id":"p",
	"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + testNumber + `"}],
	"name":[{"use":"official","family":"Example","given":["Ann","Bea"]}],"gender":"female","birthDate":"1960-02-29",
	"managingOrganization":{"reference":"Organization/o"}}`

const testOrganization = `{"resourceType":"Organization","id":"o","name":"The Surgery",
	"identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A12345"}]}`

func number(t testing.TB) fhir.NHSNumber {
	t.Helper()
	n, err := fhir.ParseNHSNumber(testNumber)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// bundleOf is a Bundle of the resources, bytes and parsed.
func bundleOf(t testing.TB, resources ...string) *fhir.Bundle {
	t.Helper()
	return parse(t, []byte(bundleText(resources...)))
}

func bundleText(resources ...string) string {
	for i, r := range resources {
		resources[i] = `{"resource":` + r + `}`
	}
	return `{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join(resources, ",") + `]}`
}

// recordOf reads the full record of the person of the fixtures, with those resources.
func recordOf(t testing.TB, resources ...string) *Record {
	t.Helper()
	r, err := Read(bundleOf(t, append([]string{testPatient, testOrganization}, resources...)...), number(t), Full())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// listOf is a List with the code and entries: references, or words where there is no slash.
func listOf(code string, refs ...string) string {
	var entries []string
	for _, ref := range refs {
		member := "display"
		if strings.ContainsAny(ref, "/#") {
			member = "reference"
		}
		entries = append(entries, fmt.Sprintf(`{"item":{%q:%q}}`, member, ref))
	}
	system := "http://snomed.info/sct"
	if strings.Contains(code, "-") {
		system = "https://fhir.hl7.org.uk/STU3/CodeSystem/GPConnect-SecondaryListValues-1"
	}
	return fmt.Sprintf(`{"resourceType":"List","status":"current","mode":"snapshot","code":{"coding":[{"system":%q,"code":%q}]},
		"subject":{"reference":"Patient/p"},"entry":[%s]}`, system, code, strings.Join(entries, ","))
}

// observe reads one observation by itself.
func observe(t testing.TB, data []byte) Observation {
	t.Helper()
	b := bundleOf(t, testPatient, string(data))
	r := newReader(b, nil)
	if err := r.setPatient(); err != nil {
		t.Fatal(err)
	}
	o, ok := r.tellObservation(b.At(1))
	if !ok {
		t.Fatal("got none, want an observation")
	}
	return o
}

// at is what a path leads to in the JSON of a record: "areas.allergies.items.0.text"; "" for
// nothing, and the number of its elements for a list or an object after "#".
func at(t testing.TB, r *Record, path string) string {
	t.Helper()
	count := strings.HasSuffix(path, "#")
	var v any = jsonOf(t, r)
	for _, step := range strings.Split(strings.TrimSuffix(path, ".#"), ".") {
		switch o := v.(type) {
		case object:
			v = o[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(o) {
				return ""
			}
			v = o[i]
		default:
			return ""
		}
	}
	if count {
		switch o := v.(type) {
		case []any:
			return strconv.Itoa(len(o))
		case object:
			return strconv.Itoa(len(o))
		}
		return "0"
	}
	switch s := v.(type) {
	case nil:
		return ""
	case string:
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// expect compares what paths lead to; each line is a path and, after a blank, what is wanted.
func expect(t *testing.T, r *Record, lines string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		path, want, _ := strings.Cut(strings.TrimSpace(line), " ")
		if got := at(t, r, "areas."+path); got != strings.TrimSpace(want) {
			t.Errorf("%s: got %q, want %q", path, got, strings.TrimSpace(want))
		}
	}
}
