package pds

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// Config is one environment of PDS and one application's access to it. Who asks
// is not in it: see [Client.As].
type Config struct {
	BaseURL string      // "https://api.service.nhs.uk/personal-demographics/FHIR/R4"
	Token   TokenSource // credentials of the application; nil sends none, which the open sandbox takes

	// TLS and HTTP exclude each other. Without both, requests leave directly (no proxy
	// from the environment is used) and the system's roots are trusted.
	TLS  *tls.Config
	HTTP http.RoundTripper // a transport of one's own: behind a corporate proxy, for one

	PerSecond  int            // requests in any second, all askers together; 5, at most 10,000
	Timeout    time.Duration  // of one operation with its waits and retries; 30 s
	Attempts   int            // of one operation, 1 to 3; 3
	Wait       time.Duration  // before the second attempt at most, where PDS does not say; doubles; 200 ms
	Limits     Limits         // of one exchange
	OnExchange func(Exchange) // told of every attempt, after it; optional
	Clock      Clock          // the system's
}

// Limits bound one exchange; zero members take the defaults in brackets.
type Limits struct {
	Dial   time.Duration // TCP and TLS handshake, each (5 s)
	Header time.Duration // from sending to the first byte of the answer (10 s)
	Idle   time.Duration // between two pieces of an answer (10 s)
	Body   int64         // bytes of an answer, decompressed (8 MiB)
}

func (l Limits) orDefault() Limits {
	l.Dial = orElse(l.Dial, 5*time.Second)
	l.Header = orElse(l.Header, 10*time.Second)
	l.Idle = orElse(l.Idle, 10*time.Second)
	l.Body = orElse(l.Body, 8<<20)
	return l
}

func (l Limits) wire() wire.Limits {
	return wire.Limits{Header: l.Header, Idle: l.Idle, Body: l.Body}
}

// orElse is v, or d when v is zero.
func orElse[T comparable](v, d T) T {
	if v == *new(T) {
		return d
	}
	return v
}

func (config Config) withDefaults() Config {
	config.PerSecond = orElse(config.PerSecond, 5)
	config.Timeout = orElse(config.Timeout, 30*time.Second)
	config.Attempts = orElse(config.Attempts, 3)
	config.Wait = orElse(config.Wait, 200*time.Millisecond)
	config.Limits = config.Limits.orDefault()
	if config.Clock == nil {
		config.Clock = systemClock{}
	}
	return config
}

// mostPerSecond is far above what PDS allows to any application.
const mostPerSecond = 10_000

func (config Config) check() error {
	wrong := checkWay(config.TLS, config.HTTP, config.Attempts)
	if err := checkAddress("the base address", config.BaseURL); err != nil {
		wrong = append(wrong, err)
	}
	if own, ok := config.Token.(interface{ check() error }); ok {
		wrong = append(wrong, own.check())
	}
	if config.PerSecond < 1 || config.PerSecond > mostPerSecond {
		wrong = append(wrong, fmt.Errorf("the rate limit is not from 1 to %d a second", mostPerSecond))
	}
	if config.Timeout < 0 || config.Wait < 0 {
		wrong = append(wrong, errors.New("a time is negative"))
	}
	if config.Wait > time.Hour {
		wrong = append(wrong, errors.New("the wait before the second attempt is more than an hour"))
	}
	return errors.Join(wrong...)
}

func checkWay(config *tls.Config, transport http.RoundTripper, attempts int) (wrong []error) {
	if config != nil && transport != nil {
		wrong = append(wrong, errors.New("both TLS and HTTP are given: a transport of your own has its own TLS configuration"))
	}
	if attempts < 1 || attempts > 3 {
		wrong = append(wrong, fmt.Errorf("%d attempts: a request may be attempted 1 to 3 times", attempts))
	}
	return wrong
}

func checkAddress(what, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return fmt.Errorf("%s is missing", what)
	case err != nil || u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%s is not of the form https://host/path", what)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%s has more than a host and a path", what)
	}
	return nil
}

// newWay makes the way out; owned is nil where the transport is the caller's.
func newWay(config *tls.Config, transport http.RoundTripper, l Limits) (w *way, owned *http.Transport) {
	w = &way{transport: transport, limits: l.wire()}
	if transport == nil {
		owned = wire.NewTransport(config, l.Dial)
		w.transport = owned
	}
	return w, owned
}

// problems puts what is wrong with a configuration into an error. The sentences
// are our own and name no values.
func problems(op string, err error) *Error {
	return &Error{Op: op, Err: err, class: ErrInvalid, detail: strings.ReplaceAll(err.Error(), "\n", "; ")}
}
