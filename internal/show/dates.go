package show

import (
	"strconv"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// day is d without its time of day, as exact as the record has it: "12 Mar 2019",
// "Mar 2019", "2019". What is no date is shown as it was sent.
func day(d fhir.Date) string { return inLondon(d, "2 Jan 2006") }

// moment is d with its time of day. Midnight is left out: practices' systems send it for
// dates without a time.
func moment(d fhir.Date) string {
	if clock(d) == "" {
		return day(d)
	}
	return inLondon(d, "2 Jan 2006 15:04")
}

// clock is the time of day of d, "" when it has none and at midnight.
func clock(d fhir.Date) string {
	if d.Precision() < fhir.Minute {
		return ""
	}
	if c := inLondon(d, "15:04:05"); c != "00:00:00" {
		return c[:len("15:04")]
	}
	return ""
}

func inLondon(d fhir.Date, layout string) string {
	from, _, ok := d.Range(fhir.London())
	if !ok {
		return string(d)
	}
	switch d.Precision() {
	case fhir.Year:
		layout = "2006"
	case fhir.Month:
		layout = "Jan 2006"
	}
	return glue(from.In(fhir.London()).Format(layout))
}

// period is "12 Mar 2019 – 19 Mar 2019", "from 12 Mar 2019", "until 19 Mar 2019" or "".
func period(p record.Period) string {
	switch start, end := day(p.Start), day(p.End); {
	case start == "" && end == "":
		return ""
	case end == "":
		return "from " + start
	case start == "":
		return "until " + end
	case start == end:
		return start
	default:
		return start + " – " + end
	}
}

// when reads out a time that may be a date, a stretch of time or words.
func when(w record.When) string {
	if w.Date.IsZero() && w.End.IsZero() {
		return w.Text
	}
	text := moment(w.Date)
	if !w.End.IsZero() {
		text = period(record.Period{Start: w.Date, End: w.End})
	}
	if w.Text != "" {
		text += " (" + w.Text + ")"
	}
	return text
}

// retrieved is an instant on the clock of the practice, with its zone.
func retrieved(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return glue(t.In(fhir.London()).Format("2 Jan 2006 15:04:05 MST"))
}

// age is how old someone born on b is at t: in years, of a small child in months, of a
// newborn in days. It is "" when b is not exact to the day.
func age(b fhir.Date, t time.Time) string {
	born, _, ok := b.Range(fhir.London())
	if t = t.In(fhir.London()); !ok || b.Precision() < fhir.Day || t.Before(born) {
		return ""
	}
	months := (t.Year()-born.Year())*12 + int(t.Month()) - int(born.Month())
	if t.Day() < born.Day() {
		months--
	}
	switch {
	case months >= 24:
		return count(months/12, "year")
	case months > 0:
		return count(months, "month")
	}
	return count(int(t.Sub(born).Hours())/24, "day")
}

func count(n int, of string) string {
	if n == 1 {
		return "1" + nbsp + of
	}
	return strconv.Itoa(n) + nbsp + of + "s"
}

// ahead says whether d lies wholly after now; never when now is not known.
func (rd *reader) ahead(d fhir.Date) bool {
	from, _, ok := d.Range(fhir.London())
	return ok && !rd.now.IsZero() && from.After(rd.now)
}
