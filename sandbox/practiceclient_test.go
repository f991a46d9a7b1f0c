package sandbox

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// A surgeryClient asks one practice through the proxy.
type surgeryClient struct {
	t   testing.TB
	s   *Server
	ods string
}

func from(t testing.TB, s *Server, ods string) surgeryClient { return surgeryClient{t, s, ods} }

// do makes a request of an interaction, named by the end of its id; body may be nil, a string
// or what becomes JSON.
func (c surgeryClient) do(interaction, path string, body any, changes ...func(*attempt)) reply {
	c.t.Helper()
	return c.attempt(interaction, path, body, changes...).send(c.t, c.s)
}

func (c surgeryClient) attempt(interaction, path string, body any, changes ...func(*attempt)) *attempt {
	c.t.Helper()
	for _, r := range interactionTable() {
		if r.interaction != gpconnect+interaction {
			continue
		}
		a := toward(c.t, c.s, c.ods, r.interaction, r.method, path, r.scope)
		a.claims["reason_for_request"] = strings.Fields(r.reason)[0]
		switch b := body.(type) {
		case nil:
		case string:
			a.body = b
		default:
			raw, err := json.Marshal(b)
			if err != nil {
				c.t.Fatal(err)
			}
			a.body = string(raw)
		}
		for _, change := range changes {
			change(a)
		}
		return a
	}
	c.t.Fatalf("no interaction %s", interaction)
	return nil
}

// header sets a request header.
func header(name, value string) func(*attempt) {
	return func(a *attempt) { a.header.Set(name, value) }
}

// patientID is somebody's logical id at the practice.
func (c surgeryClient) patientID(nhs string) string {
	c.t.Helper()
	found := c.do("fhir:rest:search:patient-1", "/Patient?identifier="+url.QueryEscape("https://fhir.nhs.uk/Id/nhs-number|"+nhs), nil).resources(c.t)
	if len(found) != 1 {
		c.t.Fatalf("finding a patient: got %d, want 1", len(found))
	}
	return found[0]["id"].(string)
}

// slotSearch is the query of a search for free slots of some days, by an urgent care provider.
func slotSearch(from, to string) url.Values {
	return url.Values{"status": {"free"}, "start": {"ge" + from}, "end": {"le" + to}, "_include": {"Slot:schedule"},
		"_include:recurse": {"Schedule:actor:Practitioner", "Schedule:actor:Location"},
		"searchFilter":     {organisationTypes + "|urgent-care", odsSystem + "|A11111"}}
}

// slots finds free slots by a query.
func (c surgeryClient) slots(query url.Values) found {
	c.t.Helper()
	r := c.do("fhir:rest:search:slot-1", "/Slot?"+query.Encode(), nil)
	if r.status != 200 {
		c.t.Fatalf("searching slots: got %d: %s", r.status, r.body)
	}
	return found(r.resources(c.t))
}

// found are the resources of a bundle.
type found []map[string]any

func (f found) of(kind string) (some found) {
	for _, r := range f {
		if r["resourceType"] == kind {
			some = append(some, r)
		}
	}
	return some
}

// with is the resource that a reference refers to.
func (f found) with(to string) map[string]any {
	for _, r := range f {
		if r["resourceType"].(string)+"/"+r["id"].(string) == to {
			return r
		}
	}
	return nil
}

// days are the dates from today on, by the sandbox's clock.
func days(s *Server, n int) string {
	return s.cfg.Now().In(london()).AddDate(0, 0, n).Format(time.DateOnly)
}

// bookingFor is an Appointment for some slots, in order.
func bookingFor(f found, patient string, slots ...map[string]any) map[string]any {
	var refs []any
	for _, s := range slots {
		refs = append(refs, map[string]any{"reference": "Slot/" + s["id"].(string)})
	}
	schedule := f.with(slots[0]["schedule"].(map[string]any)["reference"].(string))
	participants := []any{map[string]any{"actor": map[string]any{"reference": "Patient/" + patient}, "status": "accepted"}}
	for _, a := range schedule["actor"].([]any) {
		if to := a.(map[string]any)["reference"].(string); !strings.HasPrefix(to, "HealthcareService/") {
			participants = append(participants, map[string]any{"actor": map[string]any{"reference": to}, "status": "accepted"})
		}
	}
	return map[string]any{
		"resourceType": "Appointment",
		"meta":         map[string]any{"profile": []any{profile("GPConnect-Appointment-1")}},
		"contained": []any{map[string]any{"resourceType": "Organization", "id": "1", "name": "Example",
			"identifier": []any{map[string]any{"system": odsSystem, "value": "A11111"}},
			"telecom":    []any{map[string]any{"system": "phone", "value": "01632 960111"}},
			"type":       []any{map[string]any{"coding": []any{map[string]any{"system": organisationTypes, "code": "urgent-care"}}}}}},
		"extension": []any{map[string]any{"url": profile(bookingOrganisation), "valueReference": map[string]any{"reference": "#1"}}},
		"status":    "booked", "description": "An appointment", "created": "2026-11-20T09:30:00+00:00",
		"start": slots[0]["start"], "end": slots[len(slots)-1]["end"], "slot": refs, "participant": participants,
	}
}

// book books the first free slot of tomorrow for somebody, and gives back the Appointment.
func (c surgeryClient) book(nhs string) map[string]any {
	c.t.Helper()
	f := c.slots(slotSearch(days(c.s, 1), days(c.s, 1)))
	r := c.do("fhir:rest:create:appointment-1", "/Appointment", bookingFor(f, c.patientID(nhs), f.of("Slot")[0]))
	if r.status != 201 {
		c.t.Fatalf("booking: got %d: %s", r.status, r.body)
	}
	return r.fields(c.t)
}

// copied is a deep copy of what became or becomes JSON.
func copied(t testing.TB, v map[string]any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// refused compares a reply with an expected status and code; code "" is no refusal.
func (r reply) refused(t testing.TB, name string, status int, code string) {
	t.Helper()
	if r.status != status {
		t.Errorf("%s: got status %d, want %d: %.300s", name, r.status, status, r.body)
		return
	}
	if code == "" {
		return
	}
	if got, _ := r.outcome(t); got != code {
		t.Errorf("%s: got %s, want %s", name, got, code)
	}
}

// A clock is one that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock(at time.Time) *clock { return &clock{at: at} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
