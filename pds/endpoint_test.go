package pds_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gpconnect-go/gpc/pds"
)

// endpoint judges assertions as the token endpoint's documentation has it, by means
// that share nothing with the library that signs them: the standard library for the
// claims, another JWT library for the signature.
type endpoint struct {
	clock  *clock
	public *rsa.PublicKey
	mu     sync.Mutex
	jtis   map[string]bool
}

const (
	appKey = "app-canary-key"
	kid    = "test-1"
)

func refusal(status int, code, description string) reply {
	return reply{status, map[string]string{"Content-Type": "application/json"},
		object{"error": code, "error_description": description, "message_id": "0f1e2d3c-aaaa-bbbb-cccc-000000000001"}}
}

func (e *endpoint) answer(n int, r seen, audience string) reply {
	form, err := url.ParseQuery(r.form)
	if err != nil || r.header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.method != http.MethodPost {
		return refusal(400, "invalid_request", "not a form")
	}
	if form.Get("grant_type") != "client_credentials" {
		return refusal(400, "unsupported_grant_type", "grant_type is invalid")
	}
	if form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return refusal(400, "invalid_request", "Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'")
	}
	if status, description := e.judge(form.Get("client_assertion"), audience); status != 0 {
		return refusal(status, "invalid_request", description)
	}
	return reply{200, map[string]string{"Content-Type": "application/json"},
		object{"access_token": fmt.Sprintf("token-canary-%d", n), "expires_in": "599", "token_type": "Bearer", "issued_at": "1935921600000"}}
}

func (e *endpoint) judge(assertion, audience string) (int, string) {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return 400, "Malformed JWT in client_assertion"
	}
	var header struct{ Alg, Typ, Kid string }
	var claims struct {
		Iss, Sub, Aud, Jti string
		Exp                int64
	}
	for i, v := range []any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, v) != nil {
			return 400, "Failed to decode JWT"
		}
	}
	signed, err := jose.ParseSigned(strings.Join(parts, "."), []jose.SignatureAlgorithm{jose.RS512})
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.clock.Now().Unix()
	switch {
	case header.Alg != "RS512" || header.Typ != "JWT":
		return 400, "Invalid 'alg' header in JWT - unsupported JWT algorithm - must be 'RS512'"
	case header.Kid == "":
		return 400, "Missing 'kid' header in JWT"
	case header.Kid != kid:
		return 401, "Invalid 'kid' header in JWT - no matching public key"
	case err != nil || !verifies(signed, e.public):
		return 401, "JWT signature verification failed"
	case claims.Iss == "" || claims.Iss != claims.Sub:
		return 400, "Missing or non-matching iss/sub claims in JWT"
	case claims.Iss != appKey:
		return 401, "Invalid iss/sub claims in JWT"
	case claims.Aud != audience:
		return 401, "Missing or invalid aud claim in JWT"
	case claims.Jti == "":
		return 400, "Missing jti claim in JWT"
	case e.jtis[claims.Jti]:
		return 400, "Non-unique jti claim in JWT"
	case claims.Exp <= now:
		return 400, "Invalid exp claim in JWT - JWT has expired"
	case claims.Exp > now+300:
		return 400, "Invalid exp claim in JWT - more than 5 minutes in future"
	}
	e.jtis[claims.Jti] = true
	return 0, ""
}

func verifies(signed *jose.JSONWebSignature, by *rsa.PublicKey) bool {
	_, err := signed.Verify(by)
	return err == nil
}

// tokens is a token endpoint and access by it; edit may break the access.
func tokens(t *testing.T, c *clock, before func(n int) *reply, edit ...func(*pds.SignedJWTConfig)) (*pds.SignedJWT, *peer) {
	t.Helper()
	e := &endpoint{clock: c, public: &key().PublicKey, jtis: map[string]bool{}}
	var p *peer
	p = newPeer(t, c, func(n int, r seen) reply {
		if before != nil {
			if early := before(n); early != nil {
				return *early
			}
		}
		return e.answer(n, r, p.URL+"/oauth2/token")
	})
	config := pds.SignedJWTConfig{TokenURL: p.URL + "/oauth2/token", ClientID: appKey, KeyID: kid, Key: key(), TLS: p.tls(), Clock: c}
	for _, f := range edit {
		f(&config)
	}
	s, err := pds.NewSignedJWT(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	expectClean(t, config)
	return s, p
}
