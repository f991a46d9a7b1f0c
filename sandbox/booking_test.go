package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const book = "fhir:rest:create:appointment-1"

func TestBooking(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	f := c.slots(slotSearch(days(s, 1), days(s, 1)))
	slot := f.of("Slot")[0]
	sent := bookingFor(f, c.patientID("9000000041"), slot) // who dissents is booked like anybody
	sent["comment"] = "Prefers <mornings> & daylight"
	r := c.do(book, "/Appointment", sent)
	r.refused(t, "booking", http.StatusCreated, "")
	made := r.fields(t)
	if got := r.header.Get("Location"); !strings.HasSuffix(got, "/gpconnect/Appointment/"+made["id"].(string)) {
		t.Errorf("Location: got %s, want the appointment's address", got)
	}
	if q := s.Requests(); q[len(q)-1].Rule != "" {
		t.Errorf("got rule %q, want none broken", q[len(q)-1].Rule)
	}
	read := c.do("fhir:rest:read:appointment-1", "/Appointment/"+made["id"].(string), nil)
	m := read.fields(t)
	if read.header.Get("ETag") != `W/"1"` || versionOf(m) != "1" {
		t.Errorf("reading: got ETag %s and version %s, want 1", read.header.Get("ETag"), versionOf(m))
	}
	schedule := f.with(slot["schedule"].(map[string]any)["reference"].(string))
	if m["comment"] != sent["comment"] || m["start"] != slot["start"] || m["serviceCategory"].(map[string]any)["text"] != schedule["serviceCategory"].(map[string]any)["text"] {
		t.Errorf("got %v, want what was booked and the session's name", m)
	}
	want := []Appointment{{ID: made["id"].(string), Practice: "A12345", Patient: c.patientID("9000000041"), Slots: []string{slot["id"].(string)},
		Organisation: "A11111", Status: "booked", Created: "2026-11-20T09:30:00+00:00", Version: 1}}
	got := s.Appointments()
	if len(got) != 1 || localTime(got[0].Start) != slot["start"] {
		t.Fatalf("Appointments: got %v", got)
	}
	if got[0].Start = (time.Time{}); !slices.EqualFunc(got, want, func(a, b Appointment) bool {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return string(x) == string(y)
	}) {
		t.Errorf("Appointments: got %+v, want %+v", got, want)
	}
	for _, free := range c.slots(slotSearch(days(s, 1), days(s, 1))).of("Slot") {
		if free["id"] == slot["id"] {
			t.Error("the slot is still free")
		}
	}
	c.do(book, "/Appointment", sent).refused(t, "again", http.StatusConflict, "DUPLICATE_REJECTED")
}

func TestBookingWithoutAnAnswerBody(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	f := c.slots(slotSearch(days(s, 1), days(s, 1)))
	r := c.do(book, "/Appointment", bookingFor(f, c.patientID("9000000009"), f.of("Slot")[0]), header("Prefer", "return=minimal"))
	if r.status != http.StatusCreated || len(r.body) != 0 || r.header.Get("Location") == "" {
		t.Errorf("got %d with %d octets at %q, want 201 with none and a Location", r.status, len(r.body), r.header.Get("Location"))
	}
}

