package fhir

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// Of every resource of the published payloads every outermost member is replaced by itself,
// taken away and put back.
func TestEditsOfPublishedResources(t *testing.T) {
	types := map[string]int{}
	eachResource(t, func(file string, r Resource) {
		if types[r.Type]++; types[r.Type] > 5 || len(r.Raw) > 30_000 || r.Type == "" {
			return
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(r.Raw, &members); err != nil {
			t.Fatal(err)
		}
		for name, value := range members {
			same, err := r.Set("/"+name, value)
			if err != nil || !bytes.Equal(same.Raw, r.Raw) {
				t.Errorf("%s: %s at %d: /%s set to itself changes bytes (%v)", file, r.Type, r.Offset, name, err)
			}
			less, err := r.Remove("/" + name)
			if err != nil || !slices.Equal(without(members, name), without(membersOf(t, less), "")) {
				t.Errorf("%s: %s at %d: /%s removed changes other members (%v)", file, r.Type, r.Offset, name, err)
			}
			more, err := less.Set("/"+name, value)
			if err != nil || !slices.Equal(without(members, ""), without(membersOf(t, more), "")) {
				t.Errorf("%s: %s at %d: /%s put back is not what it was (%v)", file, r.Type, r.Offset, name, err)
			}
		}
	})
	if len(types) < 20 {
		t.Errorf("got %d types of resource, want at least 20", len(types))
	}
}

func membersOf(t *testing.T, r Resource) map[string]json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(r.Raw, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// without lists the members but one, in the order of their names, each with its bytes.
func without(members map[string]json.RawMessage, name string) []string {
	var all []string
	for n, value := range members {
		if n != name {
			all = append(all, n+": "+string(value))
		}
	}
	slices.Sort(all)
	return all
}
