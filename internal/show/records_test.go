package show

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// people are the saved answers of the sandbox.
func people(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../../sandbox/data/people/*.json")
	if err != nil || len(paths) < 5 {
		t.Fatalf("found %d people of the sandbox: %v", len(paths), err)
	}
	all := map[string][]byte{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(p)] = data
	}
	return all
}

func view(t *testing.T, data []byte) *record.Record {
	t.Helper()
	b, err := fhir.ParseBundle(data, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.View(b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPeople reads out the records of the sandbox's people: safe, with every item's name.
func TestPeople(t *testing.T) {
	for name, data := range people(t) {
		t.Run(name, func(t *testing.T) {
			r := view(t, data)
			checkSafe(t, text(t, r), 80)
			checkItems(t, r)
		})
	}
}

// checkItems looks for the name of every item and section, however deep, in the text.
func checkItems(t *testing.T, r *record.Record) {
	t.Helper()
	got := squeeze(textAs(t, r, Options{Width: 100_000}))
	n := 0
	eachItem(reflect.ValueOf(r.Areas), func(it record.Item, narrative bool) {
		n++
		if !narrative && !strings.Contains(got, squeeze(clean(it.Text))) {
			t.Errorf("item %d of the record is not in the text", n)
		}
	})
}

// squeeze leaves out all space, as lines are wrapped anywhere.
func squeeze(s string) string {
	return strings.Join(strings.Fields(s), "")
}

// eachItem calls visit with each item below v. Of a narrative the comment counts, not the
// name; of a section without a title there is none to show.
func eachItem(v reflect.Value, visit func(it record.Item, narrative bool)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachItem(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachItem(v.Index(i), visit)
		}
	case reflect.Struct:
		switch x := v.Interface().(type) {
		case record.Item:
			visit(x, false)
			return
		case record.Observation:
			if x.Narrative {
				visit(record.Item{Text: x.Comment}, false)
			}
			visit(x.Item, x.Narrative)
			x.Item = record.Item{}
		case record.Section:
			visit(record.Item{Text: x.Title}, false)
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Type != reflect.TypeFor[record.Item]() || f.Name == "Item" && f.Type.Kind() == reflect.Pointer {
				eachItem(v.Field(i), visit)
			}
		}
		if f := v.FieldByName("Item"); f.IsValid() && f.Type() == reflect.TypeFor[record.Item]() && v.Type() != reflect.TypeFor[record.Observation]() && v.Type() != reflect.TypeFor[record.Section]() {
			visit(f.Interface().(record.Item), false)
		}
	}
}

// TestOrderOfTheBundleDoesNotShow shuffles the entries of answers, and adds what is not
// known: the text stays the same, line for line.
func TestOrderOfTheBundleDoesNotShow(t *testing.T) {
	for name, data := range people(t) {
		t.Run(name, func(t *testing.T) {
			want := text(t, view(t, data))
			random := rand.New(rand.NewPCG(1, 2))
			for range 3 {
				if got := text(t, view(t, shuffled(t, data, random))); got != want {
					t.Fatalf("another order of entries gives another text:\n%s", firstDifference(got, want))
				}
			}
		})
	}
}

func shuffled(t *testing.T, data []byte, random *rand.Rand) []byte {
	t.Helper()
	var b map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // 78.0 is not 78
	if err := d.Decode(&b); err != nil {
		t.Fatal(err)
	}
	entries := b["entry"].([]any)
	random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	for _, e := range entries {
		r := e.(map[string]any)["resource"].(map[string]any)
		known, _ := r["extension"].([]any)
		r["extension"] = append([]any{map[string]any{"url": "https://example.invalid/unknown", "valueString": "unknown"}}, known...)
		r["unknownElement"] = map[string]any{"of": []any{1, "two"}}
	}
	out, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer"
}

// TestCorpus reads out every structured record of the corpus of real answers.
func TestCorpus(t *testing.T) {
	root := os.Getenv("GPC_CORPUS")
	if root == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_CORPUS is not set, and CI is")
		}
		t.Skip("GPC_CORPUS is not set")
	}
	read := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := fhir.ParseBundle(data, fhir.Limits{})
		if err != nil {
			return nil // no bundle; the tests of the package fhir judge that
		}
		r, err := record.View(b)
		if err != nil {
			return nil // no record of one patient
		}
		read++
		got := text(t, r)
		checkSafe(t, got, 80)
		checkItems(t, r)
		checkInert(t, pageOf(t, r))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 20 {
		t.Fatalf("read %d records of the corpus, want at least 20", read)
	}
	t.Logf("%d records", read)
}
