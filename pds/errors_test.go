package pds_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/pds"
)

// TestAnswers: each documented error of PDS, what it is called, and how often it is
// tried.
func TestAnswers(t *testing.T) {
	const page = "<html><head><title>404 canary " + digits + "</title></head></html>"
	for _, test := range []struct {
		name   string
		status int
		body   any
		class  error
		code   pds.Code
		tries  int
	}{
		{"not a number", 400, outcome("INVALID_RESOURCE_ID"), pds.ErrInvalid, pds.InvalidResourceID, 1},
		{"no such service", 400, outcome("UNSUPPORTED_SERVICE"), pds.ErrInvalid, pds.UnsupportedService, 1},
		{"missing", 400, outcome("MISSING_VALUE"), pds.ErrInvalid, pds.MissingValue, 1},
		{"invalid", 400, outcome("INVALID_VALUE"), pds.ErrInvalid, pds.InvalidValue, 1},
		{"search data", 400, outcome("INVALID_SEARCH_DATA"), pds.ErrInvalid, pds.InvalidSearchData, 1},
		{"additional", 400, outcome("ADDITIONAL_PROPERTIES"), pds.ErrInvalid, pds.AdditionalProperties, 1},
		{"denied", 401, outcome("ACCESS_DENIED"), pds.ErrAccessDenied, pds.AccessDenied, 1},
		{"forbidden", 403, outcome("ACCESS_DENIED"), pds.ErrAccessDenied, pds.AccessDenied, 1},
		{"forbidden value", 403, outcome("INVALID_VALUE"), pds.ErrAccessDenied, pds.InvalidValue, 1},
		{"forbidden method", 403, outcome("INVALID_METHOD"), pds.ErrAccessDenied, pds.InvalidMethod, 1},
		{"not found", 404, outcome("RESOURCE_NOT_FOUND"), pds.ErrNotFound, pds.ResourceNotFound, 1},
		{"invalidated", 404, outcome("INVALIDATED_RESOURCE"), pds.ErrInvalidated, pds.InvalidatedResource, 1},
		{"nobody's page", 404, page, pds.ErrUnreadable, "", 1},
		{"an outcome of another kind", 404, outcome("UNKNOWN_ERROR"), pds.ErrUnreadable, pds.UnknownError, 1},
		{"called in vain", 408, outcome("UNABLE_TO_CALL_SERVICE"), pds.ErrUnavailable, pds.UnableToCallService, 3},
		{"too many", 429, outcome("TOO_MANY_REQUESTS"), pds.ErrThrottled, pds.TooManyRequests, 3},
		{"too many, not in FHIR", 429, `{"fault":{"faultstring":"canary"}}`, pds.ErrThrottled, "", 3},
		{"unavailable", 503, outcome("SERVICE_UNAVAILABLE"), pds.ErrUnavailable, pds.ServiceUnavailable, 3},
		{"other", 500, outcome("UNKNOWN_ERROR"), pds.ErrUnavailable, pds.UnknownError, 1},
		{"a gateway", 502, page, pds.ErrUnavailable, "", 1},
		{"a gateway in time", 504, "", pds.ErrUnavailable, "", 1},
		{"a code in small letters", 404, outcome("resource not found"), pds.ErrNotFound, pds.ResourceNotFound, 1},
		{"a code that is none", 400, outcome(digits), pds.ErrInvalid, pds.UnknownError, 1},
		{"created", 201, patient(), pds.ErrUnreadable, "", 1},
		{"no content", 204, "", pds.ErrUnreadable, "", 1},
		{"an outcome for a patient", 200, outcome("TOO_MANY_MATCHES"), pds.ErrUnreadable, "", 1},
		{"a page for a patient", 200, page, pds.ErrUnreadable, "", 1},
		{"half a patient", 200, string(toJSON(t, patient()))[:200], pds.ErrUnreadable, "", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			p := newPeer(t, c, func(int, seen) reply { return reply{test.status, nil, test.body} })
			client := newClient(t, p, c, func(config *pds.Config) {
				config.OnExchange = func(x pds.Exchange) { expectClean(t, x) }
			})
			_, err := client.Patient(t.Context(), number(t, digits))
			e := expectError(t, err, test.class)
			if e.StatusCode != test.status || e.RequestID == "" || e.Op != "read the patient" {
				t.Errorf("got status %d, request %q, op %q", e.StatusCode, e.RequestID, e.Op)
			}
			if test.code != "" && !errors.Is(err, test.code) {
				t.Errorf("got codes %v, want %s", e.Codes, test.code)
			}
			if got := len(p.requests()); got != test.tries {
				t.Errorf("got %d attempts, want %d", got, test.tries)
			}
			for _, class := range []error{pds.ErrInvalid, pds.ErrNotFound, pds.ErrInvalidated, pds.ErrAccessDenied, pds.ErrThrottled, pds.ErrUnavailable, pds.ErrUnreadable, pds.ErrTLS} {
				if class != test.class && errors.Is(err, class) {
					t.Errorf("is %v as well", class)
				}
			}
			if want := slices.Contains([]int{408, 429, 500, 502, 503, 504}, test.status); e.Temporary() != want {
				t.Errorf("temporary: got %v, want %v", e.Temporary(), want)
			}
		})
	}
}

