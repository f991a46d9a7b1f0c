package sandbox

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkRecord is a whole record over loopback, client and sandbox on the same cores.
func BenchmarkRecord(b *testing.B) {
	s := run(b, Config{Plain: true})
	a := recordOf(b, s, "A12345", "9000000009", everything)
	authorization := a.encode(segment(b, a.token), segment(b, a.claims))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust(b, s), MaxIdleConnsPerHost: 64, DisableCompression: true}}
	defer client.CloseIdleConnections()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequest(a.method, a.proxy+"/"+a.address+a.path, strings.NewReader(a.body))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header = a.header.Clone()
			req.Header.Set("Authorization", authorization)
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != 200 {
				b.Errorf("got %d and %v", resp.StatusCode, err)
			}
			b.SetBytes(n)
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	s := run(b, Config{Plain: true})
	c := dial(b, s)
	for b.Loop() {
		find(b, c, "(&(nhsIDCode=A12345)(objectClass=nhsMhs)(nhsMhsSvcIA="+structuredRecord+"))", "nhsMhsEndPoint", "nhsMhsPartyKey")
	}
}

// BenchmarkSlots is two weeks of a practice's free slots over loopback.
func BenchmarkSlots(b *testing.B) {
	s := run(b, Config{Plain: true})
	c := from(b, s, "B82617")
	q := slotSearch(days(s, 1), days(s, 14))
	for b.Loop() {
		b.StopTimer()
		a := c.attempt("fhir:rest:search:slot-1", "/Slot?"+q.Encode(), nil)
		b.StartTimer()
		if r := a.send(b, s); r.status != 200 {
			b.Fatalf("got %d", r.status)
		}
	}
}
