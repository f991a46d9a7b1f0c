package client

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// Request is any interaction with a practice, for [Practice.Do].
type Request struct {
	Interaction Interaction
	Path        string         // relative to the service root, percent-encoded, with its query: "/metadata"
	Body        []byte         // JSON; nil for none
	Patient     fhir.NHSNumber // whom it is about, for the gates; zero for nobody

	// Foreign describes an interaction that is not GP Connect's: an API that is
	// reached through the proxy all the same. Its Path is not looked at. Media is
	// the media type that it speaks; empty is GP Connect's.
	Foreign *Row
	Media   string

	write *attempt // what the typed writes add
}

// Response is a practice's answer, whole, as it came.
type Response struct {
	Status   int
	Header   http.Header
	Body     []byte
	TraceID  string
	Endpoint sdslookup.Endpoint
	At       time.Time // when the answer was there

	withhold func(*Error) // tells that the caller does not get it
}

// Do makes one interaction: asks the gates, looks the practice up, and calls
// it through the proxy. A read may be attempted several times, a write is
// sent once. Every error is an *Error, and the answer of a status outside 2xx
// is in it. The journal hears nothing of a write made this way, and nobody looks
// for it: [ErrOutcomeUnknown] says that it may have taken place.
func (p *Practice) Do(ctx context.Context, r Request) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, p.encounter.client.config.Timeout)
	defer cancel()
	k := p.call(r)
	if err := p.prepare(ctx, k); err != nil {
		k.verdict = err
		k.tell(ctx, k.told(k.exchange(ctx, k.client.config.Now()), nil, 0))
		return nil, err
	}
	return p.send(ctx, k)
}

func (p *Practice) call(r Request) *call {
	row, ok := RowOf(r.Interaction)
	media := ""
	if !ok && r.Foreign != nil {
		row, row.Path = *r.Foreign, ""
		media = r.Media
	}
	row.ID = r.Interaction
	if media == "" {
		media = row.media()
	}
	if row.Write && r.write == nil {
		r.write = &attempt{}
	}
	return &call{
		client: p.encounter.client, op: opOf(r.Interaction), ods: p.ods, row: row, media: media, path: r.Path, body: r.Body,
		organisation: p.encounter.organisation, practitioner: p.encounter.practitioner, forms: &p.encounter.forms,
		patient: r.Patient, write: r.write, remarks: p.encounter.remarked(),
	}
}

// prepare does all that comes before an attempt: checks the call, asks the
// gates, finds the practice.
func (p *Practice) prepare(ctx context.Context, k *call) *Error {
	if err := k.check(); err != nil {
		return k.refuse(err)
	}
	if err := p.admit(ctx, k); err != nil {
		return err
	}
	return p.find(ctx, k)
}

// check holds the request against the interaction table.
func (k *call) check() error {
	switch {
	case k.row.Method == "":
		return fmt.Errorf("%q is no interaction of GP Connect", k.row.ID)
	case k.row.Path != "" && !onPath(k.row.Path, k.path):
		return fmt.Errorf("the path does not fit the interaction, whose path is %s", k.row.Path)
	case (k.row.Method == http.MethodGet || k.row.Method == http.MethodDelete) != (k.body == nil):
		return errors.New("a GET has no body, a POST or PUT has one")
	}
	if k.media != k.row.media() {
		if _, _, err := mime.ParseMediaType(k.media); err != nil {
			return errors.New("the media type is not one, as application/json is")
		}
	}
	return validPath(k.path)
}

// onPath reports whether path, without its query, is of the pattern, where
// {id} is any one segment. Amend and cancel differ in nothing but the
// interaction, so what can be checked of it is.
func onPath(pattern, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	for {
		want, moreWanted, longer := strings.Cut(pattern, "/")
		got, more, long := strings.Cut(path, "/")
		if long != longer || want != got && (want != "{id}" || got == "") {
			return false
		}
		if !long {
			return true
		}
		pattern, path = moreWanted, more
	}
}

