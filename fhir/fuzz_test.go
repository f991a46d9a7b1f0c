package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// seed adds the files of testdata that match, and documents that are odd in one way each.
func seed(f *testing.F, pattern string) {
	names, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(names) == 0 {
		f.Fatalf("no file matches %s: %v", pattern, err)
	}
	for _, name := range names {
		f.Add(fixture(f, filepath.Base(name)))
	}
	for _, doc := range []string{
		"", "\xef\xbb\xbf{}", "{", "[]", `{"resourceType":"Bundle","entry":{"resource":{"resourceType":"List","id":7}}}`,
		`{"resourceType":"Bundle","total":"3","entry":[null,1,{"resource":[]},{"resourceType":"Patient","id":"1"},{"resourceType":"Patient","id":"1","x":1}]}`,
		`{"resourceType":"Bu\u006edle","entry":[{"fullUrl":"u","resource":{"id":"a\/b","contained":{"id":"#1","contained":[]}}}]}`,
		`{"a":1,"\u0061":2}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"entry":` + strings.Repeat("[", 200), `{"resourceType":"Bundle"}x`,
		`{"resourceType":"Patient","name":{"given":"A"},"active":"true","birthDate":19,"identifier":[[{"value":1}]],"deceasedBoolean":{}}`,
		`{"resourceType":"Patient","n\u0061me":[{"family":"a\\\"b\\\\","x":"]\\"}] , "active":null,"address":[] }`,
		`{"resourceType":"Observation","valueQuantity":[{"value":"1.0"}],"component":{"code":"x"},"contained":[{"resourceType":"Patient"}]}`,
	} {
		f.Add([]byte(doc))
	}
}

// checkRefusal sees to it that an error is one of the promised ones, within the document.
func checkRefusal(t *testing.T, doc []byte, err error) {
	t.Helper()
	if e := new(ParseError); errors.As(err, &e) {
		if e.Err == nil || e.Offset < 0 || e.Offset > int64(len(doc)) {
			t.Fatalf("refused at byte %d of %d: %v", e.Offset, len(doc), e.Err)
		}
		return
	}
	if e := new(NotBundleError); errors.As(err, &e) && e.Type != "Bundle" && bytes.Equal(e.Raw, doc) {
		return
	}
	t.Fatalf("got the error %T", err)
}

func FuzzParseBundle(f *testing.F) {
	seed(f, "*.json")
	f.Fuzz(func(t *testing.T, doc []byte) {
		before := bytes.Clone(doc)
		b, err := ParseBundle(doc, Limits{Depth: 50, Entries: 1000})
		if !bytes.Equal(before, doc) {
			t.Fatal("the document was changed")
		}
		if err != nil {
			checkRefusal(t, doc, err)
			return
		}
		var want map[string]any
		if err := json.Unmarshal(bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf")), &want); err != nil || !utf8.Valid(doc) {
			t.Fatalf("taken, and not sound: %v", err)
		}
		n := 0
		switch entry := want["entry"].(type) {
		case []any:
			n = len(entry)
		case map[string]any:
			n = 1
		}
		if b.Len() != n {
			t.Fatalf("got %d entries, want %d", b.Len(), n)
		}
		for r := range b.All() {
			checkIndexed(t, b, r)
		}
		b.Duplicates()
	})
}

func checkIndexed(t *testing.T, b *Bundle, r Resource) {
	t.Helper()
	if r.Raw == nil {
		return
	}
	if !bytes.HasPrefix(b.Bytes()[r.Offset:], r.Raw) || !json.Valid(r.Raw) {
		t.Fatalf("entry %d is not what lies at its offset", r.Index)
	}
	if found, ok := b.Resolve(r.Key()); ok && found.Type != r.Type {
		t.Fatalf("entry %d resolves to another type", r.Index)
	}
	for _, c := range r.ContainedResources() {
		if !bytes.HasPrefix(b.Bytes()[c.Offset:], c.Raw) {
			t.Fatalf("entry %d: a contained resource is not at its offset", r.Index)
		}
	}
}

