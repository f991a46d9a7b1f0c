package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestTokenIsGranted(t *testing.T) {
	s := run(t, Config{Plain: true})
	a := newApplication(t, s)
	r := a.askToken(formOf(signed(t, s, "sandbox-1", rightClaims(s))))
	m := r.fields(t)
	if r.status != 200 || m["expires_in"] != "599" || m["token_type"] != "Bearer" || m["access_token"] == "" || m["issued_at"] == "" {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if got := r.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: got %q", got)
	}
	q := last(t, s, "token")
	if q.Rule != "" || q.Status != 200 || q.Line != "POST /oauth2/token" || q.Claims["iss"] != "sandbox-api-key" {
		t.Errorf("history: got %q, rule %q, claims %v", q.Line, q.Rule, q.Claims)
	}
}

// TestAssertionRules breaks one rule at a time of an assertion that keeps all others.
func TestAssertionRules(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	now := s.cfg.Now()
	with := func(change func(jwt.MapClaims)) string {
		c := rightClaims(s)
		change(c)
		return signed(t, s, "sandbox-1", c)
	}
	claim := func(name string, value any) string {
		return with(func(c jwt.MapClaims) {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		})
	}
	part := func(i int, text string) string {
		parts := strings.Split(claim("x", 1), ".")
		parts[i] = base64.RawURLEncoding.EncodeToString([]byte(text))
		return strings.Join(parts, ".")
	}
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	otherKey := jwt.NewWithClaims(jwt.SigningMethodRS512, rightClaims(s))
	otherKey.Header["kid"] = "sandbox-1"
	byAnother, err := otherKey.SignedString(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, assertion string
		status          int
		want            string
	}{
		{"nothing wrong", claim("x", 1), 200, ""},
		{"exp in a minute", claim("exp", now.Unix()+60), 200, ""},
		{"two segments", "a.b", 400, "Malformed JWT in client_assertion"},
		{"no base64", "?.?.?", 400, "Failed to decode JWT"},
		{"padding", strings.Replace(claim("x", 1), ".", "=.", 1), 400, "Failed to decode JWT"},
		{"no JSON", part(1, "claims"), 400, "Failed to decode JWT"},
		{"claims repeated", part(1, `{"iss":"a","iss":"b"}`), 400, "Failed to decode JWT"},
		{"no alg", part(0, `{"typ":"JWT","kid":"sandbox-1"}`), 400, "Missing 'alg' header in JWT"},
		{"RS256", part(0, `{"alg":"RS256","typ":"JWT","kid":"sandbox-1"}`), 400, "unsupported JWT algorithm - must be 'RS512'"},
		{"none", part(0, `{"alg":"none","typ":"JWT","kid":"sandbox-1"}`), 400, "must be 'RS512'"},
		{"no kid", signed(t, s, nil, rightClaims(s)), 400, "Missing 'kid' header in JWT"},
		{"another kid", signed(t, s, "mine", rightClaims(s)), 401, "Invalid 'kid' header in JWT - no matching public key"},
		{"no iss", claim("iss", nil), 400, "Missing or non-matching iss/sub claims in JWT"},
		{"sub differs", claim("sub", "other"), 400, "Missing or non-matching iss/sub claims in JWT"},
		{"another application", with(func(c jwt.MapClaims) { c["iss"], c["sub"] = "other", "other" }), 401, "Invalid iss/sub claims in JWT"},
		{"no jti", claim("jti", nil), 400, "Missing jti claim in JWT"},
		{"jti a number", claim("jti", 7), 400, "Invalid jti claim in JWT"},
		{"no aud", claim("aud", nil), 401, "Missing or invalid aud claim in JWT"},
		{"aud with a slash more", claim("aud", s.TokenURL()+"/"), 401, "Missing or invalid aud claim in JWT"},
		{"aud a list", claim("aud", []string{s.TokenURL()}), 401, "Missing or invalid aud claim in JWT"},
		{"no exp", claim("exp", nil), 400, "Missing exp claim in JWT"},
		{"exp a word", claim("exp", "soon"), 400, "Invalid exp claim in JWT - must be an integer"},
		{"exp past", claim("exp", now.Unix()-1), 400, "Invalid exp claim in JWT - JWT has expired"},
		{"exp too far ahead", claim("exp", now.Unix()+400), 400, "Invalid exp claim in JWT - more than 5 minutes in future"},
		{"signed by another", byAnother, 401, "JWT signature verification failed"},
	} {
		r := a.askToken(formOf(test.assertion))
		m := r.fields(t)
		description, _ := m["error_description"].(string)
		if r.status != test.status || !strings.Contains(description, test.want) {
			t.Errorf("%s: got %d %q, want %d %q", test.name, r.status, description, test.status, test.want)
		}
		if q := last(t, s, "token"); q.Status != test.status || (q.Rule == "") != (test.status == 200) {
			t.Errorf("%s: history: got status %d, rule %q", test.name, q.Status, q.Rule)
		}
		if test.status != 200 && (m["error"] != "invalid_request" || m["message_id"] == "" || m["access_token"] != nil) {
			t.Errorf("%s: got %s", test.name, r.body)
		}
	}
}

