package show

import (
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// timeline is the medication over the years, a row for each chain; x is in per cent.
type timeline struct {
	Dates []tick
	Rows  []course
}

// course is one medicine over time: the stretches it was taken, and when it was issued.
type course struct {
	Name   string
	Words  string // the same for those who do not see it
	Bars   []bar
	Issues []float64
}

// bar is a stretch of time. One that is Open goes on.
type bar struct {
	X, Width   float64
	Open, Past bool
	Title      string
}

// stretch is the time of an item of medication, before it is drawn.
type stretch struct {
	from, to time.Time
	open     bool
	m        record.Medication
}

// medicationTimeline draws the chains of medication in the order in which they are read
// out. It is nil when no item has a date to begin with.
func medicationTimeline(r *record.Record, now time.Time) *timeline {
	end := latest(now, r.Source.Retrieved)
	var rows [][]stretch
	var first time.Time
	for _, c := range chains(r.Areas.Medications.Items) {
		var row []stretch
		for _, m := range c {
			s, ok := stretchOf(m)
			if !ok {
				continue
			}
			if first.IsZero() || s.from.Before(first) {
				first = s.from
			}
			end = latest(end, s.to)
			for _, i := range m.Issues {
				issued, _, _ := i.Date.Range(fhir.London())
				end = latest(end, issued)
			}
			row = append(row, s)
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	x := between(first, end, 0, 99)
	t := &timeline{Dates: dateTicks(first, end, 0, 99)}
	for _, row := range rows {
		t.Rows = append(t.Rows, drawCourse(row, x, end))
	}
	return t
}

// stretchOf is when a medicine was taken. What has no end and is not over is open; what is
// over and has no end is told by its last issue.
func stretchOf(m record.Medication) (stretch, bool) {
	from, _, ok := m.Period.Start.Range(fhir.London())
	if !ok || m.EnteredInError || m.Deleted || m.OtherSubject {
		return stretch{}, false
	}
	s := stretch{from: from, to: from, m: m}
	switch _, to, ended := m.Period.End.Range(fhir.London()); {
	case ended && to.Year() < 9999: // which says that there is no end
		s.to = latest(from, to)
	case m.Status == "active" && m.Type != "acute":
		s.open = true
	default:
		if _, to, ok := m.LastIssued.Range(fhir.London()); ok {
			s.to = latest(from, to)
		}
	}
	return s, true
}

func drawCourse(row []stretch, x func(time.Time) float64, end time.Time) course {
	c := course{Name: row[0].m.Text}
	for _, s := range row {
		if s.open {
			s.to = end
		}
		about := join(", ", typeWord(s.m.Type), s.m.Status, period(s.m.Period), prefixed("last issued ", day(s.m.LastIssued)))
		c.Words = join("; ", c.Words, join(": ", s.m.Text, about))
		c.Bars = append(c.Bars, bar{X: x(s.from), Width: max(0.4, x(s.to)-x(s.from)), Open: s.open, Past: place(s.m) == past, Title: join(": ", s.m.Text, about)})
		for _, i := range s.m.Issues {
			if at, _, ok := i.Date.Range(fhir.London()); ok && x(at) >= 0 {
				c.Issues = append(c.Issues, x(at))
			}
		}
	}
	return c
}

// latest is the last of some times.
func latest(all ...time.Time) time.Time {
	var last time.Time
	for _, t := range all {
		if t.After(last) {
			last = t
		}
	}
	return last
}
