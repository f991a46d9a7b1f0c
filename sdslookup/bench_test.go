package sdslookup

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// The benchmarks put two ways of asking the same real directory beside each other, turn by turn in one run,
// so that what disturbs one disturbs the other; the ratio is what they report.

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

// turns times the two by turns, each lookups at a turn, and reports how many times as fast as theirs ours is.
func turns(b *testing.B, unit string, each int, ours, theirs func(i int) error) {
	b.Helper()
	var spent [2]time.Duration
	for i := 0; b.Loop(); i++ {
		for k := range 2 {
			which := (i + k) % 2 // neither is always first
			began := time.Now()
			if err := []func(int) error{ours, theirs}[which](i); err != nil {
				b.Fatal(err)
			}
			spent[which] += time.Since(began)
		}
	}
	b.ReportMetric(float64(spent[1])/float64(spent[0]), unit)
	b.ReportMetric(float64(spent[0].Nanoseconds())/float64(b.N*each), "ns/lookup")
	b.ReportMetric(0, "ns/op") // means nothing here
}

// BenchmarkKeptConnection: wanted ≥ 0.9 times raw go-ldap on one connection.
func BenchmarkKeptConnection(b *testing.B) {
	s := realDirectory(b)
	d, raw := s.directory(b), s.dialRaw(b)
	defer raw.Close()
	turns(b, "x-raw", 1,
		func(i int) error { _, err := d.Endpoint(b.Context(), benchCode(i), structured); return err },
		func(i int) error { return rawLookup(raw, benchCode(i)) })
}

// BenchmarkDialEachTime: wanted ≥ 8 times a lookup that dials. Ten at a turn, since a server is busy for a
// while with a connection that has ended.
func BenchmarkDialEachTime(b *testing.B) {
	s := realDirectory(b)
	d := s.directory(b)
	turns(b, "x-dialling", 10,
		func(int) error {
			return together(1, 10, func(i int) error {
				_, err := d.Endpoint(b.Context(), benchCode(i), structured)
				return err
			})
		},
		func(int) error {
			return together(1, 10, func(i int) error {
				raw := s.dialRaw(b)
				defer raw.Close()
				return rawLookup(raw, benchCode(i))
			})
		})
}

// BenchmarkSixteenCallers: at 20 ms round trip, 16 callers; wanted ≥ 12 times serial.
func BenchmarkSixteenCallers(b *testing.B) {
	s := realDirectory(b)
	far := newRelay(b, s.url, 10*time.Millisecond)
	d := s.directory(b, func(c *LDAPConfig) { c.Servers = []string{far.url()} })
	lookup := func(i int) error { _, err := d.Endpoint(b.Context(), benchCode(i), structured); return err }
	if err := lookup(0); err != nil {
		b.Fatal(err)
	}
	turns(b, "x-serial", 64,
		func(i int) error { return together(16, 64, lookup) },
		func(i int) error { return together(1, 64, lookup) })
}

// BenchmarkManyCallers has no delay: 16 callers of ours beside 16 callers of one raw connection.
func BenchmarkManyCallers(b *testing.B) {
	s := realDirectory(b)
	d, raw := s.directory(b), s.dialRaw(b)
	defer raw.Close()
	turns(b, "x-raw", 256,
		func(i int) error {
			return together(16, 256, func(i int) error {
				_, err := d.Endpoint(context.Background(), benchCode(i), structured)
				return err
			})
		},
		func(i int) error {
			return together(16, 256, func(i int) error { return rawLookup(raw, benchCode(i)) })
		})
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
