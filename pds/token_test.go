package pds_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/pds"
)

// TestToken: the assertion holds before a judge of its own, and the token is used
// until shortly before it lapses.
func TestToken(t *testing.T) {
	c := newClock()
	s, p := tokens(t, c, nil)
	for _, step := range []struct {
		after time.Duration
		want  string
	}{
		{0, "token-canary-1"},
		{0, "token-canary-1"},
		{568 * time.Second, "token-canary-1"},
		{2 * time.Second, "token-canary-2"}, // 29 s are left of it
		{time.Hour, "token-canary-3"},
	} {
		c.forward(step.after)
		got, err := s.Token(t.Context())
		if err != nil || got != step.want {
			t.Fatalf("after %v: got %q %v, want %q", step.after, got, err, step.want)
		}
	}
	if got := len(p.requests()); got != 3 {
		t.Errorf("got %d token requests, want 3", got)
	}
	expectClean(t, s)
}

// TestTokenRefused: each documented complaint of the token endpoint, in words that
// say what to mend; and by how much the clocks differ, where they do.
func TestTokenRefused(t *testing.T) {
	for _, test := range []struct {
		name, want string
		status     int
		edit       func(*pds.SignedJWTConfig)
	}{
		{"kid", "no public key is registered under this kid", 401, func(c *pds.SignedJWTConfig) { c.KeyID = "other" }},
		{"client id", "client id is not known", 401, func(c *pds.SignedJWTConfig) { c.ClientID = "canary-other" }},
		{"audience", "audience is not the token address", 401, func(c *pds.SignedJWTConfig) { c.TokenURL += "/" }},
		{"slow clock", "had expired when it arrived: this machine's clock is 5m0s behind theirs", 400, func(c *pds.SignedJWTConfig) { c.Clock = &clock{now: noon.Add(-5 * time.Minute)} }},
		{"fast clock", "more than five minutes ahead of their clock: this machine's clock is 5m0s ahead of theirs", 400, func(c *pds.SignedJWTConfig) { c.Clock = &clock{now: noon.Add(5 * time.Minute)} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			e := &endpoint{clock: c, public: &key().PublicKey, jtis: map[string]bool{}}
			var p *peer
			p = newPeer(t, c, func(n int, r seen) reply {
				answer := e.answer(n, r, p.URL+"/oauth2/token")
				answer.header["Date"] = c.Now().Format(http.TimeFormat)
				return answer
			})
			config := pds.SignedJWTConfig{TokenURL: p.URL + "/oauth2/token", ClientID: appKey, KeyID: kid, Key: key(), TLS: p.tls(), Clock: c}
			test.edit(&config)
			s, err := pds.NewSignedJWT(config)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			patients := newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient()} })
			client := newClient(t, patients, c, func(config *pds.Config) { config.Token = s })
			_, err = client.Patient(t.Context(), number(t, digits))
			expectError(t, err, pds.ErrAccessDenied)
			var inner *pds.Error
			if !errors.As(errors.Unwrap(err), &inner) || inner.StatusCode != test.status || !errors.Is(err, pds.Code("invalid_request")) || inner.RequestID == "" {
				t.Errorf("got %v, want the endpoint's %d with its code and message id", err, test.status)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %q", err, test.want)
			}
			if strings.Contains(test.name, "clock") != (inner.ClockSkew != 0) {
				t.Errorf("got a skew of %v", inner.ClockSkew)
			}
			if len(p.requests()) != 1 || len(patients.requests()) != 0 {
				t.Errorf("got %d token requests and %d to PDS, want 1 and 0", len(p.requests()), len(patients.requests()))
			}
		})
	}
}