func (p *Practice) admit(ctx context.Context, k *call) *Error {
	if k.patient.IsZero() {
		return nil
	}
	if err := p.encounter.about(k.patient); err != nil {
		return k.refuse(err)
	}
	if len(p.encounter.gates) > 0 {
		defer k.hop(HopGate, time.Now())
	}
	for _, gate := range p.encounter.gates {
		if err := gate.Admit(ctx, k.patient, p.ods, k.row.Anywhere()); err != nil {
			return k.gated(err)
		}
	}
	return nil
}

// find asks the directory, or the encounter's memory of it: where the practice
// is, and, where nobody has said, as whom the organisation asks.
func (p *Practice) find(ctx context.Context, k *call) *Error {
	at := place{p.ods, k.row.ID}
	if _, known := p.encounter.remembered(at); !known {
		defer k.hop(HopDirectory, time.Now())
	}
	endpoint, err := p.encounter.endpoint(ctx, at)
	if err != nil {
		return k.fail(LayerDirectory, err, directoryClass(err)...)
	}
	k.endpoint = endpoint
	if k.organisation.ASID == "" {
		own, err := p.encounter.endpoint(ctx, place{ownASID, k.row.ID})
		if err != nil {
			return k.fail(LayerDirectory, fmt.Errorf("the own ASID: %w", err), directoryClass(err)...)
		}
		k.organisation.ASID = own.ASID
	}
	return nil
}

func directoryClass(err error) []error {
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case errors.Is(err, sdslookup.ErrNotFound), errors.Is(err, sdslookup.ErrNotKnown):
		return []error{ErrNotFound}
	case errors.Is(err, sdslookup.ErrAmbiguous), errors.Is(err, sdslookup.ErrAddressRefused):
		return []error{ErrUnreadable}
	case errors.Is(err, sdslookup.ErrTLS):
		return []error{ErrCertificate, ErrRefused}
	case errors.Is(err, sdslookup.ErrRefused):
		return []error{ErrRefused}
	case errors.Is(err, sdslookup.ErrInvalid):
		return []error{ErrInvalid}
	}
	return []error{ErrNoAnswer}
}

// send transmits the call. Where the proxy says that the address is not the
// directory's, what was remembered of it is dropped; a read that has an attempt
// left is then looked up and sent once more, a write is the caller's to repeat.
func (p *Practice) send(ctx context.Context, k *call) (*Response, error) {
	r, err := p.transmit(ctx, k)
	if !errors.Is(err, ErrEndpointVaries) {
		return r, err
	}
	stale := k.endpoint
	p.encounter.forget(ctx, place{p.ods, k.row.ID})
	if k.row.Write || k.attempt >= k.client.config.Retry.Attempts {
		return nil, err
	}
	if failed := p.find(ctx, k); failed != nil || k.endpoint == stale {
		return nil, err
	}
	return p.transmit(ctx, k)
}

func (p *Practice) transmit(ctx context.Context, k *call) (*Response, error) {
	transmit := k.client.sendRead
	if k.row.Write {
		transmit = k.client.sendWrite
	}
	_, err := transmit(ctx, k)
	if k.verdict != nil {
		if k.again && k.verdict.Err == nil {
			k.verdict.Err = ctx.Err() // it ended the wait for the next attempt
		}
		return nil, k.verdict
	}
	if err != nil {
		return nil, k.failed(err)
	}
	return &Response{
		Status: k.answer.Status, Header: k.answer.Header, Body: k.answer.Body,
		TraceID: k.trace, Endpoint: k.endpoint, At: k.client.config.Now(),
		withhold: func(verdict *Error) { k.withhold(context.WithoutCancel(ctx), verdict) },
	}, nil
}

// unreadable is an answer with status 2xx that is not what was asked for. The
// auditor is told that it is withheld.
func (p *Practice) unreadable(r *Response, id Interaction, err error) *Error {
	verdict := &Error{
		Op: opOf(id), Layer: LayerProvider, ODS: p.ods, Interaction: id,
		TraceID: r.TraceID, StatusCode: r.Status, Err: err, classes: []error{ErrUnreadable},
	}
	if r.withhold != nil {
		r.withhold(verdict)
	}
	return verdict
}
