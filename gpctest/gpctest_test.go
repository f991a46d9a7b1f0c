package gpctest_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/gpctest"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func practice(t testing.TB, c *client.Client, o client.Organisation, ods string) *client.Practice {
	t.Helper()
	e, err := c.Encounter(o, gpctest.Practitioner())
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func patient(t testing.TB) fhir.NHSNumber {
	t.Helper()
	n, err := fhir.ParseNHSNumber("9000000009")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSideBySide: many at once, each with a sandbox of its own that keeps nothing of another's.
func TestSideBySide(t *testing.T) {
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			c, spine := gpctest.New(t, sandbox.Config{})
			r, err := practice(t, c, gpctest.Organisation(), "A12345").StructuredRecord(t.Context(), patient(t), record.Full())
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Areas.Allergies.Items) == 0 {
				t.Error("no allergies came")
			}
			calls := 0
			for _, q := range spine.Requests() {
				if q.Rule != "" {
					t.Errorf("%s: broke a rule: %s", q.Where, q.Rule)
				}
				if q.Where == "proxy" {
					calls++
				}
			}
			if calls != 1 {
				t.Errorf("got %d calls at the proxy, want this test's one", calls)
			}
		})
	}
}

// TestBooking: the client has all that a booking needs, and both go by the injected clock.
func TestBooking(t *testing.T) {
	monday := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	c, spine := gpctest.New(t, sandbox.Config{Now: func() time.Time { return monday }})
	p := practice(t, c, gpctest.Organisation(), "A12345")
	slots, err := p.SearchSlots(t.Context(), client.SlotsBetween(monday, monday.AddDate(0, 0, 2)))
	if err != nil || len(slots) == 0 {
		t.Fatalf("got %d slots and %v", len(slots), err)
	}
	who, err := p.FindPatient(t.Context(), patient(t))
	if err != nil {
		t.Fatal(err)
	}
	booked, err := p.Book(t.Context(), client.Booking{Patient: who.Ref(), Slots: slots[:1], Description: "A test"})
	if err != nil {
		t.Fatal(err)
	}
	made := spine.Appointments()
	if len(made) != 1 || made[0].ID != booked.Appointment.ID || made[0].Start.Before(monday) || made[0].Start.After(monday.AddDate(0, 0, 3)) {
		t.Errorf("got %d appointments at the sandbox, want the one that was booked, in the days that were searched", len(made))
	}
}

// TestOrganisations: the two are told apart, and one of them may not ask everybody.
func TestOrganisations(t *testing.T) {
	c, _ := gpctest.New(t, sandbox.Config{})
	for _, test := range []struct {
		who     client.Organisation
		ods     string
		refused bool
	}{
		{gpctest.Organisation(), "Z00010", false}, // the practice does not exist, the agreement does
		{gpctest.OtherOrganisation(), "Z00010", true},
		{gpctest.Organisation(), "Z00009", true},
	} {
		_, err := practice(t, c, test.who, test.ods).Metadata(t.Context())
		if got := errors.Is(err, client.ErrNoSharingAgreement); err == nil || got != test.refused {
			t.Errorf("%s of %s: got %v, want it refused for want of an agreement: %v", test.who.ODS, test.ods, err, test.refused)
		}
	}
}

// TestSeedOfTheEnvironment: a run is repeated by its seed.
func TestSeedOfTheEnvironment(t *testing.T) {
	t.Setenv("GPC_SEED", "4711")
	_, spine := gpctest.New(t, sandbox.Config{})
	if got := spine.Seed(); got != 4711 {
		t.Errorf("got seed %d, want that of the environment", got)
	}
	_, spine = gpctest.New(t, sandbox.Config{Seed: 12})
	if got := spine.Seed(); got != 12 {
		t.Errorf("got seed %d, want that of the configuration", got)
	}
	t.Setenv("GPC_SEED", "many")
	if said := failing(t, func(tb testing.TB) { gpctest.New(tb, sandbox.Config{}) }); !strings.Contains(said, `GPC_SEED is "many"`) {
		t.Errorf("a seed that is none: the test was told %q", said)
	}
}

// TestFailureTells: a test that fails says what is needed to find out why, and nobody's number.
func TestFailureTells(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	said := failing(t, func(tb testing.TB) {
		c, _ := gpctest.New(tb, sandbox.Config{Seed: 99, Faults: []string{"provider:error:NO_PATIENT_CONSENT"}, Log: locked{&mu, &log}})
		if _, err := practice(tb, c, gpctest.Organisation(), "A12345").StructuredRecord(tb.Context(), patient(tb), record.Full()); err != nil {
			tb.Errorf("refused: %v", err)
		}
	})
	for _, want := range []string{"GPC_SEED=99", `"fault":"provider:error:NO_PATIENT_CONSENT"`, "refused"} {
		if !strings.Contains(said, want) {
			t.Errorf("the test was told %q, want it to have %q", said, want)
		}
	}
	if strings.Contains(said, "9000000009") {
		t.Error("it says an NHS number")
	}
	if mu.Lock(); !strings.Contains(log.String(), `"where":"provider"`) {
		t.Error("the log of the configuration got nothing")
	}
	mu.Unlock()
	if said := failing(t, func(tb testing.TB) { gpctest.New(tb, sandbox.Config{Faults: []string{"no such fault"}}) }); !strings.Contains(said, "no such fault") {
		t.Errorf("a sandbox that cannot start: the test was told %q", said)
	}
}

type locked struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

// failing runs a body as a test that may fail, and gives back what it was told.
func failing(t *testing.T, body func(testing.TB)) string {
	f := &fallible{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer f.end()
		body(f)
	}()
	<-done
	return strings.Join(f.said, "\n")
}

// A fallible is a test whose failure is wanted.
type fallible struct {
	testing.TB
	failed   bool
	said     []string
	cleanups []func()
}

func (f *fallible) Helper()                      {}
func (f *fallible) Failed() bool                 { return f.failed }
func (f *fallible) Cleanup(c func())             { f.cleanups = append(f.cleanups, c) }
func (f *fallible) Logf(s string, args ...any)   { f.said = append(f.said, fmt.Sprintf(s, args...)) }
func (f *fallible) Errorf(s string, args ...any) { f.failed = true; f.Logf(s, args...) }
func (f *fallible) Fatalf(s string, args ...any) { f.Errorf(s, args...); f.FailNow() }
func (f *fallible) Fatal(args ...any)            { f.Errorf("%s", fmt.Sprint(args...)); f.FailNow() }

func (f *fallible) FailNow() {
	f.failed = true
	panic(f) // unwinds to end, as Goexit would
}

func (f *fallible) end() {
	if r := recover(); r != nil && r != any(f) {
		panic(r)
	}
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
}
