package audit

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// asked is a journal of four attempts by two users of two organisations at two
// practices about two patients, a second apart, and of a call about nobody.
func asked(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	j, err := Open(Config{Path: path, Key: testKey, Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	for i, trace := range []string{"t-0", "t-1", "t-2", "t-3", "t-4"} {
		e := attempt(trace)
		e.Patient = number(t, []string{"9000000009", "9000000017"}[i%2])
		if i >= 2 {
			e.ODS, e.For.ODS, e.By.ID = "B82617", "A22222", "u-2"
		}
		if trace == "t-4" {
			e.Patient = client.Event{}.Patient
		}
		if err := j.Begin(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, j)
	return path
}

func TestQuery(t *testing.T) {
	path := asked(t)
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	all := entries(t, path)
	if !all[1].Time.After(start) || all[0].Kind != Header {
		t.Fatalf("got %+v", all[:2])
	}
	for name, c := range map[string]struct {
		filter Filter
		want   []string
	}{
		"everything":     {Filter{}, []string{"header ", "begin t-0", "begin t-1", "begin t-2", "begin t-3", "begin t-4"}},
		"a trace":        {Filter{Trace: "t-2"}, []string{"begin t-2"}},
		"a kind":         {Filter{Kind: Header}, []string{"header "}},
		"a practice":     {Filter{ODS: "A12345"}, []string{"begin t-0", "begin t-1"}},
		"a user":         {Filter{User: "u-2"}, []string{"begin t-2", "begin t-3", "begin t-4"}},
		"who asked":      {Filter{Organisation: "A11111"}, []string{"begin t-0", "begin t-1"}},
		"a patient":      {Filter{Patient: testKey.Pseudonym(number(t, "9000000017"))}, []string{"begin t-1", "begin t-3"}},
		"a time":         {Filter{From: all[2].Time, To: all[4].Time}, []string{"begin t-1", "begin t-2"}},
		"a later time":   {Filter{From: second(3600)}, nil},
		"several things": {Filter{ODS: "B82617", Patient: testKey.Pseudonym(number(t, "9000000009"))}, []string{"begin t-2"}},
		"nothing such":   {Filter{Trace: "t-9"}, nil},
	} {
		var got []Entry
		for e, err := range Query(path, c.filter) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			got = append(got, e)
		}
		if !slices.Equal(story(got), c.want) {
			t.Errorf("%s: got %q, want %q", name, story(got), c.want)
		}
	}
}

// TestQueryUnderAnotherKey: that a patient was not found means little when the
// entries are under another key, so that is said.
func TestQueryUnderAnotherKey(t *testing.T) {
	path := asked(t)
	other, err := KeyOf(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for e, err := range Query(path, Filter{Patient: other.Pseudonym(number(t, "9000000009"))}) {
		if n++; !errors.Is(err, ErrOtherKey) {
			t.Errorf("got %+v, %v; want ErrOtherKey", e, err)
		}
	}
	if n != 1 {
		t.Errorf("got %d results, want 1", n)
	}
}

// TestQueryFirstHeader: the header of a first file that claims to follow
// another line is no header, and no reason to look at it for ever.
func TestQueryFirstHeader(t *testing.T) {
	body, err := Entry{Kind: Header, Format: format}.body()
	if err != nil {
		t.Fatal(err)
	}
	l, _ := seal(nil, position{hash: strings.Repeat("a", 64)}, body)
	path := newPath(t)
	write(t, path, l)
	if _, err := VerifyFile(path); !errors.Is(err, Headless) {
		t.Errorf("VerifyFile: got %v, want Headless", err)
	}
	n := 0
	for _, err := range Query(path, Filter{}) {
		if n++; n > 1 || !errors.Is(err, Headless) {
			t.Fatalf("result %d: got %v, want Headless once", n, err)
		}
	}
}

// TestQueryBroken: the break is told in its place, and who goes on gets the
// rest.
func TestQueryBroken(t *testing.T) {
	path := asked(t)
	whole := content(t, path)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"a line changed":    {bytes.Replace(whole, []byte(`"t-1"`), []byte(`"t-x"`), 1), []string{"header ", "begin t-0", "broken", "begin t-2", "begin t-3", "begin t-4"}},
		"a line gone":       {bytes.Join(slices.Delete(slices.Clone(lines), 2, 3), nil), []string{"header ", "begin t-0", "broken", "begin t-2", "begin t-3", "begin t-4"}},
		"the header gone":   {bytes.Join(lines[1:], nil), []string{"broken", "begin t-0", "begin t-1", "begin t-2", "begin t-3", "begin t-4"}},
		"the last one torn": {whole[:len(whole)-9], []string{"header ", "begin t-0", "begin t-1", "begin t-2", "begin t-3", "broken"}},
		"a header between":  {bytes.Join([][]byte{lines[0], lines[1], lines[0], lines[2]}, nil), []string{"header ", "begin t-0", "broken", "header ", "broken", "begin t-1"}},
		"nothing of it":     {bytes.Repeat([]byte("x"), 3*maxLine), []string{"broken"}},
	} {
		write(t, path, c.content)
		var got []string
		for e, err := range Query(path, Filter{}) {
			if errors.As(err, new(*Broken)) {
				got = append(got, "broken")
			} else {
				got = append(got, story([]Entry{e})[0])
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		for range Query(path, Filter{}) {
			break // who has enough is left alone
		}
	}
}
