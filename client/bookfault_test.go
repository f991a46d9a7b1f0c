package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/relay"
	"github.com/gpconnect-go/gpc/journal"
)

// through puts a relay before the desk's sandbox.
func (d *desk) through(handle relay.Handle) {
	d.Helper()
	tls := boxTLS(d.T, d.server)
	r, err := relay.Start(d.server.ProxyURL(), tls, handle)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(r.Close)
	r.Trust(tls)
	directory := d.directory(tls)
	d.client = newClient(d.T, client.Config{
		ProxyURL: r.URL(), TLS: tls, Directory: directory, Journal: d.journal, Auditor: d.auditor, Now: d.now, Retry: client.Retry{Wait: time.Millisecond},
		Settling: client.Settling{Pauses: []time.Duration{time.Second, 3 * time.Second}, Late: late, Grace: grace, Sleep: d.sleep},
	})
	d.practice = d.at("A12345")
}

func isPost(r *http.Request) bool { return r.Method == http.MethodPost }

// await waits for what another goroutine or the sandbox is about to do.
func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s did not come to pass", what)
		}
	}
}

// TestLateCommit: a booking that the practice makes after its answer was lost
// is found by a later look.
func TestLateCommit(t *testing.T) {
	d := newDesk(t, nil)
	var release = make(chan struct{})
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if isPost(r) {
			go func() { <-release; forward() }()
			return relay.Answer{}, false
		}
		return forward(), true
	})
	d.asleep = sync.OnceFunc(func() {
		close(release)
		await(t, "the late commit", func() bool { return len(d.server.Appointments()) == 1 })
	})
	made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
	if err != nil || !made.Recovered {
		t.Fatalf("got %+v, %v; want it recovered", made, err)
	}
	if got := d.outcomes(); !slices.Equal(got, []client.OutcomeState{client.Done}) {
		t.Errorf("journal: got %q", got)
	}
}

// TestCommitAfterAll: a booking that was given up as not made, and is made
// after all, is what a second try for the same slot finds behind its 409.
func TestCommitAfterAll(t *testing.T) {
	d := newDesk(t, nil)
	release, posts := make(chan struct{}), 0
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if isPost(r) {
			if posts++; posts == 1 {
				go func() { <-release; forward() }()
				return relay.Answer{}, false
			}
		}
		return forward(), true
	})
	_, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
	if !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Fatalf("got %v, want ErrOutcomeUnknown", err)
	}
	open, err := d.client.Unsettled(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	e, err := d.client.Encounter(booker, user)
	if err != nil {
		t.Fatal(err)
	}
	d.advance(late)
	if s, err := e.Settle(t.Context(), open[0], fhir.NHSNumber{}); err != nil || s.Outcome.State != client.NotDone {
		t.Fatalf("got %+v, %v; want it given up", s, err)
	}
	d.advance(3*time.Second - late) // the copy of the token that the relay has is not to be too old
	close(release)
	await(t, "the late commit", func() bool { return len(d.server.Appointments()) == 1 })

	made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
	if err != nil || !made.Recovered || made.Intent != open[0].ID {
		t.Fatalf("got %+v, %v; want the first booking, recovered", made, err)
	}
	if got := len(d.server.Appointments()); got != 1 {
		t.Errorf("%d appointments, want 1", got)
	}
	if got := d.outcomes(); !slices.Equal(got, []client.OutcomeState{client.Done, client.NotDone}) {
		t.Errorf("journal: got %q, want the first done and the second not", got)
	}
}

// TestSentTwiceOnTheWay: where something between here and the practice repeats
// the request, its 409 is not mistaken for a slot that somebody else took.
func TestSentTwiceOnTheWay(t *testing.T) {
	d := newDesk(t, nil)
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if isPost(r) {
			forward()
			r.Header["Ssp-Traceid"] = []string{uuid.NewString()}
		}
		return forward(), true
	})
	made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
	if err != nil || !made.Recovered {
		t.Fatalf("got %+v, %v; want it recovered", made, err)
	}
}

