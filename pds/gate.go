package pds

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Tracer asks PDS about a patient; *[Client] is one.
type Tracer interface {
	Patient(context.Context, fhir.NHSNumber) (*Trace, error)
}

// GateConfig is a gate of one encounter. It needs a Tracer, a Trace or both.
type GateConfig struct {
	Tracer     Tracer                 // asked when there is no trace that will do
	Trace      *Trace                 // made before, and used as long as it is fresh
	MaxAge     time.Duration          // of a trace; a day, which is the most
	Overrides  []Override             // what this encounter may pass in spite of
	OnOverride func(Overridden) error // told of each use, before it; its error refuses. Required with Overrides
	Now        func() time.Time       // time.Now
}

// Gate admits or refuses calls about one patient by a trace of them, and compares
// the Patient that comes back with it. It satisfies client.Gate and is safe for
// concurrent use.
type Gate struct {
	config GateConfig
	turn   chan struct{} // one trace at a time

	mu       sync.Mutex
	trace    *Trace
	admitted *Trace          // by which the latest call was let through
	excused  map[string]bool // practices that were admitted though the patient is not registered there
}

// NewGate checks the configuration and says everything that is wrong with it at
// once. Nothing is asked.
func NewGate(config GateConfig) (*Gate, error) {
	config.MaxAge = orElse(config.MaxAge, Day)
	if config.Now == nil {
		config.Now = time.Now
	}
	if err := config.check(); err != nil {
		return nil, problems("make a gate", err)
	}
	return &Gate{config: config, turn: make(chan struct{}, 1), trace: config.Trace, excused: map[string]bool{}}, nil
}

func (config GateConfig) check() error {
	var wrong []error
	if config.Tracer == nil && config.Trace == nil {
		wrong = append(wrong, errors.New("there is neither a tracer nor a trace"))
	}
	if config.MaxAge < 0 || config.MaxAge > Day {
		wrong = append(wrong, errors.New("a trace may be at most 24 hours old"))
	}
	for _, o := range config.Overrides {
		if !o.Reason.MayBeOverridden() {
			wrong = append(wrong, fmt.Errorf("%q may not be overridden", string(o.Reason)))
		}
		if strings.TrimSpace(o.Why) == "" {
			wrong = append(wrong, fmt.Errorf("the override of %q has no justification", string(o.Reason)))
		}
	}
	if len(config.Overrides) > 0 && config.OnOverride == nil {
		wrong = append(wrong, errors.New("nobody is told of the overrides"))
	}
	return errors.Join(wrong...)
}

// Trace is the trace of that patient by which the gate judges: the one it has, or a
// new one where that is of somebody else or too old. The number may be the one asked
// for or the one that superseded it.
func (g *Gate) Trace(ctx context.Context, n fhir.NHSNumber) (*Trace, error) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	t := g.known()
	of := t != nil && !n.IsZero() && (t.NHSNumber == n || t.Asked == n)
	if of && (g.fresh(t) || g.config.Tracer == nil) {
		return t, nil
	}
	if g.config.Tracer == nil {
		return nil, &Refusal{Reason: NotTraced}
	}
	t, err := g.config.Tracer.Patient(ctx, n)
	if err != nil {
		return nil, err
	}
	if t == nil || t.Asked != n { // a tracer that answers another question
		return nil, &Refusal{Reason: NotTraced}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trace = t
	return t, nil
}

func (g *Gate) known() *Trace {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.trace
}

// Locate traces the patient and gives the ODS code of the practice where they are
// registered, or refuses as Admit would for record access. A superseded number is no
// refusal here: Trace.NHSNumber is the one to go on with, and the user is to be told
// when Trace.Superseded. Overrides apply; they are told when Admit uses them.
func (g *Gate) Locate(ctx context.Context, n fhir.NHSNumber) (*Trace, string, error) {
	t, err := g.traced(ctx, n, "", false)
	if err != nil {
		return nil, "", err
	}
	practice, registered := t.Practice(g.config.Now())
	if _, err := g.judge(t, t.NHSNumber, practice.ODS, false); err != nil {
		return t, "", err
	}
	if !registered { // overridden, but there is nowhere to go
		return t, "", &Refusal{Reason: NoPractice, Trace: t}
	}
	return t, practice.ODS, nil
}

// Admit says whether the practice may be asked about the patient: nil, a [*Refusal],
// or an [*Error] when PDS did not answer. For bookings the practice may be any; the
// other rules hold.
//
// A superseded number is refused, because a gate cannot change the caller's call:
// Refusal.Trace.NHSNumber is the number to ask again with. See [Gate.Locate].
func (g *Gate) Admit(ctx context.Context, n fhir.NHSNumber, ods string, booking bool) error {
	t, err := g.traced(ctx, n, ods, booking)
	if err != nil {
		return err
	}
	passed, err := g.judge(t, n, ods, booking)
	if err != nil {
		return err
	}
	for _, o := range passed {
		x := Overridden{Override: o, ODS: ods, Booking: booking, Patient: n, RequestID: t.RequestID, At: g.config.Now()}
		if err := g.config.OnOverride(x); err != nil {
			return &Refusal{Reason: o.Reason, ODS: ods, Booking: booking, Trace: t, Err: err}
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.admitted = t
	if practice, ok := t.Practice(g.config.Now()); !ok || !sameODS(practice.ODS, ods) {
		g.excused[strings.ToUpper(strings.TrimSpace(ods))] = true
	}
	return nil
}

// traced is Trace with PDS's two ways of having nobody turned into refusals.
func (g *Gate) traced(ctx context.Context, n fhir.NHSNumber, ods string, booking bool) (*Trace, error) {
	t, err := g.Trace(ctx, n)
	refusal := new(Refusal)
	switch {
	case err == nil:
		return t, nil
	case errors.Is(err, ErrInvalidated):
		return nil, &Refusal{Reason: Invalidated, ODS: ods, Booking: booking, Err: err}
	case errors.Is(err, ErrNotFound):
		return nil, &Refusal{Reason: NotFound, ODS: ods, Booking: booking, Err: err}
	case errors.As(err, &refusal):
		return nil, &Refusal{Reason: refusal.Reason, ODS: ods, Booking: booking}
	}
	return nil, err
}

// Confirm compares the Patient that came with the trace by which the call was
// admitted: nil, or [Differences]. A practice that was asked knowing that the patient
// is not registered there (a booking, an override) is no difference. An override of
// Mismatch lets everything pass but another NHS number.
func (g *Gate) Confirm(p fhir.Person) error {
	g.mu.Lock()
	t, excused := g.admitted, g.excused[strings.ToUpper(strings.TrimSpace(p.Practice))]
	g.mu.Unlock()
	if t == nil {
		return &Refusal{Reason: NotTraced}
	}
	if excused {
		p.Practice = ""
	}
	found := Compare(t.Demographics, p, g.config.Now())
	if len(found) == 0 {
		return nil
	}
	o, ok := g.override(Mismatch)
	if !ok || found.WrongPatient() {
		return found
	}
	x := Overridden{Override: o, Patient: t.NHSNumber, Differences: found, RequestID: t.RequestID, At: g.config.Now()}
	if err := g.config.OnOverride(x); err != nil {
		return &Refusal{Reason: Mismatch, Trace: t, Err: err}
	}
	return nil
}
