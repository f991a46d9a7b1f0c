package pds_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/pds"
	"github.com/gpconnect-go/gpc/sandbox"
)

// fromSandbox is a client of a sandbox's PDS, by signed assertion, whose clock
// and the sandbox's are the same.
func fromSandbox(t *testing.T, c *clock, config sandbox.Config) (*pds.Client, *sandbox.Server) {
	t.Helper()
	config.Now = c.Now
	server, err := sandbox.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	trust := trusting(server)
	token := signed(t, c, server, trust)
	client, err := pds.New(pds.Config{BaseURL: server.PDSURL(), Token: token, TLS: trust, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client, server
}

func trusting(server *sandbox.Server) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(server.Files()["ca.pem"])
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// signed is access to a sandbox's PDS by signed assertion.
func signed(t *testing.T, c *clock, server *sandbox.Server, trust *tls.Config) *pds.SignedJWT {
	t.Helper()
	pem, err := server.File("pds.key")
	if err != nil {
		t.Fatal(err)
	}
	key, err := pds.ParseKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	token, err := pds.NewSignedJWT(pds.SignedJWTConfig{TokenURL: server.TokenURL(), ClientID: "sandbox-api-key", KeyID: "sandbox-1", Key: key, TLS: trust, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(token.Close)
	return token
}

// asked are the requests that reached a place of the sandbox.
func asked(s *sandbox.Server, where string) (all []sandbox.Request) {
	for _, r := range s.Requests() {
		if r.Where == where {
			all = append(all, r)
		}
	}
	return all
}

// TestSandboxRate: over a minute of a clock that both sides go by, the
// sandbox counts five requests in any second and no more.
func TestSandboxRate(t *testing.T) {
	c := newClock()
	client, server := fromSandbox(t, c, sandbox.Config{})
	n := number(t, "9000000009")
	for c.Now().Before(noon.Add(time.Minute)) {
		if _, err := client.Patient(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	requests := asked(server, "pds")
	if len(requests) < 290 {
		t.Fatalf("the sandbox counted %d requests in a minute, want about 300", len(requests))
	}
	for i := 5; i < len(requests); i++ {
		if requests[i].At.Sub(requests[i-5].At) < time.Second {
			t.Fatalf("requests %d to %d came within a second", i-5, i)
		}
	}
}

// TestSandboxThrottles: a 429 that asks to wait is obeyed.
func TestSandboxThrottles(t *testing.T) {
	c := newClock()
	client, server := fromSandbox(t, c, sandbox.Config{Faults: []string{"pds:status:429:7@1"}})
	if _, err := client.Patient(t.Context(), number(t, "9000000009")); err != nil {
		t.Fatal(err)
	}
	requests := asked(server, "pds")
	if len(requests) != 2 || requests[1].At.Sub(requests[0].At) < 7*time.Second {
		t.Errorf("got %d requests, want a second one 7 s after the first", len(requests))
	}
	if one, two := requests[0].Header.Get("X-Request-Id"), requests[1].Header.Get("X-Request-Id"); one == "" || one != two {
		t.Errorf("X-Request-ID changed from %q to %q between two attempts of one request", one, two)
	}
}

// TestSandboxToken: a thousand callers at once, one token.
func TestSandboxToken(t *testing.T) {
	c := newClock()
	_, server := fromSandbox(t, c, sandbox.Config{})
	token := signed(t, c, server, trusting(server))
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			if got, err := token.Token(t.Context()); err != nil || got == "" {
				t.Errorf("got a token %v, error %v", got != "", err)
			}
		})
	}
	all.Wait()
	if got := len(asked(server, "token")); got != 1 {
		t.Errorf("the sandbox gave out %d tokens, want 1", got)
	}
}

// TestSandboxGate: each of the sandbox's people at the gate.
func TestSandboxGate(t *testing.T) {
	for digits, want := range map[string]error{
		"9000000009": nil,
		"9000000025": pds.Sensitive,
		"9000000203": pds.Invalidated,
		"9000000130": pds.NotFound,
		"9000000211": pds.NotVerified,
		"9000000238": pds.Deceased,
		"9000000246": pds.Deceased,
		"9000000254": pds.NoPractice,
		"9000000262": pds.NoPractice,
		"9000000270": pds.OtherPractice, // moved from A12345
		"9000000289": pds.Sensitive,
		"9000000297": nil, // the death was reported by mistake and taken back
	} {
		c := &clock{now: time.Now()}
		client, _ := fromSandbox(t, c, sandbox.Config{})
		gate, err := pds.NewGate(pds.GateConfig{Tracer: client, Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		err = gate.Admit(t.Context(), number(t, digits), "A12345", false)
		if want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("…%s: got %v, want %v", digits[7:], err, want)
		}
	}
}
