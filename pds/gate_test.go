package pds_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/pds"
)

// surgeries is PDS with one patient, edited, and a client of it.
func surgeries(t *testing.T, c *clock, edit ...func(object)) (*pds.Client, *peer) {
	t.Helper()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, patient(edit...)} })
	return newClient(t, p, c), p
}

func newGate(t *testing.T, config pds.GateConfig) *pds.Gate {
	t.Helper()
	g, err := pds.NewGate(config)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// audit keeps what it is told of overrides.
type audit struct {
	told []pds.Overridden
	err  error
}

func (a *audit) hook(o pds.Overridden) error { a.told = append(a.told, o); return a.err }

var died = with("deceasedDateTime", "2030-10-22T00:00:00+00:00")

func movedTo(n string) func(object) {
	return func(p object) {
		p["id"] = n
		p["identifier"] = list{object{"system": fhir.NHSNumberSystem, "value": n, "extension": verification("01")}}
	}
}

// TestGate: each rule both ways, for records and for bookings.
func TestGate(t *testing.T) {
	const none = pds.Reason("")
	nowhere, ended := without("generalPractitioner"), with("generalPractitioner", list{registered(surgery, "2020-01-01", "2021-12-31")})
	for _, test := range []struct {
		name            string
		edit            func(object)
		ods             string
		record, booking pds.Reason
	}{
		{"nothing against it", func(object) {}, surgery, none, none},
		{"an ODS code in small letters", func(object) {}, "b82617", none, none},
		{"another practice", func(object) {}, "A20047", pds.OtherPractice, none},
		{"no practice", nowhere, surgery, pds.NoPractice, none},
		{"an ended registration", ended, surgery, pds.NoPractice, none},
		{"not verified", with("identifier", list{object{"system": fhir.NHSNumberSystem, "value": digits, "extension": verification("02")}}), surgery, pds.NotVerified, pds.NotVerified},
		{"not said to be verified", without("identifier"), surgery, pds.NotVerified, pds.NotVerified},
		{"restricted", with("meta", security("R")), surgery, pds.Sensitive, pds.Sensitive},
		{"very restricted", with("meta", security("V")), surgery, pds.Sensitive, pds.Sensitive},
		{"redacted", with("meta", security("REDACTED")), surgery, pds.Sensitive, pds.Sensitive},
		{"not said to be unrestricted", without("meta"), surgery, pds.Sensitive, pds.Sensitive},
		{"restricted, as PDS sends it", func(p object) { p["meta"] = security("R"); nowhere(p) }, surgery, pds.Sensitive, pds.Sensitive},
		{"dead", died, surgery, pds.Deceased, pds.Deceased},
		{"dead, informally", with("extension", list{deathNotice("1")}), surgery, pds.Deceased, pds.Deceased},
		{"death notice taken back", with("extension", list{deathNotice("U")}), surgery, none, none},
		{"removed, registered again", with("extension", list{removal("SCT")}), surgery, none, none},
		{"superseded", movedTo(otherDigits), surgery, pds.Superseded, pds.Superseded},
	} {
		for _, booking := range []bool{false, true} {
			want, name := test.record, test.name+", record"
			if booking {
				want, name = test.booking, test.name+", booking"
			}
			t.Run(name, func(t *testing.T) {
				c := newClock()
				tracer, _ := surgeries(t, c, test.edit)
				g := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now})
				err := g.Admit(t.Context(), number(t, digits), test.ods, booking)
				expectRefusal(t, err, want)
				expectClean(t, pds.GateConfig{Trace: read(t)})
				var r *pds.Refusal
				if errors.As(err, &r) && (r.ODS != test.ods || r.Booking != booking || r.Trace == nil) {
					t.Errorf("got a refusal of %q, booking %v, with a trace %v", r.ODS, r.Booking, r.Trace != nil)
				}
				expectClean(t, g)
			})
		}
	}
}

