package client_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/journal"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// booker is an organisation that can book.
var booker = client.Organisation{ODS: "A11111", Name: "Example Org", ASID: "200000000359", Type: "urgent-care", Phone: "0300 303 5678"}

// desk is everything that a booking takes: a sandbox, a journal, a clock that
// can be moved, a patient and free slots.
type desk struct {
	*testing.T
	server   *sandbox.Server
	client   *client.Client
	practice *client.Practice
	journal  *journal.Journal
	patient  client.PatientRef
	slots    []client.Slot

	mu     sync.Mutex
	ahead  time.Duration // of the client's clock
	sleeps []time.Duration
	asleep func() // called in each pause

	auditor   client.Auditor // of the client behind a relay
	graceEnds bool           // whether the grace passes, or is waited in
	folder    string         // of the journal
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.ahead)
}

func (d *desk) advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ahead += by
}

// sleep passes at once, but for the grace after a caller's end, which is
// waited out.
func (d *desk) sleep(ctx context.Context, pause time.Duration) error {
	d.mu.Lock()
	d.sleeps = append(d.sleeps, pause)
	asleep, waits := d.asleep, !d.graceEnds
	d.mu.Unlock()
	if asleep != nil {
		asleep()
	}
	if pause == grace/2 && waits {
		<-ctx.Done()
	}
	return ctx.Err()
}

const (
	grace = 40 * time.Second
	late  = 5 * time.Minute
)

func newDesk(t *testing.T, change func(*client.Config)) *desk {
	t.Helper()
	return newDeskAt(t, 0, change)
}

// newDeskAt is a desk whose clock, and the sandbox's, is ahead of ours.
func newDeskAt(t *testing.T, ahead time.Duration, change func(*client.Config)) *desk {
	t.Helper()
	d := &desk{T: t, folder: t.TempDir(), ahead: ahead}
	var err error
	if d.journal, err = journal.Open(journal.Config{Dir: filepath.Join(d.folder, "writes")}); err != nil {
		t.Fatal(err)
	}
	d.client, d.server = start(t, sandbox.Config{Now: d.now}, func(c *client.Config) {
		c.Journal, c.Now = d.journal, d.now
		c.Settling = client.Settling{Pauses: []time.Duration{time.Second, 3 * time.Second}, Late: late, Grace: grace, Sleep: d.sleep}
		if change != nil {
			change(c)
		}
	})
	d.practice = d.at("A12345")
	found, err := d.practice.FindPatient(t.Context(), number(t, "9000000009"))
	if err != nil {
		t.Fatal(err)
	}
	d.patient = found.Ref()
	d.slots = d.search()
	return d
}

func (d *desk) directory(config *tls.Config) sdslookup.Directory {
	d.Helper()
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{d.server.LDAPURL()}, TLS: config})
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { directory.Close() })
	return directory
}

func (d *desk) at(ods string) *client.Practice {
	d.Helper()
	e, err := d.client.Encounter(booker, user)
	if err != nil {
		d.Fatal(err)
	}
	p, err := e.Practice(ods)
	if err != nil {
		d.Fatal(err)
	}
	return p
}

// search gives the free slots of the two days after tomorrow's hour.
func (d *desk) search() []client.Slot {
	d.Helper()
	slots, err := d.practice.SearchSlots(d.Context(), client.SlotsBetween(d.now().Add(24*time.Hour), d.now().Add(3*24*time.Hour)))
	if err != nil {
		d.Fatal(err)
	}
	if len(slots) < 20 {
		d.Fatalf("%d slots; there should be dozens", len(slots))
	}
	return slots
}

func (d *desk) booking(slots ...client.Slot) client.Booking {
	return client.Booking{Patient: d.patient, Slots: slots, Comment: "Prefers afternoons"}
}

func (d *desk) inject(faults ...string) {
	d.Helper()
	for _, f := range faults {
		if err := d.server.Inject(f); err != nil {
			d.Fatal(err)
		}
	}
}

// posts counts the bookings that left.
func (d *desk) posts() (n int) {
	for _, r := range at(d.server, "proxy") {
		if strings.HasPrefix(r.Line, "POST") {
			n++
		}
	}
	return n
}

