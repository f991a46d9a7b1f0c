package fhir

import (
	"bytes"
	"encoding/json"
	"testing"
)

// largeBundle repeats the entries of the largest structured records until the bundle has
// about size bytes.
func largeBundle(b testing.TB, size int) []byte {
	var entries [][]byte
	total := 0
	for total < size {
		for _, data := range corpus(b, "structured/*9690937*.json") {
			bundle, err := ParseBundle(data, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			for r := range bundle.All() {
				if total >= size {
					break
				}
				entries = append(entries, []byte(`{"resource":`+string(r.Raw)+`}`))
				total += len(r.Raw) + 14
			}
		}
	}
	out := append([]byte(`{"resourceType":"Bundle","type":"collection","entry":[`), bytes.Join(entries, []byte(","))...)
	return append(out, "]}"...)
}

func BenchmarkParseBundle(b *testing.B) {
	for name, size := range map[string]int{"1MB": 1 << 20, "10MB": 10 << 20} {
		data := largeBundle(b, size)
		b.Run("gpc/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseBundle(data, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("encoding/json/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				var v map[string]any
				if err := json.Unmarshal(data, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkViews(b *testing.B) {
	data := largeBundle(b, 1<<20)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		bundle, err := ParseBundle(data, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		for r := range bundle.All() {
			asView(b, r)
		}
	}
}