// Every view takes every resource that is sound JSON, the same way each time, and names
// only what is there in Odd.
func FuzzViews(f *testing.F) {
	seed(f, "appointment.json")
	for r := range parse(f, string(fixture(f, "record.json"))).All() {
		f.Add(r.Raw)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		readSound(doc, new(Observation)) // sound or not, it stays within the bytes
		r, err := ParseResource(doc, Limits{})
		if err != nil {
			checkRefusal(t, doc, err)
			return
		}
		var tree any
		numbers := json.NewDecoder(bytes.NewReader(r.Raw))
		numbers.UseNumber() // 3e320 is sound, and no float64
		if err := numbers.Decode(&tree); err != nil {
			t.Fatalf("taken, and not sound: %v", err)
		}
		for name, read := range views {
			r.Type = name
			v, err := read(r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			again, _ := read(r)
			if !reflect.DeepEqual(v, again) {
				t.Fatalf("%s: read twice, and not the same", name)
			}
			checkReadAsJSONDoes(t, r, v)
			for _, path := range v.domain().Odd {
				if !pointsAt(tree, path) {
					t.Fatalf("%s: %q is odd, and not there", name, path)
				}
			}
			if p, ok := v.(*Patient); ok {
				p.Person(nil)
			}
			if got := fmt.Sprintf("%v%+v", v, []any{v}); strings.Contains(got, "9000000009") {
				t.Fatalf("%s: a number was printed", name)
			}
		}
	})
}

func pointsAt(node any, path string) bool {
	for _, name := range strings.Split(path, "/")[1:] {
		switch n := node.(type) {
		case map[string]any:
			child, ok := n[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
			if !ok {
				return false
			}
			node = child
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i < 0 || i >= len(n) {
				return false
			}
			node = n[i]
		default:
			return false
		}
	}
	return true
}

// An edit of any document at any path with any value is refused, or does to the meaning
// what it should and is one splice into the bytes.
func FuzzSet(f *testing.F) {
	appointment := fixture(f, "appointment.json")
	for _, c := range []struct{ path, value string }{
		{"/status", `"cancelled"`}, {"/extension/-", `{"url":"u"}`}, {"/comment", ` "x" `}, {"/participant/1/actor/reference", `null`},
		{"/reason/-", `{}`}, {"/_supplierNote/kept/0", `1.5`}, {"/start", `"x","y":1`}, {"/a~1b~0/-/1", `1`}, {"", `{}`},
	} {
		f.Add(appointment, c.path, []byte(c.value), false)
		f.Add([]byte(`{ "a/b~" : [ 1 ], "reason" : { } }`), c.path, []byte(c.value), true)
	}
	f.Fuzz(func(t *testing.T, doc []byte, path string, value []byte, removing bool) {
		r, err := ParseResource(doc, Limits{})
		if err != nil {
			return
		}
		before := bytes.Clone(r.Raw)
		edit := func() (Resource, error) { return r.Set(path, value) }
		if removing {
			edit, value = func() (Resource, error) { return r.Remove(path) }, []byte("null")
		}
		got, err := edit()
		if !bytes.Equal(before, r.Raw) {
			t.Fatal("the resource itself was changed")
		}
		if e := new(EditError); err != nil && (!errors.As(err, &e) || e.Path != path || got.Raw != nil) {
			t.Fatalf("got the error %T", err)
		}
		if err != nil {
			return
		}
		want, ok := edited(meaning(r.Raw), strings.Split(path[1:], "/"), meaning(bytes.TrimPrefix(value, []byte("\xef\xbb\xbf"))), removing)
		if !ok || !reflect.DeepEqual(meaning(got.Raw), want) {
			t.Fatalf("edit %q: got %q, want %v", path, got.Raw, want)
		}
		if head, tail := common(r.Raw, got.Raw); removing && head+tail < len(got.Raw) {
			t.Fatalf("remove %q: more than one stretch is gone: %q", path, got.Raw)
		}
	})
}

// common are the lengths of the beginning and of the end that a and b have in common.
func common(a, b []byte) (head, tail int) {
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head, tail
}
