package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

// TestMain also is the child that tests start as a process of its own.
func TestMain(m *testing.M) {
	if path := os.Getenv("GPC_AUDIT_CHILD"); path != "" {
		os.Exit(child(path))
	}
	goleak.VerifyTestMain(m)
}

var testKey = keyFrom([]byte("a key of thirty-two bytes or more"))

// clock is a clock for tests: every look at it is a second later.
func clock() func() time.Time {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "audit.jsonl") }

func openAt(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := Open(Config{Path: path, Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func closed(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// attempt is an event of an attempt with this trace.
func attempt(trace string) client.Event {
	return client.Event{
		Exchange: client.Exchange{
			Op: "get the structured record", Interaction: client.GetStructuredRecord, ODS: "A12345",
			From: "200000000359", To: "918999198820", TraceID: trace, Attempt: 1,
		},
		By:     client.Practitioner{ID: "10019", Family: "Slade", Given: []string{"Melissa"}, Prefix: []string{"Dr"}, SDSUserID: "111122223333"},
		For:    client.Organisation{ODS: "A11111", Name: "Example Organisation"},
		Reason: "directcare", Scope: client.PatientRead,
	}
}

func number(t testing.TB, digits string) fhir.NHSNumber {
	t.Helper()
	n, err := fhir.ParseNHSNumber(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func begin(t testing.TB, j *Journal, trace string) {
	t.Helper()
	if err := j.Begin(t.Context(), attempt(trace)); err != nil {
		t.Fatalf("Begin: got %v, want nil", err)
	}
}

// sample is a journal in which each kind of line occurs: two calls, one of
// them failed, one refused, a torn line accounted for, a gap, and a last call.
func sample(t testing.TB) (path string) {
	t.Helper()
	path = newPath(t)
	j := openAt(t, path)
	begin(t, j, "t-1")
	e := attempt("t-1")
	e.Status, e.Duration = 200, 12*time.Millisecond
	j.End(t.Context(), e)
	begin(t, j, "t-2")
	closed(t, j)
	appendTo(t, path, `{"seq":5,"prev":"4c9`)

	j = openAt(t, path)
	j.mu.Lock()
	j.unbegun, j.unended = 3, 1
	j.mu.Unlock()
	j.End(t.Context(), refusal())
	begin(t, j, "t-3")
	closed(t, j)
	return path
}

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// fataler is a testing.TB or a rapid.T.
type fataler interface {
	Helper()
	Fatal(...any)
}

func content(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t fataler, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// entries reads the whole journal.
func entries(t testing.TB, path string) []Entry {
	t.Helper()
	var all []Entry
	for e, err := range Query(path, Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// story is the kinds and traces of entries, for messages.
func story(all []Entry) (s []string) {
	for _, e := range all {
		s = append(s, fmt.Sprintf("%s %s", e.Kind, e.Trace))
	}
	return s
}

func bare() context.Context { return context.Background() }

// refusal is an event of a call of which nothing was sent.
func refusal() client.Event {
	e := attempt("")
	e.Attempt, e.Layer, e.Err = 0, client.LayerPDS, client.ErrRefused
	return e
}
