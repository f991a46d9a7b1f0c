package client

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gpconnect-go/gpc/fhir"
)

// corpus reads a published payload in place.
func corpus(t *testing.T, name string) []byte {
	t.Helper()
	root := os.Getenv("GPC_CORPUS")
	if root == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_CORPUS is not set")
		}
		t.Skip("GPC_CORPUS is not set")
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var here = &Practice{ods: "A00001", encounter: &Encounter{client: &Client{config: Config{}.withDefaults()}}}

func parsed(t testing.TB, data []byte) *Appointment {
	t.Helper()
	v, err := view[fhir.Appointment](here, &Response{Body: data}, ReadAppointment)
	if err != nil {
		t.Fatal(err)
	}
	return here.appointment(v, nil)
}

// leaves are the values in a JSON document, but for what only names a profile, a
// system or a type.
func leaves(t *testing.T, data []byte) (all []string) {
	t.Helper()
	var walk func(v any, name string)
	walk = func(v any, name string) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(x, k)
			}
		case []any:
			for _, x := range v {
				walk(x, name)
			}
		case string:
			if !slices.Contains([]string{"resourceType", "profile", "system", "url", "reference"}, name) {
				all = append(all, v)
			}
			if id := v[strings.LastIndex(v, "/")+1:]; name == "reference" && !strings.HasPrefix(v, "#") {
				all = append(all, id)
			}
		}
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	walk(doc, "")
	return all
}

