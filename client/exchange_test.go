package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// listen keeps every exchange of a client.
func listen(config *client.Config) func() []client.Exchange {
	var mu sync.Mutex
	var all []client.Exchange
	config.OnExchange = func(x client.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, x)
	}
	return func() []client.Exchange {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func hops(x client.Exchange) (names []string) {
	for _, h := range x.Hops {
		names = append(names, h.Name)
	}
	return names
}

type mark struct{}

// TestExchange: each attempt is told once, with its hops, its outcome and the
// caller's context; the lookup belongs to the first alone.
func TestExchange(t *testing.T) {
	var told func() []client.Exchange
	c, server := start(t, sandbox.Config{Plain: true, Faults: []string{"proxy:status:502@1"}}, func(config *client.Config) { told = listen(config) })
	e, err := c.Encounter(asking, user, gate{})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := e.Practice("A12345")
	ctx := context.WithValue(t.Context(), mark{}, "the caller's")
	if _, err := p.StructuredRecord(ctx, number(t, "9000000009"), record.Full()); err != nil {
		t.Fatal(err)
	}
	all := told()
	if len(all) != 2 {
		t.Fatalf("%d exchanges were told, want 2", len(all))
	}
	want := [][]string{
		{client.HopGate, client.HopDirectory, client.HopConnect, client.HopTLS, client.HopWrite, client.HopWait, client.HopRead},
		{client.HopWrite, client.HopWait, client.HopRead},
	}
	for i, x := range all {
		if got := hops(x); !slices.Equal(got, want[i]) {
			t.Errorf("attempt %d: got hops %q, want %q", i+1, got, want[i])
		}
		if x.Context().Value(mark{}) != "the caller's" {
			t.Errorf("attempt %d: its context is not the caller's", i+1)
		}
		if got, want := x.TraceID, at(server, "proxy")[i].Header.Get("Ssp-TraceID"); got != want || x.Attempt != i+1 {
			t.Errorf("attempt %d: got trace %s, attempt %d, want trace %s", i+1, got, x.Attempt, want)
		}
	}
	if all[0].Status != 502 || all[0].Err == nil || all[0].Layer != client.LayerProxy || all[1].Status != 200 || all[1].Err != nil || all[1].Bytes == 0 || all[1].Duration == 0 {
		t.Errorf("outcomes: got %+v and %+v", all[0], all[1])
	}
}

// TestExchangeInALog: an exchange logs as a group of safe fields, in either
// form that slog has.
func TestExchangeInALog(t *testing.T) {
	var told func() []client.Exchange
	c, _ := start(t, sandbox.Config{Plain: true, Faults: []string{"provider:error:NO_PATIENT_CONSENT"}}, func(config *client.Config) { told = listen(config) })
	ctx := context.WithValue(t.Context(), mark{}, "9000000009")
	if _, err := practice(t, c, "A12345").StructuredRecord(ctx, number(t, "9000000009"), record.Full()); !errors.Is(err, client.NoPatientConsent) {
		t.Fatalf("got %v, want NoPatientConsent", err)
	}
	var asJSON, asText bytes.Buffer
	x := told()[0]
	slog.New(slog.NewJSONHandler(&asJSON, nil)).Info("exchange", "x", x)
	slog.New(slog.NewTextHandler(&asText, nil)).Info("exchange", "x", x)
	var line struct{ X map[string]any }
	if err := json.Unmarshal(asJSON.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"op": "get the structured record", "practice": "A12345", "organisation": "A11111", "user": "u-1", "from": "200000000359",
		"trace": x.TraceID, "attempt": 1.0, "status": 403.0, "layer": "provider",
	} {
		if got := line.X[field]; got != want {
			t.Errorf("%s: got %v, want %v", field, got, want)
		}
	}
	if !strings.Contains(asJSON.String(), `"codes":["NO_PATIENT_CONSENT"]`) || !strings.Contains(asText.String(), "x.practice=A12345") {
		t.Errorf("got %s%s", &asJSON, &asText)
	}
	if both := asJSON.String() + asText.String(); strings.Contains(both, "9000000009") || strings.Contains(both, "eyJ") {
		t.Errorf("the log names the patient or holds the token: %s", both)
	}
}

// TestCancelledBetweenAttempts: a caller that leaves while the next attempt is
// waited for gets its own end, beside what the last attempt met.
func TestCancelledBetweenAttempts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, server := start(t, sandbox.Config{Faults: []string{"proxy:status:502"}}, func(config *client.Config) {
		config.Retry = client.Retry{Wait: time.Hour}
		config.Timeout = 10 * time.Hour
		config.OnExchange = func(client.Exchange) { cancel() }
	})
	_, err := practice(t, c, "A12345").Metadata(ctx)
	var failed *client.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &failed) || failed.StatusCode != 502 {
		t.Errorf("got %v, want context.Canceled and the 502", err)
	}
	if got := len(at(server, "proxy")); got != 1 {
		t.Errorf("%d requests were sent, want 1", got)
	}
}

