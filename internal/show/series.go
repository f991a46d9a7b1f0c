package show

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// series is one measurement, repeated: readings of the same thing in the same unit.
type series struct {
	name, unit string
	pair       bool      // blood pressures
	readings   []reading // oldest first
}

// reading is one value, or the two of a blood pressure.
type reading struct {
	date        fhir.Date
	text        string // as it is read out
	about       string // position, interpretation, range
	top, bottom float64
	drawn       bool // its time and its value are exact enough to be drawn
}

// at is where a reading lies in time, in the middle of what its date covers, and whether the
// date is exact to the day.
func (r reading) at() (t time.Time, exact bool) {
	from, to, _ := r.date.Range(fhir.London())
	return from.Add(to.Sub(from) / 2), r.date.Precision() >= fhir.Day
}

// measured finds all that was measured at least twice: blood pressures first, then by how
// often. An observation that stands in several places of the record counts once, and one
// that the record takes back not at all.
func measured(r *record.Record) []series {
	var all []series
	at, seen := map[string]int{}, map[string]bool{}
	eachObservation(r, func(o record.Observation) {
		id := own(o.Item)
		s, key, ok := readingOf(o)
		if !ok || id != "" && seen[id] {
			return
		}
		seen[id] = true
		i, known := at[key]
		if !known {
			i, at[key] = len(all), len(all)
			all = append(all, series{name: s.name, unit: s.unit, pair: s.pair})
		}
		all[i].readings = append(all[i].readings, s.readings...)
	})
	all = slices.DeleteFunc(all, func(s series) bool { return s.drawable() < 2 })
	for i := range all {
		slices.SortStableFunc(all[i].readings, func(x, y reading) int { return x.date.Compare(y.date) })
	}
	slices.SortStableFunc(all, func(x, y series) int {
		if x.pair {
			return -1
		}
		return cmp.Or(cmp.Compare(len(y.readings), len(x.readings)), cmp.Compare(x.name, y.name))
	})
	return all
}

func (s series) drawable() int {
	n := 0
	for _, r := range s.readings {
		if r.drawn {
			n++
		}
	}
	return n
}

// readingOf is an observation as a series of one, with what it has in common with others of
// its kind. It is not ok for what has no number.
func readingOf(o record.Observation) (s series, key string, ok bool) {
	if o.EnteredInError || o.Deleted || o.OtherSubject || o.Absent != "" || o.Duplicate || o.Status == "entered-in-error" || o.Status == "cancelled" {
		return s, "", false
	}
	m, _ := mark(o.Interpretation)
	x := reading{date: o.Date.Date, about: join(", ", m, prefixed("range ", ranges(o.Ranges)))}
	if bp := o.BloodPressure; bp != nil {
		top, ok1 := pressure(bp.Systolic)
		bottom, ok2 := pressure(bp.Diastolic)
		x.text, x.about = clinical(bp.Text), join(", ", bp.Position, x.about)
		x.top, x.bottom, x.drawn = top, bottom, ok1 && ok2 && x.date.Valid()
		return series{name: "Blood pressure", unit: "mmHg", pair: true, readings: []reading{x}}, "blood pressure", true
	}
	if o.Value == nil {
		return s, "", false
	}
	f, ok := o.Value.Number.Float()
	x.text, x.top, x.bottom = valueText(o.Value), f, f
	x.drawn = ok && o.Value.Comparator == "" && x.date.Valid()
	s = series{name: o.Text, unit: clinical(o.Value.Unit), readings: []reading{x}}
	return s, meaning(o) + "\x00" + strings.ToLower(s.unit), ok
}

func pressure(p record.Pressure) (float64, bool) {
	if p.Value == nil || p.Value.Comparator != "" {
		return 0, false
	}
	return p.Value.Number.Float()
}

// meaning is what an observation is of: by its SNOMED code, or else by its words.
func meaning(o record.Observation) string {
	for _, c := range o.Codes {
		if c.System == fhir.SNOMED && c.Code != "" {
			return c.Code
		}
	}
	return strings.ToLower(o.Text)
}

// eachObservation visits all observations, in the order of reading.
func eachObservation(r *record.Record, visit func(record.Observation)) {
	var one func(record.Observation)
	one = func(o record.Observation) {
		visit(o)
		for _, m := range o.Members {
			one(m)
		}
	}
	for _, o := range r.Areas.Uncategorised.Items {
		one(o)
	}
	report := func(i record.Investigation) {
		for _, o := range i.Results {
			if o.Date.Date.IsZero() {
				o = dated(o, reportDate(i))
			}
			one(o)
		}
	}
	for _, i := range r.Areas.Investigations.Items {
		report(i)
	}
	var entry func(record.Entry)
	entry = func(e record.Entry) {
		switch {
		case e.Observation != nil:
			one(*e.Observation)
		case e.Investigation != nil:
			report(*e.Investigation)
		case e.Section != nil:
			for _, under := range e.Section.Entries {
				entry(under)
			}
		}
	}
	for _, c := range r.Areas.Consultations.Items {
		for _, e := range c.Entries {
			entry(e)
		}
	}
}

// dated gives the results of a report without dates of their own the date of the report.
func dated(o record.Observation, d fhir.Date) record.Observation {
	if o.Date.Date.IsZero() {
		o.Date.Date = d
	}
	o.Members = slices.Clone(o.Members)
	for i, m := range o.Members {
		o.Members[i] = dated(m, d)
	}
	return o
}
