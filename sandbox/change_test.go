package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	amend  = "fhir:rest:update:appointment-1"
	cancel = "fhir:rest:cancel:appointment-1"
)

// TestVersionOfWhatWasWritten: a write is answered without an ETag, with and without a body; with
// the differences on some answers have one, of the new version, and say so in the history.
func TestVersionOfWhatWasWritten(t *testing.T) {
	for _, plain := range []bool{true, false} {
		s := run(t, Config{Plain: plain, Seed: 5})
		c := from(t, s, "A12345")
		m := c.book("9000000009")
		with, without := 0, 0
		for version := 2; version < 14; version++ {
			m["comment"] = strings.Repeat("x", version)
			r := c.do(amend, "/Appointment/"+m["id"].(string), m, header("If-Match", `W/"`+itoa(version-1)+`"`), header("Prefer", []string{"return=minimal", "return=representation"}[version%2]))
			q := last(t, s, "provider")
			switch tag := r.header.Get("ETag"); {
			case tag == `W/"`+itoa(version)+`"` && slices.Contains(q.Differences, "write-etag"):
				with++
			case tag == "" && !slices.Contains(q.Differences, "write-etag"):
				without++
			default:
				t.Fatalf("plain %v: got %d, ETag %q for version %d, differences %v", plain, r.status, tag, version, q.Differences)
			}
		}
		if without == 0 || (with == 0) != plain {
			t.Errorf("plain %v: got %d answers with an ETag and %d without", plain, with, without)
		}
	}
}

// cancelled is an appointment as it is sent to be cancelled.
func cancelled(t testing.TB, appointment map[string]any, reason any) map[string]any {
	m := copied(t, appointment)
	m["status"] = "cancelled"
	list, _ := m["extension"].([]any)
	m["extension"] = append(list, map[string]any{"url": profile(cancellationReason), "valueString": reason})
	return m
}

func TestAmendAndCancel(t *testing.T) {
	s := run(t, Config{}) // with what nobody knows in what is read, which comes back in what is sent
	c := from(t, s, "A12345")
	made := c.book("9000000009")
	path := "/Appointment/" + made["id"].(string)
	read := func() map[string]any { return c.do("fhir:rest:read:appointment-1", path, nil).fields(t) }
	m := read()
	m["comment"], m["description"] = "By telephone", "Another description"
	r := c.do(amend, path, m, header("If-Match", `W/"1"`))
	r.refused(t, "amending", http.StatusOK, "")
	if versionOf(r.fields(t)) != "2" || r.fields(t)["comment"] != "By telephone" {
		t.Errorf("amending: got version %s", versionOf(r.fields(t)))
	}
	c.do(amend, path, m, header("If-Match", `W/"1"`)).refused(t, "with the old version", 409, "FHIR_CONSTRAINT_VIOLATION")
	c.do(amend, path, m, header("If-Match", `W/"nonsense"`)).refused(t, "with no version", 409, "FHIR_CONSTRAINT_VIOLATION")
	c.do(amend, path, m, header("If-Match", `"2"`)).refused(t, "with a strong ETag", 409, "FHIR_CONSTRAINT_VIOLATION")
	c.do(amend, path, m).refused(t, "without If-Match", http.StatusOK, "")
	if q := s.Requests(); q[len(q)-1].Rule != "If-Match is missing" {
		t.Errorf("without If-Match: got rule %q", q[len(q)-1].Rule)
	}
	if got := s.Appointments()[0].Version; got != 2 {
		t.Errorf("the same again: got version %d, want 2: nothing changed", got)
	}
	r = c.do(cancel, path, cancelled(t, read(), "Feels better"), header("If-Match", `W/"2"`), header("Prefer", "return=minimal"))
	if r.status != http.StatusOK || len(r.body) != 0 {
		t.Errorf("cancelling: got %d and %d octets, want 200 and none", r.status, len(r.body))
	}
	m = read()
	if reason := extensionsNamed(m, cancellationReason); m["status"] != "cancelled" || versionOf(m) != "3" || len(reason) != 1 || reason[0]["valueString"] != "Feels better" {
		t.Errorf("after cancelling: got %v in version %s with %v", m["status"], versionOf(m), reason)
	}
	c.do(cancel, path, m, header("If-Match", `W/"3"`)).refused(t, "cancelling again", http.StatusOK, "")
	c.do(amend, path, m, header("If-Match", `W/"3"`)).refused(t, "amending what is cancelled", 422, "INVALID_RESOURCE")
	if a := s.Appointments()[0]; a.Status != "cancelled" || a.Version != 3 {
		t.Errorf("Appointments: got %+v", a)
	}
	free := false
	for _, slot := range c.slots(slotSearch(days(s, 1), days(s, 1))).of("Slot") {
		free = free || slot["id"] == s.Appointments()[0].Slots[0]
	}
	if !free {
		t.Error("the slot of the cancelled appointment is not free again")
	}
}

