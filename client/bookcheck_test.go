package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

// TestRefusedBookings: what a practice would refuse is refused before anything is sent.
func TestRefusedBookings(t *testing.T) {
	d := newDesk(t, nil)
	a, b := neighbours(t, d.slots)
	apart := d.slots[len(d.slots)-1]
	with := func(change func(*client.Slot)) client.Booking {
		s := a
		change(&s)
		return d.booking(s)
	}
	next := func(change func(*client.Slot)) client.Booking {
		s := b
		change(&s)
		return d.booking(a, s)
	}
	text := func(description, comment string) client.Booking {
		b := d.booking(a)
		b.Description, b.Comment = description, comment
		return b
	}
	elsewhere := d.booking(a)
	elsewhere.Patient.ODS = "B82617"
	nobody := d.booking(a)
	nobody.Patient.ID = ""
	path := d.booking(a)
	path.Patient.ID = "1/Appointment"
	for name, wrong := range map[string]client.Booking{
		"the patient of another practice":  elsewhere,
		"no patient":                       nobody,
		"a path for an id":                 path,
		"no slot":                          d.booking(),
		"a slot of another practice":       with(func(s *client.Slot) { s.ODS = "B82617" }),
		"a slot of another organisation's": with(func(s *client.Slot) { s.Filter.ODS = "B22222" }),
		"a slot of another type's":         with(func(s *client.Slot) { s.Filter.Type = "gp-practice" }),
		"a slot without location":          with(func(s *client.Slot) { s.Location.ID = "" }),
		"a slot without session":           with(func(s *client.Slot) { s.Schedule = "" }),
		"a slot with a problem":            with(func(s *client.Slot) { s.Problem = "its session was not sent" }),
		"a slot that ends as it starts":    with(func(s *client.Slot) { s.End = s.Start }),
		"a past slot":                      with(func(s *client.Slot) { s.Start = client.InUK(d.now().Add(-time.Minute)) }),
		"a visit":                          with(func(s *client.Slot) { s.Channel = "Visit" }),
		"the same slot twice":              d.booking(a, a),
		"slots apart":                      d.booking(a, apart),
		"slots of two sessions":            next(func(s *client.Slot) { s.Schedule += "1" }),
		"slots of two channels":            next(func(s *client.Slot) { s.Channel = "Video" }),
		"slots of two types":               next(func(s *client.Slot) { s.Type += "x" }),
		"slots of two searches":            next(func(s *client.Slot) { s.Filter = client.SlotFilter{} }),
		"101 characters":                   text(strings.Repeat("ü", 101), ""),
		"501 characters":                   text("", strings.Repeat("ü", 501)),
		"no UTF-8":                         text("\xff", ""),
	} {
		t.Run(name, func(t *testing.T) {
			if err := d.practice.CheckBooking(wrong); !errors.Is(err, client.ErrInvalid) {
				t.Errorf("CheckBooking: got %v, want ErrInvalid", err)
			}
			if _, err := d.practice.Book(t.Context(), wrong); !errors.Is(err, client.ErrInvalid) {
				t.Errorf("Book: got %v, want ErrInvalid", err)
			}
		})
	}
	if n := d.posts(); n != 0 {
		t.Errorf("%d bookings were sent", n)
	}
	longest := text(strings.Repeat("ü", 100), strings.Repeat("ü", 500))
	if _, err := d.practice.Book(t.Context(), longest); err != nil {
		t.Errorf("the longest texts: %v", err)
	}
	d.keptRules()
}

