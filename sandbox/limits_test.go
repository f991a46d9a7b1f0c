package sandbox

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRequestsThatAreTooLarge(t *testing.T) {
	s := run(t, Config{})
	a := recordOf(t, s, "A12345", "9000000009", everything)
	a.body = strings.Repeat(" ", maxBody+1)
	r, err := a.try(t, s)
	if err == nil && r.status != 413 {
		t.Errorf("body: got %d, want 413 or an ended connection", r.status)
	}
	a = metadata(t, s)
	a.header["X-Long"] = []string{strings.Repeat("x", 200<<10)}
	if r, err := a.try(t, s); err == nil && r.status != 431 {
		t.Errorf("header: got %d, want 431 or an ended connection", r.status)
	}
}

// TestLargeBodiesTakePlaces: only so many may be in memory at once; small ones always pass.
func TestLargeBodiesTakePlaces(t *testing.T) {
	s := run(t, Config{Provider: "127.0.0.1:0"})
	large := recordOf(t, s, "B82617", "9000000130", everything)
	large.body = large.body[:len(large.body)-1] + strings.Repeat(" ", 2*smallBody) + "}"
	for range places {
		s.places <- struct{}{}
	}
	if r := large.send(t, s); r.status != 503 || r.header.Get("Retry-After") == "" {
		t.Errorf("with all places taken: got %d, want 503 with Retry-After", r.status)
	}
	if r := directly(t, s, large, s.ProviderURL(), nil); r.status != 503 {
		t.Errorf("the provider, with all places taken: got %d, want 503", r.status)
	}
	if r := newApplication(t, s).askToken(url.Values{"client_assertion": {strings.Repeat("x", 2*smallBody)}}); r.status != 503 {
		t.Errorf("the token endpoint, with all places taken: got %d, want 503", r.status)
	}
	if r := recordOf(t, s, "A12345", "9000000009", everything).send(t, s); r.status != 200 {
		t.Errorf("a small body meanwhile: got %d, want 200", r.status)
	}
	for range places {
		<-s.places
	}
	large.header["Ssp-TraceID"] = []string{newUUID()}
	for range 2 * places { // each gives its place back
		if r := large.send(t, s); r.status != 404 {
			t.Fatalf("with places free: got %d, want the practice's 404", r.status)
		}
		large.header["Ssp-TraceID"] = []string{newUUID()}
	}
	waitFor(t, func() bool { return len(s.places) == 0 })
}

// TestHistoryIsBounded: in number and in octets; the latest requests are those that stay.
func TestHistoryIsBounded(t *testing.T) {
	h := &history{now: time.Now}
	for range remembered + 10 {
		h.arrive(Request{Where: "ldap", Line: "x"})
	}
	if all := h.all(); len(all) != remembered || all[0].Seq != 11 {
		t.Errorf("small ones: got %d from %d, want %d from 11", len(all), all[0].Seq, remembered)
	}
	for range 100 {
		h.arrive(Request{Where: "proxy", Body: make([]byte, maxBody)})
	}
	all := h.all()
	if len(all) > rememberedOctets/maxBody || len(all) < rememberedOctets/maxBody-1 || all[len(all)-1].Seq != remembered+110 {
		t.Errorf("large ones: got %d to %d, want as many as fit", len(all), all[len(all)-1].Seq)
	}
	h.arrive(Request{Where: "proxy", Body: make([]byte, 2*rememberedOctets)})
	if got := len(h.all()); got != 1 {
		t.Errorf("one that is larger than all may be: got %d, want it alone", got)
	}
	if h.clear(); len(h.all()) != 0 || h.octets != 0 {
		t.Errorf("after clear: got %d requests of %d octets", len(h.all()), h.octets)
	}
}
