package client_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/relay"
	"github.com/gpconnect-go/gpc/record"
)

// TestFoundations: what is found can be read by its logical id.
func TestFoundations(t *testing.T) {
	d := newDesk(t, nil)
	p := d.practice
	people, err := p.FindPractitioner(t.Context(), "555021340012")
	if err != nil || len(people) != 1 || people[0].SDSUser() != "555021340012" {
		t.Fatalf("got %v, %v", people, err)
	}
	if one, err := p.ReadPractitioner(t.Context(), people[0].Resource.ID); err != nil || one.Name[0].Family != "Osei" {
		t.Errorf("got %v, %v", one, err)
	}
	organisations, err := p.FindOrganisation(t.Context(), "A12345")
	if err != nil || len(organisations) != 1 {
		t.Fatalf("got %v, %v", organisations, err)
	}
	if one, err := p.ReadOrganisation(t.Context(), organisations[0].Resource.ID); err != nil || one.ODS() != "A12345" {
		t.Errorf("got %v, %v", one, err)
	}
	if one, err := p.ReadLocation(t.Context(), d.slots[0].Location.ID); err != nil || one.Name != d.slots[0].Location.Name {
		t.Errorf("got %v, %v", one, err)
	}
	services, err := p.FindHealthcareService(t.Context(), "")
	if err != nil || len(services) != 2 {
		t.Fatalf("got %v, %v", services, err)
	}
	if one, err := p.FindHealthcareService(t.Context(), "2000012002"); err != nil || len(one) != 1 {
		t.Errorf("got %v, %v", one, err)
	}
	if one, err := p.ReadHealthcareService(t.Context(), services[0].Resource.ID); err != nil || one.Name != services[0].Name {
		t.Errorf("got %v, %v", one, err)
	}
	if none, err := p.FindPractitioner(t.Context(), "555021349999"); err != nil || len(none) != 0 {
		t.Errorf("nobody: got %v, %v", none, err)
	}
	if _, err := p.ReadLocation(t.Context(), "nowhere"); !errors.Is(err, client.ErrNotFound) || !errors.Is(err, client.NoRecordFound) {
		t.Errorf("nowhere: got %v, want ErrNotFound", err)
	}
	before := len(at(d.server, "proxy"))
	for _, id := range []string{"", "..", "a/b", "a?b=c", "a b", "ä", "#1"} {
		if _, err := p.ReadLocation(t.Context(), id); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%q: got %v, want ErrInvalid", id, err)
		}
	}
	if _, err := p.FindOrganisation(t.Context(), ""); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("no code: got %v, want ErrInvalid", err)
	}
	if got := len(at(d.server, "proxy")); got != before {
		t.Errorf("%d requests were sent for what is invalid", got-before)
	}
}

// TestFindPatient: who is there comes with a reference that no other practice
// takes; who is not to be given is not there.
func TestFindPatient(t *testing.T) {
	d := newDesk(t, nil)
	p := d.at("A12345")
	found, err := p.FindPatient(t.Context(), number(t, "9000000009"))
	if err != nil || found.Family != "Thackeray" || found.NHSNumber != "9000000009" || found.Ref().ODS != "A12345" || found.View() == nil {
		t.Fatalf("got %v, %v", found, err)
	}
	if again, err := p.ReadPatient(t.Context(), found.Ref()); err != nil || again.ID != found.ID {
		t.Errorf("read: got %v, %v", again, err)
	}
	if _, err := d.at("C11204").ReadPatient(t.Context(), found.Ref()); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("at another practice: got %v, want ErrInvalid", err)
	}
	day := fhir.Date(d.now().AddDate(0, 0, 3).Format(time.DateOnly))
	if _, err := d.at("C11204").SearchAppointments(t.Context(), found.Ref(), day, day); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("appointments at another practice: got %v, want ErrInvalid", err)
	}
	for _, digits := range []string{"9000000025", "9000000068", "9000000076", "9999999999"} { // sensitive, deceased, inactive, unknown
		if got, err := d.at("A12345").FindPatient(t.Context(), number(t, digits)); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("got %v, %v; want ErrNotFound", got, err)
		}
	}
	if _, err := p.FindPatient(t.Context(), fhir.NHSNumber{}); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("no number: got %v, want ErrInvalid", err)
	}
	if _, err := p.FindPatient(t.Context(), number(t, "9000000017")); err == nil {
		t.Error("an encounter took a second patient")
	}
}

