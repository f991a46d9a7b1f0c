package show

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// Plain is text from the other side fit for one line of a terminal: what would move the
// cursor, change the terminal or be there unseen is replaced by something that is seen.
func Plain(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// NHSNumber is one as a record shows it, in threes and four: "900 000 0009". What is none is
// shown as it was sent.
func NHSNumber(number string) string { return oneSpace.Replace(nhsNumber(number)) }

// Day is a date as a record shows it: "12 Mar 2019", "Mar 2019", "2019". What is none is shown
// as it was sent.
func Day(d fhir.Date) string { return oneSpace.Replace(day(d)) }

// Period is a stretch of time as a record shows it: "12 Mar 2019 – 19 Mar 2019", "from 12 Mar 2019".
func Period(p fhir.Period) string {
	return oneSpace.Replace(period(record.Period{Start: p.Start, End: p.End}))
}
