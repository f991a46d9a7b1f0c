package sdslookup

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// The benchmarks put two ways of asking the same real directory beside each other, turn by turn in one run,
// and report how many times as fast ours is, by the best turn of each: a machine that others use makes turns
// longer, never shorter.

func benchCode(i int) string { return fmt.Sprintf("A80%03d", 1+i%300) }

// rawLookup is the lookup by hand, with the library alone.
func rawLookup(c *ldap.Conn, ods string) error {
	mhs, err := c.Search(rawRequest("(&(nhsIDCode="+ods+")(objectClass=nhsMhs)(nhsMhsSvcIA="+string(structured)+"))", "nhsMhsEndPoint", "nhsMhsPartyKey"))
	if err != nil {
		return err
	}
	key := mhs.Entries[0].GetEqualFoldAttributeValue("nhsMhsPartyKey")
	as, err := c.Search(rawRequest("(&(nhsIDCode="+ods+")(objectClass=nhsAs)(nhsMHSPartyKey="+key+"))", "uniqueIdentifier"))
	if err != nil || as.Entries[0].GetEqualFoldAttributeValue("uniqueIdentifier") == "" {
		return fmt.Errorf("no ASID: %w", err)
	}
	return nil
}

func rawRequest(filter string, attributes ...string) *ldap.SearchRequest {
	return ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 50, 3, false, filter, attributes, nil)
}

func (s slapd) dialRaw(b *testing.B) *ldap.Conn {
	b.Helper()
	c, err := ldap.DialURL(s.url, ldap.DialWithTLSConfig(s.client(b, "client")))
	if err != nil {
		b.Fatal(err)
	}
	c.SetTimeout(3 * time.Second)
	return c
}

// turns has each way do so many lookups at a turn, and gives the best turn of each.
func turns(b *testing.B, each int, ways ...func() error) []time.Duration {
	b.Helper()
	best := make([]time.Duration, len(ways))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for k := range ways {
			which := (i + k) % len(ways) // none is always first
			began := time.Now()
			for range each {
				if err := ways[which](); err != nil {
					b.Fatal(err)
				}
			}
			if took := time.Since(began); best[which] == 0 || took < best[which] {
				best[which] = took
			}
		}
	}
	b.ReportMetric(0, "ns/op") // of all ways together, which means nothing
	return best
}

// compare reports how many times as fast as theirs ours is. Each makes lookups, n of them, from so many
// callers at once.
func compare(b *testing.B, unit string, n, callers int, ours, theirs func(i int) error) {
	b.Helper()
	best := turns(b, 1,
		func() error { return together(callers, n, ours) },
		func() error { return together(callers, n, theirs) })
	b.ReportMetric(float64(best[0].Microseconds())/float64(n), "µs/lookup")
	b.ReportMetric(float64(best[1])/float64(best[0]), unit)
}

// BenchmarkKeptConnection: wanted ≥ 0.9 times raw go-ldap on one connection.
func BenchmarkKeptConnection(b *testing.B) {
	s := realDirectory(b)
	d, raw := s.directory(b), s.dialRaw(b)
	defer raw.Close()
	compare(b, "x-raw", 50, 1, d.bench(b), func(i int) error { return rawLookup(raw, benchCode(i)) })
}

// BenchmarkDialEachTime: wanted ≥ 8 times a lookup that dials. Ten at a turn, since a server is busy for a
// while with a connection that has ended.
func BenchmarkDialEachTime(b *testing.B) {
	s := realDirectory(b)
	compare(b, "x-dialling", 10, 1, s.directory(b).bench(b), func(i int) error {
		raw := s.dialRaw(b)
		defer raw.Close()
		return rawLookup(raw, benchCode(i))
	})
}

// BenchmarkManyCallers has 16 callers of ours beside 16 callers of one raw connection.
func BenchmarkManyCallers(b *testing.B) {
	s := realDirectory(b)
	d, raw := s.directory(b), s.dialRaw(b)
	defer raw.Close()
	compare(b, "x-raw", 256, 16, d.bench(b), func(i int) error { return rawLookup(raw, benchCode(i)) })
}

// BenchmarkSixteenCallers: at 20 ms round trip, 16 callers; wanted ≥ 12 times serial.
func BenchmarkSixteenCallers(b *testing.B) {
	s := realDirectory(b)
	far := newRelay(b, s.url, 10*time.Millisecond)
	lookup := s.directory(b, func(c *LDAPConfig) { c.Servers = []string{far.url()} }).bench(b)
	best := turns(b, 1,
		func() error { return together(16, 64, lookup) },
		func() error { return together(1, 16, lookup) })
	b.ReportMetric(4*float64(best[1])/float64(best[0]), "x-serial")
}

// bench asks for one practice after the other, once the connection is made.
func (d *LDAP) bench(b *testing.B) func(i int) error {
	b.Helper()
	lookup := func(i int) error { _, err := d.Endpoint(b.Context(), benchCode(i), structured); return err }
	if err := lookup(0); err != nil {
		b.Fatal(err)
	}
	return lookup
}

// together has n callers do the work of total lookups.
func together(n, total int, lookup func(int) error) error {
	var next atomic.Int64
	errs := make(chan error, n)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= total; i = int(next.Add(1)) {
				if err := lookup(i); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}
