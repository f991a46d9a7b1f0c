package client

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"github.com/gpconnect-go/gpc/fhir"
)

func TestWindows(t *testing.T) {
	for _, test := range []struct {
		from, to fhir.Date
		want     []window
	}{
		{"2026-12-01", "2026-12-01", []window{{"2026-12-01", "2026-12-01"}}},
		{"2026-12-01", "2026-12-15", []window{{"2026-12-01", "2026-12-15"}}},
		{"2026-12-01", "2026-12-16", []window{{"2026-12-01", "2026-12-15"}, {"2026-12-14", "2026-12-16"}}},
		{"2028-02-28", "2028-03-29", []window{{"2028-02-28", "2028-03-13"}, {"2028-03-12", "2028-03-26"}, {"2028-03-25", "2028-03-29"}}},
		// The clocks go back on 25 October and forward on 29 March.
		{"2026-10-20", "2026-11-03", []window{{"2026-10-20", "2026-11-03"}}},
		{"2026-10-20T08:00:00+01:00", "2026-11-03T07:00:00+00:00", []window{{"2026-10-20T08:00:00+01:00", "2026-11-03T07:00:00+00:00"}}},
		{"2026-10-20T08:00:00+01:00", "2026-11-03T08:00:00+00:00", []window{{"2026-10-20T08:00:00+01:00", "2026-11-03T07:00:00+00:00"}, {"2026-11-02T07:00:00+00:00", "2026-11-03T08:00:00+00:00"}}},
		{"2026-03-28T08:00:00+00:00", "2026-04-12T08:00:00+01:00", []window{{"2026-03-28T08:00:00+00:00", "2026-04-11T09:00:00+01:00"}, {"2026-04-10T09:00:00+01:00", "2026-04-12T08:00:00+01:00"}}},
		{"2026-12-01T08:00Z", "2026-12-01T09:00:00.5+00:00", []window{{"2026-12-01T08:00:00+00:00", "2026-12-01T09:00:00+00:00"}}},
		// The hour that there is twice: the offset says which.
		{"2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00", []window{{"2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00"}}},
	} {
		got, err := SlotQuery{From: test.from, To: test.to}.windows()
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s to %s: got %v, %v; want %v", test.from, test.to, got, err, test.want)
		}
	}
}

func TestWrongWindows(t *testing.T) {
	for _, test := range [][2]fhir.Date{
		{"", ""}, {"2026-12-01", ""}, {"", "2026-12-01"}, {"2026-12", "2026-12-31"}, {"2026", "2026"},
		{"2026-02-29", "2026-03-01"}, {"2027-02-28", "2027-02-29"}, {"2026-12-02", "2026-12-01"}, {"2026-12-01", "2027-12-31"},
		{"2026-12-01", "2026-12-02T08:00:00+00:00"}, {"2026-12-01T08:00:00+00:00", "2026-12-02"},
		{"2026-12-01T08:00:00", "2026-12-02T08:00:00"}, {"tomorrow", "tomorrow"},
		{"2026-07-01T08:00:00+00:00", "2026-07-02T08:00:00+01:00"}, {"2026-07-01T08:00:00Z", "2026-07-02T08:00:00+01:00"},
		{"2026-12-01T08:00:00+01:00", "2026-12-02T08:00:00+00:00"}, {"2026-10-25T02:30:00+01:00", "2026-10-26T08:00:00+00:00"},
	} {
		if got, err := (SlotQuery{From: test[0], To: test[1]}).windows(); err == nil {
			t.Errorf("%s to %s: got %v, want an error", test[0], test[1], got)
		}
	}
}