// outcomes are the states of all intents, the oldest first.
func (d *desk) outcomes() (states []client.OutcomeState) {
	d.Helper()
	all, err := d.journal.Intents(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	for _, s := range all {
		states = append(states, s.Outcome.State)
	}
	return states
}

// keptRules reports every rule that a request broke.
func (d *desk) keptRules() {
	d.Helper()
	for _, r := range d.server.Requests() {
		if r.Rule != "" {
			d.Errorf("%s %s broke a rule: %s", r.Where, r.Line, r.Rule)
		}
	}
}

// TestWholeLife of an appointment: found, booked, read, amended, cancelled,
// each rule of the sandbox kept.
func TestWholeLife(t *testing.T) {
	d := newDesk(t, nil)
	made, err := d.practice.Book(t.Context(), d.booking(d.slots[3]))
	if err != nil {
		t.Fatal(err)
	}
	a := made.Appointment
	if made.Recovered || a.Status != "booked" || !a.Start.Equal(d.slots[3].Start.Time) || a.Patient != d.patient.ID ||
		!slices.Equal(a.Slots, []string{d.slots[3].ID}) || a.BookedBy.ODS != "A11111" || a.Comment != "Prefers afternoons" {
		data, _ := json.Marshal(a)
		t.Errorf("got %s", data)
	}
	day := fhir.Date(a.Start.Format(time.DateOnly))
	all, err := d.practice.SearchAppointments(t.Context(), d.patient, day, day)
	if err != nil || len(all) != 1 || all[0].ID != a.ID {
		t.Fatalf("got %v, %v; want the one that was booked", all, err)
	}
	comment := "Prefers mornings <after 9> & \"no\" calls"
	amended, err := d.practice.AmendAppointment(t.Context(), all[0], client.Amendment{Comment: &comment})
	if err != nil || amended.Appointment.Comment != comment || amended.Appointment.Version == a.Version {
		t.Fatalf("amend: got %+v, %v", amended, err)
	}
	if _, err := d.practice.AmendAppointment(t.Context(), all[0], client.Amendment{Comment: new(string)}); !errors.Is(err, client.ErrVersionConflict) {
		t.Errorf("an amendment of what was read before: got %v, want ErrVersionConflict", err)
	}
	read, err := d.practice.ReadAppointment(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := d.practice.CancelAppointment(t.Context(), read, "The patient is better")
	if err != nil || cancelled.Appointment.Status != "cancelled" || cancelled.Appointment.CancellationReason != "The patient is better" {
		t.Fatalf("cancel: got %+v, %v", cancelled, err)
	}
	if _, err := d.practice.CancelAppointment(t.Context(), cancelled.Appointment, "again"); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("cancelled twice: got %v, want ErrInvalid", err)
	}
	if got := d.server.Appointments(); len(got) != 1 || got[0].Status != "cancelled" {
		t.Errorf("the sandbox has %+v", got)
	}
	want := []client.OutcomeState{client.Done, client.Done, client.NotDone, client.Done}
	if got := d.outcomes(); !slices.Equal(got, want) {
		t.Errorf("journal: got %q, want %q", got, want)
	}
	d.keptRules()
}

// TestSeveralSlots of one session are booked as one appointment, in order.
func TestSeveralSlots(t *testing.T) {
	d := newDesk(t, nil)
	a, b := neighbours(t, d.slots)
	made, err := d.practice.Book(t.Context(), d.booking(b, a))
	if err != nil {
		t.Fatal(err)
	}
	if got := made.Appointment; !got.Start.Equal(a.Start.Time) || !got.End.Equal(b.End.Time) || got.Minutes != 20 || len(got.Slots) != 2 {
		t.Errorf("got %s to %s, %d minutes, slots %v", got.Start, got.End, got.Minutes, got.Slots)
	}
	d.keptRules()
}

// neighbours finds two free slots of one session that adjoin each other.
func neighbours(t *testing.T, slots []client.Slot) (a, b client.Slot) {
	t.Helper()
	for i := range slots {
		for j := range slots {
			if slots[i].Schedule == slots[j].Schedule && slots[i].End.Equal(slots[j].Start.Time) {
				return slots[i], slots[j]
			}
		}
	}
	t.Fatal("no two slots adjoin each other")
	return a, b
}

// TestSlotsThroughJSON: a slot that was printed and read again can be booked.
func TestSlotsThroughJSON(t *testing.T) {
	d := newDesk(t, nil)
	data, err := json.Marshal(d.slots[:5])
	if err != nil {
		t.Fatal(err)
	}
	var slots []client.Slot
	if err := json.Unmarshal(data, &slots); err != nil {
		t.Fatal(err)
	}
	if _, err := d.practice.Book(t.Context(), d.booking(slots[2])); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(slots)
	if err != nil || string(again) != string(data) {
		t.Errorf("written again they differ\n got %s\nwant %s", again, data)
	}
	d.keptRules()
}

// TestFaults: whatever becomes of the one request, the answer agrees with
// what the practice has, and it is sent once.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name      string
		faults    []string
		recovered bool
		class     error // nil: booked
		booked    int   // at the practice, afterwards
	}{
		{"lost before", []string{"proxy:drop:before-commit@1"}, false, client.ErrOutcomeUnknown, 0},
		{"lost after", []string{"proxy:drop:after-commit@1"}, true, nil, 1},
		{"practice lost before", []string{"provider:drop:before-commit@1"}, false, client.ErrOutcomeUnknown, 0},
		{"practice lost after: 502", []string{"provider:drop:after-commit@1"}, true, nil, 1},
		{"answer cut", []string{"proxy:truncate@1"}, true, nil, 1},
		{"answer garbled", []string{"proxy:garble@1"}, true, nil, 1},
		{"answer a bomb", []string{"proxy:gzip-bomb@1"}, true, nil, 1},
		{"a page with 200", []string{"proxy:html@1"}, false, client.ErrOutcomeUnknown, 0},
		{"redirected", []string{"proxy:redirect@1"}, false, client.ErrOutcomeUnknown, 0},
		{"500", []string{"provider:status:500@1"}, false, client.ErrOutcomeUnknown, 0},
		{"502", []string{"proxy:status:502@1"}, false, client.ErrOutcomeUnknown, 0},
		{"503", []string{"proxy:status:503@1"}, false, client.ErrOutcomeUnknown, 0},
		{"504", []string{"proxy:status:504@1"}, false, client.ErrOutcomeUnknown, 0},
		{"499", []string{"proxy:status:499@1"}, false, client.ErrOutcomeUnknown, 0},
		{"599", []string{"proxy:status:599@1"}, false, client.ErrOutcomeUnknown, 0},
		{"408", []string{"proxy:status:408@1"}, false, client.ErrOutcomeUnknown, 0},
		{"the readings fail too", []string{"proxy:drop:after-commit@1", "proxy:status:500@2", "proxy:status:500@3", "proxy:status:500@4"}, false, client.ErrOutcomeUnknown, 1},
		{"the second reading succeeds", []string{"proxy:drop:after-commit@1", "proxy:status:500@2"}, true, nil, 1},
		{"too many requests", []string{"proxy:status:429@1"}, false, client.ErrThrottled, 0},
		{"refused by the proxy", []string{"proxy:error:FOT_CHECK_FAILED@1"}, false, client.ErrNoSharingAgreement, 0},
		{"another address", []string{"proxy:error:ENDPOINT_x_VARIES_FROM_TARGETURL_y@1"}, false, client.ErrEndpointVaries, 0},
		{"refused by the practice", []string{"provider:error:INVALID_RESOURCE@1"}, false, client.ErrRefused, 0},
		{"switched off", []string{"provider:error:ACCESS DENIED@1"}, false, client.ErrNotEnabled, 0},
		{"not implemented", []string{"provider:error:NOT_IMPLEMENTED@1"}, false, client.ErrNoAnswer, 0},
		{"slow", []string{"proxy:slow:5ms@1"}, false, nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.inject(test.faults...)
			made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
			switch {
			case test.class == nil && err != nil:
				t.Fatal(err)
			case test.class == nil && made.Recovered != test.recovered:
				t.Errorf("recovered: got %v, want %v", made.Recovered, test.recovered)
			case test.class != nil && !errors.Is(err, test.class):
				t.Fatalf("got %v, want %v", err, test.class)
			case test.class != nil && errors.Is(err, client.ErrOutcomeUnknown) != (test.class == client.ErrOutcomeUnknown):
				t.Errorf("got %v, want %v", err, test.class)
			}
			if got := d.posts(); got != 1 {
				t.Errorf("it was sent %d times", got)
			}
			if got := len(d.server.Appointments()); got != test.booked {
				t.Errorf("the practice has %d appointments, want %d", got, test.booked)
			}
			want := client.NotDone
			switch {
			case test.class == nil:
				want = client.Done
			case test.class == client.ErrOutcomeUnknown:
				want = ""
			}
			if got := d.outcomes(); len(got) != 1 || got[0] != want {
				t.Errorf("journal: got %q, want %q", got, want)
			}
			if want == "" {
				d.settles(err, test.booked)
			}
		})
	}
}