// TestSlotTaken by another patient is a definite answer.
func TestSlotTaken(t *testing.T) {
	d := newDesk(t, nil)
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); err != nil {
		t.Fatal(err)
	}
	d.practice = d.at("A12345") // an encounter is about one patient
	other, err := d.practice.FindPatient(t.Context(), number(t, "9000000017"))
	if err != nil {
		t.Fatal(err)
	}
	b := d.booking(d.slots[0])
	b.Patient = other.Ref()
	if _, err := d.practice.Book(t.Context(), b); !errors.Is(err, client.ErrSlotTaken) || !errors.Is(err, client.ErrDuplicate) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("got %v, want ErrSlotTaken", err)
	}
	// The same patient again: the appointment that is there is an earlier booking's.
	d.practice = d.at("A12345")
	if made, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrSlotTaken) {
		t.Errorf("the same slot for the same patient: got %+v, %v; want ErrSlotTaken", made, err)
	}
	if got := d.outcomes(); !slices.Equal(got, []client.OutcomeState{client.Done, client.NotDone, client.NotDone}) {
		t.Errorf("journal: got %q", got)
	}
}

// TestMinimalAnswers: an empty 201 says by its Location what was booked; where that
// cannot be read, what was sent stands for it.
func TestMinimalAnswers(t *testing.T) {
	for _, test := range []struct {
		name                string
		location, readable  bool
		recovered, unread   bool
		readings, lookedFor int // reads of the appointment, searches of the patient's
	}{
		{"with Location", true, true, false, false, 1, 0},
		{"with Location, and not readable", true, false, false, true, 1, 1},
		{"without Location", false, true, true, false, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			var reads, searches atomic.Int32
			d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
				switch {
				case isPost(r):
					a := forward()
					a.Body = nil
					a.Header.Del("Content-Type")
					a.Header.Del("Content-Encoding")
					if !test.location {
						a.Header.Del("Location")
					}
					return a, true
				case strings.Contains(r.RequestURI, "/Patient/"):
					searches.Add(1)
				case strings.Contains(r.RequestURI, "/Appointment/"):
					reads.Add(1)
				}
				if !test.readable {
					return relay.Answer{Status: 500}, true
				}
				return forward(), true
			})
			made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
			if err != nil || made.Recovered != test.recovered || made.Appointment.Unread != test.unread {
				t.Fatalf("got %+v, %v", made, err)
			}
			a, is := made.Appointment, d.server.Appointments()[0]
			if a.ID != is.ID || a.Patient != is.Patient || !slices.Equal(a.Slots, is.Slots) || !a.Start.Equal(is.Start) {
				t.Errorf("got %s %s %v; the practice has %+v", a.ID, a.Patient, a.Slots, is)
			}
			if int(reads.Load()) != test.readings || int(searches.Load()) != test.lookedFor {
				t.Errorf("%d reads and %d searches, want %d and %d", reads.Load(), searches.Load(), test.readings, test.lookedFor)
			}
			if _, err := d.practice.CancelAppointment(t.Context(), a, "x"); test.unread && !errors.Is(err, client.ErrInvalid) {
				t.Errorf("an unread appointment was cancelled: %v", err)
			}
		})
	}
}

