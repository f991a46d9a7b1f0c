package client

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// Gate is asked before anything is sent about a patient, and again when the
// Patient has come. Its types are basic ones, so that package pds can satisfy
// it and neither package needs the other.
type Gate interface {
	Admit(ctx context.Context, n fhir.NHSNumber, ods string, booking bool) error
	Confirm(fhir.Person) error
}

// Encounter is one practitioner of one organisation with one patient. What
// the directory answered is remembered as long as it lives and by nobody
// else: a new encounter means a new lookup (SDS overview, "caching"). It is
// safe for concurrent use.
type Encounter struct {
	client       *Client
	organisation Organisation
	practitioner Practitioner
	gates        []Gate
	forms        forms

	mu      sync.RWMutex
	known   map[place]sdslookup.Endpoint
	asked   map[place]*lookup
	patient fhir.NHSNumber // the first that was asked about
	remarks []string
}

// place is what an answer of the directory may be kept for: never another
// capability's, so the interaction is in it.
type place struct {
	ods string
	id  Interaction
}

// Encounter begins an encounter. It checks both identities and says
// everything that is wrong with them at once; nothing is sent.
func (c *Client) Encounter(o Organisation, p Practitioner, gates ...Gate) (*Encounter, error) {
	if wrong := append(o.check(), p.check()...); len(wrong) > 0 {
		return nil, &Error{Op: "begin an encounter", Layer: LayerSelf, Err: errors.Join(wrong...), classes: []error{ErrInvalid}}
	}
	o.ODS, _ = sdslookup.ParseODS(o.ODS)
	p.Given, p.Prefix = slices.Clone(p.Given), slices.Clone(p.Prefix) // whoever asked stays who asked
	return &Encounter{
		client: c, organisation: o, practitioner: p, gates: gates,
		known: map[place]sdslookup.Endpoint{}, asked: map[place]*lookup{},
	}, nil
}

// Practice is one practice, called within the encounter.
type Practice struct {
	encounter *Encounter
	ods       string
}

// Practice names the practice to call by its ODS code. Nothing is asked yet.
func (e *Encounter) Practice(ods string) (*Practice, error) {
	code, err := sdslookup.ParseODS(ods)
	if err != nil {
		return nil, &Error{Op: "name the practice", Layer: LayerSelf, Err: err, classes: []error{ErrInvalid}}
	}
	return &Practice{encounter: e, ods: code}, nil
}

// ODS is the practice's ODS code.
func (p *Practice) ODS() string { return p.ods }

// ownASID stands in a place for the asking organisation itself.
const ownASID = ""

// look puts one question to the directory.
func (e *Encounter) look(ctx context.Context, at place) (sdslookup.Endpoint, error) {
	directory := e.client.config.Directory
	if at.ods != ownASID {
		return directory.Endpoint(ctx, at.ods, at.id)
	}
	registry, ok := directory.(sdslookup.Registry)
	if !ok {
		return sdslookup.Endpoint{}, sdslookup.ErrNotKnown
	}
	asid, err := registry.OwnASID(ctx, sdslookup.OwnQuery{ODS: e.organisation.ODS, Interaction: at.id, Manufacturer: e.organisation.Manufacturer})
	return sdslookup.Endpoint{ASID: asid}, err
}

// forget drops an answer that has turned out to be old, here and where the
// directory keeps its own.
func (e *Encounter) forget(ctx context.Context, at place) {
	e.mu.Lock()
	delete(e.known, at)
	e.mu.Unlock()
	if d, ok := e.client.config.Directory.(interface {
		Forget(context.Context, string, sdslookup.Interaction) error
	}); ok {
		_ = d.Forget(ctx, at.ods, at.id) // what cannot be forgotten is refused again by the proxy
	}
}

// lookup is one question to the directory that several callers may wait for.
type lookup struct {
	done     chan struct{}
	tell     func(context.Context) // what was done, to the trace of one who waited
	endpoint sdslookup.Endpoint
	err      error
}

// endpoint gives what the encounter remembers, or asks the directory: once,
// however many callers there are. A caller's ctx ends its own wait alone.
func (e *Encounter) endpoint(ctx context.Context, at place) (sdslookup.Endpoint, error) {
	if known, ok := e.remembered(at); ok {
		return known, nil
	}
	question := e.ask(ctx, at)
	select {
	case <-question.done:
		question.tell(ctx)
		return question.endpoint, question.err
	case <-ctx.Done():
		return sdslookup.Endpoint{}, ctx.Err()
	}
}

func (e *Encounter) remembered(at place) (sdslookup.Endpoint, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	known, ok := e.known[at]
	return known, ok
}

func (e *Encounter) ask(ctx context.Context, at place) *lookup {
	e.mu.Lock()
	defer e.mu.Unlock()
	if question, ok := e.asked[at]; ok {
		return question
	}
	shared, tell := sdslookup.Shared(ctx)
	question := &lookup{done: make(chan struct{}), tell: tell}
	if known, ok := e.known[at]; ok {
		question.endpoint = known
		close(question.done)
		return question
	}
	e.asked[at] = question
	go e.answer(shared, at, question)
	return question
}

// answer asks for all who wait; it is detached from the first caller's end and
// trace, and bounded by the client's timeout.
func (e *Encounter) answer(ctx context.Context, at place, question *lookup) {
	ctx, cancel := context.WithTimeout(ctx, e.client.config.Timeout)
	defer cancel()
	question.endpoint, question.err = e.look(ctx, at)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.asked, at)
	if question.err == nil {
		e.known[at] = question.endpoint
	}
	close(question.done)
}

// Remark has the auditor told, with every call of the encounter from now on,
// of something done on the user's word: a trace that was left out, a gate that
// was overridden and why. It must not name the patient.
func (e *Encounter) Remark(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.remarks = append(e.remarks, text)
}

func (e *Encounter) remarked() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.remarks)
}

// about binds the encounter to its one patient.
func (e *Encounter) about(n fhir.NHSNumber) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.patient.IsZero() && e.patient != n {
		return errors.New("this encounter is about another patient; begin a new one for each patient")
	}
	e.patient = n
	return nil
}
