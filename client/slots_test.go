package client_test

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/relay"
)

// TestSlots: everything that is to be shown of a slot is there, in the order of time, and
// what it was searched with.
func TestSlots(t *testing.T) {
	d := newDesk(t, nil)
	for _, s := range d.slots {
		switch {
		case s.Problem != "":
			t.Errorf("%s has a problem: %s", s.ID, s.Problem)
		case s.ODS != "A12345" || s.Minutes != 10 || s.Channel == "" || s.Type == "" || s.Session == "" || s.Schedule == "" ||
			s.Location.ID == "" || s.Location.Name == "" || s.Location.Address == "" || s.Organisation.ODS != "A12345":
			t.Errorf("something is missing in %+v", s)
		case s.Filter != client.SlotFilter{Type: "urgent-care", ODS: "A11111"}:
			t.Errorf("filter: got %+v", s.Filter)
		case s.SentStart != "" || s.SentEnd != "":
			t.Errorf("sent otherwise: %s, %s", s.SentStart, s.SentEnd)
		}
		for _, who := range s.Practitioners {
			if who.ID == "" || who.Name == "" || who.Gender == "" || who.Role == "" || who.Code == "" {
				t.Errorf("something is missing in %+v", who)
			}
		}
	}
	if !slices.IsSortedFunc(d.slots, func(a, b client.Slot) int { return a.Start.Compare(b.Start.Time) }) {
		t.Error("the slots are not in the order of time")
	}
	d.keptRules()
}

// TestSlotFilters: fewer filters find fewer slots, and neither is sent when it is not wanted.
func TestSlotFilters(t *testing.T) {
	d := newDesk(t, nil)
	q := client.SlotsBetween(d.now().Add(24*time.Hour), d.now().Add(8*24*time.Hour))
	whole := 0
	for _, test := range []struct {
		anyType, anyOrganisation bool
		fewer                    bool // than with both filters, which come first
	}{{false, false, false}, {true, false, true}, {false, true, true}, {true, true, true}} {
		q.AnyType, q.AnyOrganisation = test.anyType, test.anyOrganisation
		slots, err := d.practice.SearchSlots(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if !test.fewer {
			whole = len(slots)
		}
		if (len(slots) < whole) != test.fewer {
			t.Errorf("%+v: %d slots of %d", test, len(slots), whole)
		}
		all := at(d.server, "proxy")
		line := all[len(all)-1].Line
		if strings.Contains(line, "OrganisationType-1%7C") == test.anyType || strings.Contains(line, "ods-organization-code%7C") == test.anyOrganisation {
			t.Errorf("%+v: got %s", test, line)
		}
		if len(slots) > 0 && (slots[0].Filter.Type == "") != test.anyType {
			t.Errorf("%+v: the slot remembers %+v", test, slots[0].Filter)
		}
	}
	d.keptRules()
}

// TestPastSlots: a practice may list them, and nobody can book them.
func TestPastSlots(t *testing.T) {
	d := newDesk(t, nil)
	query := client.SlotsBetween(d.now().Add(24*time.Hour), d.now().Add(3*24*time.Hour))
	early := regexp.MustCompile(`"start":\s*"` + regexp.QuoteMeta(d.slots[0].Start.String()) + `"`)
	morning := client.InUK(d.now().Add(-time.Hour)).String()
	d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		r.Header.Del("Accept-Encoding") // so that it can be read here
		a := forward()
		a.Body = early.ReplaceAll(a.Body, []byte(`"start":"`+morning+`"`))
		return a, true
	})
	slots, err := d.practice.SearchSlots(t.Context(), query)
	if err != nil || len(slots) != len(d.slots) {
		t.Fatalf("got %d slots, %v; want the %d that there are", len(slots), err, len(d.slots))
	}
	past := 0
	for _, s := range slots {
		if is := s.Start.Before(d.now()); is != (s.Problem == "its start is past") {
			t.Errorf("%s: problem %q", s.Start, s.Problem)
		} else if is {
			past++
		}
	}
	if past == 0 || past == len(slots) {
		t.Errorf("%d of %d are past, want some", past, len(slots))
	}
	if _, err := d.practice.Book(t.Context(), d.booking(slots[0])); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("booked in the past: got %v, want ErrInvalid", err)
	}
}

// TestLongWindow: more than 14 days are asked for in pieces, and no slot comes twice.
func TestLongWindow(t *testing.T) {
	d := newDesk(t, nil)
	day := func(n int) fhir.Date {
		return fhir.Date(d.now().In(fhir.London()).AddDate(0, 0, n).Format(time.DateOnly))
	}
	q := client.SlotQuery{From: day(1), To: day(27)}
	if n, err := q.Requests(); err != nil || n != 2 {
		t.Errorf("got %d requests, %v; want 2", n, err)
	}
	all, err := d.practice.SearchSlots(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var pieces []client.Slot
	for n := 1; n <= 27; n++ {
		slots, err := d.practice.SearchSlots(t.Context(), client.SlotQuery{From: day(n), To: day(n)})
		if err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, slots...)
	}
	ids := func(slots []client.Slot) (all []string) {
		for _, s := range slots {
			all = append(all, s.ID)
		}
		slices.Sort(all)
		return all
	}
	if got, want := ids(all), ids(pieces); !slices.Equal(got, want) {
		t.Errorf("%d slots, want the %d of each day by itself", len(got), len(want))
	}
	for _, wrong := range []client.SlotQuery{{From: day(-3), To: day(-1)}, {From: day(2), To: day(1)}, {}} {
		if _, err := d.practice.SearchSlots(t.Context(), wrong); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", wrong, err)
		}
	}
	d.keptRules()
}

// TestClockChanges: across both changes of the year slots are searched for, shown, booked and
// read back with the offset of their day.
func TestClockChanges(t *testing.T) {
	for _, change := range []struct {
		name    string
		day     time.Time // two days before it
		offsets [2]string
	}{
		{"spring", time.Date(2027, 3, 26, 9, 0, 0, 0, time.UTC), [2]string{"+00:00", "+01:00"}},
		{"autumn", time.Date(2027, 10, 29, 9, 0, 0, 0, time.UTC), [2]string{"+01:00", "+00:00"}},
	} {
		t.Run(change.name, func(t *testing.T) {
			d := newDeskAt(t, time.Until(change.day), nil)
			seen := map[string]client.Slot{}
			for _, s := range d.slots {
				text := s.Start.String()
				seen[text[len(text)-6:]] = s
				if hour := s.Start.Hour(); hour < 8 || hour > 18 {
					t.Errorf("%s: no surgery is open then", s.Start)
				}
			}
			for _, offset := range change.offsets {
				s, ok := seen[offset]
				if !ok {
					t.Fatalf("no slot with %s among %d", offset, len(d.slots))
				}
				made, err := d.practice.Book(t.Context(), d.booking(s))
				if err != nil {
					t.Fatal(err)
				}
				if got := made.Appointment.Start.String(); got != s.Start.String() || !strings.HasSuffix(got, offset) {
					t.Errorf("booked for %s, want %s", got, s.Start)
				}
				day := fhir.Date(s.Start.Format(time.DateOnly))
				all, err := d.practice.SearchAppointments(t.Context(), d.patient, day, day)
				if err != nil || len(all) != 1 || all[0].Start.String() != s.Start.String() {
					t.Errorf("read back: got %v, %v", all, err)
				}
			}
			d.keptRules()
		})
	}
}
