package pds

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
)

// SignedJWTConfig is application-restricted access by signed JWT: the private key
// whose public half the application has registered under KeyID.
type SignedJWTConfig struct {
	TokenURL string          // "https://api.service.nhs.uk/oauth2/token"; also the assertion's audience, byte for byte
	ClientID string          // the application's API key
	KeyID    string          // kid of the registered public key
	Key      *rsa.PrivateKey // [ParseKey] reads one from PEM

	TLS      *tls.Config       // as in [Config]
	HTTP     http.RoundTripper // as in [Config]
	Timeout  time.Duration     // of one renewal with its retries; 15 s
	Attempts int               // 1 to 3; 3
	Limits   Limits
	Clock    Clock
}

// SignedJWT holds an access token and renews it before it lapses, once for however
// many callers wait for it.
type SignedJWT struct {
	config   SignedJWTConfig
	way      *way
	owned    *http.Transport
	renewals singleflight.Group

	mu   sync.Mutex
	held accessToken
}

// accessToken is a token and until when it is given out.
type accessToken struct {
	value string
	until time.Time
}

// NewSignedJWT checks the configuration and says everything that is wrong with it
// at once. Nothing is asked for before it is needed.
func NewSignedJWT(config SignedJWTConfig) (*SignedJWT, error) {
	config.Timeout = orElse(config.Timeout, 15*time.Second)
	config.Attempts = orElse(config.Attempts, 3)
	config.Limits = config.Limits.orDefault()
	if config.Clock == nil {
		config.Clock = systemClock{}
	}
	if err := config.check(); err != nil {
		return nil, problems("configure access by signed JWT", err)
	}
	s := &SignedJWT{config: config}
	s.way, s.owned = newWay(config.TLS, config.HTTP, config.Limits)
	s.way.clock, s.way.attempts, s.way.wait = config.Clock, config.Attempts, 200*time.Millisecond
	return s, nil
}

func (config SignedJWTConfig) check() error {
	wrong := checkWay(config.TLS, config.HTTP, config.Attempts)
	if err := checkAddress("the token address", config.TokenURL); err != nil {
		wrong = append(wrong, err)
	}
	if config.Timeout < 0 {
		wrong = append(wrong, errors.New("a time is negative"))
	}
	if config.ClientID == "" {
		wrong = append(wrong, errors.New("the client id (the application's API key) is missing"))
	}
	if config.KeyID == "" {
		wrong = append(wrong, errors.New("the key id (kid) is missing"))
	}
	switch {
	case config.Key == nil, config.Key.N == nil:
		wrong = append(wrong, errors.New("the private key is missing"))
	case config.Key.N.BitLen() < 2048:
		wrong = append(wrong, errors.New("the private key is shorter than 2048 bits"))
	}
	return errors.Join(wrong...)
}

// ParseKey reads an RSA private key from PEM (PKCS#1 or PKCS#8, not encrypted).
func ParseKey(pem []byte) (*rsa.PrivateKey, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM(pem)
	if err != nil {
		return nil, &Error{Op: "read the private key", Err: err, class: ErrInvalid, detail: "it is not an unencrypted RSA private key in PEM"}
	}
	return key, nil
}

// Close ends idle connections.
func (s *SignedJWT) Close() {
	if s.owned != nil {
		s.owned.CloseIdleConnections()
	}
}

// Authorize puts the access token on a request.
func (s *SignedJWT) Authorize(ctx context.Context, h http.Header) error {
	token, err := s.Token(ctx)
	if err != nil {
		return err
	}
	return setBearer(h, token)
}

// Token is an access token that has some life left. The caller's ctx ends its own
// wait alone: a renewal that was begun goes on for the others, and for the next.
func (s *SignedJWT) Token(ctx context.Context) (string, error) {
	if token, ok := s.current(); ok {
		return token, nil
	}
	renewal := s.renewals.DoChan("", func() (any, error) {
		if token, ok := s.current(); ok { // somebody else's renewal has just ended
			return token, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Timeout)
		defer cancel()
		return s.renew(ctx)
	})
	select {
	case r := <-renewal:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (s *SignedJWT) current() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held.value, s.held.value != "" && s.now().Before(s.held.until)
}

// now is the wall clock: the monotonic one stands still while a machine sleeps,
// and a token does not.
func (s *SignedJWT) now() time.Time { return s.config.Clock.Now().Round(0) }

func (s *SignedJWT) renew(ctx context.Context) (string, error) {
	asked := s.now()
	granted, err := s.ask(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = accessToken{granted.value, asked.Add(granted.life - min(30*time.Second, granted.life/2))}
	return granted.value, nil
}

// refused forgets the token if it is the one that was refused.
func (s *SignedJWT) refused(h http.Header) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if "Bearer "+s.held.value == h.Get("Authorization") {
		s.held = accessToken{}
	}
	return true
}

// assertion says that we are the application. It is new for each attempt: a jti is
// taken once. It lives for four of the five minutes that are allowed, so that a
// clock that is a little fast does not put its end out of bounds.
func (s *SignedJWT) assertion() (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodRS512, jwt.MapClaims{
		"iss": s.config.ClientID,
		"sub": s.config.ClientID,
		"aud": s.config.TokenURL,
		"jti": uuid.NewString(),
		"exp": s.now().Add(4 * time.Minute).Unix(),
	})
	token.Header["kid"] = s.config.KeyID
	return token.SignedString(s.config.Key)
}
