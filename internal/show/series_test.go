package show

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

func weight(source string, d fhir.Date, number, unit string) record.Observation {
	o := record.Observation{Item: item("Body weight", source), Date: on1(d), Value: quantity(number, unit)}
	o.Codes = []record.Code{{System: fhir.SNOMED, Code: "27113001"}}
	return o
}

func TestMeasured(t *testing.T) {
	other := weight("Observation/3", "2020-06-01", "80", "kg")
	other.Text = "O/E - weight" // other words, the same code
	taken := weight("Observation/4", "2021-01-01", "8", "kg")
	taken.EnteredInError = true
	below := weight("Observation/5", "2022-01-01", "40", "kg")
	below.Value.Comparator = "<"
	r := &record.Record{}
	r.Areas.Uncategorised.Items = []record.Observation{
		weight("Observation/1", "2024-05-01", "81.5", "kg"), weight("Observation/2", "2019", "79", "kg"), other, taken, below,
		weight("Observation/6", "2024-05-01", "12", "stone"), // another unit: once only, so no series
		{Item: item("Mole", "Observation/7"), Date: on1("2020"), Value: &record.Value{Text: "present"}},
	}
	// The same observation once more, in a consultation.
	again := weight("Observation/1", "2024-05-01", "81.5", "kg")
	r.Areas.Consultations.Items = []record.Consultation{{Entries: []record.Entry{{Observation: &again}}}}

	all := measured(r)
	if len(all) != 1 {
		t.Fatalf("got %d series, want 1", len(all))
	}
	var got []string
	for _, x := range all[0].readings {
		got = append(got, x.text)
	}
	if want := []string{"79 kg", "80 kg", "40 kg", "81.5 kg"}; !slices.Equal(got, want) {
		t.Errorf("got readings %q, want %q", got, want)
	}
	if got, want := all[0].drawable(), 3; got != want {
		t.Errorf("got %d readings to draw, want %d", got, want)
	}
}

func TestDraw(t *testing.T) {
	r := sample()
	again := r.Areas.Uncategorised.Items[4]
	again.Sources, again.Date = []string{"Observation/bp3"}, on1("2020-02")
	r.Areas.Uncategorised.Items = append(r.Areas.Uncategorised.Items, again)
	all := measured(r)
	if len(all) != 2 || !all[0].pair {
		t.Fatalf("got %d series of the sample, want blood pressure and weight", len(all))
	}
	for i, s := range all {
		c := draw(s, i)
		if len(c.Points) != s.drawable() || len(c.Rows) != len(s.readings) {
			t.Errorf("%s: got %d points and %d rows, want %d and %d", c.Title, len(c.Points), len(c.Rows), s.drawable(), len(s.readings))
		}
		for n, p := range c.Points {
			if math.IsNaN(p.X) || p.X < plotLeft-0.01 || p.X > plotRight+0.01 || p.Y < plotTop-0.01 || p.Y2 > plotBottom+0.01 {
				t.Errorf("%s: a point lies outside: %+v", c.Title, p)
			}
			if n > 0 && p.X < c.Points[n-1].X {
				t.Errorf("%s: points are not in the order of time", c.Title)
			}
		}
		if n := len(c.Ticks); n < 2 || n > 8 {
			t.Errorf("%s: got %d marks on the axis of values, want 2 to 8", c.Title, n)
		}
		if n := len(c.Dates); n < 1 || n > 7 {
			t.Errorf("%s: got %d marks on the axis of time, want 1 to 7", c.Title, n)
		}
	}
}

// A higher value lies higher, and values that are all the same are drawn at all.
func TestScale(t *testing.T) {
	for _, c := range [][2]float64{{60, 160}, {5, 5}, {0, 0}, {-3, 2}, {0.001, 0.002}, {1e6, 3e6}, {48, 64}} {
		var ch chart
		y := ch.scale(c[0], c[1])
		if low, high := y(c[0]), y(c[1]); c[0] < c[1] && high >= low || math.IsNaN(low) || math.IsNaN(high) {
			t.Errorf("%v: got y %v and %v, want the second above", c, low, high)
		}
		if len(ch.Ticks) < 2 || len(ch.Ticks) > 9 {
			t.Errorf("%v: got %d marks, want 2 to 9", c, len(ch.Ticks))
		}
		seen := map[string]bool{}
		for _, k := range ch.Ticks {
			if seen[k.Label] {
				t.Errorf("%v: two marks are labelled %q", c, k.Label)
			}
			seen[k.Label] = true
		}
	}
}

func TestTimeline(t *testing.T) {
	got := medicationTimeline(sample(), now)
	if got == nil {
		t.Fatal("no timeline")
	}
	var names []string
	for _, row := range got.Rows {
		names = append(names, row.Name)
		for _, b := range row.Bars {
			if b.X < 0 || b.X+b.Width > 100 {
				t.Errorf("%s: a bar lies outside: %+v", row.Name, b)
			}
		}
	}
	if want := []string{"Amlodipine 5mg tablets", "Zopiclone 3.75mg tablets", "Amoxicillin 500mg capsules"}; !slices.Equal(names, want) {
		t.Errorf("got rows %q, want %q", names, want)
	}
	chain := got.Rows[0]
	if len(chain.Bars) != 2 || !chain.Bars[0].Open || chain.Bars[1].Open || !chain.Bars[1].Past {
		t.Errorf("got bars %+v, want an open one and a past one", chain.Bars)
	}
	if len(chain.Issues) != 3 {
		t.Errorf("got %d issues, want 3", len(chain.Issues))
	}
	far := sample()
	far.Areas.Medications.Items[0].Period = record.Period{Start: "0001-01-01", End: "9999-12-31"}
	if got := medicationTimeline(far, now); len(got.Dates) > 8 || !got.Rows[0].Bars[0].Open {
		t.Errorf("got %d marks and bars %+v of 2026 years, want at most 8 marks and an open bar", len(got.Dates), got.Rows[0].Bars)
	}
	if none := medicationTimeline(&record.Record{}, time.Time{}); none != nil {
		t.Errorf("got a timeline of nothing: %+v", none)
	}
}

// Whatever the time between, the labels of an axis do not touch on a phone and stay inside:
// there a year takes 9.5 per cent of the width, and a month with its year 17.5.
func TestLabelsOfAnAxisHaveRoom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		first := time.Date(1930+rapid.IntRange(0, 95).Draw(rt, "year"), 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 364).Draw(rt, "day"))
		last := first.AddDate(0, 0, rapid.OneOf(rapid.IntRange(0, 800), rapid.IntRange(0, 35000)).Draw(rt, "days"))
		end := 0.0
		for i, k := range dateTicks(first, last, plotLeft, plotRight) {
			wide := 9.5
			if len(k.Label) > 4 {
				wide = 17.5
			}
			from := map[string]float64{"start": k.At, "middle": k.At - wide/2, "end": k.At - wide}[k.Anchor]
			if i > 0 && from <= end || from < 0 || from+wide > 100 {
				rt.Fatalf("%s to %s: label %s stands from %.1f to %.1f, the one before ends at %.1f", first.Format(time.DateOnly), last.Format(time.DateOnly), k.Label, from, from+wide, end)
			}
			end = from + wide
		}
	})
}