// TestOutcomeIsKept: what PDS wrote is there for a reader, and nowhere in a text.
func TestOutcomeIsKept(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{400, nil, outcome("INVALID_VALUE", "about "+family)} })
	_, err := newClient(t, p, c).Patient(t.Context(), number(t, digits))
	e := expectError(t, err, pds.ErrInvalid)
	if e.Outcome == nil || !strings.Contains(e.Outcome.Issue[0].Diagnostics, family) {
		t.Error("the diagnostics are lost")
	}
}

// TestRecovers: the answers after which PDS asks to be tried again, with the same
// X-Request-ID, within the deadline.
func TestRecovers(t *testing.T) {
	for _, test := range []struct {
		name       string
		status     int
		retryAfter string
		wait       time.Duration // -1: anything up to a second
	}{
		{"408", 408, "", -1},
		{"429", 429, "", -1},
		{"429, seconds", 429, "5", 5 * time.Second},
		{"503", 503, "", -1},
		{"503, seconds", 503, "5", 5 * time.Second},
		{"503, a date", 503, noon.Add(7 * time.Second).Format(http.TimeFormat), 7 * time.Second},
		{"503, a date gone by", 503, noon.Add(-7 * time.Second).Format(http.TimeFormat), -1},
		{"503, nonsense", 503, "soon", -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			p := newPeer(t, c, func(n int, _ seen) reply {
				if n == 1 {
					return reply{test.status, map[string]string{"Retry-After": test.retryAfter}, outcome("SERVICE_UNAVAILABLE")}
				}
				return reply{200, nil, patient()}
			})
			trace, err := newClient(t, p, c).Patient(t.Context(), number(t, digits))
			if err != nil {
				t.Fatal(err)
			}
			requests := p.requests()
			if len(requests) != 2 {
				t.Fatalf("got %d attempts, want 2", len(requests))
			}
			first, second := requests[0].header.Get("X-Request-ID"), requests[1].header.Get("X-Request-ID")
			if first != second || first != trace.RequestID || len(first) != 36 {
				t.Errorf("X-Request-ID: got %q, then %q, and %q in the trace; want one UUID", first, second, trace.RequestID)
			}
			switch waited := requests[1].at.Sub(requests[0].at); {
			case test.wait >= 0 && waited != test.wait:
				t.Errorf("waited %v, want %v", waited, test.wait)
			case waited > time.Second && test.wait < 0:
				t.Errorf("waited %v, want a second at most", waited)
			}
		})
	}
}