// TestBookingRefused breaks one rule of a booking at a time.
func TestBookingRefused(t *testing.T) {
	s := run(t, Config{Plain: true})
	c, elsewhere := from(t, s, "A12345"), from(t, s, "B82617")
	f := c.slots(slotSearch(days(s, 1), days(s, 3)))
	other := elsewhere.slots(slotSearch(days(s, 1), days(s, 1))).of("Slot")[0]["id"].(string)
	patient, stranger := c.patientID("9000000009"), elsewhere.patientID("9690937278")
	all := f.of("Slot")
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	drop := func(name string) func(map[string]any) { return func(m map[string]any) { delete(m, name) } }
	organisation := func(change func(o map[string]any)) func(map[string]any) {
		return func(m map[string]any) { change(m["contained"].([]any)[0].(map[string]any)) }
	}
	refer := func(i int, to string) func(map[string]any) {
		return func(m map[string]any) {
			m["participant"].([]any)[i].(map[string]any)["actor"].(map[string]any)["reference"] = to
		}
	}
	slot := func(to string) func(map[string]any) {
		return set("slot", []any{map[string]any{"reference": to}})
	}
	extension := func(url, name string, value any) func(map[string]any) {
		return func(m map[string]any) {
			m["extension"] = append(m["extension"].([]any), map[string]any{"url": url, name: value})
		}
	}
	for _, test := range []struct {
		name   string
		change func(map[string]any)
		code   string
	}{
		{"an id", set("id", "7"), "INVALID_RESOURCE"},
		{"another type", set("resourceType", "Slot"), "INVALID_RESOURCE"},
		{"an element nobody knows", set("invalidField", "x"), "INVALID_RESOURCE"},
		{"a reason", set("reason", []any{}), "INVALID_RESOURCE"},
		{"a priority", set("priority", 1), "INVALID_RESOURCE"},
		{"no profile", drop("meta"), "INVALID_RESOURCE"},
		{"another status", set("status", "pending"), "INVALID_RESOURCE"},
		{"no status", drop("status"), "INVALID_RESOURCE"},
		{"no description", drop("description"), "INVALID_RESOURCE"},
		{"a description of 101", set("description", strings.Repeat("ä", 101)), "INVALID_RESOURCE"},
		{"a comment of 501", set("comment", strings.Repeat("ä", 501)), "INVALID_RESOURCE"},
		{"no created", drop("created"), "INVALID_RESOURCE"},
		{"created without offset", set("created", "2026-11-20T09:30:00"), "INVALID_RESOURCE"},
		{"no start", drop("start"), "INVALID_RESOURCE"},
		{"no end", drop("end"), "INVALID_RESOURCE"},
		{"start as another text", set("start", strings.Replace(all[0]["start"].(string), ":00+", ":00.000+", 1)), "INVALID_RESOURCE"},
		{"end of the next slot", set("end", all[1]["end"]), "INVALID_RESOURCE"},
		{"no slot", drop("slot"), "INVALID_RESOURCE"},
		{"no slots", set("slot", []any{}), "INVALID_RESOURCE"},
		{"an unknown slot", slot("Slot/hello"), "INVALID_RESOURCE"},
		{"a slot of another practice", slot("Slot/" + other), "INVALID_RESOURCE"},
		{"an absolute slot", slot("https://provider.sandbox.example/Slot/" + all[0]["id"].(string)), "INVALID_RESOURCE"},
		{"minutes that are not", set("minutesDuration", 20), "INVALID_RESOURCE"},
		{"no organisation", drop("contained"), "INVALID_RESOURCE"},
		{"organisation without name", organisation(func(o map[string]any) { delete(o, "name") }), "INVALID_RESOURCE"},
		{"organisation without phone", organisation(func(o map[string]any) { delete(o, "telecom") }), "INVALID_RESOURCE"},
		{"organisation without code", organisation(func(o map[string]any) { delete(o, "identifier") }), "INVALID_RESOURCE"},
		{"organisation of another type", organisation(func(o map[string]any) { o["type"] = []any{map[string]any{"text": "hub"}} }), "INVALID_RESOURCE"},
		{"organisation that nobody names", drop("extension"), "INVALID_RESOURCE"},
		{"organisation by an absolute reference", set("extension", []any{map[string]any{"url": profile(bookingOrganisation), "valueReference": map[string]any{"reference": "https://example.com/#1"}}}), "INVALID_RESOURCE"},
		{"an extension nobody knows", extension("https://example.com/x", "valueString", "x"), "INVALID_RESOURCE"},
		{"a reason for cancelling", extension(profile(cancellationReason), "valueString", "x"), "INVALID_RESOURCE"},
		{"another channel", extension(profile(deliveryChannel), "valueCode", "Video"), "INVALID_RESOURCE"},
		{"another role", extension(profile(practitionerRole), "valueCodeableConcept", coded("x", "R0620", "")), "INVALID_RESOURCE"},
		{"no participant", drop("participant"), "INVALID_RESOURCE"},
		{"an unknown patient", refer(0, "Patient/nobody"), "REFERENCE_NOT_FOUND"},
		{"a patient of another practice", refer(0, "Patient/"+stranger), "REFERENCE_NOT_FOUND"},
		{"an absolute patient", refer(0, "https://example.com/Patient/"+patient), "INVALID_RESOURCE"},
		{"another location", refer(1, "Location/site-a12345-branch"), "INVALID_RESOURCE"},
		{"another practitioner", refer(2, "Practitioner/nurse-moss"), "INVALID_RESOURCE"},
		{"participant without status", func(m map[string]any) { delete(m["participant"].([]any)[1].(map[string]any), "status") }, "INVALID_RESOURCE"},
		{"two patients", func(m map[string]any) {
			m["participant"] = append(m["participant"].([]any), m["participant"].([]any)[0])
		}, "INVALID_RESOURCE"},
	} {
		sent := copied(t, bookingFor(f, patient, all[0]))
		test.change(sent)
		c.do(book, "/Appointment", sent).refused(t, test.name, 422, test.code)
	}
	c.do(book, "/Appointment", "{").refused(t, "no JSON", 400, "BAD_REQUEST")
	if got := len(s.Appointments()); got != 0 {
		t.Fatalf("got %d appointments, want none", got)
	}
	full := bookingFor(f, patient, all[0])
	full["minutesDuration"] = 10
	extension(profile(deliveryChannel), "valueCode", "In-person")(full)
	extension(profile(practitionerRole), "valueCodeableConcept", coded("x", "R0260", ""))(full)
	c.do(book, "/Appointment", full).refused(t, "all that is allowed", 201, "")
}

