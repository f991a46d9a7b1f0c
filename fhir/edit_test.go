package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func resource(t testing.TB, doc string) Resource {
	t.Helper()
	r, err := ParseResource([]byte(doc), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSet(t *testing.T) {
	for _, c := range []struct{ doc, path, value, want string }{
		// a value in place of another
		{`{"a":1, "b" : "x" ,"c":3}`, "/b", `"y"`, `{"a":1, "b" : "y" ,"c":3}`},
		{`{"a":1}`, "/a", ` [ 2 , 3 ] `, `{"a":[ 2 , 3 ]}`},
		{`{"a":{"b":[{"c":1},{"c":2}]}}`, "/a/b/1/c", `null`, `{"a":{"b":[{"c":1},{"c":null}]}}`},
		{`{"a":[1,2,3]}`, "/a/0", `{"x":1}`, `{"a":[{"x":1},2,3]}`},
		{`{"\u0061":1}`, "/a", `2`, `{"\u0061":2}`},
		{`{"a/b":1,"c~d":2}`, "/a~1b", `3`, `{"a/b":3,"c~d":2}`},
		{`{"a/b":1,"c~d":2}`, "/c~0d", `3`, `{"a/b":1,"c~d":3}`},
		{`{"~1":1}`, "/~01", `3`, `{"~1":3}`},
		// a member that was absent
		{`{}`, "/a", `1`, `{"a":1}`},
		{`{ }`, "/a", `1`, `{"a":1 }`},
		{`{"a":1}`, "/b", `2`, `{"a":1,"b":2}`},
		{`{ "a": 1 }`, "/b", `2`, `{ "a": 1, "b": 2 }`},
		{`{"a": 1, "b": 2}`, "/c", `3`, `{"a": 1, "b": 2, "c": 3}`},
		{"{\n  \"a\": 1\n}\n", "/b", `2`, "{\n  \"a\": 1,\n  \"b\": 2\n}"},
		{"{\r\n\t\"a\" : 1,\r\n\t\"b\" : 2\r\n}", "/c", `3`, "{\r\n\t\"a\" : 1,\r\n\t\"b\" : 2,\r\n\t\"c\" : 3\r\n}"},
		{"{\n  \"m\": {\n    \"a\": 1\n  }\n}", "/m/b", `2`, "{\n  \"m\": {\n    \"a\": 1,\n    \"b\": 2\n  }\n}"},
		{`{"a":1}`, "/_a", `{}`, `{"a":1,"_a":{}}`},
		// the end of a list
		{`{"a":[]}`, "/a/-", `1`, `{"a":[1]}`},
		{`{"a":[ 1 ]}`, "/a/-", `2`, `{"a":[ 1, 2 ]}`},
		{`{"a":[1, 2]}`, "/a/-", `3`, `{"a":[1, 2, 3]}`},
		{"{\"a\":[\n 1,\n 2\n]}", "/a/-", `3`, "{\"a\":[\n 1,\n 2,\n 3\n]}"},
		{`{"b":1}`, "/a/-", `2`, `{"b":1,"a":[2]}`},
		{`{"m":{"b":1}}`, "/m/a/-", `2`, `{"m":{"b":1,"a":[2]}}`},
		{`{"a":[{"b":[1]}]}`, "/a/0/b/-", `2`, `{"a":[{"b":[1,2]}]}`},
	} {
		r := resource(t, c.doc)
		got, err := r.Set(c.path, []byte(c.value))
		if err != nil || string(got.Raw) != c.want {
			t.Errorf("%s: set %s: got %q %v, want %q", c.doc, c.path, got.Raw, err, c.want)
		}
		if string(r.Raw) != strings.TrimSpace(c.doc) {
			t.Errorf("%s: set %s changed the resource itself", c.doc, c.path)
		}
	}
}

func TestRemove(t *testing.T) {
	for _, c := range []struct{ doc, path, want string }{
		{`{"a":1,"b":2,"c":3}`, "/a", `{"b":2,"c":3}`},
		{`{"a":1,"b":2,"c":3}`, "/b", `{"a":1,"c":3}`},
		{`{"a":1,"b":2,"c":3}`, "/c", `{"a":1,"b":2}`},
		{`{ "a": 1, "b": 2 }`, "/a", `{ "b": 2 }`},
		{`{ "a": 1, "b": 2 }`, "/b", `{ "a": 1 }`},
		{"{\n  \"a\": 1,\n  \"b\": 2\n}", "/a", "{\n  \"b\": 2\n}"},
		{"{\n  \"a\": 1,\n  \"b\": 2\n}", "/b", "{\n  \"a\": 1\n}"},
		{"{\n  \"a\": 1\n}", "/a", "{\n}"},
		{`{"a":[1,2]}`, "/a/1", `{"a":[1]}`},
		{`{"a":[ 1 ]}`, "/a/0", `{"a":[ ]}`},
		{`{"a":[[1],[2,3]]}`, "/a/1/0", `{"a":[[1],[3]]}`},
	} {
		got, err := resource(t, c.doc).Remove(c.path)
		if err != nil || string(got.Raw) != c.want {
			t.Errorf("%s: remove %s: got %q %v, want %q", c.doc, c.path, got.Raw, err, c.want)
		}
	}
}

func TestAnEditIsRefused(t *testing.T) {
	const secret = "9000000009"
	const doc = `{"a":1,"l":[1,{"b":2}],"o":{"c":1},"n":null,"id":"` + secret + `"}`
	r := resource(t, doc)
	set := func(value string) func(string) (Resource, error) {
		return func(path string) (Resource, error) { return r.Set(path, []byte(value)) }
	}
	for _, c := range []struct {
		name string
		edit func(string) (Resource, error)
		path string
		want error
	}{
		{"the whole", set(`{}`), "", ErrPath},
		{"no slash", set(`1`), "a", ErrPath},
		{"an escape that is none", set(`1`), "/a~2", ErrPath},
		{"an escape cut short", set(`1`), "/a~", ErrPath},
		{"within nothing", set(`1`), "/x/y", ErrNotThere},
		{"a list within nothing", set(`1`), "/x/y/-", ErrNotThere},
		{"within a scalar", set(`1`), "/a/y", ErrNotThere},
		{"beyond a list", set(`1`), "/l/2", ErrNotThere},
		{"before a list", set(`1`), "/l/-1", ErrNotThere},
		{"another way to write an index", set(`1`), "/l/01", ErrNotThere},
		{"a member of a list", set(`1`), "/l/b", ErrNotThere},
		{"in the list's end", set(`1`), "/l/-/b", ErrNotThere},
		{"a list in the list's end", set(`1`), "/l/-/-", ErrNotThere},
		{"the end of an object", set(`1`), "/o/-", ErrNotAList},
		{"the end of a scalar", set(`1`), "/a/-", ErrNotAList},
		{"the end of null", set(`1`), "/n/-", ErrNotAList},
		{"the end of the whole", set(`1`), "/-", ErrNotAList},
		{"an index into an object", set(`1`), "/o/0", ErrNoElement},
		{"no name", set(`1`), "/", ErrNoElement},
		{"a name of two words", set(`1`), "/o/a b", ErrNoElement},
		{"a name of quotes", set(`1`), `/o/a"b`, ErrNoElement},
		{"a line of its own", set(`1`), "/_", ErrNoElement},
		{"nothing", set(` `), "/a", ErrEmpty},
		{"two members", set(`1,"z":"` + secret + `"`), "/a", ErrTrailingData},
		{"two values", set(`1 2`), "/a", ErrTrailingData},
		{"half a value", set(`{"x":"` + secret), "/a", ErrTruncated},
		{"the end of the object", set(`}`), "/a", ErrSyntax},
		{"a name twice", set(`{"x":1,"x":2}`), "/a", ErrDuplicateName},
		{"what is no UTF-8", set("\"\xff\""), "/a", ErrInvalidUTF8},
		{"a deep value", set(strings.Repeat("[", 200) + strings.Repeat("]", 200)), "/a", ErrTooDeep},
		{"text that is no UTF-8", func(p string) (Resource, error) { return r.SetText(p, secret+"\xff") }, "/a", ErrInvalidUTF8},
		{"remove nothing", r.Remove, "/x", ErrNotThere},
		{"remove within nothing", r.Remove, "/x/y", ErrNotThere},
		{"remove within a scalar", r.Remove, "/a/y", ErrNotThere},
		{"remove beyond a list", r.Remove, "/l/2", ErrNotThere},
		{"remove a list's end", r.Remove, "/l/-", ErrNotThere},
		{"remove the whole", r.Remove, "", ErrPath},
		{"in no resource", func(p string) (Resource, error) { return Resource{}.Set(p, []byte("1")) }, "/a", ErrEmpty},
		{"in half a resource", func(p string) (Resource, error) { return Resource{Raw: []byte(`{"a":[`)}.Set(p, []byte("1")) }, "/a", ErrTruncated},
		{"in more than a resource", func(p string) (Resource, error) { return Resource{Raw: []byte(`{"a":1} 2`)}.Remove(p) }, "/a", ErrTrailingData},
		{"in a list", func(p string) (Resource, error) { return Resource{Raw: []byte(`[1]`)}.Set(p, []byte("2")) }, "/0", ErrNotAnObject},
	} {
		got, err := c.edit(c.path)
		e := new(EditError)
		if !errors.As(err, &e) || !errors.Is(err, c.want) || e.Path != c.path || got.Raw != nil {
			t.Errorf("%s: got %v, want an EditError for %v", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error quotes the resource or the value", c.name)
		}
	}
	if string(r.Raw) != doc {
		t.Error("a refused edit changed the resource")
	}
}

// What GP Connect asks of a cancellation: the appointment as read, with exactly a status
// and an extension changed.
func TestAnAppointmentIsCancelled(t *testing.T) {
	const reason = "Patient rang: \"feeling better\"\nno visit"
	raw := fixture(t, "appointment.json")
	a := resource(t, string(raw))
	value, err := json.Marshal(map[string]string{
		"url":         "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-AppointmentCancellationReason-1",
		"valueString": reason,
	})
	if err != nil {
		t.Fatal(err)
	}
	edited, err := a.SetText("/status", "cancelled")
	if err == nil {
		edited, err = edited.Set("/extension/-", value)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(string(bytes.TrimSpace(raw)), `"booked"`, `"cancelled"`, 1)
	want = strings.Replace(want, "\"Telephone\"\n    }", "\"Telephone\"\n    },\n    "+string(value), 1)
	if string(edited.Raw) != want {
		t.Errorf("got  %s\nwant %s", edited.Raw, want)
	}
	was, err := As[Appointment](a)
	if err != nil {
		t.Fatal(err)
	}
	is, err := As[Appointment](edited)
	if err != nil {
		t.Fatal(err)
	}
	if is.Status != "cancelled" || is.CancellationReason() != reason || len(is.Extension) != len(was.Extension)+1 {
		t.Errorf("got status %q, reason %q", is.Status, is.CancellationReason())
	}
	if o, ok := is.BookedBy(); !ok || o.ODS() != "B23456" {
		t.Error("the booking organisation is no longer found")
	}
	is.Status, is.Extension, is.Resource = was.Status, was.Extension, was.Resource
	if !reflect.DeepEqual(is, was) {
		t.Error("more than the status and the extension has changed")
	}
}

func TestAnAppointmentIsAmended(t *testing.T) {
	a := resource(t, string(fixture(t, "appointment.json")))
	edited, err := a.SetText("/description", "Über \"all\" </script> \u2028")
	if err == nil {
		edited, err = edited.SetText("/comment", "Ring first")
	}
	if err != nil {
		t.Fatal(err)
	}
	v := read[Appointment](t, string(edited.Raw))
	if v.Description != "Über \"all\" </script> \u2028" || v.Comment != "Ring first" || edited.Key() != "Appointment/148" {
		t.Errorf("got %q and %q", v.Description, v.Comment)
	}
	if !bytes.HasSuffix(edited.Raw, []byte("\n  ],\n  \"comment\": \"Ring first\"\n}")) {
		t.Errorf("the comment is not in the document's style: %q", edited.Raw[len(edited.Raw)-60:])
	}
	// Taken back, nothing is left of either edit.
	edited, err = edited.Remove("/comment")
	if err == nil {
		edited, err = edited.SetText("/description", "Follow-up")
	}
	if err != nil || !bytes.Equal(edited.Raw, a.Raw) {
		t.Errorf("got %v, and other bytes than at first", err)
	}
}
