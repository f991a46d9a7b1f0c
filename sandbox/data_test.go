package sandbox

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const ownBundle = `{ "resourceType" : "Bundle", "id": "mine", "type":"collection",
  "entry" : [ {"fullUrl":"urn:x","resource":{"resourceType":"Patient","id":"1","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"NUMBER"}]}},
    {"resource" : {"resourceType":"Organization","id":"o","extension":[]}} , {"resource":{"resourceType":"Basic"}}, {"resource":{}}, {} ], "total" : 5.10 }
`

func ownData(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func bundleFor(nhs string) string { return strings.Replace(ownBundle, "NUMBER", nhs, 1) }

func TestOwnDataByteForByte(t *testing.T) {
	for _, content := range []string{bundleFor("9000000130"), "\xef\xbb\xbf" + bundleFor("9000000130")} {
		s := run(t, Config{Plain: true, Data: ownData(t, map[string]string{"a.json": content})})
		for _, ods := range []string{"A12345", "B82617"} {
			for _, parameters := range []string{everything, `{"name":"includeProblems"}`} {
				r := recordOf(t, s, ods, "9000000130", parameters).send(t, s)
				if r.status != 200 || string(r.body) != content {
					t.Errorf("%s: got status %d and %d octets, want the file's %d", ods, r.status, len(r.body), len(content))
				}
			}
		}
	}
}

func TestOwnDataWithDifferences(t *testing.T) {
	s := run(t, Config{Data: ownData(t, map[string]string{"a.json": bundleFor("9000000130")})})
	orders, unheard := map[string]bool{}, 0
	for range 20 {
		r := recordOf(t, s, "A12345", "9000000130", everything).send(t, s)
		m := r.fields(t)
		if m["id"] != "mine" || !bytes.Contains(r.body, []byte("5.10")) {
			t.Fatalf("got id %v, want the file's own Bundle", m["id"])
		}
		order := ""
		for _, e := range m["entry"].([]any) {
			resource, _ := e.(map[string]any)["resource"].(map[string]any)
			kind, _ := resource["resourceType"].(string)
			order += kind + " "
			if resource["unheardOf"] != nil {
				unheard++
			}
		}
		if got := len(m["entry"].([]any)); got != 5 {
			t.Fatalf("got %d entries, want 5", got)
		}
		orders[order] = true
	}
	if len(orders) < 2 || unheard == 0 {
		t.Errorf("got %d orders and %d unheard-of elements in 20 answers, want more", len(orders), unheard)
	}
}

// TestSavedAnswersAreServedAgain: an answer with the differences in it, saved and served from a
// folder with the differences on, and that answer saved and served again, stays strict JSON.
func TestSavedAnswersAreServedAgain(t *testing.T) {
	s := run(t, Config{Seed: 3})
	saved := recordOf(t, s, "A12345", "9000000009", everything).send(t, s).body
	for seed := range uint64(4) {
		s := run(t, Config{Seed: seed + 1, Data: ownData(t, map[string]string{"saved.json": string(saved)})})
		r := recordOf(t, s, "A12345", "9000000009", everything).send(t, s)
		if r.status != 200 {
			t.Fatalf("got %d", r.status)
		}
		if _, err := decodeStrict(r.body); err != nil {
			t.Fatalf("seed %d: a strict reader refuses the answer: %v", seed+1, err)
		}
		for _, x := range r.resources(t) {
			list, _ := x["extension"].([]any)
			if n := len(slices.DeleteFunc(slices.Clone(list), func(e any) bool { return at(e, "url") != unheardURL })); n > 1 {
				t.Fatalf("seed %d: got the unheard-of extension %d times, want it once", seed+1, n)
			}
		}
		saved = r.body
	}
}

func TestOwnDataIsNamedWhenItCannotBeServed(t *testing.T) {
	var told []string
	two := strings.Replace(bundleFor("9000000149"), `{"resource":{}}`, `{"resource":{"resourceType":"Patient"}}`, 1)
	dir := ownData(t, map[string]string{
		"a-first.json":        bundleFor("9000000130"),
		"b-again.json":        bundleFor("9000000130"),
		"c-9000000009.json":   bundleFor("9000000009"),
		"d-broken.json":       bundleFor("9000000149")[:150],
		"e-followed.json":     bundleFor("9000000149") + "x",
		"f-two.json":          two,
		"g-number.json":       bundleFor("9000000010"),
		"h-resource.json":     `{"resourceType":"Patient"}`,
		"i-list.json":         `[]`,
		"j-readme.txt":        "about these files",
		"k-empty.json":        "",
		"l-no-patient.json":   `{"resourceType":"Bundle","entry":[]}`,
		"m-no-entry.json":     `{"resourceType":"Bundle"}`,
		"n-odd-patient.json":  strings.Replace(bundleFor("9000000157"), `[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000157"}]`, `"9000000157"`, 1),
		"o-name-twice.json":   strings.Replace(bundleFor("9000000165"), `"id": "mine"`, `"id":"a","id":"b"`, 1),
		"p-scalar-entry.json": `{"resourceType":"Bundle","entry":["Patient", 1, null]}`,
	})
	if err := os.Mkdir(filepath.Join(dir, "z-folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := run(t, Config{Plain: true, Data: dir, Warn: func(line string) { told = append(told, line) }})
	want := []string{
		"b-again.json: not served: a-first.json is about the same patient",
		"c-******0009.json: replaces the sandbox's own patient ******0009",
		"d-broken.json: not served: not JSON from line 2 on",
		"e-followed.json: not served: something follows the JSON object",
		"f-two.json: not served: 2 Patients, where one was expected",
		"g-number.json: not served: its Patient has no valid NHS number",
		"h-resource.json: not served: not a Bundle",
		"i-list.json: not served: not a JSON object",
		"j-readme.txt: not served: not a JSON object",
		"k-empty.json: not served: not a JSON object",
		"l-no-patient.json: not served: 0 Patients, where one was expected",
		"m-no-entry.json: not served: 0 Patients, where one was expected",
		"n-odd-patient.json: not served: its Patient has no valid NHS number",
		"o-name-twice.json: replaces the sandbox's own patient ******0165",
		"p-scalar-entry.json: not served: 0 Patients, where one was expected",
		"z-folder: not served: a folder",
	}
	if !slices.Equal(told, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	if r := recordOf(t, s, "C11204", "9000000009", everything).send(t, s); string(r.body) != bundleFor("9000000009") {
		t.Error("the embedded person was not replaced at every practice")
	}
}

func TestOwnDataThatGoesAway(t *testing.T) {
	dir := ownData(t, map[string]string{"a.json": bundleFor("9000000130")})
	s := run(t, Config{Data: dir})
	if err := os.Remove(filepath.Join(dir, "a.json")); err != nil {
		t.Fatal(err)
	}
	r := recordOf(t, s, "A12345", "9000000130", everything).send(t, s)
	if code, _ := r.outcome(t); r.status != 500 || code != "INTERNAL_SERVER_ERROR" {
		t.Errorf("got %d %s, want 500 INTERNAL_SERVER_ERROR", r.status, code)
	}
}

// TestPublishedRecords serves payloads that others published, as they stand and with the
// differences.
func TestPublishedRecords(t *testing.T) {
	corpus := os.Getenv("GPC_CORPUS")
	if corpus == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_CORPUS is not set")
		}
		t.Skip("GPC_CORPUS is not set")
	}
	folder := filepath.Join(corpus, "structured")
	plain, unkind := run(t, Config{Plain: true, Data: folder}), run(t, Config{Data: folder})
	served := 0
	for _, nhs := range plain.people.numbers {
		p := plain.people.byNumber[nhs]
		if p.file == "" {
			continue
		}
		served++
		want, err := os.ReadFile(p.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := recordOf(t, plain, "B82617", nhs, everything).send(t, plain); !bytes.Equal(got.body, want) {
			t.Errorf("%s: the answer differs from the file", mask(filepath.Base(p.file)))
		}
		got := recordOf(t, unkind, "B82617", nhs, everything).send(t, unkind)
		if a, b := resourcesOf(t, want), resourcesOf(t, got.body); !slices.Equal(a, b) {
			t.Errorf("%s: with the differences off again, got %d resources that are not the file's %d", mask(filepath.Base(p.file)), len(b), len(a))
		}
	}
	if served < 5 {
		t.Errorf("got %d files served, want at least five", served)
	}
}

// resourcesOf are the resources of a Bundle in an order of their own, without what the
// differences add.
func resourcesOf(t *testing.T, raw []byte) []string {
	t.Helper()
	var bundle struct {
		Entry []struct{ Resource map[string]any }
	}
	if err := json.Unmarshal(bytes.TrimPrefix(raw, utf8Mark), &bundle); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range bundle.Entry {
		delete(e.Resource, "unheardOf")
		if list, ok := e.Resource["extension"].([]any); ok {
			list = slices.DeleteFunc(list, func(x any) bool {
				ext, _ := x.(map[string]any)
				return ext["valueString"] == "of no meaning"
			})
			if e.Resource["extension"] = list; len(list) == 0 {
				delete(e.Resource, "extension")
			}
		}
		b, err := json.Marshal(e.Resource)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b))
	}
	slices.Sort(all)
	return all
}

func FuzzDecorate(f *testing.F) {
	f.Add([]byte(bundleFor("9000000130")))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"extension":[{"url":"x"}],"resourceType":"List"}},[],{"resource":[]}]}`))
	d, err := newDifferences(5, false, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		onlyPatient(raw)
		doc, err := cut(raw)
		if err != nil {
			return
		}
		c := &call{server: &Server{differences: d}, dice: d.dice(1)}
		out := c.different(raw)
		again, err := cut(out)
		if err != nil || len(again.entries) != len(doc.entries) {
			t.Errorf("got %d entries and %v, want %d", len(again.entries), err, len(doc.entries))
		}
	})
}
