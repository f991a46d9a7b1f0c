package client_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/relay"
	"github.com/gpconnect-go/gpc/journal"
)

// isLook reports whether it is a retrieval of a patient's appointments.
func isLook(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.RequestURI, "/Appointment?start=")
}

// unsettled is the one intent whose outcome is not known.
func (d *desk) unsettled() client.Intent {
	d.Helper()
	open, err := d.client.Unsettled(d.Context())
	if err != nil || len(open) != 1 {
		d.Fatalf("got %v, %v; want one unsettled", open, err)
	}
	return open[0]
}

// settle looks once, as another process would.
func (d *desk) settle(i client.Intent) (*client.Settlement, error) {
	d.Helper()
	e, err := d.client.Encounter(booker, user)
	if err != nil {
		d.Fatal(err)
	}
	return e.Settle(d.Context(), i, fhir.NHSNumber{})
}

// TestLookThatBeganEarly: a look decides if the practice's time was over when it began, not
// when it ended.
func TestLookThatBeganEarly(t *testing.T) {
	d := newDesk(t, nil)
	slow := false
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if isPost(r) {
			return relay.Answer{}, false
		}
		a := forward()
		if slow && isLook(r) {
			d.advance(2 * time.Minute)
		}
		return a, true
	})
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	slow = true
	i := d.unsettled()
	d.advance(late - time.Minute)
	if s, err := d.settle(i); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("a look that began a minute too early: got %+v, %v; want ErrOutcomeUnknown", s, err)
	}
	if s, err := d.settle(i); err != nil || s.Outcome.State != client.NotDone {
		t.Errorf("a look that began in time: got %+v, %v; want it not done", s, err)
	}
}

// TestPatienceOfTheSender: a write that its sender gave more time is not given up
// by somebody who is configured to give less.
func TestPatienceOfTheSender(t *testing.T) {
	d := newDesk(t, nil)
	hasty := d.client
	d.client = newClient(t, client.Config{
		ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: d.directory(boxTLS(t, d.server)), Journal: d.journal, Now: d.now,
		Timeout: 10 * time.Minute, Settling: client.Settling{Sleep: d.sleep},
	})
	d.practice = d.at("A12345")
	d.inject("proxy:status:504@1")
	_, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
	var doubt *client.Doubt
	if !errors.As(err, &doubt) {
		t.Fatalf("got %v, want a doubt", err)
	}
	d.client = hasty
	d.advance(late + time.Minute)
	s, err := d.settle(d.unsettled())
	var still *client.Doubt
	if !errors.As(err, &still) || !still.Decides.Equal(doubt.Decides) {
		t.Fatalf("got %+v, %v; want it unknown until %v", s, err, doubt.Decides)
	}
	d.advance(20 * time.Minute)
	if s, err := d.settle(d.unsettled()); err != nil || s.Outcome.State != client.NotDone {
		t.Errorf("got %+v, %v; want it not done", s, err)
	}
}