// TestInterrupted: when the caller's ctx ends while the booking is on its way, the answer
// is still waited for, and looked for; what is not known is said.
func TestInterrupted(t *testing.T) {
	for _, test := range []struct {
		name      string
		answer    func(forward func() relay.Answer, cut <-chan struct{}) (relay.Answer, bool)
		err       error
		recovered bool
		booked    int
	}{
		{"the answer comes", func(forward func() relay.Answer, _ <-chan struct{}) (relay.Answer, bool) { return forward(), true }, nil, false, 1},
		{"carried out, and the answer is lost", func(forward func() relay.Answer, _ <-chan struct{}) (relay.Answer, bool) {
			forward()
			return relay.Answer{}, false
		}, nil, true, 1},
		{"never answered", func(_ func() relay.Answer, cut <-chan struct{}) (relay.Answer, bool) {
			<-cut
			return relay.Answer{}, false
		}, client.ErrOutcomeUnknown, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			ctx, interrupt := context.WithCancel(t.Context())
			gone := make(chan struct{})
			d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
				if !isPost(r) {
					return forward(), true
				}
				interrupt()
				go func() { <-r.Context().Done(); close(gone) }()
				return test.answer(forward, gone)
			})
			if test.err != nil { // the grace passes, and nothing comes
				d.asleep = func() {}
				d.graceEnds = true
			}
			made, err := d.practice.Book(ctx, d.booking(d.slots[0]))
			if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Fatalf("got %+v, %v; want %v", made, err, test.err)
			}
			if err == nil && made.Recovered != test.recovered {
				t.Errorf("recovered: got %v, want %v", made.Recovered, test.recovered)
			}
			if test.err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%v does not say that it was interrupted", err)
			}
			if got := len(d.server.Appointments()); got != test.booked {
				t.Errorf("%d appointments, want %d", got, test.booked)
			}
		})
	}
}

// TestInterruptedBefore: while nothing has left, an interruption ends the
// booking, and nothing is unsettled.
func TestInterruptedBefore(t *testing.T) {
	d := newDesk(t, nil)
	ctx, interrupt := context.WithCancel(t.Context())
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		return forward(), true
	})
	d.client = newClient(t, client.Config{
		ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: d.directory(boxTLS(t, d.server)),
		Journal: interrupting{d.journal, interrupt}, Now: d.now,
	})
	d.practice = d.at("A12345")
	_, err := d.practice.Book(ctx, d.booking(d.slots[0]))
	if !errors.Is(err, context.Canceled) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("got %v, want context.Canceled and no doubt", err)
	}
	if got := d.outcomes(); !slices.Equal(got, []client.OutcomeState{client.NotDone}) || d.posts() != 0 {
		t.Errorf("journal %q, %d sent; want it not done, and none sent", got, d.posts())
	}
}

// interrupting is a journal at whose first intent somebody presses ^C.
type interrupting struct {
	client.Journal
	interrupt func()
}

func (j interrupting) Begin(ctx context.Context, i client.Intent) error {
	err := j.Journal.Begin(ctx, i)
	j.interrupt()
	return err
}

// TestNothingWithoutJournal: what cannot be kept is not sent.
func TestNothingWithoutJournal(t *testing.T) {
	d := newDesk(t, nil)
	d.client = newClient(t, client.Config{ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: d.directory(boxTLS(t, d.server)), Journal: full{}, Now: d.now})
	d.practice = d.at("A12345")
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, errFull) || !errors.Is(err, client.ErrInvalid) {
		t.Errorf("got %v, want the journal's error", err)
	}
	d.client = newClient(t, client.Config{ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: d.directory(boxTLS(t, d.server)), Now: d.now})
	d.practice = d.at("A12345")
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
	if d.posts() != 0 {
		t.Errorf("%d bookings were sent", d.posts())
	}
}

type full struct{ client.Journal }

var errFull = errors.New("no space left on device")

func (full) Begin(context.Context, client.Intent) error { return errFull }

func (full) Intents(context.Context) ([]client.Settled, error) { return nil, nil }

// TestManyProcesses share a journal and want the same patient booked at once:
// never are two on their way, and each knows how its own ended.
func TestManyProcesses(t *testing.T) {
	d := newDesk(t, nil)
	var underway, most atomic.Int32
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if isPost(r) {
			most.Store(max(most.Load(), underway.Add(1)))
			defer underway.Add(-1)
		}
		return forward(), true
	})
	made, refused := atomic.Int32{}, atomic.Int32{}
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			_, err := d.practice.Book(t.Context(), d.booking(d.slots[n]))
			switch {
			case err == nil:
				made.Add(1)
			case errors.Is(err, client.ErrUnsettled):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := len(d.server.Appointments()); got != int(made.Load()) || made.Load()+refused.Load() != 8 || most.Load() != 1 {
		t.Errorf("%d appointments, %d said to be made, %d refused, at most %d on their way", got, made.Load(), refused.Load(), most.Load())
	}
}

