package sandbox

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestLostWrites: what the caller sees when the answer to a booking is lost, and what became
// of it.
func TestLostWrites(t *testing.T) {
	for _, test := range []struct {
		fault     string
		status    int // 0: the connection ends
		booked    bool
		bookedNow bool
	}{
		{"provider:drop:before-commit", 502, false, false},
		{"provider:drop:after-commit", 502, true, true},
		{"provider:commit-late:0.05", 502, true, false},
		{"provider:status:504", 504, false, false},
		{"proxy:drop:before-commit", 0, false, false},
		{"proxy:drop:after-commit", 0, true, true},
		{"proxy:commit-late:0.05", 0, true, false},
	} {
		s := run(t, Config{})
		c := from(t, s, "A12345")
		f := c.slots(slotSearch(days(s, 1), days(s, 1)))
		a := c.attempt(book, "/Appointment", bookingFor(f, c.patientID("9000000009"), f.of("Slot")[0]))
		if err := s.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		r, err := a.try(t, s)
		if (err != nil) != (test.status == 0) || r.status != test.status {
			t.Errorf("%s: got %d and %v, want %d", test.fault, r.status, err, test.status)
		}
		if test.bookedNow && len(s.Appointments()) != 1 {
			t.Errorf("%s: got no appointment, want it booked already", test.fault)
		}
		s.ClearFaults()
		if test.booked {
			waitFor(t, func() bool { return len(s.Appointments()) == 1 })
		}
		found := c.do("fhir:rest:search:patient_appointments-1", "/Patient/"+c.patientID("9000000009")+"/Appointment?start=ge"+days(s, 1)+"&start=le"+days(s, 1), nil)
		if got := len(found.resources(t)); got != map[bool]int{true: 1, false: 0}[test.booked] {
			t.Errorf("%s: reading back: got %d appointments, want it booked: %v", test.fault, got, test.booked)
		}
	}
}

// TestLateCommitOutlastsTheClient: it comes whether or not somebody waits for an answer.
func TestLateCommitOutlastsTheClient(t *testing.T) {
	s := run(t, Config{Faults: []string{"provider:delay:1h@1", "provider:commit-late:0.01@1"}})
	c := from(t, s, "A12345")
	f, patient := offline(t, s, "A12345", "9000000009")
	a := c.attempt(book, "/Appointment", bookingFor(f, patient, f.of("Slot")[0]))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust(t, s), DisableKeepAlives: true}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.through(t, client)
	}()
	waitFor(t, func() bool { return len(s.Appointments()) == 1 })
	s.Close() // ends the delay
	<-ended
}

// offline are tomorrow's slots and a patient's id as the practice has them, without a request
// that a fault could strike.
func offline(t testing.TB, s *Server, ods, nhs string) (found, string) {
	t.Helper()
	c := &call{server: s, practice: s.surgeries[ods].practice}
	tomorrow := s.cfg.Now().In(london()).AddDate(0, 0, 1)
	midnight := time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 0, 0, 0, 0, london())
	q := slotQuery{from: midnight, until: midnight.AddDate(0, 0, 1), practitioners: true, locations: true}
	p, err := s.patient(s.people.byNumber[nhs], ods)
	if err != nil {
		t.Fatal(err)
	}
	var f found
	for _, r := range c.slotResources(q, c.freeSlots(q)) {
		f = append(f, copied(t, r.fields))
	}
	return f, p.id()
}

func TestLateCommitIsDroppedByResetAndClose(t *testing.T) {
	s := run(t, Config{Faults: []string{"provider:commit-late:0.2"}})
	c := from(t, s, "A12345")
	f, patient := offline(t, s, "A12345", "9000000009")
	if _, err := c.attempt(book, "/Appointment", bookingFor(f, patient, f.of("Slot")[0])).try(t, s); err != nil {
		t.Fatal(err)
	}
	s.Reset()
	s.ClearFaults()
	s.Inject("provider:delay:300ms") // until the commit would have come
	c.do("fhir:rest:read:metadata-1", "/metadata", nil).refused(t, "meanwhile", 200, "")
	if got := len(s.Appointments()); got != 0 {
		t.Errorf("after a reset: got %d appointments, want none", got)
	}
	s.ClearFaults()
	s.Inject("provider:commit-late:3600")
	if _, err := c.attempt(book, "/Appointment", bookingFor(f, patient, f.of("Slot")[0])).try(t, s); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s.Close() // waits for nothing that is due in an hour, and for what is due in no time
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Close took %v", took)
	}
	if got := len(s.Appointments()); got != 0 {
		t.Errorf("got %d appointments, want none", got)
	}
}

