package sdslookup

import (
	"sync"
	"testing"
	"time"
)

func TestCacheHitAllocatesNothing(t *testing.T) {
	c := newCache(t, newMoody(), Policy{TTL: time.Hour})
	ctx := brief(t)
	if n := testing.AllocsPerRun(100, func() { c.Endpoint(ctx, "A12345", slotSearch) }); n != 0 {
		t.Errorf("got %v allocations", n)
	}
}

// BenchmarkCacheHit puts an answer from memory beside a bare map read under an RWMutex, and beside one that
// looks at the clock, which an age needs: reading the clock takes longer than reading the map. An
// encounter's memory has no age; client.BenchmarkRemembered measures it.
func BenchmarkCacheHit(b *testing.B) {
	c := newCache(b, newMoody(), Policy{TTL: time.Hour})
	var mu sync.RWMutex
	bare := map[Key]Endpoint{{"", "A12345", slotSearch, 1}: practiceEndpoint("A12345")}
	ctx := b.Context()
	if _, err := c.Endpoint(ctx, "A12345", slotSearch); err != nil {
		b.Fatal(err)
	}
	remembered := func() error { _, err := c.Endpoint(ctx, "A12345", slotSearch); return err }
	read := func() error {
		mu.RLock()
		ep := bare[Key{"", "A12345", slotSearch, 1}]
		mu.RUnlock()
		if ep.ASID == "" {
			return ErrNotFound
		}
		return nil
	}
	var late time.Time
	timed := func() error { late = time.Now(); return read() }
	const batch = 1000 // a single read is too short to be timed
	best := turns(b, batch, remembered, read, timed)
	b.ReportMetric(float64(best[0].Nanoseconds())/batch, "ns/lookup")
	b.ReportMetric(float64(best[0])/float64(best[1]), "x-map")
	b.ReportMetric(float64(best[0])/float64(best[2]), "x-map-and-clock")
	_ = late
}
