package show

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/gpconnect-go/gpc/record"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// text is r as text without colour, 80 columns wide.
func text(t *testing.T, r *record.Record) string {
	t.Helper()
	return textAs(t, r, Options{Now: now})
}

func textAs(t *testing.T, r *record.Record, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Record(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test ./internal/show -update writes it anew\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

func TestTextGolden(t *testing.T) {
	golden(t, "sample.txt", text(t, sample()))
	golden(t, "sample-wide.txt", textAs(t, sample(), Options{Now: now, Width: 120}))
	golden(t, "sample-narrow.txt", textAs(t, sample(), Options{Now: now, Width: 40}))
	golden(t, "sample-colour.txt", textAs(t, sample(), Options{Now: now, Colour: true}))
	golden(t, "empty.txt", textAs(t, &record.Record{}, Options{}))
}
