package fhir

import (
	"sync"
	"time"
)

// Date is a FHIR date, dateTime or instant as the provider wrote it: a year, a month, a
// day or a moment, and sometimes nothing of the kind. Show it as it is or by its
// Precision; never make a day out of a year.
type Date string

// Precision is how exactly a Date is given.
type Precision int

const (
	Malformed Precision = iota // empty, or no date
	Year
	Month
	Day
	Minute // a time without seconds, which FHIR does not allow
	Second
	Fraction // of a second
)

// Precision says how exact d is.
func (d Date) Precision() Precision { return d.parse().precision }

// Valid says whether d is a date. An empty Date is not; see [Date.IsZero].
func (d Date) Valid() bool { return d.Precision() != Malformed }

// IsZero says whether there is no date, not even a malformed one.
func (d Date) IsZero() bool { return d == "" }

// HasZone says whether d is a time with an offset or Z; some providers leave it out.
func (d Date) HasZone() bool { return d.parse().zone != nil }

// Range is the stretch of time that d covers, from the first instant up to and not
// including the last: the whole of a year, a month, a day, a minute or a second. What is
// without a zone is taken in loc ([London], unless there is a reason). It is not ok for a
// malformed date.
func (d Date) Range(loc *time.Location) (from, to time.Time, ok bool) {
	p := d.parse()
	if p.precision == Malformed {
		return from, to, false
	}
	if p.zone != nil {
		loc = p.zone
	}
	from = time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.nano, loc)
	switch p.precision {
	case Year:
		to = from.AddDate(1, 0, 0)
	case Month:
		to = from.AddDate(0, 1, 0)
	case Day:
		to = from.AddDate(0, 0, 1)
	case Minute:
		to = from.Add(time.Minute)
	case Second:
		to = from.Add(time.Second)
	default:
		to = from.Add(time.Nanosecond)
	}
	return from, to, true
}

// Before says whether the whole of d lies before o begins: certain, not likely. It is
// false when either is malformed, and for "2020" and "2020-06" in both directions.
func (d Date) Before(o Date) bool {
	_, end, ok1 := d.Range(London())
	start, _, ok2 := o.Range(London())
	return ok1 && ok2 && !end.After(start)
}

// Compare orders dates for display: by when they begin, then the less exact first; the
// malformed and absent come before all others, by their text.
func (d Date) Compare(o Date) int {
	a, _, ok1 := d.Range(London())
	b, _, ok2 := o.Range(London())
	switch {
	case !ok1 && !ok2:
		return compare(d, o)
	case !ok1:
		return -1
	case !ok2:
		return 1
	}
	if c := a.Compare(b); c != 0 {
		return c
	}
	return compare(d.Precision(), o.Precision())
}

func compare[T ~string | ~int](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// London is the zone of GP Connect's dates and times. Without a zone database on the
// machine it is UTC: programs that may run on one import time/tzdata.
var London = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return loc
})