func TestChangesRefused(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := from(t, s, "A12345")
	made := c.book("9000000009")
	path := "/Appointment/" + made["id"].(string)
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	for _, test := range []struct {
		name, interaction string
		change            func(map[string]any)
		code              string
	}{
		{"amended status", amend, set("status", "noshow"), "INVALID_RESOURCE"},
		{"amended start", amend, set("start", "2030-01-01T09:00:00+00:00"), "INVALID_RESOURCE"},
		{"amended slot", amend, set("slot", []any{map[string]any{"reference": "Slot/1"}}), "INVALID_RESOURCE"},
		{"amended service", amend, set("serviceCategory", map[string]any{"text": "x"}), "INVALID_RESOURCE"},
		{"amended with a priority", amend, set("priority", 1), "INVALID_RESOURCE"},
		{"amended description of 101", amend, set("description", strings.Repeat("x", 101)), "INVALID_RESOURCE"},
		{"amended comment of 501", amend, set("comment", strings.Repeat("x", 501)), "INVALID_RESOURCE"},
		{"amended with a reason for cancelling", amend, func(m map[string]any) {
			m["extension"] = append(m["extension"].([]any), map[string]any{"url": profile(cancellationReason), "valueString": "x"})
		}, "INVALID_RESOURCE"},
		{"amended without participants", amend, func(m map[string]any) { delete(m, "participant") }, "INVALID_RESOURCE"},
		{"another type", amend, set("resourceType", "Slot"), "INVALID_RESOURCE"},
		{"cancelled without reason", cancel, set("status", "cancelled"), "INVALID_PARAMETER"},
		{"cancelled with a blank reason", cancel, func(m map[string]any) { maps.Copy(m, cancelled(t, m, " ")) }, "INVALID_PARAMETER"},
		{"cancelled with two reasons", cancel, func(m map[string]any) { maps.Copy(m, cancelled(t, cancelled(t, m, "a"), "b")) }, "INVALID_RESOURCE"},
		{"cancelled and still booked", cancel, func(m map[string]any) { m["extension"] = cancelled(t, m, "a")["extension"] }, "INVALID_RESOURCE"},
		{"cancelled with another comment", cancel, func(m map[string]any) {
			maps.Copy(m, cancelled(t, m, "a"))
			m["comment"] = "x"
		}, "INVALID_RESOURCE"},
		{"cancelled with a participant more", cancel, func(m map[string]any) {
			maps.Copy(m, cancelled(t, m, "a"))
			m["participant"] = append(m["participant"].([]any), map[string]any{"actor": map[string]any{"reference": "Patient/2"}, "status": "declined"})
		}, "INVALID_RESOURCE"},
		{"cancelled with another extension", cancel, func(m map[string]any) {
			m["status"] = "cancelled"
			m["extension"] = append(m["extension"].([]any), map[string]any{"url": "", "valueString": "Too busy"})
		}, "INVALID_RESOURCE"},
	} {
		sent := copied(t, made)
		test.change(sent)
		c.do(test.interaction, path, sent, header("If-Match", `W/"1"`)).refused(t, test.name, 422, test.code)
	}
	c.do(amend, "/Appointment/nothing", made).refused(t, "an unknown appointment", 404, "NO_RECORD_FOUND")
	from(t, s, "B82617").do(amend, path, made).refused(t, "an appointment of another practice", 404, "NO_RECORD_FOUND")
	if a := s.Appointments()[0]; a.Version != 1 || a.Status != "booked" {
		t.Errorf("after all: got %+v, want what was booked", a)
	}
}

