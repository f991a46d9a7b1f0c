package record

import (
	"encoding/json"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

// The largest of the published records, each read from bytes to record by this package and,
// beside it, by encoding/json into any.
func BenchmarkRead(b *testing.B) {
	for name, data := range corpus(b, "structured/*.json") {
		if len(data) < 200_000 {
			continue
		}
		b.Run("gpc/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				bundle, err := fhir.ParseBundle(data, fhir.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := View(bundle); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("encoding/json/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				var v any
				if err := json.Unmarshal(data, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
