package pds

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// Client asks PDS. It is safe for concurrent use, and all who come from one New
// by [Client.As] share its connections and its rate limit.
type Client struct {
	config Config
	base   string // without a trailing slash
	way    *way
	owned  *http.Transport
	limit  *limiter
	asking Asking
}

// New checks the whole configuration and says everything that is wrong with it at
// once. It opens no connection.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, problems("configure PDS", err)
	}
	c := &Client{config: config, base: strings.TrimRight(config.BaseURL, "/"), limit: newLimiter(config.PerSecond, config.Clock)}
	c.way, c.owned = newWay(config.TLS, config.HTTP, config.Limits)
	c.way.clock, c.way.attempts, c.way.wait = config.Clock, config.Attempts, config.Wait
	return c, nil
}

// Close ends idle connections, those of all who share them.
func (c *Client) Close() {
	if c.owned != nil {
		c.owned.CloseIdleConnections()
	}
}

// Asking is who asks, which is never a default of the installation.
type Asking struct {
	Organisation  string      // ODS code of the end user's organisation; PDS demands it of applications that serve several
	SessionURID   string      // of a healthcare worker: the role profile's id; digits
	CorrelationID string      // joins several requests in both sides' logs; letters, digits and hyphens; optional
	Token         TokenSource // of user-restricted access: this user's; nil is the application's
}

func (a Asking) check() error {
	var wrong []error
	if a.Organisation != "" && !isODS(a.Organisation) {
		wrong = append(wrong, errors.New("the asking organisation is not an ODS code"))
	}
	if strings.Trim(a.SessionURID, "0123456789") != "" {
		wrong = append(wrong, errors.New("the session's URID is not made of digits"))
	}
	if len(a.CorrelationID) > 64 || !onlyLettersDigits(strings.ReplaceAll(a.CorrelationID, "-", "")) {
		wrong = append(wrong, errors.New("the correlation id is not made of up to 64 letters, digits and hyphens"))
	}
	if own, ok := a.Token.(interface{ check() error }); ok {
		wrong = append(wrong, own.check())
	}
	return errors.Join(wrong...)
}

// As is the client on behalf of somebody.
func (c *Client) As(a Asking) (*Client, error) {
	a.Organisation = strings.ToUpper(strings.TrimSpace(a.Organisation))
	if err := a.check(); err != nil {
		return nil, problems("ask on somebody's behalf", err)
	}
	as := *c
	as.asking = a
	return &as, nil
}

func isODS(s string) bool { return len(s) >= 3 && len(s) <= 12 && onlyLettersDigits(s) }

func onlyLettersDigits(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// Patient reads the patient with that number, which is the trace of them. When the
// number has been superseded PDS answers with the record that replaces it: see
// [Trace.Superseded]. Of a restricted patient there is no practice.
func (c *Client) Patient(ctx context.Context, n fhir.NHSNumber) (*Trace, error) {
	const op = "read the patient"
	if n.IsZero() {
		return nil, &Error{Op: op, class: ErrInvalid, detail: "no NHS number"}
	}
	a, id, err := c.get(ctx, op, "/Patient/"+n.Digits())
	if err != nil {
		return nil, err
	}
	t, err := ReadTrace(a.Body, n, c.config.Clock.Now())
	if err != nil {
		return nil, unreadable(op, id, err)
	}
	t.RequestID = id
	return t, nil
}

// get makes one read, with its retries, and gives the answer and the request's id.
func (c *Client) get(ctx context.Context, op, path string) (*wire.Answer, string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	s := &sending{
		way: c.way, op: op, requestID: uuid.NewString(), address: c.base,
		granted: c.limit.wait,
		judge:   func(a *wire.Answer) *Error { return judge(a, c.config.Clock.Now()) },
	}
	s.prepare = func(ctx context.Context) (*http.Request, error) { return c.request(ctx, path, s.requestID) }
	if source, ok := c.token().(renewable); ok {
		s.renew = func(req *http.Request) bool { return source.refused(req.Header) }
	}
	if c.config.OnExchange != nil {
		s.tell = func(x Exchange) {
			x.CorrelationID, x.Organisation = c.asking.CorrelationID, c.asking.Organisation
			c.config.OnExchange(x)
		}
	}
	a, err := s.send(ctx)
	return a, s.requestID, err
}

// request puts one attempt together; headers as the API's specification spells them.
func (c *Client) request(ctx context.Context, path, id string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, &Error{Op: "put the request together", class: ErrInvalid} // err would quote the address
	}
	h := req.Header
	h["Accept"] = []string{"application/fhir+json"}
	h["User-Agent"] = []string{"gpc"}
	h["X-Request-ID"] = []string{id}
	for name, value := range map[string]string{
		"X-Correlation-ID":               c.asking.CorrelationID,
		"NHSD-End-User-Organisation-ODS": c.asking.Organisation,
		"NHSD-Session-URID":              c.asking.SessionURID,
	} {
		if value != "" {
			h[name] = []string{value}
		}
	}
	if source := c.token(); source != nil {
		if err := source.Authorize(ctx, h); err != nil {
			return nil, err
		}
	}
	return req, nil
}

func (c *Client) token() TokenSource {
	if c.asking.Token != nil {
		return c.asking.Token
	}
	return c.config.Token
}

// unreadable is an answer with status 200 that cannot be relied on.
func unreadable(op, requestID string, err error) *Error {
	e := &Error{Op: op, StatusCode: http.StatusOK, RequestID: requestID, Err: err, class: ErrUnreadable}
	var odd *oddity
	if errors.As(err, &odd) {
		e.detail = odd.what
	}
	return e
}

// oddity says in words of our own what is wrong with a resource.
type oddity struct{ what string }

func (o *oddity) Error() string { return "pds: " + o.what }

func oddf(format string, args ...any) error { return &oddity{fmt.Sprintf(format, args...)} }