// TestTokenReasons: complaints that a correct client never meets have words too, and
// nothing else of what is said is repeated.
func TestTokenReasons(t *testing.T) {
	for said, want := range map[string]string{
		"Invalid 'alg' header in JWT - unsupported JWT algorithm - must be 'RS512'": "RS512",
		"Missing 'kid' header in JWT":                            "no kid",
		"Missing or non-matching iss/sub claims in JWT":          "iss and sub differ",
		"Missing jti claim in JWT":                               "no jti",
		"Non-unique jti claim in JWT":                            "used before",
		"Missing exp claim in JWT":                               "no exp",
		"Failed to decode JWT":                                   "not a JWT",
		"Malformed JWT in client_assertion":                      "not a JWT",
		"Missing client_assertion":                               "assertion is missing",
		"Missing or invalid client_assertion_type - must be 'x'": "type is wrong",
		"grant_type is missing":                                  "grant type",
		"something canary":                                       "access denied",
	} {
		s, _ := tokens(t, newClock(), func(int) *reply { r := refusal(400, "canary "+digits, said); return &r })
		_, err := s.Token(t.Context())
		if e := expectError(t, err, pds.ErrAccessDenied); !strings.Contains(err.Error(), want) || len(e.Codes) != 0 {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
}

// TestTokenAnswers: the shapes in which a token comes, and those in which it does not.
func TestTokenAnswers(t *testing.T) {
	grant := func(edit func(object)) object {
		o := object{"access_token": "token-canary", "expires_in": "599", "token_type": "Bearer"}
		edit(o)
		return o
	}
	for name, test := range map[string]struct {
		body  any
		lives time.Duration // how long it is given out; 0 for an error
	}{
		"seconds as a string":   {grant(func(object) {}), 569 * time.Second},
		"seconds as a number":   {grant(with("expires_in", 599)), 569 * time.Second},
		"short":                 {grant(with("expires_in", 20)), 10 * time.Second},
		"no seconds":            {grant(without("expires_in")), 30 * time.Second},
		"null":                  {grant(with("expires_in", nil)), 30 * time.Second},
		"bearer in small":       {grant(with("token_type", "bearer")), 569 * time.Second},
		"words for seconds":     {grant(with("expires_in", "canary")), 0},
		"nought":                {grant(with("expires_in", "0")), 0},
		"less than nought":      {grant(with("expires_in", -5)), 0},
		"no number":             {grant(with("expires_in", "NaN")), 0},
		"no token":              {grant(without("access_token")), 0},
		"a token with a line":   {grant(with("access_token", "token\r\ncanary")), 0},
		"another type of token": {grant(with("token_type", "mac")), 0},
		"a page":                {"<html>canary</html>", 0},
	} {
		c := newClock()
		s, p := tokens(t, c, func(int) *reply { return &reply{200, nil, test.body} })
		_, err := s.Token(t.Context())
		if test.lives == 0 {
			expectError(t, err, pds.ErrUnreadable)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.forward(test.lives - time.Second)
		_, _ = s.Token(t.Context())
		if got := len(p.requests()); got != 1 {
			t.Errorf("%s: renewed too early", name)
		}
		c.forward(2 * time.Second)
		_, _ = s.Token(t.Context())
		if got := len(p.requests()); got != 2 {
			t.Errorf("%s: not renewed in time", name)
		}
	}
}

// TestThousandCallers: one token request for all who wait.
func TestThousandCallers(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	c := newClock()
	s, p := tokens(t, c, func(int) *reply { close(arrived); <-release; return nil })
	var wg sync.WaitGroup
	got := make(chan string, 1000)
	waiting := make(chan struct{}, 1000)
	for range 1000 {
		wg.Go(func() {
			waiting <- struct{}{}
			token, err := s.Token(t.Context())
			if err != nil {
				t.Error(err)
			}
			got <- token
		})
	}
	<-arrived
	for range 1000 {
		<-waiting
	}
	close(release)
	wg.Wait()
	close(got)
	for token := range got {
		if token != "token-canary-1" {
			t.Fatalf("got another token")
		}
	}
	if n := len(p.requests()); n != 1 {
		t.Errorf("got %d token requests, want 1", n)
	}
}

// TestCancellationIsPrivate: the caller that began a renewal gives up; the others get
// their token, from that same renewal.
func TestCancellationIsPrivate(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	s, p := tokens(t, newClock(), func(int) *reply { close(arrived); <-release; return nil })
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp, stayed := make(chan error, 1), make(chan error, 1)
	go func() { _, err := s.Token(ctx); gaveUp <- err }()
	<-arrived
	go func() { _, err := s.Token(t.Context()); stayed <- err }()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	close(release)
	if err := <-stayed; err != nil {
		t.Errorf("got %v, want a token", err)
	}
	if n := len(p.requests()); n != 1 {
		t.Errorf("got %d token requests, want 1", n)
	}
}

// TestTokenRetries: the endpoint fails twice; every attempt has an assertion of its
// own. A third failure is the end, and the caller of PDS does not start over.
func TestTokenRetries(t *testing.T) {
	c := newClock()
	s, p := tokens(t, c, func(n int) *reply {
		if n < 3 {
			return &reply{503, map[string]string{"Retry-After": "2"}, ""}
		}
		return nil
	})
	if _, err := s.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	assertions := map[string]bool{}
	for _, r := range p.requests() {
		assertions[r.form] = true
	}
	if len(assertions) != 3 {
		t.Errorf("got %d different assertions in 3 attempts, want 3", len(assertions))
	}

	for _, status := range []int{503, hangUp} {
		down, p := tokens(t, c, func(int) *reply { return &reply{status, nil, ""} })
		patients := newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient()} })
		client := newClient(t, patients, c, func(config *pds.Config) { config.Token = down })
		_, err := client.Patient(t.Context(), number(t, digits))
		if e := expectError(t, err, pds.ErrUnavailable); !e.Temporary() || len(p.requests()) != 3 || len(patients.requests()) != 0 {
			t.Errorf("got %v after %d token requests, want 3 and a temporary error", err, len(p.requests()))
		}
	}
}