func TestAssertionIsGoodOnce(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	claims := rightClaims(s)
	refused := rightClaims(s)
	refused["jti"], refused["aud"] = claims["jti"], "elsewhere"
	for i, test := range []struct {
		claims jwt.MapClaims
		status int
	}{{refused, 401}, {claims, 200}, {claims, 400}} {
		if r := a.askToken(formOf(signed(t, s, "sandbox-1", test.claims))); r.status != test.status {
			t.Errorf("request %d: got %d %s, want %d", i+1, r.status, r.body, test.status)
		}
	}
	if q := last(t, s, "token"); q.Rule != "Non-unique jti claim in JWT" {
		t.Errorf("history: got rule %q", q.Rule)
	}
	if r := a.do("POST", s.APIURL()+"/reset", nil, ""); r.status != 204 {
		t.Fatalf("reset: got %d", r.status)
	}
	if r := a.askToken(formOf(signed(t, s, "sandbox-1", claims))); r.status != 200 {
		t.Errorf("after a reset: got %d, want 200", r.status)
	}
}

func TestTokenForm(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	for _, test := range []struct {
		name        string
		change      func(url.Values)
		code, wants string
	}{
		{"no grant type", func(f url.Values) { f.Del("grant_type") }, "unsupported_grant_type", "grant_type is missing"},
		{"another grant type", func(f url.Values) { f.Set("grant_type", "password") }, "unsupported_grant_type", "grant_type is invalid"},
		{"no assertion type", func(f url.Values) { f.Del("client_assertion_type") }, "invalid_request", "Missing or invalid client_assertion_type"},
		{"no assertion", func(f url.Values) { f.Del("client_assertion") }, "invalid_request", "Missing client_assertion"},
	} {
		form := formOf(signed(t, s, "sandbox-1", rightClaims(s)))
		test.change(form)
		r := a.askToken(form)
		m := r.fields(t)
		if description, _ := m["error_description"].(string); r.status != 400 || m["error"] != test.code || !strings.HasPrefix(description, test.wants) {
			t.Errorf("%s: got %d %s", test.name, r.status, r.body)
		}
	}
	form := formOf(signed(t, s, "sandbox-1", rightClaims(s)))
	if r := a.do("POST", s.TokenURL(), http.Header{"Content-Type": {"application/json"}}, form.Encode()); r.status != 400 {
		t.Errorf("a form that does not say so: got %d, want 400", r.status)
	}
	if r := a.do("GET", s.TokenURL()+"?"+form.Encode(), nil, ""); r.status != 405 || r.header.Get("Allow") != "POST" {
		t.Errorf("GET: got %d, Allow %q", r.status, r.header.Get("Allow"))
	}
	if r := a.do("POST", s.TokenURL()+"/more", formHeader, form.Encode()); r.status != 404 {
		t.Errorf("below the endpoint: got %d, want 404", r.status)
	}
}

func TestExpiresInDiffers(t *testing.T) {
	a := newApplication(t, run(t, Config{Seed: 7}))
	kinds := map[string]bool{}
	for range 30 {
		kinds[fmt.Sprintf("%T", a.askToken(formOf(signed(t, a.server, "sandbox-1", rightClaims(a.server)))).fields(t)["expires_in"])] = true
	}
	if !kinds["string"] || !kinds["float64"] {
		t.Errorf("got %v, want strings and numbers", kinds)
	}
}

// TestTokenLapses runs the judge's clock, not the machine's.
func TestTokenLapses(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	s := run(t, Config{Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	a := newApplication(t, s).logOn()
	for _, test := range []struct {
		after  time.Duration
		status int
	}{{0, 200}, {598 * time.Second, 200}, {time.Second, 401}} {
		mu.Lock()
		now = now.Add(test.after)
		mu.Unlock()
		r := a.read("9000000009")
		if r.status != test.status {
			t.Errorf("%v later: got %d, want %d", test.after, r.status, test.status)
		}
		if date, err := http.ParseTime(r.header.Get("Date")); err != nil || !date.Equal(s.cfg.Now()) {
			t.Errorf("Date: got %v, want the judge's clock", date)
		}
	}
	if q := last(t, s, "pds"); q.Rule != "ACCESS_DENIED: Access Token expired" {
		t.Errorf("history: got rule %q", q.Rule)
	}
}

func TestTokensAreBounded(t *testing.T) {
	var ts tokens
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	oldest := ts.issue(now)
	for range mostTokens {
		ts.issue(now)
	}
	if known, _ := ts.state(oldest, now); known || len(ts.until) > mostTokens || len(ts.issued) > mostTokens {
		t.Errorf("got %d tokens remembered, the oldest among them: %v", len(ts.until), known)
	}
	for i := range 2 * mostTokens {
		ts.replayed(fmt.Sprint(i), now.Add(time.Duration(i)*time.Millisecond), now.Add(time.Duration(i)*time.Millisecond))
	}
	if len(ts.jtis) > mostTokens+1 {
		t.Errorf("got %d assertions remembered, want %d at most", len(ts.jtis), mostTokens)
	}
}
