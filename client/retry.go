package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// sendRead makes the attempts of a read: up to the configured number, with
// full jitter between them, each with a trace id and a token of its own.
func (c *Client) sendRead(ctx context.Context, k *call) (*http.Response, error) {
	c.budgets.earn(k.endpoint.ASID)
	ctx = context.WithValue(ctx, callKey{}, k)
	resp, err := c.door.RoundTrip(new(http.Request).WithContext(ctx)) // the door looks at nothing else
	if err == nil && k.verdict == nil {
		return resp, nil // as most do: a retrying client is made for the others alone
	}
	first := &knocked{door: c.door, resp: resp, err: err}
	retrying := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: first, CheckRedirect: refuseRedirects},
		RetryMax:     c.config.Retry.Attempts - 1,
		CheckRetry:   k.mayRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return k.wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, k.row.Method, c.proxy, nil)
	if err != nil {
		return nil, err
	}
	return retrying.Do(req)
}

// knocked is the door after an attempt: the first request that comes to it gets
// that one's outcome.
type knocked struct {
	door http.RoundTripper
	resp *http.Response
	err  error
	told bool
}

// RoundTrip is the door's but for the first time.
func (d *knocked) RoundTrip(req *http.Request) (*http.Response, error) {
	if d.told {
		return d.door.RoundTrip(req)
	}
	d.told = true
	return d.resp, d.err
}

// sendWrite makes the one attempt of a write.
func (c *Client) sendWrite(caller context.Context, k *call) (*http.Response, error) {
	ctx, end := k.write.detach(caller, c.config.Settling)
	defer end()
	req, err := http.NewRequestWithContext(context.WithValue(ctx, callKey{}, k), k.row.Method, c.proxy, http.NoBody)
	if err != nil {
		return nil, err
	}
	return c.door.RoundTrip(req)
}

func refuseRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// mayRetry asks the verdict on the latest attempt, and whether what is left of
// time and budget allows another; the library's own policy looks at neither
// the method nor the outcome.
func (k *call) mayRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	switch {
	case k.verdict == nil, k.attempt >= k.client.config.Retry.Attempts:
		return false, nil
	case k.verdict.Layer == LayerSelf, errors.Is(k.verdict, ErrCertificate), !k.verdict.Temporary():
		return false, nil
	case ctx.Err() != nil:
		k.again = true // but for the caller's end
		return false, nil
	}
	k.wait = rand.N(k.client.config.Retry.Wait<<(k.attempt-1) + 1)
	k.wait = max(k.wait, k.verdict.RetryAfter)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= k.wait {
		return false, nil // there would be no time left to send in
	}
	k.again = k.client.budgets.spend(k.endpoint.ASID)
	return k.again, nil
}

// askedToWait reads how long the other side wants to be left alone:
// Retry-After in seconds or as a date, X-Rate-Limit-Reset in seconds or as the
// time when the count begins anew.
func askedToWait(h http.Header, now time.Time) (time.Duration, bool) {
	if after := h.Get("Retry-After"); after != "" {
		if seconds, err := strconv.ParseUint(after, 10, 31); err == nil {
			return time.Duration(seconds) * time.Second, true
		}
		if date, err := http.ParseTime(after); err == nil {
			return max(0, date.Sub(now)), true
		}
	}
	if h.Get("X-Rate-Limit-Remaining") != "0" {
		return 0, false
	}
	reset, err := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64)
	switch {
	case err != nil || reset < 0:
		return 0, false
	case reset > 1e9: // seconds since 1970
		return max(0, time.Unix(reset, 0).Sub(now)), true
	}
	return time.Duration(reset) * time.Second, true
}

// A call earns this much of a retry, and a provider has this many to begin
// with, so that a provider in trouble is not asked much more than one that is
// well: at half of all calls failing, fewer than 1.1 attempts a call.
const (
	earned  = 0.09
	savings = 3
)

// budgets are how many retries each provider may still be sent, by its ASID.
type budgets struct {
	mu   sync.Mutex
	left map[string]float64
}

func (b *budgets) earn(asid string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == nil {
		b.left = map[string]float64{}
	}
	left, known := b.left[asid]
	if !known {
		left = savings
	}
	b.left[asid] = min(savings, left+earned)
}

func (b *budgets) spend(asid string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left[asid] < 1 {
		return false
	}
	b.left[asid]--
	return true
}