func TestSlowAnswers(t *testing.T) {
	for _, fault := range []string{"provider:slow:3ms", "proxy:slow:3ms"} {
		s := run(t, Config{Plain: true, Faults: []string{fault}})
		began := time.Now()
		r := recordOf(t, s, "A12345", "9000000017", everything).send(t, s)
		if took := time.Since(began); r.status != 200 || took < 50*time.Millisecond {
			t.Errorf("%s: got %d after %v, want 200 after twenty pauses", fault, r.status, took)
		}
		r.resources(t)
	}
	s := run(t, Config{Faults: []string{"ldap:slow:3ms"}})
	began := time.Now()
	lookup(t, s, "A12345", structuredRecord)
	if took := time.Since(began); took < 100*time.Millisecond {
		t.Errorf("the directory took %v for two searches, want forty pauses", took)
	}
}

func TestSlowAnswerEndsWithTheServer(t *testing.T) {
	s := run(t, Config{Plain: true, Faults: []string{"provider:slow:1h"}})
	a := recordOf(t, s, "A12345", "9000000009", everything)
	ended := make(chan error, 1)
	go func() {
		_, err := a.try(t, s)
		ended <- err
	}()
	waitFor(t, func() bool { q := s.Requests(); return len(q) > 3 && q[len(q)-1].Status == 200 })
	s.Close()
	if err := <-ended; err == nil {
		t.Error("got a whole answer, want its end before its time")
	}
}

func TestGzipBomb(t *testing.T) {
	s := run(t, Config{Plain: true, Faults: []string{"provider:gzip-bomb"}})
	a := recordOf(t, s, "A12345", "9000000009", everything)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust(t, s), DisableKeepAlives: true, DisableCompression: true}}
	resp, err := client.Do(a.request(t))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	counted := &counter{r: resp.Body}
	z, err := gzip.NewReader(counted)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, z)
	if err != nil || n != bombSize || counted.n > 1<<20 {
		t.Errorf("got %d octets of %d and %v, want %d of less than a megabyte", n, counted.n, err, bombSize)
	}
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// TestMove: an address that is remembered too long is refused, and the new one works.
func TestMove(t *testing.T) {
	for _, fault := range []string{"ldap:move@1", "proxy:move@1"} {
		s := run(t, Config{})
		a := metadata(t, s)
		s.Inject(fault)
		if fault == "ldap:move@1" {
			a = toward(t, s, "A12345", foundationMetadata, "GET", "/metadata", "organization/*.read")
		}
		r := a.send(t, s)
		if code, _ := r.outcome(t); r.status != 400 || !strings.HasPrefix(code, "ENDPOINT_https://moved-1.") {
			t.Errorf("%s: got %d %s, want 400 ENDPOINT_…_VARIES_FROM_TARGETURL_…", fault, r.status, code)
		}
		again := metadata(t, s)
		if again.address == a.address {
			t.Errorf("%s: the directory tells the same address", fault)
		}
		again.send(t, s).refused(t, fault+": at the new address", 200, "")
		s.Reset()
		metadata(t, s).send(t, s).refused(t, fault+": after a reset", 200, "")
	}
}

// TestLateCommitStrikesWrites: reads are neither struck nor counted.
func TestLateCommitStrikesWrites(t *testing.T) {
	for _, where := range []string{"provider", "proxy"} {
		s := run(t, Config{Faults: []string{where + ":commit-late:0.01@2"}})
		c := from(t, s, "A12345")
		c.book("9000000009")
		f := c.slots(slotSearch(days(s, 1), days(s, 1)))
		a := c.attempt(book, "/Appointment", bookingFor(f, c.patientID("9000000017"), f.of("Slot")[0]))
		if r, err := a.try(t, s); err == nil && r.status == 201 {
			t.Errorf("%s: the second write: got 201, want its answer lost", where)
		}
		waitFor(t, func() bool { return len(s.Appointments()) == 2 })
	}
}

func TestWrongPatientEverywhere(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	id := c.patientID("9000000009")
	s.Inject("provider:wrong-patient")
	for name, r := range map[string]reply{
		"find":      c.do("fhir:rest:search:patient-1", "/Patient?identifier="+url.QueryEscape(nhsSystem+"|9000000009"), nil),
		"read":      c.do("fhir:rest:read:patient-1", "/Patient/"+id, nil),
		"documents": c.do(documentSearch, "/Patient/"+id+"/DocumentReference"+documentQueryOf(), nil),
	} {
		all := []map[string]any{r.fields(t)}
		if all[0]["resourceType"] == "Bundle" {
			all = found(r.resources(t)).of("Patient")
		}
		if len(all) != 1 || nhsNumberOf(all[0]) == "9000000009" || nhsNumberOf(all[0]) == "" {
			t.Errorf("%s: got %d patients, want somebody else", name, len(all))
		}
	}
}
