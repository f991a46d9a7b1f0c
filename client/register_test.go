package client_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/relay"
	"github.com/gpconnect-go/gpc/sdslookup"
)

func newcomer(t *testing.T) client.Registration {
	return client.Registration{
		NHSNumber: number(t, "9000000114"), Family: "Marchbanks", Given: []string{"Saoirse"}, Prefix: []string{"Ms"},
		Gender: "female", BirthDate: "2001-10-11", Home: &fhir.Address{Line: []string{"1 Withy Lane"}, City: "Marrowby", PostalCode: "ZZ99 1AA"},
		Temp: &fhir.Address{Line: []string{"2 Withy Lane"}}, Phones: client.Phones{Mobile: "07700 900123", Home: "01632 960001"}, Email: "a@example.org",
		Language: &fhir.Coding{Code: "en", Display: "English"}, Interpreter: fhir.False,
	}
}

// TestRegister: somebody new is registered, found and can be booked; twice is once.
func TestRegister(t *testing.T) {
	d := newDesk(t, nil)
	p := d.at("A12345")
	if _, err := p.FindPatient(t.Context(), number(t, "9000000114")); !errors.Is(err, client.ErrNotFound) {
		t.Fatalf("before: got %v, want ErrNotFound", err)
	}
	done, err := p.RegisterPatient(t.Context(), newcomer(t))
	if err != nil || done.Recovered || done.Already || done.Patient.RegistrationType != "T" {
		t.Fatalf("got %+v, %v", done, err)
	}
	found, err := p.FindPatient(t.Context(), number(t, "9000000114"))
	if err != nil || found.ID != done.Patient.ID {
		t.Fatalf("found %v, %v", found, err)
	}
	again, err := p.RegisterPatient(t.Context(), newcomer(t))
	if err != nil || !again.Already || again.Recovered || again.Patient.ID != found.ID {
		t.Errorf("again: got %+v, %v; want it there already", again, err)
	}
	if _, err := p.Book(t.Context(), client.Booking{Patient: done.Patient.Ref(), Slots: d.slots[:1]}); err != nil {
		t.Error(err)
	}
	d.keptRules()
}

// TestRegisterFaults: a lost answer is settled by finding the patient.
func TestRegisterFaults(t *testing.T) {
	for _, test := range []struct {
		fault     string
		class     error
		recovered bool
	}{
		{"proxy:drop:after-commit@1", nil, true},
		{"provider:drop:after-commit@1", nil, true},
		{"proxy:truncate@1", nil, true},
		{"proxy:drop:before-commit@1", client.ErrOutcomeUnknown, false},
		{"provider:status:500@1", client.ErrOutcomeUnknown, false},
		{"provider:error:INVALID_PATIENT_DEMOGRAPHICS@1", client.ErrRefused, false},
		{"provider:error:DUPLICATE_REJECTED@1", client.ErrDuplicate, false}, // and nobody is there
	} {
		t.Run(test.fault, func(t *testing.T) {
			d := newDesk(t, nil)
			p := d.at("A12345")
			d.inject(test.fault)
			done, err := p.RegisterPatient(t.Context(), newcomer(t))
			if !errors.Is(err, test.class) || (err == nil) != (test.class == nil) {
				t.Fatalf("got %v, want %v", err, test.class)
			}
			if err == nil && done.Recovered != test.recovered {
				t.Errorf("recovered: got %v, want %v", done.Recovered, test.recovered)
			}
			if got := d.posts(); got != 1 {
				t.Errorf("it was sent %d times", got)
			}
			if test.class != client.ErrOutcomeUnknown {
				return
			}
			d.server.ClearFaults()
			open, err := d.client.Unsettled(t.Context())
			if err != nil || len(open) != 1 {
				t.Fatal(open, err)
			}
			e, err := d.client.Encounter(booker, user)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Settle(t.Context(), open[0], fhir.NHSNumber{}); !errors.Is(err, client.ErrInvalid) {
				t.Errorf("without the number: got %v, want ErrInvalid", err)
			}
			d.advance(late)
			if s, err := e.Settle(t.Context(), open[0], number(t, "9000000114")); err != nil || s.Outcome.State != client.NotDone {
				t.Errorf("late: got %+v, %v; want it not done", s, err)
			}
			again, err := d.at("A12345").RegisterPatient(t.Context(), newcomer(t))
			if err != nil || again.Already {
				t.Errorf("a new registration: got %+v, %v", again, err)
			}
		})
	}
}

