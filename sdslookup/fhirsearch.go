package sdslookup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// term is a search parameter of system and value.
type term struct{ name, system, value string }

func organisationTerm(ods string) term    { return term{"organization", systemODS, ods} }
func interactionTerm(id Interaction) term { return term{"identifier", systemInteraction, string(id)} }
func (t term) add(v url.Values)           { v.Add(t.name, t.system+"|"+t.value) }
func (t term) String() string             { return t.name + "=" + t.system + "|" + t.value }

// fhirAnswer is what a search brought, and what a Trace is told of it.
type fhirAnswer struct {
	step         Step
	server, base string
	question     string
	took         time.Duration
	bundle       *r4.Bundle
}

func (a fhirAnswer) tell(ctx context.Context, cs []Candidate, err error) error {
	return answer{query: query{step: a.step, base: a.base, filter: a.question}, server: a.server, took: a.took}.tell(ctx, cs, err)
}

// search asks once. The gateway keeps answers for half an hour unless it is told not to; an encounter
// means a fresh lookup.
func (d *FHIR) search(ctx context.Context, step Step, resource string, terms ...term) (fhirAnswer, error) {
	values := make(url.Values)
	a := fhirAnswer{step: step, server: d.base, base: resource}
	for _, t := range terms {
		t.add(values)
		if a.question != "" {
			a.question += "&"
		}
		a.question += t.String()
	}
	began := time.Now()
	err := d.get(ctx, &a, d.base+"/"+resource+"?"+values.Encode())
	a.took = time.Since(began)
	return a, err
}

func (d *FHIR) get(ctx context.Context, a *fhirAnswer, target string) error {
	limited, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, target, nil)
	if err != nil {
		return &Error{Kind: ErrInvalid, Err: err}
	}
	req.Header.Set("Accept", "application/fhir+json")
	req.Header.Set("Cache-Control", "no-cache")
	req.Header.Set("X-Correlation-Id", uuid.NewString())
	if d.key != "" {
		req.Header["apikey"] = []string{string(d.key)}
	}
	got, err := wire.Send(d.transport, req, d.limits)
	if err != nil {
		return failedExchange(ctx, err, d.timeout)
	}
	if err := judgeStatus(got); err != nil {
		return err
	}
	a.bundle, err = readBundle(got)
	return err
}

// failedExchange: ctx's end comes first; a limit of ours is not the caller's.
func failedExchange(ctx context.Context, err error, limit time.Duration) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	var f *wire.Failure
	switch {
	case !errors.As(err, &f):
		return &Error{Kind: ErrUnavailable, Err: err}
	case f.Kind == wire.TheirCert, f.Kind == wire.OurCert, f.Kind == wire.TLS:
		return &Error{Kind: ErrTLS, Err: f}
	case f.Kind == wire.Deadline, f.Kind == wire.Cancelled:
		return &Error{Kind: ErrUnavailable, Err: fmt.Errorf("no answer within %v", limit)}
	}
	return &Error{Kind: ErrUnavailable, Err: f, permanent: f.Kind == wire.TooLarge || f.Kind == wire.BadResponse}
}

// judgeStatus: only a 200 is an answer. "No match" is a 200 with nothing in it; a 404 is a wrong address.
func judgeStatus(got *wire.Answer) error {
	kind, says := ErrUnavailable, ""
	switch got.Status {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		kind, says = ErrRefused, "it does not accept the API key"
	case http.StatusNotFound:
		says = "there is no such service at its address"
	case http.StatusTooManyRequests:
		says = "it is asked too often"
	default:
		says = "it does not answer the question"
		if got.Status >= 500 {
			says = "it is in trouble, or its data are"
		}
	}
	if code := spineCode(got.Body); code != "" {
		says += ", " + code
	}
	return &Error{
		Kind: kind, Err: fmt.Errorf("%s (status %d)", says, got.Status),
		permanent: got.Status < 500 && got.Status != http.StatusTooManyRequests && got.Status != http.StatusRequestTimeout,
	}
}

// spineCode is the code of an OperationOutcome, or "". Its other words are not repeated.
func spineCode(body []byte) string {
	var outcome struct {
		Issue []struct {
			Details struct {
				Coding []struct {
					Code string `json:"code"`
				} `json:"coding"`
			} `json:"details"`
		} `json:"issue"`
	}
	if json.Unmarshal(body, &outcome) != nil {
		return ""
	}
	for _, i := range outcome.Issue {
		for _, c := range i.Details.Coding {
			if c.Code != "" && len(c.Code) <= 64 && consistsOf(c.Code, func(b byte) bool { return isAlphanumeric(b) || b == '_' }) {
				return c.Code
			}
		}
	}
	return ""
}

// readBundle wants a searchset with everything in it.
func readBundle(got *wire.Answer) (*r4.Bundle, error) {
	unreadable := func(why string) error {
		return &Error{Kind: ErrUnavailable, Err: errors.New(why), permanent: true}
	}
	media, _, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || media != "application/fhir+json" && media != "application/json" {
		return nil, unreadable("its answer is not FHIR in JSON")
	}
	if kind := resourceType(got.Body); kind != "Bundle" {
		return nil, unreadable("its answer is no Bundle")
	}
	b := new(r4.Bundle)
	if err := json.Unmarshal(got.Body, b); err != nil || b.Type != r4.BundleTypeSearchset {
		return nil, unreadable("its Bundle cannot be read")
	}
	for _, l := range b.Link {
		if l.Relation == "next" {
			return nil, &Error{Kind: ErrAmbiguous, Err: errTooMany}
		}
	}
	if len(b.Entry) > sizeLimit || b.Total != nil && *b.Total > len(b.Entry) {
		return nil, &Error{Kind: ErrAmbiguous, Err: errTooMany}
	}
	return b, nil
}

func resourceType(raw []byte) string {
	var r struct {
		Type string `json:"resourceType"`
	}
	_ = json.Unmarshal(raw, &r)
	return r.Type
}