// TestSettleKnowsWhoseItIs: another organisation does not settle, a settled write is
// not looked for again, and what a person found out counts.
func TestSettleKnowsWhoseItIs(t *testing.T) {
	d := newDesk(t, nil)
	d.inject("proxy:drop:before-commit@1")
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	open, err := d.client.Unsettled(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := booker
	other.ODS = "B22222"
	e, err := d.client.Encounter(other, user)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Settle(t.Context(), open[0], fhir.NHSNumber{}); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("by another organisation: got %v, want ErrInvalid", err)
	}
	if e, err = d.client.Encounter(booker, user); err != nil {
		t.Fatal(err)
	}
	before := len(at(d.server, "proxy"))
	unheard := open[0]
	unheard.ID = "unheard-of"
	if _, err := e.Settle(t.Context(), unheard, fhir.NHSNumber{}); !errors.Is(err, client.ErrInvalid) || len(at(d.server, "proxy")) != before {
		t.Errorf("one that the journal does not have: got %v after %d requests, want ErrInvalid and none", err, len(at(d.server, "proxy"))-before)
	}
	// What the caller has made of its copy does not count.
	if s, err := e.Settle(t.Context(), client.Intent{ID: open[0].ID, ODS: "Z99999", Organisation: "B22222"}, fhir.NHSNumber{}); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("another copy of it: got %+v, %v; want ErrOutcomeUnknown of the journal's own", s, err)
	}
	for _, bad := range []struct {
		id    string
		state client.OutcomeState
	}{{"unheard-of", client.Done}, {open[0].ID, "perhaps"}} {
		if err := d.client.SettleByHand(t.Context(), bad.id, bad.state); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", bad, err)
		}
	}
	if err := d.client.SettleByHand(t.Context(), open[0].ID, client.NotDone); err != nil {
		t.Fatal(err)
	}
	before = len(at(d.server, "proxy"))
	s, err := e.Settle(t.Context(), open[0], fhir.NHSNumber{})
	if err != nil || s.Outcome.State != client.NotDone || s.Outcome.By != client.ByPerson || len(at(d.server, "proxy")) != before {
		t.Errorf("got %+v, %v after %d requests more; want the person's word and none", s, err, len(at(d.server, "proxy"))-before)
	}
}

// TestChangeFaults: an amendment or a cancellation whose answer is lost is settled
// by reading the appointment, and never sent again.
func TestChangeFaults(t *testing.T) {
	comment := "changed"
	writes := map[string]func(*desk, *client.Appointment) (*client.Changed, error){
		"amend": func(d *desk, a *client.Appointment) (*client.Changed, error) {
			return d.practice.AmendAppointment(d.Context(), a, client.Amendment{Comment: &comment})
		},
		"cancel": func(d *desk, a *client.Appointment) (*client.Changed, error) {
			return d.practice.CancelAppointment(d.Context(), a, "no longer needed")
		},
	}
	for _, test := range []struct {
		fault     string
		class     error
		recovered bool
		version   int
	}{
		{"proxy:drop:after-commit@1", nil, true, 2},
		{"provider:drop:after-commit@1", nil, true, 2},
		{"proxy:truncate@1", nil, true, 2},
		{"proxy:drop:before-commit@1", client.ErrOutcomeUnknown, false, 1},
		{"proxy:status:504@1", client.ErrOutcomeUnknown, false, 1},
		{"provider:error:FHIR_CONSTRAINT_VIOLATION@1", client.ErrVersionConflict, false, 1},
		{"provider:error:INVALID_RESOURCE@1", client.ErrRefused, false, 1},
	} {
		for name, write := range writes {
			t.Run(name+" "+test.fault, func(t *testing.T) {
				d := newDesk(t, nil)
				made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
				if err != nil {
					t.Fatal(err)
				}
				d.inject(test.fault)
				changed, err := write(d, made.Appointment)
				if !errors.Is(err, test.class) || (err == nil) != (test.class == nil) {
					t.Fatalf("got %v, want %v", err, test.class)
				}
				if err == nil && changed.Recovered != test.recovered {
					t.Errorf("recovered: got %v, want %v", changed.Recovered, test.recovered)
				}
				puts := 0
				for _, r := range at(d.server, "proxy") {
					if strings.HasPrefix(r.Line, "PUT") {
						puts++
					}
				}
				if got := d.server.Appointments()[0].Version; got != test.version || puts != 1 {
					t.Errorf("version %d after %d requests, want %d after 1", got, puts, test.version)
				}
				if test.class == client.ErrOutcomeUnknown {
					d.settlesChange(client.NotDone)
				}
			})
		}
	}
}