// expectRefusal holds err against the reason, and against no other.
func expectRefusal(t *testing.T, err error, want pds.Reason) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("got %v, want to be admitted", err)
		}
		return
	}
	var r *pds.Refusal
	if !errors.As(err, &r) || !errors.Is(err, pds.ErrRefused) || !errors.Is(err, want) || r.Reason != want {
		t.Fatalf("got %v, want the refusal %s", err, want)
	}
	for _, other := range []pds.Reason{pds.NotTraced, pds.Stale, pds.Superseded, pds.Invalidated, pds.NotFound, pds.NotVerified,
		pds.Sensitive, pds.Deceased, pds.NoPractice, pds.OtherPractice, pds.Mismatch} {
		if other != want && errors.Is(err, other) {
			t.Errorf("%v is %s as well", err, other)
		}
	}
	if !strings.Contains(err.Error(), want.Error()) {
		t.Errorf("%v does not say that %s", err, want.Error())
	}
	expectClean(t, err)
}

// TestGateAndPDSErrors: who does not exist is refused; PDS not answering is not taken
// for it.
func TestGateAndPDSErrors(t *testing.T) {
	for _, test := range []struct {
		status int
		code   string
		want   pds.Reason
		class  error
	}{
		{404, "RESOURCE_NOT_FOUND", pds.NotFound, pds.ErrNotFound},
		{404, "INVALIDATED_RESOURCE", pds.Invalidated, pds.ErrInvalidated},
		{503, "SERVICE_UNAVAILABLE", "", pds.ErrUnavailable},
		{401, "ACCESS_DENIED", "", pds.ErrAccessDenied},
	} {
		c := newClock()
		p := newPeer(t, c, func(int, seen) reply { return reply{test.status, nil, outcome(test.code)} })
		g := newGate(t, pds.GateConfig{Tracer: newClient(t, p, c), Now: c.Now})
		_, _, located := g.Locate(t.Context(), number(t, digits))
		for _, err := range []error{g.Admit(t.Context(), number(t, digits), surgery, false), located} {
			expectError(t, err, test.class)
			if test.want != "" {
				expectRefusal(t, err, test.want)
			} else if errors.Is(err, pds.ErrRefused) {
				t.Errorf("%v is taken for a refusal", err)
			}
		}
	}
}

// TestAge: a trace serves for a day. With a tracer an older one is replaced, without
// one it is refused.
func TestAge(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		want  pds.Reason
	}{
		{0, ""}, {24 * time.Hour, ""}, {24*time.Hour + time.Second, pds.Stale}, {-5 * time.Minute, ""}, {-6 * time.Minute, pds.Stale},
	} {
		now := func() time.Time { return noon.Add(test.after) }
		g := newGate(t, pds.GateConfig{Trace: read(t), Now: now})
		expectRefusal(t, g.Admit(t.Context(), number(t, digits), surgery, false), test.want)

		c := newClock()
		c.forward(test.after)
		tracer, p := surgeries(t, c)
		g = newGate(t, pds.GateConfig{Trace: read(t), Tracer: tracer, Now: now})
		expectRefusal(t, g.Admit(t.Context(), number(t, digits), surgery, false), "")
		want := 0
		if test.want != "" {
			want = 1
		}
		if got := len(p.requests()); got != want {
			t.Errorf("after %v: got %d traces, want %d", test.after, got, want)
		}
	}
	g := newGate(t, pds.GateConfig{Trace: read(t), MaxAge: time.Hour, Now: func() time.Time { return noon.Add(2 * time.Hour) }})
	expectRefusal(t, g.Admit(t.Context(), number(t, digits), surgery, false), pds.Stale)
}

