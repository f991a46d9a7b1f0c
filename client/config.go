package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// Config is an installation: what stays the same whoever asks about whom.
// The organisation and the practitioner are not in it; they belong to an
// [Encounter].
type Config struct {
	ProxyURL  string              // the SSP: "https://proxy.example"
	TLS       *tls.Config         // client certificate and private roots; package mtls makes it
	Directory sdslookup.Directory // where practices are looked up
	Issuer    string              // the audit token's iss: the consumer's Spine endpoint URL
	Device    Device              // the audit token's requesting_device

	Auditor    Auditor        // told of every attempt; may veto it. Optional
	OnExchange func(Exchange) // told of every attempt, after it; may not veto. Optional

	// Journal keeps the intents of writes. Booking, registering, amending and
	// cancelling are refused without one.
	Journal  Journal
	Settling Settling // of writes whose answer was lost

	Timeout time.Duration // of one interaction with its lookups and retries; 60 s
	Retry   Retry         // of reads
	Limits  Limits        // of one exchange
	Now     func() time.Time
}

// Retry says how often a read may be attempted. Writes are sent once.
type Retry struct {
	Attempts int           // 1 to 3; 0 is 3
	Wait     time.Duration // before the second attempt at most; doubles; 0 is 200 ms
}

// Limits bound one exchange. Zero members take the defaults in brackets, which
// for Header and Body depend on the interaction; a member that is set is for all.
type Limits struct {
	Dial    time.Duration // TCP and TLS handshake, each (10 s)
	Header  time.Duration // from the beginning to the first byte of the answer (a GET 30 s, a POST or PUT 60 s)
	Idle    time.Duration // between two pieces of an answer (20 s)
	Body    int64         // bytes of an answer, decompressed (one resource 1 MiB, a search or a document 16 MiB, a record 64 MiB, a migrated document 512 MiB)
	Bundles fhir.Limits   // of the parsed record
}

// of gives the limits of a row's exchanges.
func (l Limits) of(row Row) wire.Limits {
	own := wire.Limits{Header: l.Header, Idle: l.Idle, Body: l.Body}
	if own.Header == 0 && row.Method == http.MethodGet {
		own.Header = 30 * time.Second
	}
	if own.Body == 0 {
		own.Body = row.most()
	}
	return own
}

// most is how long an answer of the row may be: many times what the
// specification or practices have, and too little to fill a memory.
func (r Row) most() int64 {
	const mega = 1 << 20
	switch {
	case r.ID == MigrateDocument:
		return 512 * mega // the specification expects more than 100 MB
	case r.Root == Structured && r.Method == http.MethodPost, r.Root == HTML && r.Method == http.MethodPost, r.Path == "":
		return 64 * mega
	case r.ID == ReadDocument, r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "{id}") && r.Path != "/metadata":
		return 16 * mega // 5 MB in base64, or a search
	}
	return mega
}

// Client is an installation ready to be used; it is safe for concurrent use.
type Client struct {
	config  Config
	proxy   string // without a trailing slash
	door    http.RoundTripper
	raw     *http.Transport
	single  *http.Transport // of writes: no connection is used twice
	budgets budgets
}

// New checks the whole configuration and says everything that is wrong with
// it at once. It opens no connection.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, &Error{Op: "configure the client", Layer: LayerSelf, Err: err, classes: []error{ErrInvalid}}
	}
	c := &Client{config: config, proxy: strings.TrimRight(config.ProxyURL, "/")}
	c.raw = wire.NewTransport(config.TLS, config.Limits.Dial)
	c.single = wire.NewTransport(config.TLS, config.Limits.Dial)
	c.single.DisableKeepAlives = true
	c.door = &door{client: c}
	return c, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.raw.CloseIdleConnections() }

func (config Config) withDefaults() Config {
	if config.Timeout == 0 {
		config.Timeout = 60 * time.Second
	}
	if config.Retry.Attempts == 0 {
		config.Retry.Attempts = 3
	}
	if config.Retry.Wait == 0 {
		config.Retry.Wait = 200 * time.Millisecond
	}
	if config.Limits.Dial == 0 {
		config.Limits.Dial = 10 * time.Second
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	config.Settling = config.Settling.withDefaults(config.Timeout)
	return config
}

func (config Config) check() error {
	var wrong []error
	if err := checkProxy(config.ProxyURL); err != nil {
		wrong = append(wrong, err)
	}
	if config.TLS == nil {
		wrong = append(wrong, errors.New("no TLS configuration: the proxy demands a client certificate"))
	}
	if config.Directory == nil {
		wrong = append(wrong, errors.New("no directory to look practices up in"))
	}
	if !isURL(config.Issuer) {
		wrong = append(wrong, errors.New("the issuer is not an http(s) URL; it is the consumer system's endpoint, as in https://consumer.example/"))
	}
	for _, member := range [...]struct {
		name  string
		value int64
	}{
		{"Timeout", int64(config.Timeout)}, {"Retry.Wait", int64(config.Retry.Wait)}, {"Limits.Dial", int64(config.Limits.Dial)},
		{"Limits.Header", int64(config.Limits.Header)}, {"Limits.Idle", int64(config.Limits.Idle)}, {"Limits.Body", config.Limits.Body},
	} {
		if member.value < 0 {
			wrong = append(wrong, fmt.Errorf("%s is negative", member.name))
		}
	}
	if config.Retry.Wait > time.Hour {
		wrong = append(wrong, errors.New("Retry.Wait is more than an hour"))
	}
	if a := config.Retry.Attempts; a < 1 || a > 3 {
		wrong = append(wrong, fmt.Errorf("%d attempts: a read may be attempted 1 to 3 times", a))
	}
	if err := config.Settling.check(config.Timeout); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(append(wrong, config.Device.check()...)...)
}

func checkProxy(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return errors.New("no proxy address")
	case err != nil || u.Scheme != "https" || u.Host == "":
		return errors.New("the proxy address is not of the form https://host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return errors.New("the proxy address must be https://host[:port] and nothing more")
	}
	return nil
}

// isURL reports whether s has the form of one. It is asked of every identifier
// of every token, so it does not take it apart.
func isURL(s string) bool {
	host, ok := strings.CutPrefix(s, "https://")
	if !ok {
		host, ok = strings.CutPrefix(s, "http://")
	}
	host, _, _ = strings.Cut(host, "/")
	return ok && host != "" && !strings.ContainsAny(s, " \t\r\n\"<>\\^`{|}")
}
