package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// The media types of GP Connect 1.x and 0.7.
const (
	mediaSTU3  = "application/fhir+json;charset=utf-8"
	mediaDSTU2 = "application/json+fhir"
)

// call is one operation on its way out: what every attempt of it shares. What
// an attempt must not share (trace id, token, time) is made in the door.
type call struct {
	client       *Client
	op           string
	ods          string
	row          Row
	media        string // of Accept, and of Content-Type where there is a body
	path         string // of the request, with its query, relative to the service root
	body         []byte
	organisation Organisation
	practitioner Practitioner
	patient      fhir.NHSNumber // zero when it is about nobody
	write        *attempt       // of a write that the journal is to know; else nil
	remarks      []string       // the encounter's, for the auditor
	forms        *forms         // the encounter's, of tokens; nil keeps none
	endpoint     sdslookup.Endpoint

	attempt int
	trace   string        // of the latest attempt
	token   Token         // of the latest attempt
	answer  *wire.Answer  // of the latest attempt
	verdict *Error        // of the latest attempt
	wait    time.Duration // before the next one
	again   bool          // there is to be a next one
	hops    []Hop         // before the next attempt
}

type callKey struct{}

// door is where every request leaves. As an http.RoundTripper it can stand
// under a retrying client, and because everything that must be new each time
// is made in here, a retry can reuse nothing.
type door struct{ client *Client }

// RoundTrip makes one attempt of the call in the request's context: mints,
// tells the auditor, sends once, judges, tells the outcome. Its response is for
// who stands above it and has no body: that has been read and is in the call.
func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	k, ok := req.Context().Value(callKey{}).(*call)
	if !ok {
		return nil, errors.New("client: a request that is no call")
	}
	k.attempt++
	k.again = false
	k.trace = uuid.NewString()
	now := d.client.config.Now()
	out, err := k.request(req.Context(), now)
	if err != nil {
		k.attempt, k.trace = 0, "" // there was none
		refused := k.refuse(err)
		k.tell(req.Context(), k.told(k.exchange(req.Context(), now), nil, 0))
		return nil, refused
	}
	if rehearse := rehearsalFrom(req.Context()); rehearse != nil {
		rehearse(Rehearsal{Request: out, Body: k.body, Claims: k.claims(now), Endpoint: k.endpoint})
		return nil, k.refuse(ErrRehearsed)
	}
	x := k.exchange(req.Context(), now)
	if err := k.admit(req.Context(), x); err != nil {
		return nil, k.refuse(&vetoed{late(req.Context(), err)})
	}
	if refused := k.intend(req.Context()); refused != nil {
		k.tell(req.Context(), k.told(x, nil, 0))
		return nil, refused
	}
	began := time.Now()
	answer, err := wire.Send(d.client.transport(k.row), out, d.client.config.Limits.of(k.row))
	took := time.Since(began)
	k.answer, k.verdict = answer, k.outcome(answer, late(req.Context(), err))
	k.tell(req.Context(), k.told(x, answer, took))
	if err != nil {
		return nil, k.verdict
	}
	return response(req, answer), nil
}

// request puts the HTTP request together. The URL is made by concatenation:
// the proxy compares the address with the directory's byte for byte, and
// anything that joins or cleans paths changes it.
func (k *call) request(ctx context.Context, now time.Time) (*http.Request, error) {
	form, err := k.form(now)
	if err != nil {
		return nil, err
	}
	bearer, token := form.at(now)
	var body io.Reader
	if k.body != nil {
		body = bytes.NewReader(k.body)
	}
	out, err := http.NewRequestWithContext(ctx, k.row.Method, k.client.proxy+"/"+k.endpoint.Address+k.path, body)
	if err != nil {
		return nil, errors.New("the request's address cannot be put together")
	}
	out.Header = k.head(bearer)
	k.token = token
	return out, nil
}

// head makes the headers, named as the specification writes them: Header.Set
// would spell Ssp-Traceid.
func (k *call) head(bearer string) http.Header {
	names := [...]string{"Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID", "Authorization", "Accept", "User-Agent", "Content-Type"}
	values := []string{k.trace, k.organisation.ASID, k.endpoint.ASID, string(k.row.ID), bearer, k.media, "gpc", k.media}
	if k.body == nil {
		values = values[:len(values)-1]
	}
	h := make(http.Header, len(values))
	for i := range values {
		h[names[i]] = values[i : i+1 : i+1]
	}
	if k.write != nil && k.write.ifMatch != "" {
		h["If-Match"] = []string{k.write.ifMatch}
	}
	return h
}

// media is the media type of an interaction of GP Connect.
func (r Row) media() string {
	if r.FHIR == "DSTU2" {
		return mediaDSTU2
	}
	return mediaSTU3
}

// outcome judges what one attempt gave; nil is an answer that can be read.
func (k *call) outcome(answer *wire.Answer, err error) *Error {
	if err != nil {
		return k.doubt(k.failed(err))
	}
	return k.doubt(k.judge(answer))
}

// fail begins an error of this call.
func (k *call) fail(layer Layer, err error, classes ...error) *Error {
	return &Error{
		Op: k.op, Layer: layer, ODS: k.ods, Interaction: k.row.ID,
		TraceID: k.trace, Err: err, classes: classes,
	}
}

// refuse is an attempt that ended before its first byte.
func (k *call) refuse(err error) *Error {
	class := ErrInvalid
	var v *vetoed
	switch {
	case errors.Is(err, ErrRehearsed):
		class = ErrRehearsed
	case errors.As(err, &v):
		class = ErrVetoed
	}
	k.verdict = k.fail(LayerSelf, err, class)
	return k.verdict
}

func response(req *http.Request, a *wire.Answer) *http.Response {
	return &http.Response{
		Status: http.StatusText(a.Status), StatusCode: a.Status, Header: a.Header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req, Body: http.NoBody,
	}
}

// Rehearsal is a call as it would have left.
type Rehearsal struct {
	Request  *http.Request // its URL and headers; the token is in Authorization
	Body     []byte
	Claims   Claims
	Endpoint sdslookup.Endpoint
}

// URL is what the request line would have asked the proxy for.
func (r Rehearsal) URL() string {
	return r.Request.URL.Scheme + "://" + r.Request.URL.Host + r.Request.URL.RequestURI()
}

type rehearsalKey struct{}

// WithRehearsal makes the calls under the returned context ask the directory
// and put their request together, tell it to f, and send nothing to the
// proxy. They fail with ErrRehearsed.
func WithRehearsal(ctx context.Context, f func(Rehearsal)) context.Context {
	return context.WithValue(ctx, rehearsalKey{}, f)
}

func rehearsalFrom(ctx context.Context) func(Rehearsal) {
	f, _ := ctx.Value(rehearsalKey{}).(func(Rehearsal))
	return f
}

// validPath says why path cannot follow a service root.
func validPath(path string) error {
	switch {
	case !strings.HasPrefix(path, "/"):
		return errors.New("the path does not begin with a slash")
	case strings.ContainsAny(path, "#\\ \t\r\n|\"<>^`{}"):
		return errors.New("the path holds a character that must be percent-encoded")
	}
	path, _, _ = strings.Cut(path, "?")
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return errors.New("the path holds a dot segment")
		}
	}
	return nil
}