// TestTracesOnce: however many calls an encounter makes, side by side or one by one.
func TestTracesOnce(t *testing.T) {
	c := newClock()
	tracer, p := surgeries(t, c)
	g := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if err := g.Admit(context.Background(), number(t, digits), surgery, i%2 == 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(p.requests()); got != 1 {
		t.Errorf("got %d traces, want 1", got)
	}
}

// TestTraceOfAnother: a trace speaks for one patient.
func TestTraceOfAnother(t *testing.T) {
	g := newGate(t, pds.GateConfig{Trace: read(t), Now: func() time.Time { return noon }})
	expectRefusal(t, g.Admit(t.Context(), number(t, otherDigits), surgery, false), pds.NotTraced)
	expectRefusal(t, g.Admit(t.Context(), fhir.NHSNumber{}, surgery, false), pds.NotTraced)
	expectRefusal(t, g.Confirm(person(t)), pds.NotTraced)
	for name, tracer := range map[string]tracerFunc{
		"nobody":  func(context.Context, fhir.NHSNumber) (*pds.Trace, error) { return nil, nil },
		"another": func(context.Context, fhir.NHSNumber) (*pds.Trace, error) { return read(t), nil },
	} {
		g := newGate(t, pds.GateConfig{Tracer: tracer, Now: func() time.Time { return noon }})
		if err := g.Admit(t.Context(), number(t, otherDigits), surgery, false); !errors.Is(err, pds.NotTraced) {
			t.Errorf("a tracer that answers with %s: got %v, want not-traced", name, err)
		}
	}
}

type tracerFunc func(context.Context, fhir.NHSNumber) (*pds.Trace, error)

func (f tracerFunc) Patient(ctx context.Context, n fhir.NHSNumber) (*pds.Trace, error) {
	return f(ctx, n)
}

// TestSupersededIsReplaced: the caller learns the number to go on with, and with that
// one it is admitted, by the same trace.
func TestSupersededIsReplaced(t *testing.T) {
	c := newClock()
	tracer, p := surgeries(t, c, movedTo(otherDigits))
	g := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now})
	trace, ods, err := g.Locate(t.Context(), number(t, digits))
	if err != nil || ods != surgery || !trace.Superseded() || trace.NHSNumber != number(t, otherDigits) {
		t.Fatalf("got %q %v, want the surgery and the other number", ods, err)
	}
	err = g.Admit(t.Context(), number(t, digits), ods, false)
	expectRefusal(t, err, pds.Superseded)
	var r *pds.Refusal
	if errors.As(err, &r); r == nil || r.Trace.NHSNumber != trace.NHSNumber {
		t.Error("the refusal does not have the number to use")
	}
	expectRefusal(t, g.Admit(t.Context(), trace.NHSNumber, ods, false), "")
	if got := len(p.requests()); got != 1 {
		t.Errorf("got %d traces, want 1", got)
	}
}

// TestLocate: where the record is to be asked for, or why nowhere.
func TestLocate(t *testing.T) {
	for want, edit := range map[pds.Reason]func(object){
		"": func(object) {}, pds.Sensitive: with("meta", security("R")), pds.Deceased: died, pds.NoPractice: without("generalPractitioner"),
		pds.NotVerified: without("identifier"),
	} {
		c := newClock()
		tracer, _ := surgeries(t, c, edit)
		_, ods, err := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now}).Locate(t.Context(), number(t, digits))
		expectRefusal(t, err, want)
		if (ods == surgery) != (want == "") {
			t.Errorf("got practice %q with %v", ods, err)
		}
	}
	var a audit
	c := newClock()
	tracer, _ := surgeries(t, c, without("generalPractitioner"))
	g := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now, OnOverride: a.hook, Overrides: []pds.Override{{Reason: pds.NoPractice, Why: "just moved"}}})
	_, _, err := g.Locate(t.Context(), number(t, digits))
	expectRefusal(t, err, pds.NoPractice)
	if len(a.told) != 0 {
		t.Error("an override is told of though nothing was let through")
	}
}

