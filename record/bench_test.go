package record

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// The largest of the published records, each from bytes to record and, by turns with it, by
// encoding/json into any: throughput of both in their best rounds, how many times as fast
// ours is, and its allocations in percent of the other's.
func BenchmarkRead(b *testing.B) {
	for name, data := range corpus(b, "structured/*.json") {
		if len(data) < 200_000 {
			continue
		}
		b.Run(name, func(b *testing.B) {
			read := whole(b, data)
			besideAny(b, data, func() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// whole is how a caller reads an answer: checked, for the patient in it. Some of the published
// records cannot be had so, as their patient's number is no NHS number or they name a
// patient who is not in them; they are viewed, which does the same work.
func whole(t testing.TB, data []byte) func() error {
	bundle := parse(t, data)
	var n fhir.NHSNumber
	for r := range bundle.OfType("Patient") {
		if p, err := fhir.As[fhir.Patient](r); err == nil {
			n, _ = p.NHSNumber()
		}
	}
	read := func(b *fhir.Bundle) error { _, err := Read(b, n, Full()); return err }
	if read(bundle) != nil {
		read = func(b *fhir.Bundle) error { _, err := View(b); return err }
	}
	return func() error {
		b, err := fhir.ParseBundle(data, fhir.Limits{})
		if err != nil {
			return err
		}
		return read(b)
	}
}

// besideAny runs ours and encoding/json into any by turns, each after a garbage collection
// that is not timed. The best round of each counts: the others tell of what else the
// machine did.
func besideAny(b *testing.B, data []byte, ours func()) {
	theirs := func() {
		var v any
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
