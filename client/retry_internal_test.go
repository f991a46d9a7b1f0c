package client

import (
	"net/http"
	"testing"
	"time"
)

func TestAskedToWait(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		header http.Header
		want   time.Duration
		ok     bool
	}{
		{http.Header{}, 0, false},
		{http.Header{"Retry-After": {"5"}}, 5 * time.Second, true},
		{http.Header{"Retry-After": {"0"}}, 0, true},
		{http.Header{"Retry-After": {"Fri, 20 Nov 2026 09:00:30 GMT"}}, 30 * time.Second, true},
		{http.Header{"Retry-After": {"Fri, 20 Nov 2026 08:00:00 GMT"}}, 0, true},
		{http.Header{"Retry-After": {"soon"}}, 0, false},
		{http.Header{"Retry-After": {"-5"}}, 0, false},
		{http.Header{"Retry-After": {"99999999999999999999"}}, 0, false},
		{http.Header{"X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {"7"}}, 7 * time.Second, true},
		{http.Header{"X-Rate-Limit-Remaining": {"3"}, "X-Rate-Limit-Reset": {"7"}}, 0, false},
		{http.Header{"X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {"1795165230"}}, time.Unix(1795165230, 0).Sub(now), true},
		{http.Header{"X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {"-1"}}, 0, false},
	} {
		got, ok := askedToWait(test.header, now)
		if got != test.want || ok != test.ok {
			t.Errorf("%v: got %v, %v, want %v, %v", test.header, got, ok, test.want, test.ok)
		}
	}
}

// TestBudget: where half of all attempts fail, calls make fewer than 1.1
// attempts each, and a single call still has both of its retries.
func TestBudget(t *testing.T) {
	var b budgets
	attempts, calls := 0, 1000
	for i := range calls {
		b.earn("one")
		attempts++
		for try := 0; try < 2 && (i+try)%2 == 0 && b.spend("one"); try++ {
			attempts++
		}
	}
	if got := float64(attempts) / float64(calls); got > 1.1 {
		t.Errorf("got %.3f attempts a call, want at most 1.1", got)
	}
	b.earn("other")
	for range 2 {
		if !b.spend("other") {
			t.Error("a provider that nothing is known of has not both retries")
		}
	}
}
