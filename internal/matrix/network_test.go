//go:build unix

package matrix

import (
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// TestNetwork spoils the connection to the proxy, and the proxy's to the
// practice.
func TestNetwork(t *testing.T) {
	_, pki := tools(t)
	server, at := direct(t)
	nginx := startNginx(t, pki, nil)
	_, rest, _ := strings.Cut(server.ProviderURL(), "//")
	provider, _, _ := strings.Cut(rest, "/")
	unreachable := client.ErrProviderUnreachable
	for _, test := range []struct {
		name   string
		behind bool // between proxy and practice
		fault  fault
		p      patience
		want   want
	}{
		{"nothing", false, fault{}, ample, want{reads: 1, writes: 1}},
		{"100 ms each way", false, fault{delay: 100 * time.Millisecond}, ample, want{reads: 1, writes: 1}},
		{"32 kB/s", false, fault{rate: 32 << 10}, ample, want{reads: 1, writes: 1}},
		{"reset at once", false, fault{refuse: true}, ample, want{client.ErrNoAnswer, client.ErrNoAnswer, 0, 0}},
		{"reset before the request", false, fault{before: true}, ample, want{client.ErrNoAnswer, client.ErrNoAnswer, 0, 0}},
		{"reset after the request", false, fault{after: true}, ample, want{client.ErrNoAnswer, client.ErrNoAnswer, 3, 1}},
		{"answer cut in the middle", false, fault{cut: 300}, ample, want{client.ErrNoAnswer, client.ErrNoAnswer, 3, 1}},
		{"a byte of the answer changed", false, fault{flip: true}, ample, want{client.ErrNoAnswer, client.ErrNoAnswer, 3, 1}},
		{"no answer", false, fault{hold: true}, brief, want{client.ErrNoAnswer, client.ErrNoAnswer, 3, 1}},
		{"an answer that drips", false, fault{drip: 50 * time.Millisecond}, brief, want{client.ErrNoAnswer, client.ErrNoAnswer, 3, 1}},
		{"practice: 100 ms each way", true, fault{delay: 100 * time.Millisecond}, ample, want{reads: 1, writes: 1}},
		{"practice: 32 kB/s", true, fault{rate: 32 << 10}, ample, want{reads: 1, writes: 1}},
		{"practice: reset at once", true, fault{refuse: true}, ample, want{unreachable, unreachable, 0, 0}},
		{"practice: reset before the request", true, fault{before: true}, ample, want{unreachable, unreachable, 0, 0}},
		{"practice: reset after the request", true, fault{after: true}, ample, want{unreachable, unreachable, 3, 1}},
		{"practice: answer cut in the head", true, fault{cut: 20}, ample, want{unreachable, unreachable, 3, 1}},
		{"practice: answer cut in the middle", true, fault{cut: 450}, ample, want{client.ErrNoAnswer, client.ErrNoAnswer, 3, 1}},
		{"practice: no answer", true, fault{hold: true}, brief, want{client.ErrNoAnswer, client.ErrNoAnswer, 3, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy, at := nginx.url(), at
			if test.behind {
				r := newRelay(t, provider, false, test.fault)
				at.Address = strings.Replace(at.Address, provider, r.Addr().String(), 1)
			} else {
				proxy = "https://" + newRelay(t, nginx.address, true, test.fault).Addr().String()
			}
			gets, posts := arrived(server, "provider", "GET"), arrived(server, "provider", "POST")
			config := credentials(t, pki, "client", "ca")
			read, readErr := call(t, proxy, config, at, test.p, false)
			write, writeErr := call(t, proxy, config, at, test.p, true)
			test.want.hold(t, test.name, test.p, readErr, writeErr, [2]time.Duration{read, write},
				arrived(server, "provider", "GET")-gets, arrived(server, "provider", "POST")-posts)
		})
	}
}

// TestTooManyRequests: what nginx turns away for its number does not reach the
// practice, and a write is not tried again.
func TestTooManyRequests(t *testing.T) {
	_, pki := tools(t)
	server, at := direct(t)
	nginx := startNginx(t, pki, func(script string) string { return strings.Replace(script, "r/s;", "r/m;", 1) }, "RATE=1", "BURST=1")
	config := credentials(t, pki, "client", "ca")
	for range 2 {
		if _, err := call(t, nginx.url(), config, at, ample, false); err != nil {
			t.Fatalf("the first two of a minute: got %v", err)
		}
	}
	read, readErr := call(t, nginx.url(), config, at, ample, false)
	write, writeErr := call(t, nginx.url(), config, at, ample, true)
	want{read: client.ErrThrottled, write: client.ErrThrottled}.hold(t, "too many requests", ample, readErr, writeErr,
		[2]time.Duration{read, write}, arrived(server, "provider", "GET")-2, arrived(server, "provider", "POST"))
}
