package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gpconnect-go/gpc/client"
)

// TestFold: no line is wider than the terminal, unless a word is, and no word is lost.
func TestFold(t *testing.T) {
	for _, test := range []struct {
		text          string
		width, indent int
		want          string
	}{
		{"one two three", 0, 4, "one two three"},
		{"one two three", 12, 4, "one two\n    three"},
		{"one two three", 11, 4, "one two\n    three"},
		{"one two three", 10, 4, "one\n    two\n    three"},
		{"extraordinarily long", 8, 4, "extraordinarily\n    long"},
		{"über Straße", 8, 4, "über\n    Straße"},
		{"one two", 3, 4, "one two"},
		{"", 10, 4, ""},
	} {
		if got := fold(test.text, test.width, test.indent); got != test.want {
			t.Errorf("%q in %d: got %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

// TestWordsFold: what gpc says on a terminal fits into it, and a command or an address that is to
// be copied stands on one line. Where stderr is no terminal a message is one line.
func TestWordsFold(t *testing.T) {
	for _, test := range []struct {
		columns    int
		said, want string
	}{
		{0, "to do: run `gpc sandbox --dir box` in another shell, and ask again", "gpc: to do: run `gpc sandbox --dir box` in another shell, and ask again\n"},
		{40, "to do: run `gpc sandbox --dir box` in another shell, and ask again", "gpc: to do: run `gpc sandbox --dir box`\n     in another shell, and ask again\n"},
		{39, "to do: run `gpc sandbox --dir box`, and ask again", "gpc: to do: run\n     `gpc sandbox --dir box`, and ask\n     again\n"},
		{24, "or `gpc appointment resume --wait` later", "gpc: or\n     `gpc appointment resume --wait`\n     later\n"},
		{24, "a ` that is alone binds nothing", "gpc: a ` that is alone\n     binds nothing\n"},
		{30, "a`b is open: run `gpc appointment resume` now", "gpc: a`b is open: run\n     `gpc appointment resume`\n     now\n"},
		{20, "see https://practice.example/a/long/way for it", "gpc: see\n     https://practice.example/a/long/way\n     for it\n"},
		{41, "sandbox: proxy     https://a.example", "gpc: sandbox: proxy     https://a.example\n"},
		{4, "one two", "gpc: one two\n"},
	} {
		var b bytes.Buffer
		a := &app{stderr: &b, errColumns: test.columns}
		a.words("%s", test.said)
		if got := b.String(); got != test.want {
			t.Errorf("%q in %d: got %q, want %q", test.said, test.columns, got, test.want)
		}
	}
}

// TestSlotTable: by day, place and session, within eighty columns.
func TestSlotTable(t *testing.T) {
	morning := time.Date(2027, 2, 3, 9, 0, 0, 0, time.UTC)
	slot := func(id string, minutes int, who, where string) client.Slot {
		start := morning.Add(time.Duration(minutes) * time.Minute)
		return client.Slot{
			ODS: "A12345", ID: id, Start: client.InUK(start), End: client.InUK(start.Add(10 * time.Minute)), Minutes: 10, Channel: "In-person", Type: "Ten minutes", Session: "Surgery",
			Practitioners: []client.SlotPractitioner{{Name: who, Role: "General Medical Practitioner"}}, Location: client.SlotLocation{Name: where, Address: "Some Rather Long Lane, Overwick, Marrowby"},
		}
	}
	var rows []slotLine
	for _, s := range []client.Slot{
		slot("4", 24*60, "Dr A", "Here"), slot("2", 20, "Dr B", "Here"), slot("1", 10, "Dr A", "Here"), slot("3", 30, "Dr A", "Here"), slot("5", 0, "Dr A", "There, with a name that is by itself rather long"),
	} {
		rows = append(rows, lineOf(&s, 0))
	}
	rows[4].problem = "its session was not sent"
	var b bytes.Buffer
	slotTable(&b, 80, rows)
	want := `Wednesday 3 February 2027
  A12345  Here, Some Rather Long Lane, Overwick, Marrowby
    In-person, Ten minutes / Surgery
    Dr A, General Medical Practitioner
      09:10 GMT  10 min  1
      09:30 GMT  10 min  3
    In-person, Ten minutes / Surgery
    Dr B, General Medical Practitioner
      09:20 GMT  10 min  2
  A12345  There, with a name that is by itself rather long, Some Rather Long
          Lane, Overwick, Marrowby
    In-person, Ten minutes / Surgery
    Dr A, General Medical Practitioner
      09:00 GMT  10 min  5 (cannot be booked: its session was not sent)

Thursday 4 February 2027
  A12345  Here, Some Rather Long Lane, Overwick, Marrowby
    In-person, Ten minutes / Surgery
    Dr A, General Medical Practitioner
      09:00 GMT  10 min  4
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestAppointmentsFit into a terminal of eighty columns.
func TestAppointmentsFit(t *testing.T) {
	start := time.Date(2027, 9, 29, 9, 0, 0, 0, time.UTC)
	a := &client.Appointment{
		ODS: "A12345", ID: "100000000001", Status: "cancelled", Start: client.InUK(start), End: client.InUK(start.Add(10 * time.Minute)), Channel: "Telephone",
		Type: "Telephone call back", Session: "Telephone triage in the afternoon", Description: strings.Repeat("word ", 20), Comment: strings.Repeat("word ", 100),
		BookedBy: client.Booker{ODS: "A11111", Name: "An Organisation With Rather a Long Name, Overwick and Marrowby"},
	}
	var b bytes.Buffer
	listAppointment(&b, 80, a)
	describeAppointment(&b, 80, &appointmentView{Appointment: a})
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if got := strings.Count(b.String(), "word"); got != 20+20+100 {
		t.Errorf("%d words, want 140", got)
	}
}

// TestCell: a practice's words are no spreadsheet's formula.
func TestCell(t *testing.T) {
	for text, want := range map[string]string{
		"=HYPERLINK(\"https://elsewhere.example\")": "'=HYPERLINK(\"https://elsewhere.example\")", "@SUM(A1)": "'@SUM(A1)", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-2+3+cmd": "'-2+3+cmd",
		"=1": "'=1", "+44 (0)1632 960101": "+44 (0)1632 960101", "-1": "-1", "Urgent": "Urgent", "": "", "a=b": "a=b", " =1": "'=1",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestHelpFits: what gpc says of itself and of what is wrong, in eighty columns.
func TestHelpFits(t *testing.T) {
	x := &examination{findings: []finding{{Hop: "proxy: an exchange", Result: failed, Saw: strings.Repeat("seen ", 30), Cure: strings.Repeat("mend ", 30)}}}
	found, err := x.render("text", 80)
	if err != nil {
		t.Fatal(err)
	}
	said := string(found)
	for _, name := range append(slices.Sorted(maps.Keys(commands)), "--profile=sandbox") {
		var b bytes.Buffer
		if code := run(t.Context(), &app{stdout: &b, columns: 80}, []string{name, "--help"}); code != exitDone {
			t.Errorf("%s --help: got %d, want 0", name, code)
		}
		_, flags, ok := strings.Cut(b.String(), "Flags:\n")
		long, rest, _ := strings.Cut(b.String(), "Usage:\n")
		_, below, _ := strings.Cut(rest, "Commands:\n")
		if !ok || long == "" {
			t.Errorf("%s --help: %q has no flags", name, b.String())
		}
		said += long + below + flags
	}
	for line := range strings.Lines(said) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
