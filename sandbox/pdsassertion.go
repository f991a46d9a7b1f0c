package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
)

// assertionKey is the key pair whose private half consumers sign their assertions with. It
// is made when it is first needed, as that takes a hundred times as long as everything else
// at start, and it is the process's: a test that starts many sandboxes makes one.
var assertionKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("sandbox: making the RSA key: %w", err)
	}
	return key, nil
})

// assertionKeyID is the kid under which its public half is registered.
const assertionKeyID = "sandbox-1"

// assertionKeyPEM is the private half, PKCS#8.
func assertionKeyPEM() ([]byte, error) {
	key, err := assertionKey()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("sandbox: encoding the RSA key: %w", err)
	}
	return encodePEM("PRIVATE KEY", der), nil
}

// A tokenFlaw is what is wrong with an assertion: the status and the words it is refused with.
type tokenFlaw struct {
	status int
	text   string
}

func badAssertion(text string) *tokenFlaw { return &tokenFlaw{http.StatusBadRequest, text} }
func unauthorised(text string) *tokenFlaw { return &tokenFlaw{http.StatusUnauthorized, text} }

// judgeAssertion judges a client assertion in the order of the platform's error list, the
// signature after the claims, and last of all whether it was used before: an assertion that
// is refused is not used. The claims come back as far as they can be read.
func (s *Server) judgeAssertion(assertion string) (map[string]any, *tokenFlaw) {
	segments := strings.Split(assertion, ".")
	if len(segments) != 3 {
		return nil, badAssertion("Malformed JWT in client_assertion")
	}
	header, ok := assertionPart(segments[0])
	claims, ok2 := assertionPart(segments[1])
	signature, err := base64.RawURLEncoding.Strict().DecodeString(segments[2])
	if !ok || !ok2 || err != nil {
		return claims, badAssertion("Failed to decode JWT")
	}
	if wrong := judgeAssertionHeader(header); wrong != nil {
		return claims, wrong
	}
	if wrong := s.judgeAssertionClaims(claims); wrong != nil {
		return claims, wrong
	}
	key, err := assertionKey()
	if err != nil {
		return claims, &tokenFlaw{http.StatusInternalServerError, "no key to verify with"}
	}
	digest := sha512.Sum512([]byte(segments[0] + "." + segments[1]))
	if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA512, digest[:], signature) != nil {
		return claims, unauthorised("JWT signature verification failed")
	}
	if s.tokens.replayed(claims["jti"].(string), secondsOf(claims["exp"]), s.cfg.Now()) {
		return claims, badAssertion("Non-unique jti claim in JWT")
	}
	return claims, nil
}

func judgeAssertionHeader(header map[string]any) *tokenFlaw {
	switch {
	case header["alg"] == nil:
		return badAssertion("Missing 'alg' header in JWT")
	case header["alg"] != "RS512":
		return badAssertion("Invalid 'alg' header in JWT - unsupported JWT algorithm - must be 'RS512'")
	case header["kid"] == nil || header["kid"] == "":
		return badAssertion("Missing 'kid' header in JWT")
	case header["kid"] != assertionKeyID:
		return unauthorised("Invalid 'kid' header in JWT - no matching public key")
	}
	return nil
}

func (s *Server) judgeAssertionClaims(claims map[string]any) *tokenFlaw {
	iss, _ := claims["iss"].(string)
	jti, _ := claims["jti"].(string)
	switch {
	case iss == "" || claims["sub"] != iss:
		return badAssertion("Missing or non-matching iss/sub claims in JWT")
	case iss != apiKey:
		return unauthorised("Invalid iss/sub claims in JWT")
	case claims["jti"] == nil || claims["jti"] == "":
		return badAssertion("Missing jti claim in JWT")
	case jti == "":
		return badAssertion("Invalid jti claim in JWT - must be a unique string value such as a GUID")
	case claims["aud"] != s.TokenURL():
		return unauthorised("Missing or invalid aud claim in JWT")
	case claims["exp"] == nil:
		return badAssertion("Missing exp claim in JWT")
	}
	now, end := s.cfg.Now(), secondsOf(claims["exp"])
	switch {
	case end.IsZero():
		return badAssertion("Invalid exp claim in JWT - must be an integer")
	case !now.Before(end):
		return badAssertion("Invalid exp claim in JWT - JWT has expired")
	case end.Sub(now) > 5*time.Minute:
		return badAssertion("Invalid exp claim in JWT - more than 5 minutes in future")
	}
	return nil
}

func assertionPart(segment string) (map[string]any, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return nil, false
	}
	value, err := decodeStrict(b)
	object, ok := value.(map[string]any)
	return object, ok && err == nil
}

// secondsOf reads a NumericDate, the zero time if it is none.
func secondsOf(value any) time.Time {
	n, _ := value.(json.Number)
	seconds, err := n.Float64()
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return time.Time{}
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9))
}

func formType(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/x-www-form-urlencoded"
}
