package sandbox

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A throttle counts what each sender asks of the proxy within a second of the clock. The
// zero value lets everything pass.
type throttle struct {
	limit int // requests a second and sender; 0 is none

	mu     sync.Mutex
	second int64
	spent  map[string]int
}

// mostSenders bounds a second's count: who comes after so many others is let through uncounted.
const mostSenders = 10_000

// pass counts a request, says in the answer's headers what is left of the second, and
// refuses what is too much.
func (t *throttle) pass(r *http.Request, answered http.Header, now time.Time) *proxyError {
	if t.limit <= 0 {
		return nil
	}
	left := t.limit - t.count(r.Header.Get("Ssp-From"), now.Unix())
	answered.Set("X-Rate-Limit-Limit", strconv.Itoa(t.limit))
	answered.Set("X-Rate-Limit-Remaining", strconv.Itoa(max(left, 0)))
	answered.Set("X-Rate-Limit-Reset", "1")
	if left >= 0 {
		return nil
	}
	answered.Set("Retry-After", "1")
	return &proxyError{status: http.StatusTooManyRequests, issue: "throttled", message: "TOO_MANY_REQUESTS"}
}

func (t *throttle) count(sender string, second int64) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.spent == nil || t.second != second {
		t.second, t.spent = second, map[string]int{}
	}
	if _, known := t.spent[sender]; known || len(t.spent) < mostSenders {
		t.spent[sender]++
	}
	return t.spent[sender]
}
