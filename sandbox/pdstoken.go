package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// tokenService exchanges a signed assertion for an access token (application-restricted
// RESTful APIs, signed JWT authentication).
func tokenService() service {
	return service{
		place: "token", root: tokenPath,
		answer: func(c *apiCall) answer { return c.grantToken() },
		refuse: func(code string) answer { return tokenRefusal(http.StatusBadRequest, code, "injected") },
		failed: func(status int) answer { return tokenRefusal(status, "invalid_request", http.StatusText(status)) },
		dress: func(_ *apiCall, h http.Header) {
			h.Set("Cache-Control", "no-store")
		},
	}
}

// tokenRefusal is an error in the token endpoint's own shape, which is not FHIR.
func tokenRefusal(status int, code, description string) answer {
	a := jsonAnswer(status, map[string]any{"error": code, "error_description": description, "message_id": newUUID()}, description)
	a.header.Set("Content-Type", "application/json")
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		a.header.Set("Retry-After", "5")
	}
	return a
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// grantToken judges the form, then the assertion, and gives out a token.
func (c *apiCall) grantToken() answer {
	if c.path != "" {
		return tokenRefusal(http.StatusNotFound, "invalid_request", "there is nothing below the token endpoint")
	}
	if c.method != http.MethodPost {
		a := tokenRefusal(http.StatusMethodNotAllowed, "invalid_request", "method is not POST")
		a.header.Set("Allow", http.MethodPost)
		return a
	}
	form, wrong := c.readForm()
	if wrong != nil {
		return *wrong
	}
	claims, bad := c.server.judgeAssertion(form.Get("client_assertion"))
	c.claims = claims
	if bad != nil {
		return tokenRefusal(bad.status, "invalid_request", bad.text)
	}
	now := c.server.cfg.Now()
	granted := map[string]any{
		"access_token": c.server.tokens.issue(now), "expires_in": strconv.Itoa(tokenSeconds),
		"token_type": "Bearer", "issued_at": strconv.FormatInt(now.UnixMilli(), 10),
	}
	if c.dice.IntN(2) == 0 && c.differ("expires-in") {
		granted["expires_in"] = tokenSeconds
	}
	a := jsonAnswer(http.StatusOK, granted, "")
	a.header.Set("Content-Type", "application/json")
	return a
}

// readForm reads the request's form and judges all of it but the assertion.
func (c *apiCall) readForm() (url.Values, *answer) {
	form := url.Values{}
	if formType(c.header.Get("Content-Type")) { // what is no form has no fields
		form, _ = url.ParseQuery(string(c.body))
	}
	refused := func(code, description string) (url.Values, *answer) {
		a := tokenRefusal(http.StatusBadRequest, code, description)
		return nil, &a
	}
	switch {
	case form.Get("grant_type") == "":
		return refused("unsupported_grant_type", "grant_type is missing")
	case form.Get("grant_type") != "client_credentials":
		return refused("unsupported_grant_type", "grant_type is invalid")
	case form.Get("client_assertion_type") != assertionType:
		return refused("invalid_request", "Missing or invalid client_assertion_type - must be '"+assertionType+"'")
	case form.Get("client_assertion") == "":
		return refused("invalid_request", "Missing client_assertion")
	}
	return form, nil
}

const tokenSeconds = 599

// tokens are the access tokens in force and the assertions that were used.
type tokens struct {
	mu     sync.Mutex
	until  map[string]time.Time // by token
	issued []string             // in order, oldest first
	jtis   map[string]time.Time // by jti, until the assertion would have expired
}

// mostTokens bounds what is remembered: the oldest token goes first.
const mostTokens = 10_000

func (t *tokens) issue(now time.Time) string {
	var b [16]byte
	rand.Read(b[:])
	token := "sandbox-" + hex.EncodeToString(b[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until == nil {
		t.until = map[string]time.Time{}
	}
	for len(t.issued) > 0 && (len(t.issued) >= mostTokens || now.After(t.until[t.issued[0]].Add(time.Hour))) {
		delete(t.until, t.issued[0])
		t.issued = t.issued[1:]
	}
	t.issued = append(t.issued, token)
	t.until[token] = now.Add(tokenSeconds * time.Second)
	return token
}

// state says whether a token was issued here, and whether it is still good.
func (t *tokens) state(token string, now time.Time) (known, good bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	until, known := t.until[token]
	return known, known && now.Before(until)
}

// replayed says whether a jti was used before, and remembers it.
func (t *tokens) replayed(jti string, until, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, again := t.jtis[jti]; again {
		return true
	}
	if t.jtis == nil {
		t.jtis = map[string]time.Time{}
	}
	if len(t.jtis) >= mostTokens {
		for old, end := range t.jtis {
			if !now.Before(end) {
				delete(t.jtis, old)
			}
		}
	}
	t.jtis[jti] = until
	return false
}

// forget drops the assertions that were used. Tokens stay good: they are the client's.
func (t *tokens) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.jtis = nil
}
