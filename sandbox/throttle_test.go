package sandbox

import (
	"sync"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	s := run(t, Config{Throttle: 3, Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	ask := func(sender string) reply {
		a := metadata(t, s)
		a.header["Ssp-From"] = []string{sender}
		return a.send(t, s)
	}
	for i, want := range []int{200, 200, 200, 429, 429} {
		r := ask("200000000359")
		if r.status != want {
			t.Errorf("request %d: got %d, want %d", i+1, r.status, want)
		}
		if got := r.header.Get("X-Rate-Limit-Remaining"); r.header.Get("X-Rate-Limit-Limit") != "3" || got != []string{"2", "1", "0", "0", "0"}[i] || r.header.Get("X-Rate-Limit-Reset") != "1" {
			t.Errorf("request %d: got X-Rate-Limit-Remaining %q", i+1, got)
		}
		if got := r.header.Get("Retry-After"); (got == "1") != (want == 429) {
			t.Errorf("request %d: got Retry-After %q", i+1, got)
		}
		if want == 429 {
			if code, _ := r.outcome(t); code != "TOO_MANY_REQUESTS" {
				t.Errorf("got %s", code)
			}
			if q := last(t, s, "proxy"); q.Rule != "TOO_MANY_REQUESTS" {
				t.Errorf("history: got rule %q", q.Rule)
			}
		}
	}
	if r := ask("200000000367"); r.status == 429 {
		t.Error("another sender: got 429")
	}
	mu.Lock()
	now = now.Add(time.Second)
	mu.Unlock()
	if r := ask("200000000359"); r.status != 200 {
		t.Errorf("a second later: got %d, want 200", r.status)
	}
	free := run(t, Config{})
	if r := metadata(t, free).send(t, free); r.header.Get("X-Rate-Limit-Limit") != "" {
		t.Error("without a throttle: got its headers")
	}
}

func TestThrottleIsBounded(t *testing.T) {
	th := &throttle{limit: 1}
	for range mostSenders + 100 {
		th.count(newUUID(), 1)
	}
	if len(th.spent) > mostSenders {
		t.Errorf("got %d senders remembered, want %d at most", len(th.spent), mostSenders)
	}
}
