package record

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// What follows reads answers by encoding/json alone and shares nothing with the package: it
// is what the package is judged by.

type object = map[string]any

// resources are the resources of a bundle.
func resources(t testing.TB, data []byte) []object {
	t.Helper()
	var bundle object
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &bundle); err != nil {
		t.Fatal(err)
	}
	var found []object
	for _, e := range members(bundle, "entry") {
		if r := child(e, "resource"); r != nil {
			found = append(found, r)
		} else {
			found = append(found, e)
		}
	}
	return found
}

func child(o object, name string) object { c, _ := o[name].(object); return c }

func word(o object, name string) string { s, _ := o[name].(string); return s }

// members are the objects of a list, or the one object in its place.
func members(o object, name string) []object {
	var found []object
	switch v := o[name].(type) {
	case []any:
		for _, e := range v {
			m, _ := e.(object)
			found = append(found, m)
		}
	case object:
		found = append(found, v)
	}
	return found
}

func codesOf(o object) []string {
	var found []string
	for _, c := range members(child(o, "code"), "coding") {
		found = append(found, word(c, "code"))
	}
	return found
}

// primaryByArea are the codes of the primary lists by what they fill in the JSON of a record.
var primaryByArea = map[string]string{
	"886921000000105": "allergies", "1103671000000101": "allergies.ended", "933361000000108": "medications",
	"1149501000000101": "consultations", "717711000000103": "problems", "1102181000000102": "immunisations",
	"826501000000100": "uncategorised", "887191000000108": "investigations", "792931000000107": "referrals",
	"714311000000108": "diary",
}

// countEntries counts the entries of the primary lists by area; an area without a list is
// not in the map.
func countEntries(all []object) map[string]int {
	counts := map[string]int{}
	for _, r := range all {
		if word(r, "resourceType") != "List" {
			continue
		}
		for _, code := range codesOf(r) {
			if area, ok := primaryByArea[code]; ok {
				counts[area] += len(members(r, "entry"))
				break
			}
		}
	}
	return counts
}

// warningCodes are the codes of the warnings of all lists.
func warningCodes(all []object) []string {
	var found []string
	for _, r := range all {
		if word(r, "resourceType") != "List" {
			continue
		}
		for _, e := range members(r, "extension") {
			if strings.Contains(word(e, "url"), "ListWarningCode") {
				found = append(found, word(e, "valueCode"))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// byKey are resources by Type/id.
func byKey(all []object) map[string]object {
	found := map[string]object{}
	for _, r := range all {
		found[word(r, "resourceType")+"/"+word(r, "id")] = r
	}
	return found
}

// jsonOf is a record as its JSON says it.
func jsonOf(t testing.TB, r *Record) object {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := json.Unmarshal(data, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// areaOf is an area of a record's JSON by name, "allergies.ended" too.
func areaOf(record object, name string) object {
	o := child(record, "areas")
	for _, part := range strings.Split(name, ".") {
		o = child(o, part)
	}
	return o
}
