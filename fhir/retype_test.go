package fhir

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// Whatever stands in place of a member, the resource is read, and the member is either to
// be seen in the view or named in Odd: nothing is lost in silence.
func TestARetypedMemberIsTakenOrNamed(t *testing.T) {
	done := map[string]int{}
	eachResource(t, func(file string, r Resource) {
		if _, ok := views[r.Type]; !ok || done[r.Type] == 3 || len(r.Raw) > 20_000 {
			return
		}
		done[r.Type]++
		var tree map[string]any
		if err := json.Unmarshal(r.Raw, &tree); err != nil {
			t.Fatal(err)
		}
		v := reflect.TypeOf(asView(t, r)).Elem()
		for _, path := range unshown(v, tree, r.Type) {
			if path != r.Type+".resourceType" && path != r.Type+".id" && path != r.Type+".contained" {
				return // what a view does not show cannot be missed in it
			}
		}
		retype(tree, "", func(place string) { checkRetyped(t, file, r.Type, place, tree) }, t)
	})
	if len(done) < 20 {
		t.Errorf("got %d types of resource, want at least 20", len(done))
	}
}

// Objects are not among them: members that a view does not know are in Raw alone.
var misfits = []string{`true`, `1`, `"x"`, `[1]`, `["x","y"]`, `[[true]]`}

// retype puts null and then each of the misfits in place of every member in turn.
func retype(tree any, path string, check func(place string), t *testing.T) {
	try := func(place string, was any, set func(any)) {
		set(nil)
		check(place)
		set(was)
		retype(was, place, check, t)
	}
	if strings.HasSuffix(path, "/valueCode/0") {
		return // a coding in place of a code: of it only the code is taken
	}
	switch node := tree.(type) {
	case map[string]any:
		for name, was := range node {
			if path == "" && (name == "resourceType" || name == "id" || name == "contained") {
				continue
			}
			try(path+"/"+name, was, func(x any) { node[name] = x })
			for _, o := range misfits {
				node[name] = json.RawMessage(o)
				check(path + "/" + name + " " + o)
			}
			node[name] = was
		}
	case []any:
		for i, was := range node {
			try(fmt.Sprint(path, "/", i), was, func(x any) { node[i] = x })
		}
	}
}

var lastAbsent view // the view of the tree with null in the place being tried

func checkRetyped(t *testing.T, file, typ, place string, tree map[string]any) {
	t.Helper()
	doc, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	v := asView(t, Resource{Type: typ, Raw: doc})
	named := len(v.domain().Odd) > 0
	v.domain().Resource = Resource{}
	var at, value string
	if n, _ := fmt.Sscan(place, &at, &value); n == 1 {
		lastAbsent = v
		return
	}
	if !named && reflect.DeepEqual(v, lastAbsent) {
		t.Errorf("%s: %s%s is lost", file, typ, place)
	}
}