// TestOverrides: what may be overridden is let through once somebody has been told,
// and nothing else is.
func TestOverrides(t *testing.T) {
	all := func(p object) { died(p); p["generalPractitioner"] = list{registered("A20047", "2020-01-01", "")} }
	why := func(reasons ...pds.Reason) (os []pds.Override) {
		for _, r := range reasons {
			os = append(os, pds.Override{Reason: r, Why: "canary, at the coroner's request"})
		}
		return os
	}
	for _, test := range []struct {
		name      string
		edit      func(object)
		overrides []pds.Override
		want      pds.Reason
		told      int
	}{
		{"dead", died, why(pds.Deceased), "", 1},
		{"another practice", with("generalPractitioner", list{registered("A20047", "", "")}), why(pds.OtherPractice), "", 1},
		{"no practice", without("generalPractitioner"), why(pds.NoPractice), "", 1},
		{"both", all, why(pds.Deceased, pds.OtherPractice), "", 2},
		{"one of both", all, why(pds.OtherPractice), pds.Deceased, 0},
		{"the other of both", all, why(pds.Deceased), pds.OtherPractice, 0},
		{"not needed", func(object) {}, why(pds.Deceased), "", 0},
		{"sensitive and dead", func(p object) { died(p); p["meta"] = security("R") }, why(pds.Deceased, pds.OtherPractice, pds.NoPractice, pds.Mismatch), pds.Sensitive, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var a audit
			c := newClock()
			tracer, _ := surgeries(t, c, test.edit)
			g := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now, Overrides: test.overrides, OnOverride: a.hook})
			expectRefusal(t, g.Admit(t.Context(), number(t, digits), surgery, false), test.want)
			if len(a.told) != test.told {
				t.Fatalf("told %d times, want %d", len(a.told), test.told)
			}
			for i, o := range a.told {
				if o.Override != test.overrides[i] || o.ODS != surgery || o.Patient != number(t, digits) || !o.At.Equal(c.Now()) || o.RequestID == "" {
					t.Errorf("told of %v, want all of it", o)
				}
				expectClean(t, o)
				expectClean(t, o.Override)
				if got, want := fmt.Sprintf("%+v", o), fmt.Sprintf("override of %q at %q", string(o.Reason), surgery); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	c := newClock()
	tracer, _ := surgeries(t, c, died)
	a := audit{err: errors.New("disk full, canary")}
	g := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now, Overrides: why(pds.Deceased), OnOverride: a.hook})
	err := g.Admit(t.Context(), number(t, digits), surgery, false)
	var r *pds.Refusal
	if !errors.As(err, &r) || r.Reason != pds.Deceased || !errors.Is(err, a.err) || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v, want a refusal because nobody could be told", err)
	}
	if err := g.Confirm(person(t)); !errors.Is(err, pds.NotTraced) {
		t.Errorf("got %v: what was not admitted is confirmed", err)
	}
}

// TestGateConfig: which overrides can be made at all.
func TestGateConfig(t *testing.T) {
	for reason, want := range map[pds.Reason]bool{
		pds.Deceased: true, pds.NoPractice: true, pds.OtherPractice: true, pds.Mismatch: true,
		pds.Sensitive: false, pds.NotVerified: false, pds.Superseded: false, pds.Invalidated: false, pds.NotFound: false, pds.NotTraced: false, pds.Stale: false, "": false,
	} {
		_, err := pds.NewGate(pds.GateConfig{Trace: read(t), Overrides: []pds.Override{{reason, "because"}}, OnOverride: new(audit).hook})
		if got := err == nil; got != want || reason.MayBeOverridden() != want {
			t.Errorf("%s: got %v, want %v", string(reason), err, want)
		}
	}
	_, err := pds.NewGate(pds.GateConfig{MaxAge: 25 * time.Hour, Overrides: []pds.Override{{pds.Deceased, " "}}})
	expectError(t, err, pds.ErrInvalid)
	for _, want := range []string{"neither a tracer nor a trace", "24 hours", "no justification", "nobody is told"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v says nothing of %q", err, want)
		}
	}
}