// TestSomebodyElse: an answer about another patient than was asked for reaches nobody.
func TestSomebodyElse(t *testing.T) {
	d := newDesk(t, nil)
	other, err := d.at("A12345").FindPatient(t.Context(), number(t, "9000000017"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
	if err != nil {
		t.Fatal(err)
	}
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		switch {
		case strings.Contains(r.RequestURI, "identifier"):
			r.RequestURI = strings.Replace(r.RequestURI, "9000000009", "9000000017", 1)
		case strings.Contains(r.RequestURI, other.ID):
			r.RequestURI = strings.Replace(r.RequestURI, other.ID, d.patient.ID, 1)
		}
		return forward(), true
	})
	if got, err := d.practice.FindPatient(t.Context(), number(t, "9000000009")); !errors.Is(err, record.ErrWrongPatient) || !errors.Is(err, client.ErrUnreadable) || got != nil {
		t.Errorf("find: got %v, %v; want ErrWrongPatient", got, err)
	}
	d.practice = d.at("A12345")
	if got, err := d.practice.ReadPatient(t.Context(), other.Ref()); !errors.Is(err, client.ErrUnreadable) || got != nil {
		t.Errorf("read: got %v, %v; want ErrUnreadable", got, err)
	}
	day := fhir.Date(made.Appointment.Start.Format(time.DateOnly))
	d.practice = d.at("A12345")
	if got, err := d.practice.SearchAppointments(t.Context(), other.Ref(), day, day); !errors.Is(err, record.ErrWrongPatient) || got != nil {
		t.Errorf("appointments: got %v, %v; want ErrWrongPatient", got, err)
	}
}

// TestAppointmentDays: the days of a retrieval are whole, in order and not past.
func TestAppointmentDays(t *testing.T) {
	d := newDesk(t, nil)
	today := d.now().In(fhir.London())
	day := func(n int) fhir.Date { return fhir.Date(today.AddDate(0, 0, n).Format(time.DateOnly)) }
	before := len(at(d.server, "proxy"))
	for _, days := range [][2]fhir.Date{
		{"", ""}, {day(1), ""}, {day(2), day(1)}, {day(-1), day(1)}, {"2027", "2027"}, {"2027-02-29", "2027-03-01"},
		{day(1) + "T08:00:00+00:00", day(1) + "T09:00:00+00:00"},
	} {
		if _, err := d.practice.SearchAppointments(t.Context(), d.patient, days[0], days[1]); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%v: got %v, want ErrInvalid", days, err)
		}
	}
	if got := len(at(d.server, "proxy")); got != before {
		t.Errorf("%d requests were sent", got-before)
	}
	if none, err := d.practice.SearchAppointments(t.Context(), d.patient, day(0), day(300)); err != nil || none == nil || len(none) != 0 {
		t.Errorf("got %v, %v; want an empty list", none, err)
	}
}

// gatekeeper notes what it is asked and shown.
type gatekeeper struct {
	admitted []string
	shown    []fhir.Person
	no       error
	mismatch error
}

func (g *gatekeeper) Admit(_ context.Context, n fhir.NHSNumber, ods string, booking bool) error {
	if !booking {
		g.admitted = append(g.admitted, "not for booking")
	}
	g.admitted = append(g.admitted, ods+" "+n.Digits())
	return g.no
}

func (g *gatekeeper) Confirm(p fhir.Person) error {
	g.shown = append(g.shown, p)
	return g.mismatch
}

// TestGates are asked about every call whose patient is known, and shown who
// came; what they cannot judge is not sent.
func TestGates(t *testing.T) {
	d := newDesk(t, nil)
	gate := &gatekeeper{}
	behind := func() *client.Practice {
		e, err := d.client.Encounter(booker, user, gate)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Practice("A12345")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := behind()
	found, err := p.FindPatient(t.Context(), number(t, "9000000009"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Book(t.Context(), client.Booking{Patient: found.Ref(), Slots: d.slots[:1]}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"A12345 9000000009", "A12345 9000000009"}; !slices.Equal(gate.admitted, want) {
		t.Errorf("admitted %q, want %q", gate.admitted, want)
	}
	if len(gate.shown) != 1 || gate.shown[0].Family != "Thackeray" || gate.shown[0].Practice != "" {
		t.Errorf("shown %d people; want the one that came, without a practice", len(gate.shown))
	}
	unknown := found.Ref()
	unknown.Number = fhir.NHSNumber{}
	if _, err := p.Book(t.Context(), client.Booking{Patient: unknown, Slots: d.slots[1:2]}); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("a patient whom the gate cannot judge: got %v, want ErrInvalid", err)
	}
	gate.no = errors.New("restricted")
	posts := d.posts()
	if _, err := behind().Book(t.Context(), client.Booking{Patient: found.Ref(), Slots: d.slots[1:2]}); !errors.Is(err, gate.no) || d.posts() != posts {
		t.Errorf("refused by the gate: got %v, %d sent", err, d.posts()-posts)
	}
	gate.no, gate.mismatch = nil, errors.New("another name")
	if got, err := behind().FindPatient(t.Context(), number(t, "9000000009")); !errors.Is(err, gate.mismatch) || got != nil {
		t.Errorf("not confirmed: got %v, %v", got, err)
	}
}
