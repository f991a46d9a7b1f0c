package sandbox

import (
	"sync"
	"time"
	_ "time/tzdata" // today is London's, on machines without a time zone database too
)

// A span is the days a date of the record covers, both inclusive, as yyyy-mm-dd: a partial
// date covers its whole month or year. Days compare as strings. The zero span is no date.
type span struct{ first, last string }

// spanOf reads a FHIR date or dateTime. A time of day is moved to London first.
func spanOf(value any, london *time.Location) span {
	s, _ := value.(string)
	switch {
	case len(s) == 4:
		return span{s + "-01-01", s + "-12-31"}
	case len(s) == 7:
		return span{s + "-01", s + "-31"}
	case len(s) < 10:
		return span{}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		s = t.In(london).Format(time.DateOnly)
	}
	return span{s[:10], s[:10]}
}

// periodOf covers a Period; an open end has last "".
func periodOf(value any, london *time.Location) span {
	p, _ := value.(map[string]any)
	return span{spanOf(p["start"], london).first, spanOf(p["end"], london).last}
}

// touches says whether the span has a day in common with start to end, either of which may
// be "" for open.
func (s span) touches(start, end string) bool {
	return (start == "" || s.last >= start) && (end == "" || s.first <= end)
}

// wholeDay reads yyyy-mm-dd and nothing else.
func wholeDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// london is where a practice's day begins.
var london = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC // cannot be: the database is linked in
	}
	return l
})
