package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/sandbox"
)

// desk is where somebody runs one command after the other against one sandbox, with a
// clock that stands still.
type desk struct {
	t      *testing.T
	server *sandbox.Server
	getenv func(string) string
	now    time.Time
}

func newDesk(t *testing.T, now time.Time) *desk {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Config{Plain: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	dir := t.TempDir()
	if err := server.Write(dir); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"GPC_CONFIG": filepath.Join(dir, "gpc.toml"), "XDG_STATE_HOME": dir}
	return &desk{t, server, func(name string) string { return env[name] }, now}
}

// said is what a command has left behind.
type said struct {
	code           int
	stdout, stderr string
}

// gpc runs a command. With typed, somebody sits at a terminal and types that.
func (d *desk) gpc(typed *string, args ...string) said {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, getenv: d.getenv,
		configDir: os.UserConfigDir, now: func() time.Time { return d.now },
	}
	if typed != nil {
		a.stdin, a.interactive, a.progress = strings.NewReader(*typed), true, true
	}
	code := run(context.Background(), a, args)
	return said{code, stdout.String(), stderr.String()}
}

// done is gpc for a command that must end well; its stdout is json, for into.
func (d *desk) done(into any, args ...string) {
	d.t.Helper()
	got := d.gpc(nil, append(args, "-f", "json")...)
	if got.code != exitDone {
		d.t.Fatalf("gpc %s: exit code %d: %s", strings.Join(args, " "), got.code, got.stderr)
	}
	if err := json.Unmarshal([]byte(got.stdout), into); err != nil {
		d.t.Fatal(err)
	}
}

var ordinaryDay = time.Date(2027, 2, 3, 7, 0, 0, 0, time.UTC)

// TestAsksBeforeWriting: on a terminal nothing is written without a word.
func TestAsksBeforeWriting(t *testing.T) {
	d := newDesk(t, ordinaryDay)
	var slots []client.Slot
	d.done(&slots, "slots", "--ods", "A12345", "--to", "+1d")
	book := func(i int, more ...string) []string {
		return append([]string{"appointment", "book", "--ods", "A12345", "--nhs", "9000000009", "--slot", slots[i].ID, "--to", "+1d", "--no-trace"}, more...)
	}
	yes, no, nothing := "y\n", "n\n", ""
	for name, test := range map[string]struct {
		typed *string
		args  []string
		code  int
		asks  bool
	}{
		"no":               {&no, book(0), exitNotSent, true},
		"end of input":     {&nothing, book(0), exitNotSent, true},
		"yes":              {&yes, book(4), exitDone, true},
		"--yes":            {&no, book(1, "--yes"), exitDone, false},
		"no terminal":      {nil, book(2), exitDone, false},
		"a number from it": {&yes, []string{"appointment", "book", "--ods", "A12345", "--nhs", "-", "--slot", slots[3].ID, "--no-trace"}, exitNotSent, false},
	} {
		before := len(d.server.Appointments())
		got := d.gpc(test.typed, test.args...)
		if got.code != test.code {
			t.Errorf("%s: exit code: got %d, want %d: %s", name, got.code, test.code, got.stderr)
		}
		if asked := strings.Contains(got.stderr, "book it? [y/N]"); asked != test.asks {
			t.Errorf("%s: asked: got %v, want %v", name, asked, test.asks)
		}
		if test.asks && !strings.Contains(got.stderr, "THACKERAY, Rosalind May (Mrs), born 17 Apr 1958") {
			t.Errorf("%s: the question does not say for whom", name)
		}
		if dry := d.gpc(test.typed, append(test.args, "--dry-run")...); test.code == exitNotSent && test.asks && dry.code != exitDone {
			t.Errorf("%s: a dry run: exit code %d, want 0: %s", name, dry.code, dry.stderr)
		}
		if got, want := len(d.server.Appointments())-before, map[int]int{exitDone: 1}[test.code]; got != want {
			t.Errorf("%s: appointments made: got %d, want %d", name, got, want)
		}
	}
}

// TestSaysWhoseAppointment: whoever is asked whether to cancel is told whose it is.
func TestSaysWhoseAppointment(t *testing.T) {
	d := newDesk(t, ordinaryDay)
	var slots []client.Slot
	d.done(&slots, "slots", "--ods", "A12345", "--to", "+1d")
	var made client.Appointment
	d.done(&made, "appointment", "book", "--ods", "A12345", "--nhs", "9000000009", "--slot", slots[0].ID, "--no-trace")
	no, yes := "n\n", "yes\n"
	for _, test := range []struct {
		typed string
		code  int
	}{{no, exitNotSent}, {yes, exitDone}} {
		got := d.gpc(&test.typed, "appointment", "cancel", "--ods", "A12345", made.ID, "--reason", "Feels better")
		if got.code != test.code || !strings.Contains(got.stderr, "THACKERAY, Rosalind May (Mrs), born 17 Apr 1958") {
			t.Errorf("typed %q: exit code %d, want %d, and whose appointment it is: %s", test.typed, got.code, test.code, got.stderr)
		}
	}
}