// TestExchangeIsKept: what a hook was told stays as it was told, whatever becomes of the
// operation: it may be read later, and elsewhere.
func TestExchangeIsKept(t *testing.T) {
	var kept error
	var unknown bool
	c, _ := start(t, sandbox.Config{Faults: []string{"proxy:status:504"}}, func(config *client.Config) {
		config.OnExchange = func(x client.Exchange) { kept, unknown = x.Err, errors.Is(x.Err, client.ErrOutcomeUnknown) }
	})
	_, err := practice(t, c, "A12345").Do(t.Context(), client.Request{Interaction: client.BookAppointment, Path: "/Appointment", Body: []byte(`{}`)})
	if !errors.Is(err, client.ErrOutcomeUnknown) || errors.Is(kept, client.ErrOutcomeUnknown) != unknown {
		t.Errorf("got %v; the hook's error was of an unknown outcome: %v, and now is not the same", err, unknown)
	}
}

// temporary is an error of a gate that could not find out.
type temporary bool

func (t temporary) Error() string   { return "no trace" }
func (t temporary) Temporary() bool { return bool(t) }

// TestGateClasses: a gate that says no is told from one that could not ask.
func TestGateClasses(t *testing.T) {
	c, server := start(t, sandbox.Config{}, nil)
	classes := []error{client.ErrRefused, client.ErrNoAnswer, client.ErrNotFound, client.ErrInvalid, client.ErrUnreadable, client.ErrCertificate}
	for name, test := range map[string]struct{ no, want error }{
		"says no":                   {errors.New("no"), client.ErrRefused},
		"could not ask":             {temporary(true), client.ErrNoAnswer},
		"was answered for good":     {temporary(false), client.ErrRefused},
		"ran out of time":           {context.DeadlineExceeded, client.ErrNoAnswer},
		"knows no such patient":     {errors.Join(errors.New("no"), client.ErrNotFound), client.ErrNotFound},
		"cannot read what it got":   {client.ErrUnreadable, client.ErrUnreadable},
		"has no certificate for it": {client.ErrCertificate, client.ErrCertificate},
		"was asked wrongly":         {client.ErrInvalid, client.ErrInvalid},
		"was left":                  {context.Canceled, nil},
	} {
		e, err := c.Encounter(asking, user, gate{admit: test.no})
		if err != nil {
			t.Fatal(err)
		}
		p, _ := e.Practice("A12345")
		_, err = p.StructuredRecord(t.Context(), number(t, "9000000009"), record.Full())
		var failed *client.Error
		if !errors.As(err, &failed) || failed.Layer != client.LayerPDS {
			t.Errorf("a gate that %s: got %v, want an error of layer pds", name, err)
			continue
		}
		for _, class := range classes {
			if got, want := slices.Contains(failed.Classes(), class), class == test.want; got != want {
				t.Errorf("a gate that %s: is %v: got %v, want %v", name, class, got, want)
			}
		}
		if got, want := failed.Temporary(), test.want == client.ErrNoAnswer; got != want {
			t.Errorf("a gate that %s: temporary: got %v, want %v", name, got, want)
		}
	}
	if got := len(server.Requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
}

// TestTraceOfOneWhoLeft: a lookup's trace is told in the goroutine of those who
// waited for it; one who left is told nothing more.
func TestTraceOfOneWhoLeft(t *testing.T) {
	reached, release := make(chan struct{}), make(chan struct{})
	c, _ := start(t, sandbox.Config{Plain: true}, func(config *client.Config) {
		config.Directory = &held{Directory: config.Directory, reached: reached, release: release}
	})
	p := practice(t, c, "A12345")
	var hasty, alone []string
	note := func(into *[]string) *sdslookup.Trace {
		return &sdslookup.Trace{Searched: func(s sdslookup.Search) { *into = append(*into, string(s.Step)) }}
	}
	ctx, cancel := context.WithCancel(sdslookup.WithTrace(t.Context(), note(&hasty)))
	left := make(chan error, 1)
	go func() {
		_, err := p.Metadata(ctx)
		left <- err
	}()
	<-reached
	stayed := make(chan error, 1)
	go func() {
		_, err := p.Metadata(t.Context())
		stayed <- err
	}()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: got %v, want context.Canceled", err)
	}
	close(release)
	if err := <-stayed; err != nil {
		t.Errorf("who stayed: got %v", err)
	}
	// The race detector sees to it that nobody writes to hasty any more.
	if len(hasty) != 0 {
		t.Errorf("who left was told of %q", hasty)
	}
	if _, err := practice(t, c, "A12345").Metadata(sdslookup.WithTrace(t.Context(), note(&alone))); err != nil {
		t.Error(err)
	}
	if want := []string{"MHS", "AS"}; !slices.Equal(alone, want) {
		t.Errorf("who waited alone was told of %q, want %q", alone, want)
	}
}

// held is a directory that waits to be let go.
type held struct {
	sdslookup.Directory
	once             sync.Once
	reached, release chan struct{}
}

func (h *held) Endpoint(ctx context.Context, ods string, id sdslookup.Interaction) (sdslookup.Endpoint, error) {
	h.once.Do(func() { close(h.reached) })
	<-h.release
	return h.Directory.Endpoint(ctx, ods, id)
}
