package pds_test

import (
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/pds"
)

// TestRateOverAMinute: a busy minute as PDS counts it, retries included, and all
// askers together.
func TestRateOverAMinute(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(n int, _ seen) reply {
		if n%10 == 0 {
			return reply{503, map[string]string{"Retry-After": "1"}, outcome("SERVICE_UNAVAILABLE")}
		}
		return reply{200, nil, patient()}
	})
	client := newClient(t, p, c)
	other, err := client.As(pds.Asking{Organisation: "A20047"})
	if err != nil {
		t.Fatal(err)
	}
	n := number(t, digits)
	for i := 0; c.Now().Before(noon.Add(time.Minute)); i++ {
		if _, err := []*pds.Client{client, other}[i%2].Patient(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	requests := p.requests()
	if len(requests) < 200 {
		t.Fatalf("got %d requests in a minute, want at least 200", len(requests))
	}
	for i := range requests {
		if i >= 5 && requests[i].at.Sub(requests[i-5].at) < time.Second {
			t.Fatalf("requests %d to %d came within a second", i-5, i)
		}
	}
}

// TestRateIsSettable: an application with a higher limit may use it.
func TestRateIsSettable(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient()} })
	client := newClient(t, p, c, func(config *pds.Config) { config.PerSecond = 50 })
	for range 51 {
		if _, err := client.Patient(t.Context(), number(t, digits)); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Now().Sub(noon); got != time.Second {
		t.Errorf("51 requests took %v, want 1s", got)
	}
}