// TestSaysWhatIsWritten: whoever is asked whether to write sees the texts that the practice gets.
func TestSaysWhatIsWritten(t *testing.T) {
	d := newDesk(t, ordinaryDay)
	var slots []client.Slot
	d.done(&slots, "slots", "--ods", "A12345", "--to", "+1d")
	no := "n\n"
	got := d.gpc(&no, "appointment", "book", "--ods", "A12345", "--nhs", "9000000009", "--slot", slots[0].ID, "--no-trace", "--description", "Of the ramp", "--comment", "Rings the bell")
	if got.code != exitNotSent || !strings.Contains(got.stderr, "Of the ramp") || !strings.Contains(got.stderr, "Rings the bell") {
		t.Errorf("exit code %d, want 2, and both texts: %s", got.code, got.stderr)
	}
	var made client.Appointment
	d.done(&made, "appointment", "book", "--ods", "A12345", "--nhs", "9000000009", "--slot", slots[0].ID, "--no-trace", "--comment", "Rings the bell")
	for _, test := range []struct{ command, flag, text, want string }{
		{"cancel", "--reason", "Feels better", "Feels better"},
		{"amend", "--comment", "Comes by taxi", "Comes by taxi"},
		{"amend", "--comment", "", "taken away"},
	} {
		got := d.gpc(&no, "appointment", test.command, "--ods", "A12345", made.ID, test.flag, test.text)
		if got.code != exitNotSent || !strings.Contains(got.stderr, test.want) {
			t.Errorf("%s: exit code %d, want 2, and %q: %s", test.command, got.code, test.want, got.stderr)
		}
	}
}

// TestSomebodyButNoStdin: where somebody looks on and stdin is taken, --yes is needed.
func TestSomebodyButNoStdin(t *testing.T) {
	for name, test := range map[string]struct {
		a     app
		taken bool
		yes   bool
		want  bool
	}{
		"a script":                      {app{}, false, false, true},
		"a script with data on stdin":   {app{}, true, false, true},
		"a terminal":                    {app{interactive: true, progress: true, terminal: true}, false, false, true},
		"a terminal, json into a file":  {app{interactive: true, progress: true}, false, false, true},
		"a terminal, data on stdin":     {app{progress: true, terminal: true}, true, false, false},
		"the same, with --yes":          {app{progress: true, terminal: true}, true, true, true},
		"a terminal, stderr in a file":  {app{interactive: true, terminal: true}, false, false, false},
		"a terminal, a number on stdin": {app{interactive: true, progress: true}, true, false, false},
	} {
		c := confirmation{yes: test.yes}
		if got := c.check(&test.a, test.taken, false) == nil; got != test.want {
			t.Errorf("%s: may go on: got %v, want %v", name, got, test.want)
		}
	}
}

// TestNumberTakesStdin: a number that was read from stdin has taken it, so that nobody can
// be asked there whether to go on.
func TestNumberTakesStdin(t *testing.T) {
	o := oneAppointment{whom: whom{ods: "A12345", nhs: "-"}}
	number, err := o.parse(&app{stdin: strings.NewReader("9000000009\n")}, "17")
	if err != nil || number.Digits() != "9000000009" || !o.taken() {
		t.Errorf("got %v, %v, taken %v; want it read, and stdin taken", number, err, o.taken())
	}
}

// TestAcrossTheClockChanges: on the days around both changes of the year, searches,
// bookings and what is shown carry the offset of the moment that they are about.
func TestAcrossTheClockChanges(t *testing.T) {
	for name, test := range map[string]struct {
		now                 time.Time
		day                 string // of the change
		before, after       string // offsets at 08:30 of the day before it, and of it
		nameBefore, nameNow string
	}{
		"forward": {time.Date(2027, 3, 26, 7, 0, 0, 0, time.UTC), "2027-03-28", "+00:00", "+01:00", "GMT", "BST"},
		"back":    {time.Date(2027, 10, 29, 7, 0, 0, 0, time.UTC), "2027-10-31", "+01:00", "+00:00", "BST", "GMT"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, test.now)
			var slots []client.Slot
			d.done(&slots, "slots", "--ods", "A12345", "--to", "+4d")
			first := map[string]client.Slot{} // of each day
			for _, s := range slots {
				if day := s.Start.String()[:10]; first[day].ID == "" && strings.HasPrefix(s.Start.String()[11:], "08:30:00") {
					first[day] = s
				}
			}
			change, _, _ := fhir.Date(test.day).Range(fhir.London())
			eve := change.AddDate(0, 0, -1).Format(time.DateOnly)
			for day, offset := range map[string]string{eve: test.before, test.day: test.after} {
				s := first[day]
				if want := day + "T08:30:00" + offset; s.Start.String() != want {
					t.Errorf("slot: got %s, want %s", s.Start, want)
					continue
				}
				var made client.Appointment
				d.done(&made, "appointment", "book", "--ods", "A12345", "--nhs", "9000000009", "--slot", s.ID, "--to", "+4d", "--no-trace")
				if made.Start.String() != s.Start.String() {
					t.Errorf("appointment: got %s, want %s", made.Start, s.Start)
				}
			}
			table := d.gpc(nil, "slots", "--ods", "A12345", "--from", eve, "--to", test.day).stdout
			for _, want := range []string{"08:40 " + test.nameBefore, "08:40 " + test.nameNow} {
				if !strings.Contains(table, want) {
					t.Errorf("the table has no %q", want)
				}
			}
			// A window by times that spans the change: from the eve's 08:00 to the day's, both by the wall's clock.
			var within []client.Slot
			d.done(&within, "slots", "--ods", "A12345", "--from", eve+"T10:00", "--to", test.day+"T10:00")
			if len(within) == 0 || within[0].Start.String() != eve+"T10:00:00"+test.before {
				t.Errorf("a window by times: got %d slots, want the first at 10:00 of the eve", len(within))
			} else if last := within[len(within)-1].End.String(); last != test.day+"T10:00:00"+test.after {
				t.Errorf("a window by times: got the last end %s, want 10:00 of the day", last)
			}
			var list []client.Appointment
			d.done(&list, "appointment", "list", "--ods", "A12345", "--nhs", "9000000009", "--to", "+4d", "--no-trace")
			if len(list) != 2 || list[1].Start.String() != test.day+"T08:30:00"+test.after {
				t.Errorf("the list: got %d appointments, want 2 with their offsets", len(list))
			}
		})
	}
}
