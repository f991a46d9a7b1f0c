package audit

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// callers shares n calls of f among so many goroutines and tells how long it
// took.
func callers(count, n int, f func()) time.Duration {
	var all sync.WaitGroup
	var taken atomic.Int64
	from := time.Now()
	for range count {
		all.Go(func() {
			for taken.Add(1) <= int64(n) {
				f()
			}
		})
	}
	all.Wait()
	return time.Since(from)
}

func beginEnd(b *testing.B, j *Journal) func() {
	e := attempt("5cbbaeb1-39ad-4c4e-8a1f-3a2f4ad7e4f5")
	e.Patient = number(b, "9000000009")
	return func() {
		if err := j.Begin(bare(), e); err != nil {
			b.Error(err)
		}
		j.End(bare(), e)
	}
}

// BenchmarkCall is a Begin and an End.
func BenchmarkCall(b *testing.B) {
	for _, bench := range []struct {
		name  string
		count int
	}{{"1 caller", 1}, {"64 callers", 64}} {
		b.Run(bench.name, func(b *testing.B) {
			j := openAt(b, newPath(b))
			b.ReportAllocs()
			b.ResetTimer()
			callers(bench.count, b.N, beginEnd(b, j))
			b.StopTimer()
			closed(b, j)
		})
	}
}

// BenchmarkAgainstSyncEach holds 64 callers of a Journal against a file that
// is synced after each record: x is how many times as many records a second.
func BenchmarkAgainstSyncEach(b *testing.B) {
	record := make([]byte, 700)
	f, err := os.Create(newPath(b))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var mu sync.Mutex
	alone := callers(64, b.N, func() {
		mu.Lock()
		defer mu.Unlock()
		if _, err := f.Write(record); err != nil {
			b.Error(err)
		}
		if err := f.Sync(); err != nil {
			b.Error(err)
		}
	})
	j := openAt(b, newPath(b))
	e := attempt("5cbbaeb1-39ad-4c4e-8a1f-3a2f4ad7e4f5")
	e.Patient = number(b, "9000000009")
	together := callers(64, b.N, func() {
		if err := j.Begin(bare(), e); err != nil {
			b.Error(err)
		}
	})
	closed(b, j)
	b.ReportMetric(float64(alone)/float64(together), "x")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkVerify is a journal of 20,000 lines.
func BenchmarkVerify(b *testing.B) {
	path := newPath(b)
	j := openAt(b, path)
	callers(64, 10_000, beginEnd(b, j))
	closed(b, j)
	b.SetBytes(int64(len(content(b, path))))
	for b.Loop() {
		if _, err := VerifyFile(path); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is the opening of the same journal, as each run of a command
// does it.
func BenchmarkOpen(b *testing.B) {
	path := newPath(b)
	j := openAt(b, path)
	callers(64, 10_000, beginEnd(b, j))
	closed(b, j)
	for b.Loop() {
		closed(b, openAt(b, path))
	}
}
