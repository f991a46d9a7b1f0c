package fhir

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func parse(t testing.TB, doc string) *Bundle {
	t.Helper()
	b, err := ParseBundle([]byte(doc), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseBundleRefuses(t *testing.T) {
	for _, c := range []struct {
		name, doc string
		lim       Limits
		want      error
		offset    int64
	}{
		{"nothing", "", Limits{}, ErrEmpty, 0},
		{"white space", " \r\n", Limits{}, ErrEmpty, 0},
		{"a byte order mark alone", "\xef\xbb\xbf", Limits{}, ErrEmpty, 0},
		{"HTML", "\n<!DOCTYPE html><html>", Limits{}, ErrMarkup, 1},
		{"text", "Service Unavailable", Limits{}, ErrSyntax, 0},
		{"a list", `  [{"resourceType":"Bundle"}]`, Limits{}, ErrNotAnObject, 2},
		{"a string", `"Bundle"`, Limits{}, ErrNotAnObject, 0},
		{"truncated in an object", `{"resourceType":"Bundle","entry":[{"resource":{"id":"1"`, Limits{}, ErrTruncated, 55},
		{"truncated in a string", `{"resourceType":"Bun`, Limits{}, ErrTruncated, 20},
		{"trailing data", `{"resourceType":"Bundle"} {}`, Limits{}, ErrTrailingData, 26},
		{"trailing rubbish", `{"resourceType":"Bundle"}x`, Limits{}, ErrTrailingData, 25},
		{"a missing comma", `{"resourceType":"Bundle" "id":"1"}`, Limits{}, ErrSyntax, 25},
		{"a comment", `{"resourceType":"Bundle" /* 1 */}`, Limits{}, ErrSyntax, 25},
		{"a name twice", `{"resourceType":"Bundle","id":"1","id":"2"}`, Limits{}, ErrDuplicateName, 34},
		{"a name twice, once escaped", `{"resourceType":"Bundle","id":"1","\u0069d":"2"}`, Limits{}, ErrDuplicateName, 34},
		{"a name twice in a resource", `{"entry":[{"resource":{"a":{"b":1,"b":1}}}]}`, Limits{}, ErrDuplicateName, 34},
		{"invalid UTF-8", "{\"resourceType\":\"Bun\xffdle\"}", Limits{}, ErrInvalidUTF8, 20},
		{"a surrogate alone", `{"resourceType":"\ud800"}`, Limits{}, ErrSyntax, 17},
		{"an entry that is no list", `{"entry":"none"}`, Limits{}, ErrEntryNotAList, 9},
		{"too large", `{"resourceType":"Bundle"}`, Limits{Bytes: 10}, ErrTooLarge, 10},
		{"too deep", `{"entry":[{"resource":{"a":[[1]]}}]}`, Limits{Depth: 5}, ErrTooDeep, 28},
		{"too deep at the resource", `{"entry":[{"resource":{"a":1}}]}`, Limits{Depth: 3}, ErrTooDeep, 22},
		{"too deep at the list", `{"entry":[{"resource":{"a":1}}]}`, Limits{Depth: 1}, ErrTooDeep, 9},
		{"too many values", `{"entry":[{"resource":{"a":[1,{}],"b":[]}}]}`, Limits{Values: 6}, ErrTooManyValues, 38},
		{"too many values at the list", `{"entry":[{"resource":{"a":[1,{}],"b":[]}}]}`, Limits{Values: 1}, ErrTooManyValues, 9},
		{"too many entries", `{"entry":[{},{},{}]}`, Limits{Entries: 2}, ErrTooManyEntries, 15},
		{"after a byte order mark", "\xef\xbb\xbf{]", Limits{}, ErrSyntax, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseBundle([]byte(c.doc), c.lim)
			e := new(ParseError)
			if !errors.As(err, &e) || !errors.Is(err, c.want) || e.Offset != c.offset {
				t.Errorf("got %v, want byte %d: %v", err, c.offset, c.want)
			}
		})
	}
}

func TestNestingIsBounded(t *testing.T) {
	for _, open := range []string{"[", `{"a":`} {
		doc := `{"entry":[{"resource":{"a":` + strings.Repeat(open, 1_000_000)
		if _, err := ParseBundle([]byte(doc), Limits{}); !errors.Is(err, ErrTooDeep) {
			t.Errorf("%s a million times: got %v, want %v", open, err, ErrTooDeep)
		}
	}
	// Brackets in strings are no nesting.
	parse(t, `{"resourceType":"Bundle","entry":[{"resource":{"a":"`+strings.Repeat(`[{\"`, 1000)+`"}}]}`)
}

func TestAnErrorQuotesNothing(t *testing.T) {
	const secret = "9000000009"
	for _, doc := range []string{
		secret, `{"` + secret + `"x`, `{"a":"` + secret + "\xff", `{"` + secret + `":1,"` + secret + `":1}`,
		`{"resourceType":"` + secret + `"}`, `{"resourceType":"Patient ` + secret + `"}`, `["` + secret + `"]`,
	} {
		_, err := ParseBundle([]byte(doc), Limits{})
		for _, s := range []string{err.Error(), fmt.Sprintf("%+v", errors.Unwrap(err))} {
			if strings.Contains(s, secret) {
				t.Errorf("an error quotes the document: %s", strings.ReplaceAll(s, secret, "(here)"))
			}
		}
	}
}

func TestNotABundle(t *testing.T) {
	const doc = `{"id":"1","resourceType":"OperationOutcome"}`
	_, err := ParseBundle([]byte(doc), Limits{})
	e := new(NotBundleError)
	if !errors.As(err, &e) || e.Type != "OperationOutcome" || string(e.Raw) != doc {
		t.Fatalf("got %v, want a NotBundleError for an OperationOutcome", err)
	}
	if got, want := err.Error(), "not a Bundle but OperationOutcome"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseBundleIsLenientWhereProvidersAre(t *testing.T) {
	const mark = "\xef\xbb\xbf"
	b := parse(t, mark+` {"entry":[
		{"fullUrl":"https://elsewhere/Patient/9","resource":{"id":"1","resourceType":"Patient"}},
		{"resourceType":"Observation","id":7},
		{"search":{"mode":"include"}},
		"text",
		{"resource":["list"]},
		{"resource":{"id":"a\u002fb","resourceType":"Li\u0073t"}}
	],"total":"2","type":"searchset","id":12,"resourceType":"Bundle"} `)
	if total, ok := b.Total(); b.ID != "12" || b.Type != "searchset" || total != 2 || !ok {
		t.Errorf("got id %q type %q total %d %v, want 12 searchset 2 true", b.ID, b.Type, total, ok)
	}
	want := []string{
		`Patient 1 {"id":"1","resourceType":"Patient"}`, `Observation 7 {"resourceType":"Observation","id":7}`,
		`  `, `  "text"`, `  ["list"]`, `List a/b {"id":"a\u002fb","resourceType":"Li\u0073t"}`,
	}
	var got []string
	for r := range b.All() {
		got = append(got, r.Type+" "+r.ID+" "+string(r.Raw))
		if r.Raw != nil && !strings.HasPrefix(string(b.Bytes()[r.Offset:]), string(r.Raw)) {
			t.Errorf("entry %d is not at its offset %d", r.Index, r.Offset)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := b.At(0).FullURL; got != "https://elsewhere/Patient/9" {
		t.Errorf("got fullUrl %q", got)
	}
	for _, doc := range []string{`{"resourceType":"Bundle"}`, `{"resourceType":"Bundle","entry":null}`, `{"resourceType":"Bundle","entry":[]}`} {
		if n := parse(t, doc).Len(); n != 0 {
			t.Errorf("%s: got %d entries, want none", doc, n)
		}
	}
	if n := parse(t, `{"resourceType":"Bundle","entry":{"resource":{"resourceType":"Patient"}}}`).Len(); n != 1 {
		t.Errorf("one entry without its list: got %d entries, want 1", n)
	}
}

func TestResolve(t *testing.T) {
	b := parse(t, `{"resourceType":"Bundle","entry":[
		{"resource":{"resourceType":"Patient","id":"1","n":1}}, {"resource":{"resourceType":"Patient","id":"2"}},
		{"resource":{"resourceType":"Patient","id":"1","n":2}}, {"resource":{"resourceType":"Patient","id":"2"}},
		{"resource":{"resourceType":"List"}}, {"resource":{"resourceType":"List"}},
		{"fullUrl":"https://h/Plan/3","resource":{"resourceType":"Plan","id":"Plan/3"}},
		{"resource":{"resourceType":"Patient","id":"1","n":3}}]}`)
	for ref, want := range map[string]int{
		"Patient/1": 0, "Patient/2": 1, "Patient/2/_history/4": 1, "Plan/3": 6, "Plan/Plan/3": 6,
		"Patient/3": -1, "patient/1": -1, "List/": -1, "List": -1, "": -1, "/1": -1, "#1": -1, "urn:uuid:1": -1,
		"https://h/Plan/3": -1, "https://h/Patient/1": -1, "Patient/1/2": -1, "Organization/1": -1,
	} {
		r, ok := b.Resolve(ref)
		if ok != (want >= 0) || ok && r.Index != want {
			t.Errorf("%q: got entry %d %v, want %d", ref, r.Index, ok, want)
		}
	}
	if got, want := b.Duplicates(), []string{"Patient/1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var patients []int
	for r := range b.OfType("Patient") {
		patients = append(patients, r.Index)
	}
	if want := []int{0, 1, 2, 3, 7}; !slices.Equal(patients, want) {
		t.Errorf("got patients %v, want %v", patients, want)
	}
}

func TestContained(t *testing.T) {
	r, err := ParseResource([]byte(` {"resourceType":"List","contained":[{"resourceType":"AllergyIntolerance","id":"a"},
		{"id":"#o","resourceType":"Organization"}],"id":"l"} `), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Raw[0] != '{' || r.Raw[len(r.Raw)-1] != '}' || r.Offset != 1 || r.Key() != "List/l" {
		t.Errorf("got %q at %d as %s", r.Raw, r.Offset, r.Key())
	}
	for ref, want := range map[string]string{"#a": "AllergyIntolerance", "#o": "Organization", "#x": "", "a": "", "": "", "#": ""} {
		if c, ok := r.Contained(ref); c.Type != want || ok != (want != "") {
			t.Errorf("%q: got %q %v, want %q", ref, c.Type, ok, want)
		}
	}
	a, _ := r.Contained("#a")
	if sibling, ok := a.Contained("#o"); !ok || sibling.Type != "Organization" {
		t.Error("a contained resource does not find its sibling")
	}
	if a.Offset != 37 || string(a.Raw) != `{"resourceType":"AllergyIntolerance","id":"a"}` {
		t.Errorf("got %q at %d", a.Raw, a.Offset)
	}
}

func TestABundleIsReadFromSeveralGoroutines(t *testing.T) {
	b := parse(t, `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"List","id":"1","contained":[{"id":"a"}]}}]}`)
	list := b.At(0)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, ok := b.Resolve("List/1"); !ok {
				t.Error("List/1 does not resolve")
			}
			if _, ok := list.Contained("#a"); !ok {
				t.Error("#a does not resolve")
			}
		})
	}
	wg.Wait()
}

func TestAMillionEntriesStaySmall(t *testing.T) {
	const n = 1_000_000
	doc := []byte(`{"resourceType":"Bundle","entry":[` + strings.Repeat(`{"resource":{"resourceType":"Observation","id":"1"}},`, n) + `{}]}`)
	if _, err := ParseBundle(doc, Limits{}); !errors.Is(err, ErrTooManyEntries) {
		t.Errorf("got %v, want %v", err, ErrTooManyEntries)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b, err := ParseBundle(doc, Limits{Entries: 2 * n, Values: 4 * n})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / n; b.Len() != n+1 || each > 64 {
		t.Errorf("got %d entries of %d bytes, want %d of at most 64", b.Len(), each, n+1)
	}
	runtime.KeepAlive(doc)
}

func TestMember(t *testing.T) {
	doc := `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","id":"o","sub\u006aect" : {"reference":"Patient/p"},
		"contained":[{"resourceType":"Specimen","patient":[]}]}},{"resource":7}]}`
	b := parse(t, doc)
	o := b.At(0)
	bare := Resource{Raw: o.Raw} // as somebody may make one
	for _, c := range []struct {
		name string
		from Resource
		want string
		ok   bool
	}{
		{"subject", o, `{"reference":"Patient/p"}`, true},
		{"subject", bare, `{"reference":"Patient/p"}`, true},
		{"id", o, `"o"`, true},
		{"patient", o, "", false},
		{"patient", bare, "", false},
		{"reference", o, "", false},
		{"patient", o.ContainedResources()[0], "[]", true},
		{"subject", o.ContainedResources()[0], "", false},
		{"subject", b.At(1), "", false},
		{"subject", Resource{}, "", false},
	} {
		if got, ok := c.from.Member(c.name); string(got) != c.want || ok != c.ok {
			t.Errorf("%s of %v: got %s, %t; want %s, %t", c.name, c.from, got, ok, c.want, c.ok)
		}
	}
}
