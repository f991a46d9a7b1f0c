package journal_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/journal"
)

func open(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func folder(t *testing.T) string { return filepath.Join(t.TempDir(), "writes") }

func booking(id, patient string) client.Intent {
	return client.Intent{
		ID: id, Interaction: client.BookAppointment, ODS: "A12345", Organisation: "A11111", TraceID: "trace-" + id,
		At: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC), Patient: patient, Slots: []string{"1", "2"},
		Start: client.InUK(time.Date(2026, 7, 2, 9, 0, 0, 0, time.UTC)), Created: client.InUK(time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)),
	}
}

func done(id string) client.Outcome {
	return client.Outcome{State: client.Done, By: client.ByAnswer, Appointment: "ap-" + id, At: time.Date(2026, 7, 1, 9, 0, 1, 0, time.UTC)}
}

func begin(t *testing.T, j *journal.Journal, i client.Intent) {
	t.Helper()
	if err := j.Begin(t.Context(), i); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, j *journal.Journal) []client.Settled {
	t.Helper()
	list, err := j.Intents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestOneBookingAtATime: a second booking for the patient at the practice waits
// for the outcome of the first, in this process and in every other.
func TestOneBookingAtATime(t *testing.T) {
	dir := folder(t)
	one, two := open(t, dir), open(t, dir)
	begin(t, one, booking("a", "7"))
	for _, j := range []*journal.Journal{one, two} {
		err := j.Begin(t.Context(), booking("b", "7"))
		var refused *client.UnsettledError
		if !errors.Is(err, client.ErrUnsettled) || !errors.As(err, &refused) || refused.Intent.ID != "a" {
			t.Errorf("got %v, want a refusal that names a", err)
		}
	}
	elsewhere := booking("c", "7")
	elsewhere.ODS = "B82617"
	begin(t, two, elsewhere)
	begin(t, two, booking("d", "8"))
	amendment := booking("e", "")
	amendment.Interaction, amendment.Appointment = client.AmendAppointment, "ap-1"
	begin(t, two, amendment)
	if err := one.Settle(t.Context(), "a", done("a")); err != nil {
		t.Fatal(err)
	}
	begin(t, two, booking("b", "7"))
	for _, s := range all(t, one) {
		if want := s.Intent.ID == "a"; (s.Outcome.State == client.Done) != want {
			t.Errorf("%s: got %+v", s.Intent.ID, s.Outcome)
		}
	}
}

// TestRace: of many who begin a booking for one patient at once, one may.
func TestRace(t *testing.T) {
	dir := folder(t)
	var begun sync.Map
	var group sync.WaitGroup
	for n := range 16 {
		j := open(t, dir)
		group.Go(func() {
			err := j.Begin(t.Context(), booking(string(rune('a'+n)), "7"))
			if err == nil {
				begun.Store(n, true)
			} else if !errors.Is(err, client.ErrUnsettled) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	count := 0
	begun.Range(func(any, any) bool { count++; return true })
	if count != 1 {
		t.Errorf("%d bookings were begun, want 1", count)
	}
}

// TestKept: what went in comes out, corrections count, ids that are paths are refused.
func TestKept(t *testing.T) {
	dir := folder(t)
	j := open(t, dir)
	i := booking("a", "7")
	begin(t, j, i)
	for _, o := range []client.Outcome{{State: client.NotDone, By: client.ByReading, At: i.At}, done("a")} {
		if err := j.Settle(t.Context(), "a", o); err != nil {
			t.Fatal(err)
		}
		got := all(t, open(t, dir))
		if len(got) != 1 || got[0].Outcome != o {
			t.Fatalf("got %+v, want %+v", got, o)
		}
		have, _ := json.Marshal(got[0].Intent)
		want, _ := json.Marshal(i)
		if string(have) != string(want) {
			t.Errorf("got %s\nwant %s", have, want)
		}
	}
	if err := j.Begin(t.Context(), i); err != nil {
		t.Errorf("a settled id again: got %v", err) // harmless: ids are random
	}
	for _, id := range []string{"", "../a", "a/b", `a\b`, "A", strings.Repeat("a", 65)} {
		bad := i
		bad.ID = id
		if j.Begin(t.Context(), bad) == nil || j.Settle(t.Context(), id, done("")) == nil {
			t.Errorf("%q was taken as an id", id)
		}
	}
	if err := j.Settle(t.Context(), "unheard-of", done("")); err == nil {
		t.Error("an intent that was never begun was settled")
	}
}

// TestModes: the journal is for its owner alone.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	dir := folder(t)
	j := open(t, dir)
	begin(t, j, booking("a", "7"))
	begin(t, j, booking("b", "8"))
	if err := j.Settle(t.Context(), "a", done("a")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", d.Name(), info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(journal.Config{Dir: dir}); err == nil {
		t.Error("a folder that others can read was opened")
	}
}

// TestDamaged: while a file cannot be read nobody can say what it stood for,
// so nothing is begun.
func TestDamaged(t *testing.T) {
	for _, content := range []string{"", "{", `{"format":1}`, `{"format":2,"intent":{"id":"a"}}`, `{"format":1,"intent":{"id":"b"}}`} {
		dir := folder(t)
		j := open(t, dir)
		if err := os.WriteFile(filepath.Join(dir, "open", "a.json"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := j.Begin(t.Context(), booking("c", "7")); err == nil {
			t.Errorf("%q: a booking was begun", content)
		}
		if _, err := j.Intents(t.Context()); err == nil {
			t.Errorf("%q: the intents were listed", content)
		}
	}
}

// TestLeftovers: what a process that died had begun to write is no intent, and
// what it had begun to settle is settled.
func TestLeftovers(t *testing.T) {
	dir := folder(t)
	j := open(t, dir)
	part, aside := filepath.Join(dir, "open", "x.part"), filepath.Join(dir, "open", "x.json.looked-at")
	for _, path := range []string{part, aside} {
		if err := os.WriteFile(path, []byte(`{"format":1,"int`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	begin(t, j, booking("a", "7"))
	if _, err := os.Stat(part); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the part is still there")
	}
	if _, err := os.Stat(aside); err != nil {
		t.Errorf("what somebody has put aside is gone: %v", err)
	}
	opened, err := os.ReadFile(filepath.Join(dir, "open", "a.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Settle(t.Context(), "a", done("a")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "open", "a.json"), opened, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := all(t, j); len(got) != 1 || got[0].Outcome.State != client.Done {
		t.Errorf("got %+v, want it settled, once", got)
	}
	begin(t, j, booking("b", "7"))
}

// TestOldLeftovers: what a process that died had settled stays settled when it has been kept
// long enough.
func TestOldLeftovers(t *testing.T) {
	dir, now := folder(t), time.Now()
	clock := func() time.Time { return now }
	j, err := journal.Open(journal.Config{Dir: dir, Keep: 24 * time.Hour, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	begin(t, j, booking("a", "7"))
	opened, err := os.ReadFile(filepath.Join(dir, "open", "a.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Settle(t.Context(), "a", done("a")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "open", "a.json"), opened, 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(25 * time.Hour)
	if j, err = journal.Open(journal.Config{Dir: dir, Keep: 24 * time.Hour, Now: clock}); err != nil {
		t.Fatal(err)
	}
	begin(t, j, booking("b", "7"))
	if got := all(t, j); len(got) != 1 || got[0].Intent.ID != "b" {
		t.Errorf("got %+v, want b alone", got)
	}
}

// TestDeep: all folders above a journal are made for its owner alone.
func TestDeep(t *testing.T) {
	dir := filepath.Join(folder(t), "state", "gpc", "journal")
	begin(t, open(t, dir), booking("a", "7"))
	if got := all(t, open(t, dir)); len(got) != 1 {
		t.Errorf("got %+v, want the one", got)
	}
}

// TestKeep: settled intents go after their time, open ones never.
func TestKeep(t *testing.T) {
	now := time.Now()
	j, err := journal.Open(journal.Config{Dir: folder(t), Keep: 24 * time.Hour, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	begin(t, j, booking("a", "7"))
	begin(t, j, booking("b", "8"))
	if err := j.Settle(t.Context(), "a", done("a")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(23 * time.Hour)
	begin(t, j, booking("c", "9"))
	if got := len(all(t, j)); got != 3 {
		t.Errorf("after 23 hours: %d intents, want 3", got)
	}
	now = now.Add(2 * time.Hour)
	begin(t, j, booking("d", "10"))
	got := all(t, j)
	if len(got) != 3 || got[0].Intent.ID != "b" {
		t.Errorf("after 25 hours: %d intents, the first %s; want b, c, d", len(got), got[0].Intent.ID)
	}
}

// TestKeptForADay: what a booking is looked for by, a day later, cannot be configured away.
func TestKeptForADay(t *testing.T) {
	for _, keep := range []time.Duration{-1, time.Hour} {
		if _, err := journal.Open(journal.Config{Dir: folder(t), Keep: keep}); err == nil || !strings.Contains(err.Error(), "a day") {
			t.Errorf("%v: got %v, want it refused", keep, err)
		}
	}
}

// TestSince: what is open, whenever it was begun, and what was settled since.
func TestSince(t *testing.T) {
	dir := folder(t)
	j := open(t, dir)
	for _, id := range []string{"a", "b", "c"} {
		begin(t, j, booking(id, id))
	}
	for _, id := range []string{"a", "b"} {
		if err := j.Settle(t.Context(), id, done(id)); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	for _, path := range []string{"settled/a.json", "open/c.json"} {
		if err := os.Chtimes(filepath.Join(dir, path), yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	got, err := j.Since(t.Context(), time.Now().Add(-24*time.Hour))
	if err != nil || len(got) != 2 || got[0].Intent.ID != "b" || got[1].Intent.ID != "c" {
		t.Errorf("got %+v, %v; want b and c", got, err)
	}
	if got := all(t, j); len(got) != 3 {
		t.Errorf("all: got %+v, want three", got)
	}

	// By the journal's own clock, whatever that of the disk is.
	ahead := time.Now().Add(72 * time.Hour)
	j, err = journal.Open(journal.Config{Dir: folder(t), Now: func() time.Time { return ahead }})
	if err != nil {
		t.Fatal(err)
	}
	begin(t, j, booking("d", "d"))
	if err := j.Settle(t.Context(), "d", done("d")); err != nil {
		t.Fatal(err)
	}
	if got, err := j.Since(t.Context(), ahead.Add(-time.Hour)); err != nil || len(got) != 1 {
		t.Errorf("by a clock that is ahead: got %+v, %v; want d", got, err)
	}
}

// TestNoRoom: an intent that cannot be put on disk is no intent.
func TestNoRoom(t *testing.T) {
	dir := folder(t)
	j := open(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "open")); err != nil {
		t.Fatal(err)
	}
	if err := j.Begin(t.Context(), booking("a", "7")); err == nil {
		t.Error("begun in a folder that is not there")
	}
	if _, err := journal.Open(journal.Config{}); err == nil {
		t.Error("a journal without a folder was opened")
	}
}