// settles holds the rules of an unknown outcome: the patient is not booked
// again at this practice, and it ends in what the practice has.
func (d *desk) settles(err error, booked int) {
	d.Helper()
	var doubt *client.Doubt
	if !errors.As(err, &doubt) || doubt.Readings != 3 || len(d.sleeps) != 2 {
		d.Fatalf("got %+v after pauses %v, want three readings with two pauses between", doubt, d.sleeps)
	}
	if want := (doubt.Slot == client.SlotGone); (booked == 1) != want {
		d.Errorf("the slot: got %q, %d are booked", doubt.Slot, booked)
	}
	d.server.ClearFaults()
	if _, err := d.practice.Book(d.Context(), d.booking(d.slots[9])); !errors.Is(err, client.ErrUnsettled) {
		d.Errorf("booked again: got %v, want ErrUnsettled", err)
	}
	open, err := d.client.Unsettled(d.Context())
	if err != nil || len(open) != 1 {
		d.Fatalf("got %v, %v; want one unsettled", open, err)
	}
	e, err := d.client.Encounter(booker, user)
	if err != nil {
		d.Fatal(err)
	}
	if booked == 0 {
		if _, err := e.Settle(d.Context(), open[0], fhir.NHSNumber{}); !errors.Is(err, client.ErrOutcomeUnknown) {
			d.Errorf("settled at once: got %v, want ErrOutcomeUnknown", err)
		}
		d.advance(late)
	}
	s, err := e.Settle(d.Context(), open[0], fhir.NHSNumber{})
	if err != nil || (s.Outcome.State == client.Done) != (booked == 1) || (s.Appointment != nil) != (booked == 1) {
		d.Fatalf("settled: got %+v, %v; %d are booked", s, err, booked)
	}
	if _, err := d.practice.Book(d.Context(), d.booking(d.slots[9])); err != nil {
		d.Errorf("booked after it was settled: %v", err)
	}
}
