package record

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// corpus reads the published payloads that match the pattern, by name.
func corpus(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	folder := os.Getenv("GPC_CORPUS")
	if folder == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_CORPUS is not set")
		}
		t.Skip("GPC_CORPUS is not set")
	}
	names, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no file matches %s: %v", pattern, err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func parse(t testing.TB, data []byte) *fhir.Bundle {
	t.Helper()
	b, err := fhir.ParseBundle(data, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