// TestRegisterMismatch: a gate that does not know the registered patient says so, and the
// registration stands in the journal.
func TestRegisterMismatch(t *testing.T) {
	d := newDesk(t, nil)
	gate := &gatekeeper{mismatch: errors.New("another name")}
	e, err := d.client.Encounter(booker, user, gate)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Practice("A12345")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.RegisterPatient(t.Context(), newcomer(t)); !errors.Is(err, gate.mismatch) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("got %v, want the gate's word", err)
	}
	if got := d.outcomes(); !slices.Equal(got, []client.OutcomeState{client.Done}) {
		t.Errorf("journal: got %q, want done", got)
	}
}

// TestRegistrationRules: what a practice would refuse is not sent.
func TestRegistrationRules(t *testing.T) {
	d := newDesk(t, nil)
	for name, change := range map[string]func(*client.Registration){
		"no number":        func(r *client.Registration) { r.NHSNumber = fhir.NHSNumber{} },
		"no family":        func(r *client.Registration) { r.Family = " " },
		"no given":         func(r *client.Registration) { r.Given = nil },
		"an empty given":   func(r *client.Registration) { r.Given = []string{"A", ""} },
		"an empty prefix":  func(r *client.Registration) { r.Prefix = []string{""} },
		"another gender":   func(r *client.Registration) { r.Gender = "F" },
		"no birth date":    func(r *client.Registration) { r.BirthDate = "" },
		"a year":           func(r *client.Registration) { r.BirthDate = "2001" },
		"a wrong February": func(r *client.Registration) { r.BirthDate = "2001-02-29" },
		"not yet born":     func(r *client.Registration) { r.BirthDate = "2101-01-01" },
		"an interpreter":   func(r *client.Registration) { r.Language = nil },
		"no language":      func(r *client.Registration) { r.Language = &fhir.Coding{} },
	} {
		r := newcomer(t)
		change(&r)
		if _, err := d.practice.RegisterPatient(t.Context(), r); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		} else if strings.Contains(err.Error(), "Marchbanks") || strings.Contains(err.Error(), "9000000114") {
			t.Errorf("%s: the error names the patient", name)
		}
	}
	if d.posts() != 0 {
		t.Errorf("%d registrations were sent", d.posts())
	}
}

// empty is a directory that knows nobody.
type empty struct{}

func (empty) Endpoint(context.Context, string, sdslookup.Interaction) (sdslookup.Endpoint, error) {
	return sdslookup.Endpoint{}, sdslookup.ErrNotFound
}

// TestRegisterSettledByItsPractice: only the practice's own word that there is nobody says
// that a registration was not made; neither a web page nor the directory can.
func TestRegisterSettledByItsPractice(t *testing.T) {
	d := newDesk(t, nil)
	page := relay.Answer{Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<title>404 Not Found</title>")}
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if isPost(r) {
			forward()
			return relay.Answer{}, false
		}
		return page, true
	})
	if _, err := d.practice.RegisterPatient(t.Context(), newcomer(t)); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Fatalf("got %v, want ErrOutcomeUnknown", err)
	}
	d.advance(late)
	i := d.unsettled()
	nowhere := newClient(t, client.Config{
		ProxyURL: d.server.ProxyURL(), TLS: boxTLS(t, d.server), Directory: empty{}, Journal: d.journal, Now: d.now,
		Settling: client.Settling{Late: late, Sleep: d.sleep},
	})
	for name, c := range map[string]*client.Client{"a page": d.client, "the directory": nowhere} {
		e, err := c.Encounter(booker, user)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := e.Settle(t.Context(), i, number(t, "9000000114")); !errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("%s has none: got %+v, %v; want ErrOutcomeUnknown", name, s, err)
		}
	}
	if got := d.outcomes(); !slices.Equal(got, []client.OutcomeState{""}) {
		t.Errorf("journal: got %q, want it open", got)
	}
}
