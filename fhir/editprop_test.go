package fhir

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// meaning is what encoding/json makes of a document; nil when it is none.
func meaning(doc []byte) any {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil
	}
	return v
}

// A model of the edits: what becomes of the meaning. It is not ok when there is no such place.
func edited(node any, names []string, value any, remove bool) (any, bool) {
	name, last := names[0], len(names) == 1
	switch node := node.(type) {
	case map[string]any:
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		child, ok := node[name]
		node = maps.Clone(node)
		switch {
		case last && remove:
			delete(node, name)
			return node, ok
		case last:
			node[name] = value
			return node, name != "-"
		case !ok && len(names) == 2 && names[1] == "-" && !remove:
			node[name] = []any{value}
			return node, true
		}
		child, ok = edited(child, names[1:], value, remove)
		node[name] = child
		return node, ok
	case []any:
		if name == "-" && last && !remove {
			return append(slices.Clone(node), value), true
		}
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(node) || strconv.Itoa(i) != name {
			return nil, false
		}
		node = slices.Clone(node)
		if last && remove {
			return slices.Delete(node, i, i+1), true
		}
		if last {
			node[i] = value
			return node, true
		}
		child, ok := edited(node[i], names[1:], value, remove)
		node[i] = child
		return node, ok
	}
	return nil, false
}

func checkMeaning(t *rapid.T, doc *written, got Resource, path string, value string, remove bool) {
	t.Helper()
	want, ok := edited(meaning(doc.Bytes()), strings.Split(path[1:], "/"), meaning([]byte(value)), remove)
	if is := meaning(got.Raw); !ok || !reflect.DeepEqual(is, want) {
		t.Fatalf("%q: edit %s: got %q, want %v", doc, path, got.Raw, want)
	}
}

var someValues = []string{`"new"`, `0.10`, `{"url":"u","valueCode":"c"}`, `[ ]`, `null`, " {\n}\n"}

// A value that is there is replaced, and not one byte beside it.
func TestSetReplacesExactlyOneValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := drawDocument(t)
		path := doc.drawPath(t)
		value := rapid.SampledFrom(someValues).Draw(t, "value")
		got, err := (Resource{Raw: doc.Bytes()}).Set(path, []byte(value))
		if path == "" {
			if err == nil {
				t.Fatal("the whole resource was replaced")
			}
			return
		}
		s := doc.at[path]
		want := doc.String()[:s.at] + strings.TrimSpace(value) + doc.String()[s.end:]
		if err != nil || string(got.Raw) != want {
			t.Fatalf("%q: set %s: got %q %v, want %q", doc, path, got.Raw, err, want)
		}
		checkMeaning(t, doc, got, path, value, false)
	})
}

// What was absent comes in at one place, with white space and at most one comma.
func TestSetAddsExactlyOneValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := drawDocument(t)
		within := doc.drawPath(t)
		value := rapid.SampledFrom(someValues).Draw(t, "value")
		s := doc.at[within]
		name, want := "added", `"added":`+value
		switch doc.Bytes()[s.at] {
		case '[':
			name, want = "-", value
		case '{':
		default:
			if _, err := (Resource{Raw: doc.Bytes()}).Set(within+"/added", []byte(value)); err == nil {
				t.Fatalf("%q: a member was added to the scalar at %s", doc, within)
			}
			return
		}
		got, err := (Resource{Raw: doc.Bytes()}).Set(within+"/"+name, []byte(value))
		if err != nil {
			t.Fatalf("%q: add to %s: %v", doc, within, err)
		}
		stretch, ok := between(doc.Bytes(), got.Raw)
		if stretch = squeeze(stretch); !ok || strings.TrimPrefix(stretch, ",") != squeeze(want) {
			t.Fatalf("%q: add to %s: got %q, want %q added", doc, within, got.Raw, want)
		}
		checkMeaning(t, doc, got, within+"/"+name, value, false)
	})
}

// between is the stretch that long has and short has not, when that is all they differ in.
func between(short, long []byte) (string, bool) {
	i := 0
	for i < len(short) && i < len(long) && short[i] == long[i] {
		i++
	}
	if !bytes.HasSuffix(long[i:], short[i:]) {
		return "", false
	}
	return string(long[i : len(long)-len(short)+i]), true
}

func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(s)
}

// What is removed goes with white space and at most one comma, and nothing else goes.
func TestRemoveRemovesExactlyOneValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := drawDocument(t)
		path := doc.drawPath(t)
		got, err := (Resource{Raw: doc.Bytes()}).Remove(path)
		if path == "" {
			if err == nil {
				t.Fatal("the whole resource was removed")
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: remove %s: %v", doc, path, err)
		}
		if _, ok := between(got.Raw, doc.Bytes()); !ok {
			t.Fatalf("%q: remove %s: more than one stretch is gone: %q", doc, path, got.Raw)
		}
		checkMeaning(t, doc, got, path, "null", true)
	})
}

// Edits follow one another, and what was added and removed leaves no trace.
func TestEditsCompose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := drawDocument(t)
		r := Resource{Raw: doc.Bytes()}
		for _, e := range []struct{ path, value string }{{"/added/-", `1`}, {"/added/-", `{"x":2}`}, {"/added/1/y/-", `"3"`}, {"/added/0", `0`}} {
			var err error
			if r, err = r.Set(e.path, []byte(e.value)); err != nil {
				t.Fatalf("%q: set %s: %v", doc, e.path, err)
			}
		}
		if got, want := squeeze(string(r.Raw)), `"added":[0,{"x":2,"y":["3"]}]}`; !strings.HasSuffix(got, want) {
			t.Fatalf("%q: got %q, want it to end with %s", doc, r.Raw, want)
		}
		back, err := r.Remove("/added")
		if err != nil || !bytes.Equal(back.Raw, doc.Bytes()) {
			t.Fatalf("%q: got %q %v, want it as at first", doc, back.Raw, err)
		}
	})
}
