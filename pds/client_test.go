package pds_test

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/pds"
)

// TestConfigSaysAllAtOnce: every mistake of a configuration, together.
func TestConfigSaysAllAtOnce(t *testing.T) {
	_, err := pds.New(pds.Config{
		BaseURL: "http://pds.example", TLS: new(tls.Config), HTTP: http.DefaultTransport,
		Attempts: 4, PerSecond: -1, Token: pds.APIKey(" "), Timeout: -1,
	})
	expectError(t, err, pds.ErrInvalid)
	for _, want := range []string{"https://host", "both TLS and HTTP", "4 attempts", "rate limit", "API key", "negative"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v says nothing of %q", err, want)
		}
	}
	for want, config := range map[string]pds.Config{
		"rate limit":        {PerSecond: math.MaxInt},
		"more than an hour": {Wait: math.MaxInt64},
	} {
		if _, err := pds.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want something of %q", err, want)
		}
	}
	for address, want := range map[string]string{
		"": "missing", "pds.example/FHIR": "https://host", "https://u:canary@pds.example": "more than a host",
		"https://pds.example/?canary": "more than a host", "https://pds.example/#canary": "more than a host", "https://[canary": "https://host",
	} {
		_, err := pds.New(pds.Config{BaseURL: address})
		if expectError(t, err, pds.ErrInvalid); !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	_, err = pds.NewSignedJWT(pds.SignedJWTConfig{TokenURL: "oauth2/token", Timeout: -1})
	expectError(t, err, pds.ErrInvalid)
	for _, want := range []string{"token address", "client id", "kid", "private key", "negative"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v says nothing of %q", err, want)
		}
	}
}

func TestAskingIsChecked(t *testing.T) {
	c := newClock()
	client := newClient(t, newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient()} }), c)
	for want, asking := range map[string]pds.Asking{
		"ODS code":    {Organisation: "A1\r\nX: canary"},
		"digits":      {SessionURID: "12a"},
		"correlation": {CorrelationID: "one.two"},
		"nil":         {Token: pds.Bearer(nil)},
	} {
		_, err := client.As(asking)
		if expectError(t, err, pds.ErrInvalid); !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to speak of %q", err, want)
		}
	}
}

// TestHeaders: what every request carries, and whose.
func TestHeaders(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient()} })
	var told []pds.Exchange
	client := newClient(t, p, c, func(config *pds.Config) {
		config.Token = pds.APIKey("canary-key")
		config.OnExchange = func(x pds.Exchange) { told = append(told, x) }
	})
	hers, err := client.As(pds.Asking{
		Organisation: "a20047 ", SessionURID: "555254240100", CorrelationID: "11C46F5F-CDEF-4865-94B2-0EE0EDCC26DA",
		Token: pds.Bearer(func(context.Context) (string, error) { return "canary-token", nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []*pds.Client{client, hers} {
		if _, err := who.Patient(t.Context(), number(t, digits)); err != nil {
			t.Fatal(err)
		}
	}
	ours, theirs := p.requests()[0].header, p.requests()[1].header
	for name, want := range map[string][2]string{
		"Accept":                         {"application/fhir+json", "application/fhir+json"},
		"Apikey":                         {"canary-key", ""},
		"Authorization":                  {"", "Bearer canary-token"},
		"NHSD-End-User-Organisation-ODS": {"", "A20047"},
		"NHSD-Session-URID":              {"", "555254240100"},
		"X-Correlation-ID":               {"", "11C46F5F-CDEF-4865-94B2-0EE0EDCC26DA"},
	} {
		if got := [2]string{ours.Get(name), theirs.Get(name)}; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if a, b := ours.Get("X-Request-ID"), theirs.Get("X-Request-ID"); a == b || len(a) != 36 {
		t.Errorf("X-Request-ID: got %q and %q, want two UUIDs", a, b)
	}
	if len(told) != 2 || told[1].Organisation != "A20047" || told[1].Attempt != 1 || told[1].Status != 200 || told[1].RequestID != theirs.Get("X-Request-ID") {
		t.Errorf("got exchanges %+v", told)
	}
	for _, v := range []any{client, hers, told, pds.APIKey("canary-key"), pds.Config{Token: pds.APIKey("canary-key")}, pds.Asking{Token: pds.APIKey("canary-key")}} {
		expectClean(t, v)
	}
}

// TestTokenSourceFails: of the error of a caller's own source nothing is repeated,
// and nothing is sent.
func TestTokenSourceFails(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient()} })
	own := errors.New("no smartcard")
	for _, source := range []func(context.Context) (string, error){
		func(context.Context) (string, error) { return "", own },
		func(context.Context) (string, error) { return "two words", nil },
		func(context.Context) (string, error) { return "line\nbreak", nil },
		func(context.Context) (string, error) { return "", nil },
	} {
		client := newClient(t, p, c, func(config *pds.Config) { config.Token = pds.Bearer(source) })
		_, err := client.Patient(t.Context(), number(t, digits))
		expectError(t, err, pds.ErrAccessDenied)
		if strings.Contains(err.Error(), own.Error()) || strings.Contains(err.Error(), "two words") {
			t.Errorf("%v repeats what the source said", err)
		}
	}
	client := newClient(t, p, c, func(config *pds.Config) {
		config.Token = pds.Bearer(func(context.Context) (string, error) { return "", own })
	})
	if _, err := client.Patient(t.Context(), number(t, digits)); !errors.Is(err, own) {
		t.Errorf("%v does not lead to the source's error", err)
	}
	if len(p.requests()) != 0 {
		t.Errorf("got %d requests without credentials, want none", len(p.requests()))
	}
}
