package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// ukLayout has the offset of the date in numbers, "+00:00" in winter: providers
// refuse Z, and refuse the offset of another season.
const ukLayout = "2006-01-02T15:04:05-07:00"

// UKTime is a moment in UK local time. As text and as JSON it carries its
// offset, "2026-12-01T09:10:00+00:00"; the zero UKTime is "".
type UKTime struct{ time.Time }

// InUK is t on the clocks of the United Kingdom.
func InUK(t time.Time) UKTime { return UKTime{t.In(fhir.London())} }

// ukTime reads a provider's dateTime. What has no offset is taken as UK local
// time, as version 1.0 of the specification gave slots.
func ukTime(d fhir.Date) UKTime {
	from, _, ok := d.Range(fhir.London())
	if p := d.Precision(); !ok || p < fhir.Minute {
		return UKTime{}
	}
	return InUK(from)
}

// String is as the specification writes it, or "".
func (t UKTime) String() string {
	if t.IsZero() {
		return ""
	}
	return t.In(fhir.London()).Format(ukLayout)
}

// MarshalText is String.
func (t UKTime) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalJSON is String in quotes; time.Time's own would write Z in winter.
func (t UKTime) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalText takes what String writes, and any offset.
func (t *UKTime) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = UKTime{}
		return nil
	}
	parsed, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return errors.New("not a time with an offset, as in 2026-12-01T09:10:00+00:00")
	}
	*t = InUK(parsed)
	return nil
}

// UnmarshalJSON takes a string, as UnmarshalText, and null.
func (t *UKTime) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var text string
	if json.Unmarshal(data, &text) != nil {
		return errors.New("a time is a string")
	}
	return t.UnmarshalText([]byte(text))
}

// minutes is how long it is from one to the other; 0 where one of the two is not known.
func minutes(from, to UKTime) int {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return int(to.Sub(from.Time).Minutes())
}

// clocks is an error where the zone of UK local time is not known: every
// offset that gpc would compute could be wrong.
func clocks() error {
	if fhir.London().String() == "Europe/London" {
		return nil
	}
	return fmt.Errorf("this machine has no time zone database, so UK local time is not known: import time/tzdata")
}