// TestNoPhone: an organisation without a telephone number cannot book.
func TestNoPhone(t *testing.T) {
	d := newDesk(t, nil)
	silent := booker
	silent.Phone = ""
	e, err := d.client.Encounter(silent, user)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Practice("A12345")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Book(t.Context(), d.booking(d.slots[0])); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

// rehearsed is the body that a call would have sent.
func rehearsed(t *testing.T, call func(context.Context) error) (body string, header map[string][]string) {
	t.Helper()
	ctx := client.WithRehearsal(t.Context(), func(r client.Rehearsal) { body, header = string(r.Body), r.Request.Header })
	if err := call(ctx); !errors.Is(err, client.ErrRehearsed) {
		t.Fatalf("got %v, want ErrRehearsed", err)
	}
	return body, header
}

// TestBookingBody is the payload of "Book an appointment" letter by letter, and nothing of a
// rehearsal is in the journal.
func TestBookingBody(t *testing.T) {
	at := time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC) // the night before the clocks go forward
	d := newDesk(t, nil)
	tls := boxTLS(t, d.server)
	d.client = newClient(t, client.Config{ProxyURL: d.server.ProxyURL(), TLS: tls, Directory: d.directory(tls), Journal: d.journal, Now: func() time.Time { return at }})
	d.practice = d.at("A12345")
	slot := client.Slot{
		ODS: "A12345", ID: "1584", Start: client.InUK(at.Add(2 * time.Hour)), End: client.InUK(at.Add(2*time.Hour + 10*time.Minute)),
		Channel: "In-person", Type: "General", Schedule: "14", Location: client.SlotLocation{ID: "17"},
		Practitioners: []client.SlotPractitioner{{ID: "2"}}, Filter: client.SlotFilter{Type: "urgent-care", ODS: "A11111"},
	}
	second := slot
	second.ID, second.Start, second.End, second.SentEnd = "1585", slot.End, client.InUK(slot.End.Add(10*time.Minute)), "2026-03-29T01:50:00.000Z"
	body, _ := rehearsed(t, func(ctx context.Context) error {
		_, err := d.practice.Book(ctx, client.Booking{Patient: client.PatientRef{ODS: "A12345", ID: "2"}, Slots: []client.Slot{second, slot}, Comment: "<&>"})
		return err
	})
	const want = `{"resourceType":"Appointment","meta":{"profile":["https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-Appointment-1"]},` +
		`"contained":[{"resourceType":"Organization","id":"1","meta":{"profile":["https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-Organization-1"]},` +
		`"identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A11111"}],` +
		`"type":[{"coding":[{"system":"https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-1","code":"urgent-care"}]}],` +
		`"name":"Example Org","telecom":[{"system":"phone","value":"0300 303 5678"}]}],` +
		`"extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-BookingOrganisation-1","valueReference":{"reference":"#1"}}],` +
		`"status":"booked","description":"GP Connect appointment","start":"2026-03-29T02:30:00+01:00","end":"2026-03-29T01:50:00.000Z",` +
		`"slot":[{"reference":"Slot/1584"},{"reference":"Slot/1585"}],"created":"2026-03-28T23:30:00+00:00","comment":"<&>",` +
		`"participant":[{"actor":{"reference":"Patient/2"},"status":"accepted"},{"actor":{"reference":"Location/17"},"status":"accepted"},` +
		`{"actor":{"reference":"Practitioner/2"},"status":"accepted"}]}`
	if body != want {
		t.Errorf("body\n got %s\nwant %s", body, want)
	}
	slot.Filter = client.SlotFilter{}
	body, _ = rehearsed(t, func(ctx context.Context) error {
		_, err := d.practice.Book(ctx, client.Booking{Patient: client.PatientRef{ODS: "A12345", ID: "2"}, Slots: []client.Slot{slot}})
		return err
	})
	if strings.Contains(body, `"type"`) || strings.Contains(body, `"comment"`) {
		t.Errorf("a type that was not searched for, or an empty comment: %s", body)
	}
	if got := d.outcomes(); len(got) != 0 {
		t.Errorf("the journal has %d intents of rehearsals", len(got))
	}
}

// TestNothingPersonal: neither errors nor journal nor what fmt makes of the values name the patient.
func TestNothingPersonal(t *testing.T) {
	d := newDesk(t, nil)
	d.inject("proxy:drop:after-commit@1", "proxy:status:500@2", "proxy:status:500@3", "proxy:status:500@4")
	_, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
	var doubt *client.Doubt
	if !errors.As(err, &doubt) {
		t.Fatal(err)
	}
	found, findErr := d.practice.FindPatient(t.Context(), number(t, "9000000009"))
	if findErr != nil {
		t.Fatal(findErr)
	}
	all, err2 := d.journal.Intents(t.Context())
	if err2 != nil {
		t.Fatal(err2)
	}
	kept, err2 := json.Marshal(all)
	if err2 != nil {
		t.Fatal(err2)
	}
	d.server.ClearFaults()
	made, err2 := d.practice.SearchAppointments(t.Context(), d.patient, fhir.Date(d.slots[0].Start.Format(time.DateOnly)), fhir.Date(d.slots[0].Start.Format(time.DateOnly)))
	if err2 != nil || len(made) != 1 {
		t.Fatal(made, err2)
	}
	var said bytes.Buffer
	for _, v := range []any{err, doubt, found, *found, d.patient, d.booking(d.slots[0]), made[0], *made[0], doubt.Intent, string(kept)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			printf(&said, verb+"\n", v)
		}
		logged(&said, v)
	}
	for _, leak := range []string{"9000000009", "Thackeray", "THACKERAY", "Rosalind", "1958-04-17", "ZZ99 1AA", "Prefers afternoons"} {
		if strings.Contains(said.String(), leak) {
			t.Errorf("%q was said", leak)
		}
	}
	for _, v := range []any{err, found, *found, d.patient, d.booking(d.slots[0]), made[0], *made[0], doubt.Intent} {
		said.Reset()
		printf(&said, "%+v %#v", v, v)
		if id := "/" + d.patient.ID; strings.Contains(said.String(), id) || strings.Contains(said.String(), `"`+d.patient.ID+`"`) {
			t.Errorf("%T says the logical id", v)
		}
	}
}
