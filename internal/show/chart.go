package show

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// chart is a series drawn: x in per cent of the width, so that it fits any, y in pixels.
type chart struct {
	ID      string
	Title   string
	Summary string // what the drawing shows, in words
	Note    string // what it does not show
	Pair    bool   // blood pressures: each reading is a bar from diastolic to systolic
	Height  float64
	Ticks   []tick // of the values
	Dates   []tick
	Lines   []segment
	Points  []point
	Rows    []row
}

// tick is a mark on an axis; Anchor is how its label stands to it.
type tick struct {
	At     float64
	Label  string
	Anchor string
}

type segment struct{ X1, Y1, X2, Y2 float64 }

// point is a reading. Vague is one of which only the month or the year is known.
type point struct {
	X, Y, Y2 float64
	Vague    bool
	Title    string
}

// row is a reading in the table beneath the drawing.
type row struct{ When, Value, About string }

// The drawing: its height, and the room at its edges.
const (
	chartHeight = 180.0
	plotTop     = 14.0
	plotBottom  = 152.0
	plotLeft    = 11.0 // per cent
	plotRight   = 97.0
)

// draw makes the chart of a series.
func draw(s series, id int) chart {
	c := chart{ID: "chart-" + strconv.Itoa(id), Title: join(", ", s.name, s.unit), Pair: s.pair, Height: chartHeight}
	low, high := math.Inf(1), math.Inf(-1)
	var first, last time.Time
	for _, r := range s.readings {
		c.Rows = append(c.Rows, row{orText(day(r.date), "undated"), r.text, r.about})
		if !r.drawn {
			continue
		}
		low, high = min(low, r.bottom), max(high, r.top)
		t, _ := r.at()
		if first.IsZero() {
			first = t
		}
		last = t
	}
	y := c.scale(low, high)
	x := between(first, last, plotLeft, plotRight)
	for _, r := range s.readings {
		if !r.drawn {
			continue
		}
		t, exact := r.at()
		p := point{X: x(t), Y: y(r.top), Y2: y(r.bottom), Vague: !exact, Title: join(", ", day(r.date), r.text, r.about)}
		if n := len(c.Points); n > 0 && !s.pair {
			before := c.Points[n-1]
			c.Lines = append(c.Lines, segment{before.X, before.Y, p.X, p.Y})
		}
		c.Points = append(c.Points, p)
	}
	c.Dates = dateTicks(first, last, plotLeft, plotRight)
	c.describe(s)
	return c
}

func (c *chart) describe(s series) {
	newest := s.readings[len(s.readings)-1]
	c.Summary = fmt.Sprintf("%d values from %s to %s; the latest is %s.", len(s.readings),
		orText(day(s.readings[0].date), "no date"), orText(day(newest.date), "no date"), newest.text)
	if n := len(s.readings) - s.drawable(); n > 0 {
		c.Note = fmt.Sprintf("Not drawn, but among the values: %d without an exact value or date.", n)
	}
}

// scale makes the axis of values, with a margin, and says where on it a value lies.
func (c *chart) scale(low, high float64) func(float64) float64 {
	if high == low {
		pad := max(math.Abs(high)*0.1, 1e-6)
		low, high = low-pad, high+pad
	}
	step := niceStep(high - low)
	low, high = math.Floor(low/step)*step, math.Ceil(high/step)*step
	y := func(v float64) float64 { return plotBottom - (v-low)/(high-low)*(plotBottom-plotTop) }
	for i := range int(math.Round((high-low)/step)) + 1 {
		v := low + float64(i)*step
		decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
		c.Ticks = append(c.Ticks, tick{At: y(v), Label: strconv.FormatFloat(v+0, 'f', decimals, 64)})
	}
	return y
}

// niceStep is a step of 1, 2 or 5 times a power of ten that makes about four of span.
func niceStep(span float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(span/4)))
	for _, n := range []float64{1, 2, 5} {
		if span/(n*power) <= 5 {
			return n * power
		}
	}
	return 10 * power
}

// between maps the time from first to last onto left to right.
func between(first, last time.Time, left, right float64) func(time.Time) float64 {
	span := seconds(first, last)
	return func(t time.Time) float64 {
		if span <= 0 {
			return (left + right) / 2
		}
		return left + (right-left)*seconds(first, t)/span
	}
}

// seconds from a to b; a time.Duration ends at 292 years, and records have any date.
func seconds(a, b time.Time) float64 { return float64(b.Unix() - a.Unix()) }

// dateTicks marks years, or months where there are few, at most six of them.
func dateTicks(first, last time.Time, left, right float64) []tick {
	x := between(first, last, left, right)
	months, layout, room := 12, "2006", 12.0 // per cent of a phone's width that a label takes, and a gap
	const month = 30.4 * 24 * 3600
	if seconds(first, last) < 24*month {
		months, layout, room = 1, "Jan 2006", 20
	}
	count := int(seconds(first, last)/month)/months + 1
	months *= (count + 5) / 6
	var ticks []tick
	t := time.Date(first.Year(), 1, 1, 0, 0, 0, 0, first.Location())
	for ; !t.After(last); t = t.AddDate(0, months, 0) {
		at := x(t)
		if n := len(ticks); !t.Before(first) && (n == 0 || middle(at, room)-middle(ticks[n-1].At, room) >= room) {
			ticks = append(ticks, tick{At: at, Label: t.Format(layout), Anchor: anchor(at)})
		}
	}
	if len(ticks) == 0 {
		ticks = append(ticks, tick{At: x(first), Label: first.Format("Jan 2006"), Anchor: anchor(x(first))})
	}
	return ticks
}

// middle is where the middle of a label that takes so much room is, as it is anchored.
func middle(at, room float64) float64 {
	switch anchor(at) {
	case "start":
		return at + room/2
	case "end":
		return at - room/2
	}
	return at
}

// anchor keeps a label inside the drawing.
func anchor(at float64) string {
	switch {
	case at < 12:
		return "start"
	case at > 88:
		return "end"
	}
	return "middle"
}
