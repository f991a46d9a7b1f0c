package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// sendRead makes the attempts of a read: up to the configured number, with
// full jitter between them, each with a trace id and a token of its own.
func (c *Client) sendRead(ctx context.Context, k *call) (*http.Response, error) {
	retrying := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: c.door, CheckRedirect: refuseRedirects},
		RetryMax:     c.config.Retry.Attempts - 1,
		RetryWaitMax: c.config.Retry.Wait,
		CheckRetry:   k.mayRetry,
		Backoff:      fullJitter,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	req, err := retryablehttp.NewRequestWithContext(context.WithValue(ctx, callKey{}, k), k.row.Method, c.proxy, nil)
	if err != nil {
		return nil, err
	}
	return retrying.Do(req)
}

// sendWrite makes the one attempt of a write.
func (c *Client) sendWrite(ctx context.Context, k *call) (*http.Response, error) {
	req, err := http.NewRequestWithContext(context.WithValue(ctx, callKey{}, k), k.row.Method, c.proxy, http.NoBody)
	if err != nil {
		return nil, err
	}
	return c.door.RoundTrip(req)
}

func refuseRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// mayRetry asks the verdict on the latest attempt; the library's own policy
// looks at neither the method nor the outcome.
func (k *call) mayRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	if ctx.Err() != nil || k.verdict == nil {
		return false, nil
	}
	if errors.Is(k.verdict, ErrCertificate) || k.verdict.Layer == LayerSelf {
		return false, nil
	}
	return k.verdict.Temporary(), nil
}

// fullJitter waits anything from nothing to twice the last ceiling. The
// library's minimum is not used.
func fullJitter(_, most time.Duration, attempt int, _ *http.Response) time.Duration {
	return rand.N(most<<attempt + 1)
}