func TestChangesInThePast(t *testing.T) {
	clock := newClock(time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC))
	s := run(t, Config{Plain: true, Now: clock.now})
	c := from(t, s, "A12345")
	made := c.book("9000000009")
	clock.advance(48 * time.Hour)
	path := "/Appointment/" + made["id"].(string)
	c.do(amend, path, made, header("If-Match", `W/"1"`)).refused(t, "amending", 422, "INVALID_RESOURCE")
	c.do(cancel, path, cancelled(t, made, "x"), header("If-Match", `W/"1"`)).refused(t, "cancelling", 422, "INVALID_RESOURCE")
}

func TestRetrieve(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := from(t, s, "A12345")
	first := c.book("9000000009")
	c.book("9000000009")
	c.book("9000000017")
	c.do(cancel, "/Appointment/"+first["id"].(string), cancelled(t, first, "x"), header("If-Match", `W/"1"`)).refused(t, "cancelling", 200, "")
	id := c.patientID("9000000009")
	today, tomorrow, yesterday := days(s, 0), days(s, 1), days(s, -1)
	for _, test := range []struct {
		name, path string
		status     int
		code       string
		found      int
	}{
		{"both", id + "/Appointment?start=ge" + today + "&start=le" + tomorrow, 200, "", 2},
		{"in another order", id + "/Appointment?start=le" + tomorrow + "&start=ge" + today, 200, "", 2},
		{"today", id + "/Appointment?start=ge" + today + "&start=le" + today, 200, "", 0},
		{"with what nobody knows", id + "/Appointment?start=ge" + today + "&start=le" + tomorrow + "&_sort=date", 200, "", 2},
		{"no start", id + "/Appointment", 422, "INVALID_PARAMETER", 0},
		{"one start", id + "/Appointment?start=ge" + today, 422, "INVALID_PARAMETER", 0},
		{"two ge", id + "/Appointment?start=ge" + today + "&start=ge" + tomorrow, 422, "INVALID_PARAMETER", 0},
		{"three", id + "/Appointment?start=ge" + today + "&start=le" + tomorrow + "&start=le" + tomorrow, 422, "INVALID_PARAMETER", 0},
		{"a time", id + "/Appointment?start=ge" + today + "T09:00:00&start=le" + tomorrow, 422, "INVALID_PARAMETER", 0},
		{"a month", id + "/Appointment?start=ge2030-01&start=le2030-02-01", 422, "INVALID_PARAMETER", 0},
		{"the past", id + "/Appointment?start=ge" + yesterday + "&start=le" + tomorrow, 422, "INVALID_PARAMETER", 0},
		{"backwards", id + "/Appointment?start=ge" + tomorrow + "&start=le" + today, 422, "INVALID_PARAMETER", 0},
		{"unknown patient", "nobody/Appointment?start=ge" + today + "&start=le" + tomorrow, 404, "PATIENT_NOT_FOUND", 0},
	} {
		r := c.do("fhir:rest:search:patient_appointments-1", "/Patient/"+test.path, nil)
		r.refused(t, test.name, test.status, test.code)
		if r.status == 200 && test.status == 200 {
			if got := len(r.resources(t)); got != test.found {
				t.Errorf("%s: got %d appointments, want %d", test.name, got, test.found)
			}
		}
	}
}