// TestResembling: an appointment that may be the one that is looked for, and is not shown
// whole, keeps anybody from saying that there is none.
func TestResembling(t *testing.T) {
	for name, test := range map[string]struct {
		hide  string // regular expression of what the practice leaves out
		known bool
	}{
		"without its slots":            {`"slot"`, false},
		"with another start":           {`"start":\s*"[^"]*"`, false},
		"booked by another":            {`"value":\s*"A11111"`, true},
		"with everything":              {`"nothing"`, true},
		"its creation at another time": {`"created":\s*"[^"]*"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			hide := regexp.MustCompile(test.hide)
			d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
				if isPost(r) {
					forward()
					return relay.Answer{}, false
				}
				if !isLook(r) {
					return forward(), true
				}
				r.Header.Del("Accept-Encoding") // so that it can be read here
				a := forward()
				a.Body = hide.ReplaceAllFunc(a.Body, func(b []byte) []byte {
					key, value, there := bytes.Cut(b, []byte(":"))
					if !there {
						return []byte(`"hidden"`)
					}
					if bytes.Contains(value, []byte("A11111")) {
						return append(key, `:"B22222"`...)
					}
					return append(key, `:"2031-01-01T09:00:00+00:00"`...)
				})
				return a, true
			})
			made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
			if test.known && name != "booked by another" {
				if err != nil || !made.Recovered {
					t.Errorf("got %+v, %v; want it recovered", made, err)
				}
				return
			}
			if !errors.Is(err, client.ErrOutcomeUnknown) {
				t.Fatalf("got %+v, %v; want ErrOutcomeUnknown", made, err)
			}
			d.advance(late)
			s, err := d.settle(d.unsettled())
			switch {
			case test.known && (err != nil || s.Outcome.State != client.NotDone):
				t.Errorf("got %+v, %v; want it not done: the slot is another organisation's", s, err)
			case !test.known && !errors.Is(err, client.ErrOutcomeUnknown):
				t.Errorf("got %+v, %v; want it unknown for ever", s, err)
			}
		})
	}
}

// TestIncompleteList: a list that says that it is not whole is none to conclude from.
func TestIncompleteList(t *testing.T) {
	d := newDesk(t, nil)
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if isPost(r) {
			return relay.Answer{}, false
		}
		a := forward()
		if isLook(r) {
			a.Header.Del("Content-Encoding")
			a.Body = []byte(`{"resourceType":"Bundle","type":"searchset","total":1}`)
		}
		return a, true
	})
	day := fhir.Date(d.slots[0].Start.Format(time.DateOnly))
	if all, err := d.practice.SearchAppointments(t.Context(), d.patient, day, day); !errors.Is(err, client.ErrUnreadable) {
		t.Errorf("got %v, %v; want ErrUnreadable", all, err)
	}
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	d.advance(late)
	if s, err := d.settle(d.unsettled()); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("got %+v, %v; want ErrOutcomeUnknown", s, err)
	}
}

// TestMadeAfterAll: a booking that was given up as not made, and is made after all, keeps the
// patient from being booked into another slot as well. The journal is put right, once.
func TestMadeAfterAll(t *testing.T) {
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
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	first := d.unsettled()
	d.advance(late)
	if s, err := d.settle(first); err != nil || s.Outcome.State != client.NotDone {
		t.Fatalf("got %+v, %v; want it given up", s, err)
	}
	d.advance(3*time.Second - late) // the copy of the token that the relay has is not to be too old
	close(release)
	await(t, "the late commit", func() bool { return len(d.server.Appointments()) == 1 })

	_, err := d.practice.Book(t.Context(), d.booking(d.slots[9]))
	var earlier *client.UnsettledError
	if !errors.As(err, &earlier) || !errors.Is(err, client.ErrUnsettled) || earlier.Intent.ID != first.ID || earlier.Appointment != d.server.Appointments()[0].ID || posts != 1 {
		t.Fatalf("got %+v, %v after %d bookings sent; want a refusal that names the first", earlier, err, posts)
	}
	if got := d.outcomes(); !slices.Equal(got, []client.OutcomeState{client.Done}) {
		t.Errorf("journal: got %q, want the first done", got)
	}
	if _, err := d.practice.Book(t.Context(), d.booking(d.slots[9])); err != nil {
		t.Errorf("once that was said: got %v, want it booked", err)
	}
}

// TestRawWrites: of a write that no journal knows of it is said that it may have taken place,
// to the auditor and the hook as to the caller.
func TestRawWrites(t *testing.T) {
	raw := client.Request{Interaction: client.BookAppointment, Path: "/Appointment", Body: []byte(`{"resourceType":"Appointment"}`)}
	for fault, unknown := range map[string]bool{
		"proxy:drop:before-commit": true, "proxy:status:504": true, "proxy:status:403": true,
		"provider:error:INVALID_RESOURCE": false, "proxy:status:429": false, "proxy:error:FOT_CHECK_FAILED": false,
	} {
		var told func() []client.Exchange
		d := newDesk(t, func(c *client.Config) { told = listen(c) })
		d.inject(fault)
		_, err := d.practice.Do(t.Context(), raw)
		if err == nil || errors.Is(err, client.ErrOutcomeUnknown) != unknown {
			t.Errorf("%s: got %v, want it unknown: %v", fault, err, unknown)
		}
		if x := last(told()); x.Err == nil || errors.Is(x.Err, client.ErrOutcomeUnknown) != unknown {
			t.Errorf("%s: told was %v, want it unknown: %v", fault, x.Err, unknown)
		}
	}
	d := newDesk(t, nil)
	d.server.Close()
	_, err := d.practice.Do(t.Context(), raw)
	if err == nil || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("nobody listens: got %v, want an error that leaves nothing open", err)
	}
}

// TestRawWriteOutOfTime: a write that ran out of time is told as that, and not as one that
// was cancelled.
func TestRawWriteOutOfTime(t *testing.T) {
	d := newDesk(t, nil)
	d.graceEnds = true
	heard := new(lastEvent)
	d.auditor = heard
	ctx := expiring{t.Context(), make(chan struct{})}
	gone := make(chan struct{})
	defer close(gone)
	d.through(func(*http.Request, []byte, func() relay.Answer) (relay.Answer, bool) {
		close(ctx.out)
		<-gone
		return relay.Answer{}, false
	})
	_, err := d.practice.Do(ctx, client.Request{Interaction: client.BookAppointment, Path: "/Appointment", Body: []byte(`{}`)})
	for of, err := range map[string]error{"caller": err, "auditor": heard.Err} {
		if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, client.ErrNoAnswer) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("the %s: got %v, want ErrOutcomeUnknown, out of time", of, err)
		}
	}
}

// TestRawWriteOutOfTimeBeforeItLeft: neither is one that waited for the journal of calls in vain.
func TestRawWriteOutOfTimeBeforeItLeft(t *testing.T) {
	ctx := expiring{t.Context(), make(chan struct{})}
	d := newDesk(t, func(c *client.Config) { c.Auditor = &stuck{out: ctx.out} })
	_, err := d.practice.Do(ctx, client.Request{Interaction: client.BookAppointment, Path: "/Appointment", Body: []byte(`{}`)})
	if !errors.Is(err, client.ErrVetoed) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("got %v, want ErrVetoed, out of time", err)
	}
}

// stuck is an auditor whose disk hangs when a write is to be recorded, until the time is over.
type stuck struct {
	lastEvent
	out chan struct{}
}

func (s *stuck) Begin(ctx context.Context, e client.Event) error {
	if e.Interaction != client.BookAppointment {
		return nil
	}
	close(s.out)
	<-ctx.Done()
	return ctx.Err()
}

// expiring is a context whose time is over when the test says so.
type expiring struct {
	context.Context
	out chan struct{}
}

func (e expiring) Done() <-chan struct{} { return e.out }

func (e expiring) Err() error {
	select {
	case <-e.out:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// lastEvent is what an auditor was told last.
type lastEvent struct{ client.Event }

func (*lastEvent) Begin(context.Context, client.Event) error { return nil }
func (l *lastEvent) End(_ context.Context, e client.Event)   { l.Event = e }

func last(all []client.Exchange) (x client.Exchange) {
	if len(all) > 0 {
		x = all[len(all)-1]
	}
	return x
}

// TestOldCancelledBooking: what another machine of the organisation booked for the patient in the
// very slot, and cancelled, is not what is looked for.
func TestOldCancelledBooking(t *testing.T) {
	d := newDesk(t, nil)
	elsewhere, err := journal.Open(journal.Config{Dir: filepath.Join(d.folder, "another machine's")})
	if err != nil {
		t.Fatal(err)
	}
	here := d.practice
	d.client = newClient(t, client.Config{ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: d.directory(boxTLS(t, d.server)), Journal: elsewhere, Now: d.now})
	there := d.at("A12345")
	made, err := there.Book(t.Context(), d.booking(d.slots[0]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := there.CancelAppointment(t.Context(), made.Appointment, "Booked by mistake"); err != nil {
		t.Fatal(err)
	}
	d.advance(2 * time.Second)
	d.inject("proxy:drop:before-commit@1")
	if made, err := here.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Fatalf("got %+v, %v; want ErrOutcomeUnknown", made, err)
	}
	d.client = newClient(t, client.Config{ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: d.directory(boxTLS(t, d.server)), Journal: d.journal, Now: d.now})
	d.advance(late)
	if s, err := d.settle(d.unsettled()); err != nil || s.Outcome.State != client.NotDone {
		t.Errorf("got %+v, %v; want it not done", s, err)
	}
}