// settlesChange: a change that is not there is given up when it can no longer come.
func (d *desk) settlesChange(want client.OutcomeState) {
	d.Helper()
	d.server.ClearFaults()
	open, err := d.client.Unsettled(d.Context())
	if err != nil || len(open) != 1 {
		d.Fatal(open, err)
	}
	e, err := d.client.Encounter(booker, user)
	if err != nil {
		d.Fatal(err)
	}
	if _, err := e.Settle(d.Context(), open[0], fhir.NHSNumber{}); !errors.Is(err, client.ErrOutcomeUnknown) {
		d.Errorf("at once: got %v, want ErrOutcomeUnknown", err)
	}
	d.advance(late)
	if s, err := e.Settle(d.Context(), open[0], fhir.NHSNumber{}); err != nil || s.Outcome.State != want {
		d.Errorf("late: got %+v, %v; want %s", s, err, want)
	}
}

// TestSettleAfterDeath: of a process that died between any two steps, another
// finds out how its write ended.
func TestSettleAfterDeath(t *testing.T) {
	comment := "changed"
	for name, write := range map[string]func(*desk) (any, error){
		"book": func(d *desk) (any, error) { return d.practice.Book(d.Context(), d.booking(d.slots[5])) },
		"amend": func(d *desk) (any, error) {
			return d.practice.AmendAppointment(d.Context(), d.read("1001"), client.Amendment{Comment: &comment})
		},
		"cancel": func(d *desk) (any, error) {
			return d.practice.CancelAppointment(d.Context(), d.read("1001"), "no longer needed")
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); err != nil {
				t.Fatal(err)
			}
			dead := &dying{Journal: d.journal}
			living := d.client
			d.client = newClient(t, client.Config{ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: d.directory(boxTLS(t, d.server)), Journal: dead, Now: d.now})
			d.practice = d.at("A12345")
			if _, err := write(d); err != nil {
				t.Fatal(err)
			}
			d.client = living
			another, err := journal.Open(journal.Config{Dir: filepath.Join(d.folder, "writes")})
			if err != nil {
				t.Fatal(err)
			}
			d.journal = another
			open, err := d.client.Unsettled(t.Context())
			if err != nil || len(open) != 1 {
				t.Fatalf("got %v, %v; want one unsettled", open, err)
			}
			e, err := d.client.Encounter(booker, user)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := e.Settle(t.Context(), open[0], fhir.NHSNumber{}); err != nil || s.Outcome.State != client.Done || s.Appointment == nil {
				t.Errorf("got %+v, %v; want it done", s, err)
			}
		})
	}
}

func (d *desk) read(id string) *client.Appointment {
	d.Helper()
	a, err := d.practice.ReadAppointment(d.Context(), id)
	if err != nil {
		d.Fatal(err)
	}
	return a
}

// dying is the journal of a process that dies before it can say how a write ended.
type dying struct{ client.Journal }

func (*dying) Settle(context.Context, string, client.Outcome) error { return fmt.Errorf("dead") }