// TestWindowsCover: every stretch of up to a day within the query lies within one
// of its windows, none is longer than 14 days, and each offset is that of its day.
func TestWindowsCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(rapid.Int64Range(1767225600, 1830297600).Draw(t, "from"), 0) // 2026 and 2027
		to := from.Add(time.Duration(rapid.Int64Range(0, 200*24*3600).Draw(t, "seconds")) * time.Second)
		q := SlotsBetween(from, to)
		if rapid.Bool().Draw(t, "days") {
			q = SlotQuery{From: fhir.Date(InUK(from).Format(time.DateOnly)), To: fhir.Date(InUK(to).Format(time.DateOnly))}
		}
		windows, err := q.windows()
		if err != nil {
			t.Fatal(err)
		}
		if windows[0].start != string(q.From) || windows[len(windows)-1].end != string(q.To) {
			t.Fatalf("%v does not reach from %s to %s", windows, q.From, q.To)
		}
		type stretch struct{ from, to time.Time }
		var covered []stretch
		for _, w := range windows {
			start, _, _ := fhir.Date(w.start).Range(fhir.London())
			end, _, _ := fhir.Date(w.end).Range(fhir.London())
			longest := start.AddDate(0, 0, 14)
			if fhir.Date(w.start).Precision() != fhir.Day {
				longest = start.Add(14 * 24 * time.Hour)
				for _, s := range []string{w.start, w.end} {
					if moment, err := time.Parse(ukLayout, s); err != nil || InUK(moment).String() != s {
						t.Fatalf("%s is not UK local time", s)
					}
				}
			}
			if end.After(longest) || end.Before(start) {
				t.Fatalf("%v is longer than 14 days, or ends before it starts", w)
			}
			covered = append(covered, stretch{start, end})
		}
		begin, end := covered[0].from, covered[len(covered)-1].to
		if end.Equal(begin) {
			return
		}
		at := begin.Add(time.Duration(rapid.Int64Range(0, int64(end.Sub(begin))).Draw(t, "at")))
		until := at.Add(time.Duration(rapid.Int64Range(0, int64(23*time.Hour)).Draw(t, "for")))
		if until.After(end) {
			until = end
		}
		if !slices.ContainsFunc(covered, func(s stretch) bool { return !at.Before(s.from) && !until.After(s.to) }) {
			t.Fatalf("%v to %v lies in none of %v", at, until, windows)
		}
	})
}

// TestUKTime: what is written is read again, with the offset of its day.
func TestUKTime(t *testing.T) {
	for _, test := range []struct{ utc, want string }{
		{"2026-12-01T09:10:00Z", "2026-12-01T09:10:00+00:00"},
		{"2026-07-01T09:10:00Z", "2026-07-01T10:10:00+01:00"},
		{"2026-03-29T00:59:59Z", "2026-03-29T00:59:59+00:00"},
		{"2026-03-29T01:00:00Z", "2026-03-29T02:00:00+01:00"},
		{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00+01:00"},
		{"2026-10-25T01:30:00Z", "2026-10-25T01:30:00+00:00"},
	} {
		moment, err := time.Parse(time.RFC3339, test.utc)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(InUK(moment))
		if err != nil || string(data) != `"`+test.want+`"` {
			t.Errorf("got %s, %v; want %s", data, err, test.want)
		}
		var again UKTime
		if err := json.Unmarshal(data, &again); err != nil || !again.Equal(moment) || again.String() != test.want {
			t.Errorf("read again: got %s, %v", again, err)
		}
		if got := ukTime(fhir.Date(test.utc)); !got.Equal(moment) {
			t.Errorf("from FHIR: got %s", got)
		}
	}
	if got := today(UKTime{time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC)}); got != "2026-07-02" {
		t.Errorf("half past midnight in London: got %s", got)
	}
	if got := ukTime("2017-10-20T10:00:00").String(); got != "2017-10-20T10:00:00+01:00" {
		t.Errorf("without an offset: got %s", got) // version 1.0 of the specification
	}
	for _, bad := range []fhir.Date{"", "2017", "2017-10-20", "soon"} {
		if got := ukTime(bad); !got.IsZero() {
			t.Errorf("%q: got %s, want none", bad, got)
		}
	}
	for _, bad := range []string{`"2026-12-01"`, `"2026-12-01T09:10:00"`, `1`, `"`} {
		var into UKTime
		if err := into.UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s was read as %s", bad, into)
		}
	}
	for _, same := range []string{`"2026-12-01T09:10:00\u002B00:00"`, `"\u0032026-12-01T09:10:00Z"`} { // as other writers of JSON may have it
		var into UKTime
		if err := json.Unmarshal([]byte(same), &into); err != nil || into.String() != "2026-12-01T09:10:00+00:00" {
			t.Errorf("%s: got %s, %v", same, into, err)
		}
	}
	var into UKTime
	if data, _ := json.Marshal(into); string(data) != `""` || json.Unmarshal(data, &into) != nil || !into.IsZero() {
		t.Errorf("none: got %s", data)
	}
}
