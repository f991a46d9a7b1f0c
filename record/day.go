package record

import (
	"errors"
	"fmt"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Day is a whole day in the United Kingdom, on the calendar or counted from the day on which
// the question is asked. The zero Day is none. Days are comparable.
type Day struct {
	given    bool
	relative bool
	days     int // since 1 January 1970, or from today
}

// ErrDay is what a text is not that should be a day.
var ErrDay = errors.New("a day is written as 2006-01-02")

// ParseDay takes a whole date, "2024-02-29". Years, months and times are not taken: the
// specification wants whole dates.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, ErrDay
	}
	return Day{given: true, days: int(t.Unix() / secondsOfDay)}, nil
}

// DayOf is the day that t is in the United Kingdom.
func DayOf(t time.Time) Day {
	y, m, d := t.In(fhir.London()).Date()
	return Day{given: true, days: int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)}
}

// FromToday is the day n days after the one on which the question is asked; before it when
// n is negative. It reaches 200 years either way.
func FromToday(n int) Day {
	const most = 200 * 366
	return Day{given: true, relative: true, days: max(-most, min(n, most))}
}

const secondsOfDay = 24 * 60 * 60

// IsZero says whether there is no day.
func (d Day) IsZero() bool { return !d.given }

// on is d on the calendar, when today is today.
func (d Day) on(today Day) Day {
	if d.relative {
		return Day{given: true, days: today.days + d.days}
	}
	return d
}

// String is "2024-02-29", "today-365", or "".
func (d Day) String() string {
	switch {
	case !d.given:
		return ""
	case d.relative:
		return fmt.Sprintf("today%+d", d.days)
	}
	return time.Unix(int64(d.days)*secondsOfDay, 0).UTC().Format(time.DateOnly)
}

// MarshalText is String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDay, so that a Day may be a flag of a command. The empty text is none.
func (d *Day) UnmarshalText(text []byte) (err error) {
	*d = Day{}
	if len(text) > 0 {
		*d, err = ParseDay(string(text))
	}
	return err
}

// Days is a stretch of whole days, both ends included; a zero end is open.
type Days struct{ From, To Day }

// IsZero says whether it is open at both ends.
func (d Days) IsZero() bool { return d == Days{} }

func (d Days) on(today Day) Days { return Days{d.From.on(today), d.To.on(today)} }