// TestDoesNotWaitInVain: a wait that does not fit into the deadline is not begun, and
// the answer says what PDS asked for.
func TestDoesNotWaitInVain(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply {
		return reply{429, map[string]string{"Retry-After": "120"}, outcome("TOO_MANY_REQUESTS")}
	})
	_, err := newClient(t, p, c).Patient(t.Context(), number(t, digits)) // 30 s
	e := expectError(t, err, pds.ErrThrottled)
	if e.RetryAfter != 2*time.Minute || len(p.requests()) != 1 || len(c.slept) != 0 {
		t.Errorf("got %v asked for, %d attempts, waits %v; want 2m0s, 1, none", e.RetryAfter, len(p.requests()), c.slept)
	}
}

// TestConnections: what can happen to a connection, and how often it is tried.
func TestConnections(t *testing.T) {
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	drop := func(w http.ResponseWriter) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	}
	for _, test := range []struct {
		name  string
		serve func(http.ResponseWriter, *http.Request)
		class error
		tries int
	}{
		{"cut", func(w http.ResponseWriter, _ *http.Request) { drop(w) }, pds.ErrUnavailable, 3},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
			panic(http.ErrAbortHandler) // not even an empty answer
		}, pds.ErrUnavailable, 3},
		{"redirected", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://canary.example/"+digits, http.StatusTemporaryRedirect)
		}, pds.ErrUnreadable, 1},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"resourceType":"Patient","id":"` + strings.Repeat("9", 5000) + `"}`))
		}, pds.ErrUnreadable, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			tries := 0
			s := httptest.NewUnstartedServer(http.HandlerFunc(test.serve))
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			t.Cleanup(s.Close)
			client := newClient(t, &peer{Server: s}, c, func(config *pds.Config) {
				config.Limits.Body = 4000
				config.OnExchange = func(pds.Exchange) { tries++ }
				if test.name == "hangs" {
					config.Limits.Header = 100 * time.Millisecond
				}
			})
			_, err := client.Patient(t.Context(), number(t, digits))
			e := expectError(t, err, test.class)
			if tries != test.tries || e.RequestID == "" {
				t.Errorf("got %d attempts, request %q; want %d and an id", tries, e.RequestID, test.tries)
			}
		})
	}
}

// TestNobodyThere: neither listener nor trust.
func TestNobodyThere(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient()} })
	stranger := newClient(t, p, c, func(config *pds.Config) { config.TLS = nil })
	_, err := stranger.Patient(t.Context(), number(t, digits))
	if e := expectError(t, err, pds.ErrTLS); e.Temporary() || len(p.requests()) != 0 {
		t.Error("a certificate that nobody trusts is taken for a passing trouble")
	}
	client := newClient(t, p, c)
	p.Server.Close()
	_, err = client.Patient(t.Context(), number(t, digits))
	if e := expectError(t, err, pds.ErrUnavailable); !e.Temporary() {
		t.Error("a connection refused is not temporary")
	}
}

// TestContextEnds: the caller's end is reported as it is, during the exchange and
// during a wait.
func TestContextEnds(t *testing.T) {
	arrived := make(chan struct{}, 1)
	c := newClock()
	s := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := newClient(t, &peer{Server: s}, c).Patient(ctx, number(t, digits))
	if expectError(t, err, nil); !errors.Is(err, context.Canceled) || errors.Is(err, pds.ErrUnavailable) {
		t.Errorf("got %v, want context.Canceled alone", err)
	}

	p := newPeer(t, c, func(int, seen) reply {
		return reply{503, map[string]string{"Retry-After": "5"}, outcome("SERVICE_UNAVAILABLE")}
	})
	ctx, cancel = context.WithCancel(t.Context())
	client := newClient(t, p, c, func(config *pds.Config) { config.OnExchange = func(pds.Exchange) { cancel() } })
	_, err = client.Patient(ctx, number(t, digits))
	if expectError(t, err, nil); !errors.Is(err, context.Canceled) || len(p.requests()) != 1 {
		t.Errorf("got %v after %d attempts, want context.Canceled after 1", err, len(p.requests()))
	}

	ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err = client.Patient(ctx, number(t, digits))
	if expectError(t, err, pds.ErrUnavailable); !errors.Is(err, context.DeadlineExceeded) || len(p.requests()) != 1 {
		t.Errorf("got %v, want the deadline's end and nothing sent", err)
	}
}
