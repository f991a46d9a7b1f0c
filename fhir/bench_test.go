package fhir

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

// largeBundle repeats the entries of the largest published records, or without them those
// of our own small one, spaced as generously, until the Bundle has about size bytes.
func largeBundle(t testing.TB, size int) []byte {
	t.Helper()
	var own bytes.Buffer
	if err := json.Indent(&own, fixture(t, "record.json"), "", "    "); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"record.json": own.Bytes()}
	if os.Getenv("GPC_CORPUS") != "" || os.Getenv("CI") == "true" {
		files = corpus(t, "structured/*9690937*.json")
	}
	doc := []byte(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			for r := range parse(t, string(files[name])).All() {
				doc = append(append(append(doc, `{"resource":`...), r.Raw...), `},`...)
				if len(doc) >= size {
					return append(bytes.TrimSuffix(doc, []byte(",")), "]}"...)
				}
			}
		}
	}
}

var sizes = []struct {
	name  string
	bytes int
}{{"1MB", 1 << 20}, {"10MB", 10 << 20}}

// Index and check a Bundle, beside encoding/json into map[string]any.
func BenchmarkParseBundle(b *testing.B) {
	for _, size := range sizes {
		data := largeBundle(b, size.bytes)
		b.Run(size.name, func(b *testing.B) {
			besideAny(b, data, func() {
				if _, err := ParseBundle(data, Limits{}); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// Index a Bundle and read every entry through its view, beside the same.
func BenchmarkViews(b *testing.B) {
	for _, size := range sizes {
		data := largeBundle(b, size.bytes)
		b.Run(size.name, func(b *testing.B) {
			besideAny(b, data, func() {
				bundle, err := ParseBundle(data, Limits{})
				if err != nil {
					b.Fatal(err)
				}
				for r := range bundle.All() {
					asView(b, r)
				}
			})
		})
	}
}

// besideAny runs ours and encoding/json into map[string]any by turns, each after a garbage
// collection that is not timed, and reports the throughput of both in their best rounds
// (the others tell of what else the machine did), how many times as fast ours is, and its
// allocations in percent of the other's.
func besideAny(b *testing.B, data []byte, ours func()) {
	theirs := func() {
		var v map[string]any
		if err := json.Unmarshal(data, &v); err != nil {
			b.Fatal(err)
		}
	}
	timed := func(f func()) time.Duration {
		runtime.GC()
		start := time.Now()
		f()
		return time.Since(start)
	}
	own, other := timed(ours), timed(theirs)
	for b.Loop() {
		own = min(own, timed(ours))
		other = min(other, timed(theirs))
	}
	megabytes := float64(len(data)) / 1e6
	b.ReportMetric(0, "ns/op") // of both together, it would say nothing
	b.ReportMetric(megabytes/own.Seconds(), "gpc-MB/s")
	b.ReportMetric(megabytes/other.Seconds(), "any-MB/s")
	b.ReportMetric(other.Seconds()/own.Seconds(), "times-any")
	b.ReportMetric(100*testing.AllocsPerRun(1, ours)/testing.AllocsPerRun(1, theirs), "%-of-allocs")
}

// The bytes and all that is made to index them, by place and by reference, stay within 1.4 times
// the bytes. What was allocated at all is counted, which is never less than the peak.
func TestTheIndexIsSmallBesideTheBytes(t *testing.T) {
	for _, size := range sizes {
		data := largeBundle(t, size.bytes)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b, err := ParseBundle(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		b.Duplicates() // makes what Resolve needs
		runtime.ReadMemStats(&after)
		made := after.TotalAlloc - before.TotalAlloc
		if got := 1 + float64(made)/float64(len(data)); got > 1.4 {
			t.Errorf("%s: got %.2f times the bytes, want at most 1.4", size.name, got)
		} else {
			t.Logf("%s: %.3f times the bytes for %d entries", size.name, got, b.Len())
		}
	}
}