// TestCorpusAppointments: nothing that a published appointment says is lost in the view.
func TestCorpusAppointments(t *testing.T) {
	for _, name := range []string{
		"amend_appt_request_example", "amend_appt_response_example", "book_appt_request_example", "book_appt_response_example",
		"cancel_appt_request_example", "cancel_appt_response_example", "read_appt_response_example",
	} {
		data := corpus(t, "appointments/"+name+".json")
		told(t, name, data, parsed(t, data))
	}
	b, err := fhir.ParseBundle(corpus(t, "appointments/retrieve_patients_appts_response_example.json"), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for r := range b.OfType("Appointment") {
		told(t, "retrieve "+r.ID, r.Raw, parsed(t, r.Raw))
		n++
	}
	if n != 2 {
		t.Errorf("%d appointments in the retrieval, want 2", n)
	}
}

// told reports every value of the payload that the view does not say. The
// organisation's own id, within the appointment, is a name for the link alone; the
// statuses of participants are in the bytes.
func told(t *testing.T, name string, data []byte, v any) {
	t.Helper()
	said, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	has := leaves(t, said)
	for _, value := range leaves(t, data) {
		if value != "1" && value != "accepted" && value != "phone" && value != "work" && !slices.Contains(has, value) {
			t.Errorf("%s: %q is lost in %s", name, value, said)
		}
	}
}

// TestCorpusSlots: the same of the published search, joined.
func TestCorpusSlots(t *testing.T) {
	data := corpus(t, "appointments/search_for_free_slots_response_example.json")
	b, err := fhir.ParseBundle(data, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	slots, err := joinSlots(b, "A00001", SlotFilter{Type: "urgent-care", ODS: "A11111"})
	if err != nil || len(slots) != 2 {
		t.Fatalf("got %d slots, %v; want 2", len(slots), err)
	}
	said, err := json.Marshal(slots)
	if err != nil {
		t.Fatal(err)
	}
	text := string(said)
	for _, want := range []string{
		`"id":"1584"`, `"start":"2016-08-15T11:30:00+01:00"`, `"end":"2016-08-15T11:40:00+01:00"`, `"delivery_channel":"In-person"`,
		`"slot_type":"NHS Health Check"`, `"session_type":"General GP Appointments"`, `"name":"Mrs Sarah Black"`, `"gender":"female"`,
		`"role":"General Medical Practitioner"`, `"role_code":"R0260"`, `"sds_user_id":"111122223333"`, `"schedule":"14"`,
		`"address":"Trevelyan Square, Boar Ln, Leeds, LS1 6AE"`, `"postcode":"LS1 6AE"`, `"phone":"03003035678"`, `"id":"17"`,
		`"organisation":{"id":"23","name":"The Trevelyan Practice","ods":"A00001"`, `"organisation_type":"urgent-care"`, `"minutes":10`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is lost in %s", want, text)
		}
	}
	for _, s := range slots {
		if s.Problem != "" || s.Source().Slot == nil || s.Source().Schedule == nil || s.Source().Location == nil || len(s.Source().Practitioners) != 1 {
			t.Errorf("%s: problem %q, source %+v", s.ID, s.Problem, s.Source())
		}
		if e, ok := s.Extension("PractitionerRole"); !ok || e.ValueCodeableConcept == nil {
			t.Error("the session's extension is not found")
		}
	}
}

// TestCorpusVisitLocation: an address in a list is read as well.
func TestCorpusVisitLocation(t *testing.T) {
	r, err := fhir.ParseResource(corpus(t, "appointments/unknown_visit_location_example.json"), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := fhir.As[fhir.Location](r)
	if err != nil || l.Name != "Contact practice for location of the visit" || address(l.Address) != "Unknown, Unknown" {
		t.Errorf("got %q, %q, %v", l.Name, address(l.Address), err)
	}
}

// changedOnly holds that the two documents differ in nothing but what is cut out of both.
func changedOnly(t testing.TB, before, after []byte, was, is string) {
	t.Helper()
	if at := bytes.Index(after, []byte(is)); at < 0 {
		t.Errorf("%q is not in what is sent", is)
		return
	}
	if got := bytes.Replace(after, []byte(is), []byte(was), 1); !bytes.Equal(got, before) {
		t.Errorf("what is sent differs in more than %q\n got %s\nwant %s", is, got, before)
	}
}

// TestCorpusChanges: the body of an amendment or a cancellation is what was
// read, byte for byte but for what may be changed.
func TestCorpusChanges(t *testing.T) {
	for _, name := range []string{"amend_appt_response_example", "book_appt_response_example", "read_appt_response_example"} {
		a := parsed(t, corpus(t, "appointments/"+name+".json"))
		raw := a.view.Raw
		text, none := `New "text" <&> £`, ""
		body, err := amended(a.view.Resource, Amendment{Comment: &text})
		if err != nil {
			t.Fatal(err)
		}
		old, _ := json.Marshal(a.Comment)
		changedOnly(t, raw, body.Raw, `"comment": `+string(old), `"comment": "New \"text\" <&> £"`)
		body, err = amended(a.view.Resource, Amendment{Description: &text})
		if err != nil {
			t.Fatal(err)
		}
		old, _ = json.Marshal(a.Description)
		changedOnly(t, raw, body.Raw, `"description": `+string(old), `"description": "New \"text\" <&> £"`)
		if body, err = amended(a.view.Resource, Amendment{Comment: &none}); err != nil || bytes.Contains(body.Raw, []byte(`"comment"`)) {
			t.Errorf("%s: a comment taken away: %v", name, err)
		}
		if body, err = withdrawn(a.view.Resource, "Better"); err != nil {
			t.Fatal(err)
		}
		without, err := body.Remove("/extension/" + itoa(len(a.view.Extension)))
		if err != nil {
			t.Fatal(err)
		}
		changedOnly(t, raw, without.Raw, `"status": "booked"`, `"status": "cancelled"`)
		after := parsed(t, body.Raw)
		if after.CancellationReason != "Better" || after.Status != cancelled || len(after.view.Extension) != len(a.view.Extension)+1 {
			t.Errorf("%s: got %s, %q, %d extensions", name, after.Status, after.CancellationReason, len(after.view.Extension))
		}
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

// TestCancelWithoutExtensions: the reason goes where there was no extension, too.
func TestCancelWithoutExtensions(t *testing.T) {
	const raw = `{"resourceType":"Appointment","id":"9","status":"booked"}`
	a := parsed(t, []byte(raw))
	body, err := withdrawn(a.view.Resource, "x")
	const want = `{"resourceType":"Appointment","id":"9","status":"cancelled","extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-AppointmentCancellationReason-1","valueString":"x"}]}`
	if err != nil || string(body.Raw) != want {
		t.Errorf("got %s, %v\nwant %s", body.Raw, err, want)
	}
}

// TestAmendedIsWhatWasRead, whatever else is in the resource and however it is written.
func TestAmendedIsWhatWasRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		space := rapid.SampledFrom([]string{"", " ", "\n  ", "\t"})
		member := func(name, value string) string {
			return space.Draw(t, "before") + `"` + name + `"` + space.Draw(t, "colon") + ":" + value
		}
		text := rapid.StringMatching(`[a-z ü£<>&]{1,20}`)
		members := []string{
			member("resourceType", `"Appointment"`), member("id", `"9"`), member("status", `"booked"`), member("unheardOf", `{"a":[1,2.50,{}]}`),
			member("description", `"was"`), member("extension", `[{"url":"x","valueDecimal":1.10}]`),
		}
		if rapid.Bool().Draw(t, "comment") {
			members = append(members, member("comment", `"also was"`))
		}
		members = rapid.Permutation(members).Draw(t, "order")
		raw := "{" + strings.Join(members, ",") + space.Draw(t, "end") + "}"
		r, err := fhir.ParseResource([]byte(raw), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		description, comment := text.Draw(t, "description"), text.Draw(t, "comment")
		body, err := amended(r, Amendment{Description: &description, Comment: &comment})
		if err != nil {
			t.Fatal(err)
		}
		var before, after map[string]json.RawMessage
		if json.Unmarshal([]byte(raw), &before) != nil || json.Unmarshal(body.Raw, &after) != nil {
			t.Fatalf("no JSON: %s", body.Raw)
		}
		for name, value := range before {
			if name != "description" && name != "comment" && string(after[name]) != string(value) {
				t.Fatalf("%s: got %s, want %s", name, after[name], value)
			}
		}
		for name, want := range map[string]string{"description": description, "comment": comment} {
			var got string
			if json.Unmarshal(after[name], &got) != nil || got != want {
				t.Fatalf("%s: got %s, want %q", name, after[name], want)
			}
		}
	})
}

// TestIfMatch: the ETag that came, or one made of the version, or none at all.
func TestIfMatch(t *testing.T) {
	for _, test := range []struct{ header, version, want string }{
		{`W/"7"`, "7", `W/"7"`}, {`"7"`, "6", `"7"`}, {"", "7", `W/"7"`}, {"7", "7", `W/"7"`}, {`W/""`, "7", `W/"7"`}, {`W/"7"`, "", `W/"7"`},
		{"", "", ""}, {`"a"b"`, "", ""}, {"", "a\"b", ""}, {"", "a\r\nX: y", ""},
	} {
		meta, _ := json.Marshal(test.version)
		v, err := view[fhir.Appointment](here, &Response{Body: []byte(`{"resourceType":"Appointment","id":"9","meta":{"versionId":` + string(meta) + `}}`)}, ReadAppointment)
		if err != nil {
			t.Fatal(err)
		}
		a := here.appointment(v, &Response{Header: http.Header{"Etag": {test.header}}})
		if got := a.ifMatch(); got != test.want {
			t.Errorf("ETag %q, version %q: got %q, want %q", test.header, test.version, got, test.want)
		}
	}
}

// TestAmended: an appointment of another version says the amendment if it says both texts
// and nothing more, together or apart; one of the same version must say them as sent.
func TestAmended(t *testing.T) {
	i := Intent{ID: "a", Version: "1", Digest: digest("a", "annual review", "by phone"), Joined: digest("a", letters("annual reviewby phone"), "")}
	for _, test := range []struct {
		version, description, comment string // as read
		want                          bool   // of "annual review", "by phone"
	}{
		{"2", "annual review", "by phone", true}, {"2", "annual review - by phone", "", true}, {"2", "", "annual review; by phone", true},
		{"2", "by phone", "annual review", true}, {"2", "annual review", "by phone please", false}, {"2", "annual review", "", false},
		{"2", "annual review 2", "by phone", false}, {"2", "by phone", "annual", false},
		{"1", "annual review", "by phone", true}, {"1", "annual review - by phone", "", false}, {"1", "annual review.", "by phone", false},
	} {
		if got := i.amended(&Appointment{Version: test.version, Description: test.description, Comment: test.comment}); got != test.want {
			t.Errorf("version %s, %q, %q: got %v, want %v", test.version, test.description, test.comment, got, test.want)
		}
	}
}

// TestMinutes: how long something takes is not known where its start or end is not.
func TestMinutes(t *testing.T) {
	for _, test := range []struct {
		start, end string
		want       int
	}{
		{"2026-12-01T09:10:00+00:00", "2026-12-01T09:25:00+00:00", 15},
		{"2026-10-25T01:50:00+01:00", "2026-10-25T01:05:00+00:00", 15}, // the hour that comes twice
		{"", "2026-12-01T09:25:00+00:00", 0},
		{"2026-12-01T09:10:00+00:00", "soon", 0},
	} {
		times := `"start":"` + test.start + `","end":"` + test.end + `"`
		b, err := fhir.ParseBundle([]byte(`{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Slot","id":"1","status":"free",`+times+`}}]}`), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		slots, err := joinSlots(b, "A00001", SlotFilter{})
		if err != nil || len(slots) != 1 || slots[0].Minutes != test.want {
			t.Errorf("slot of %s: got %v, %v; want %d minutes", times, slots, err, test.want)
		}
		a := parsed(t, []byte(`{"resourceType":"Appointment","id":"1",`+times+`}`))
		if a.Minutes != test.want {
			t.Errorf("appointment of %s: got %d minutes, want %d", times, a.Minutes, test.want)
		}
	}
}
