package client

import (
	"errors"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// SlotQuery says which free slots are wanted. From and To are both whole days,
// "2026-12-01", or both times with the offset of UK local time on that day,
// "2026-12-01T08:00:00+00:00"; both ends are included. A window of more than
// 14 days is asked for in several requests, one after another.
type SlotQuery struct {
	From, To fhir.Date

	// A practice may keep slots for organisations of one type, or for certain
	// organisations. Both filters are sent unless these say otherwise; fewer
	// filters find fewer slots.
	AnyType         bool // do not send the organisation's type
	AnyOrganisation bool // do not send the organisation's ODS code
}

// SlotsBetween asks for the slots that lie between two moments.
func SlotsBetween(from, to time.Time) SlotQuery {
	return SlotQuery{From: fhir.Date(InUK(from).String()), To: fhir.Date(InUK(to).String())}
}

// Requests says how many requests the query takes at each practice, or what
// is wrong with it.
func (q SlotQuery) Requests() (int, error) {
	windows, err := q.windows()
	if err != nil {
		return 0, &Error{Op: opOf(SearchSlots), Layer: LayerSelf, Interaction: SearchSlots, Err: err, classes: []error{ErrInvalid}}
	}
	return len(windows), nil
}

// window is what one request may ask for, as it is written there.
type window struct{ start, end string }

// A request may span 14 days (Search for free slots). Windows overlap by a day:
// a slot must lie within one of them as a whole, and providers differ in whether the
// day that ends a window belongs to it.
const (
	longest  = 14 * 24 * time.Hour
	stride   = 13 * 24 * time.Hour
	farthest = 366 * 24 * time.Hour
)

// windows splits the query into what its requests ask for.
func (q SlotQuery) windows() ([]window, error) {
	layout, zone := time.DateOnly, time.UTC // days are counted on the calendar
	days := q.From.Precision() == fhir.Day
	if !days {
		layout, zone = ukLayout, fhir.London() // and times by what passes between them
	}
	if err := clocks(); err != nil {
		return nil, err
	}
	from, err := edge(q.From, days, zone)
	if err != nil {
		return nil, err
	}
	to, err := edge(q.To, days, zone)
	if err != nil {
		return nil, err
	}
	switch {
	case to.Before(from):
		return nil, errors.New("the end of the time lies before its beginning")
	case to.Sub(from) > farthest:
		return nil, errors.New("slots are searched for a year at most")
	}
	var windows []window
	for to.Sub(from) > longest {
		windows = append(windows, window{from.Format(layout), from.Add(longest).Format(layout)})
		from = from.Add(stride)
	}
	return append(windows, window{from.Format(layout), to.Format(layout)}), nil
}

// edge reads one end of the time.
func edge(d fhir.Date, day bool, zone *time.Location) (time.Time, error) {
	wrong := errors.New("the time to search in is given by two whole days, as in 2026-12-01, or by two times with their offset, as in 2026-12-01T08:00:00+00:00")
	precision := d.Precision()
	if day != (precision == fhir.Day) || precision < fhir.Day || !day && !d.HasZone() {
		return time.Time{}, wrong
	}
	t, _, ok := d.Range(zone)
	if !ok {
		return time.Time{}, wrong
	}
	_, has := t.Zone()
	if _, fits := t.In(fhir.London()).Zone(); !day && has != fits {
		return time.Time{}, errors.New("the offset is not that of UK local time on that day: +00:00 in winter, +01:00 in summer")
	}
	return t.In(zone), nil
}