func TestBookingOfSlotsThatAreNotForTheOrganisation(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := from(t, s, "A12345")
	q := slotSearch(days(s, 1), days(s, 4))
	q["searchFilter"] = []string{organisationTypes + "|gp-practice", odsSystem + "|B22222"}
	f := c.slots(q)
	i := slices.IndexFunc(f.of("Slot"), func(slot map[string]any) bool {
		return f.with(slot["schedule"].(map[string]any)["reference"].(string))["serviceCategory"].(map[string]any)["text"] == "Health checks"
	})
	sent := bookingFor(f, c.patientID("9000000009"), f.of("Slot")[i])
	c.do(book, "/Appointment", sent).refused(t, "kept for another", 422, "INVALID_RESOURCE")
	o := sent["contained"].([]any)[0].(map[string]any)
	o["identifier"].([]any)[0].(map[string]any)["value"] = "B22222"
	c.do(book, "/Appointment", sent).refused(t, "kept for this one", 201, "")
	if q := s.Requests(); !strings.Contains(q[len(q)-1].Rule, "not the organisation of the token") {
		t.Errorf("got rule %q, want that the token is another organisation's", q[len(q)-1].Rule)
	}
}

func TestBookingOfSeveralSlots(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := from(t, s, "A12345")
	f := c.slots(slotSearch(days(s, 1), days(s, 1)))
	all := f.of("Slot")
	slices.SortStableFunc(all, func(a, b map[string]any) int {
		x, y := a["schedule"].(map[string]any)["reference"].(string), b["schedule"].(map[string]any)["reference"].(string)
		return strings.Compare(x+a["start"].(string), y+b["start"].(string))
	})
	last := slices.IndexFunc(all, func(m map[string]any) bool {
		return m["schedule"].(map[string]any)["reference"] != all[0]["schedule"].(map[string]any)["reference"]
	})
	patient := c.patientID("9000000009")
	c.do(book, "/Appointment", bookingFor(f, patient, all[0], all[2])).refused(t, "a gap", 422, "INVALID_RESOURCE")
	c.do(book, "/Appointment", bookingFor(f, patient, all[1], all[0])).refused(t, "backwards", 422, "INVALID_RESOURCE")
	c.do(book, "/Appointment", bookingFor(f, patient, all[last-1], all[last])).refused(t, "two schedules", 422, "INVALID_RESOURCE")
	c.do(book, "/Appointment", bookingFor(f, patient, all[0], all[1])).refused(t, "side by side", 201, "")
	c.do(book, "/Appointment", bookingFor(f, patient, all[1], all[2])).refused(t, "one of them taken", 409, "DUPLICATE_REJECTED")
	c.do(book, "/Appointment", bookingFor(f, patient, all[2])).refused(t, "what the refused one had as well", 201, "")
}

// TestOneSlotIsTakenOnce lets many ask for the same slot at the same time.
func TestOneSlotIsTakenOnce(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	f := c.slots(slotSearch(days(s, 1), days(s, 1)))
	patients := []string{c.patientID("9000000009"), c.patientID("9000000017"), c.patientID("9000000033")}
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range 24 {
		a := c.attempt(book, "/Appointment", bookingFor(f, patients[i%3], f.of("Slot")[0]))
		wg.Go(func() {
			r, err := a.try(t, s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			statuses[r.status]++
		})
	}
	wg.Wait()
	if statuses[201] != 1 || statuses[409] != 23 || len(s.Appointments()) != 1 {
		t.Errorf("got %v and %d appointments, want one 201 and 23 409", statuses, len(s.Appointments()))
	}
}

func TestBookingInThePast(t *testing.T) {
	clock := newClock(time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC))
	s := run(t, Config{Plain: true, Now: clock.now})
	c := from(t, s, "A12345")
	f := c.slots(slotSearch("2026-11-20", "2026-11-20"))
	sent := bookingFor(f, c.patientID("9000000009"), f.of("Slot")[0])
	late := bookingFor(f, c.patientID("9000000009"), f.of("Slot")[1])
	c.do(book, "/Appointment", sent).refused(t, "in time", 201, "")
	id := s.Appointments()[0].ID
	clock.advance(12 * time.Hour)
	c.do(book, "/Appointment", late).refused(t, "too late", 422, "INVALID_RESOURCE")
	c.do("fhir:rest:read:appointment-1", "/Appointment/"+id, nil).refused(t, "reading what is over", 404, "NO_RECORD_FOUND")
	found := c.do("fhir:rest:search:patient_appointments-1", "/Patient/"+c.patientID("9000000009")+"/Appointment?start=ge2026-11-20&start=le2026-11-20", nil)
	if got := len(found.resources(t)); got != 1 {
		t.Errorf("today's appointments: got %d, want the one that is over too", got)
	}
}

func TestResetEmptiesTheDiary(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := from(t, s, "A12345")
	c.book("9000000009")
	before := len(c.slots(slotSearch(days(s, 1), days(s, 1))).of("Slot"))
	s.Reset()
	if got := s.Appointments(); got == nil || len(got) != 0 {
		t.Errorf("got %v, want an empty list", got)
	}
	if after := len(c.slots(slotSearch(days(s, 1), days(s, 1))).of("Slot")); after != before+1 {
		t.Errorf("got %d free slots, want %d", after, before+1)
	}
}