// TestTokenRefusedByPDS: a token that PDS takes no longer is replaced, once.
func TestTokenRefusedByPDS(t *testing.T) {
	c := newClock()
	s, p := tokens(t, c, nil)
	patients := newPeer(t, c, func(_ int, r seen) reply {
		if r.header.Get("Authorization") == "Bearer token-canary-1" {
			return reply{401, nil, outcome("ACCESS_DENIED")}
		}
		return reply{200, nil, patient()}
	})
	client := newClient(t, patients, c, func(config *pds.Config) { config.Token = s })
	if _, err := client.Patient(t.Context(), number(t, digits)); err != nil {
		t.Fatal(err)
	}
	if len(p.requests()) != 2 || len(patients.requests()) != 2 {
		t.Errorf("got %d tokens and %d requests, want 2 and 2", len(p.requests()), len(patients.requests()))
	}

	never := newPeer(t, c, func(int, seen) reply { return reply{401, nil, outcome("ACCESS_DENIED")} })
	client = newClient(t, never, c, func(config *pds.Config) { config.Token = s })
	_, err := client.Patient(t.Context(), number(t, digits))
	expectError(t, err, pds.ErrAccessDenied)
	if len(never.requests()) != 2 {
		t.Errorf("got %d requests, want 2", len(never.requests()))
	}
}

// TestHangingTokenEndpoint: the renewal ends by its own limits.
func TestHangingTokenEndpoint(t *testing.T) {
	release := make(chan struct{})
	s, _ := tokens(t, newClock(), func(int) *reply { <-release; return &reply{500, nil, ""} }, func(c *pds.SignedJWTConfig) {
		c.Limits.Header = 100 * time.Millisecond
	})
	_, err := s.Token(t.Context())
	if e := expectError(t, err, pds.ErrUnavailable); !e.Temporary() {
		t.Error("a hanging endpoint is not temporary")
	}
	close(release)
}

func TestParseKey(t *testing.T) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key())
	if err != nil {
		t.Fatal(err)
	}
	for name, der := range map[string][]byte{"RSA PRIVATE KEY": x509.MarshalPKCS1PrivateKey(key()), "PRIVATE KEY": pkcs8} {
		k, err := pds.ParseKey(pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der}))
		if err != nil || !k.Equal(key()) {
			t.Errorf("%s: got %v, want the key", name, err)
		}
	}
	for _, bad := range []string{"", "canary", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"} {
		_, err := pds.ParseKey([]byte(bad))
		expectError(t, err, pds.ErrInvalid)
	}
}
