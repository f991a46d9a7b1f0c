package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

// windowFlags say when the slots are to be that are looked for.
type windowFlags struct{ from, to string }

func (w *windowFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().Var(&once{into: &w.from}, "from", "first `day`, 2026-12-01 or +1d from today, or a time, 2026-12-01T08:00 (today)")
	cmd.Flags().Var(&once{into: &w.to}, "to", "last `day` or time; 13 days after the first where it is left out")
}

// once is the value of a flag of which a second would silently win.
type once struct {
	into *string
	set  bool
}

func (o *once) String() string { return "" }
func (o *once) Type() string   { return "string" }

func (o *once) Set(s string) error {
	if o.set {
		return errors.New("it is there twice")
	}
	*o.into, o.set = s, true
	return nil
}

// moment is one end of a stretch of time: a whole day, or a time.
type moment struct {
	at  time.Time // in UK local time; of a day its midnight
	day bool
}

// query puts the two ends together, and refuses what is past or cannot be meant.
func (w *windowFlags) query(now time.Time) (client.SlotQuery, error) {
	from, err := parseMoment("from", orToday(w.from), now)
	to := moment{from.at.AddDate(0, 0, 13), from.day}
	if w.to != "" {
		var wrong error
		to, wrong = parseMoment("to", w.to, now)
		err = errors.Join(err, wrong)
	}
	if err != nil {
		return client.SlotQuery{}, err
	}
	q := client.SlotQuery{From: fhir.Date(from.at.Format(time.DateOnly)), To: fhir.Date(to.at.Format(time.DateOnly))}
	if !from.day || !to.day {
		if to.day {
			to.at = to.at.AddDate(0, 0, 1) // the whole of the last day
		}
		q = client.SlotsBetween(from.at, to.at)
	}
	if _, err := q.Requests(); err != nil {
		return q, err
	}
	if _, end, _ := q.To.Range(fhir.London()); !end.After(now) {
		return q, &usageError{"the time to look in is past", "slots of today and later can be booked; --from and --to say when"}
	}
	return q, nil
}

func orToday(s string) string {
	if s == "" {
		return "+0d"
	}
	return s
}

// parseMoment reads 2026-12-01, today, +13d from today, 2026-12-01T08:00 on the clocks of
// the United Kingdom, or that with an offset.
func parseMoment(flag, text string, now time.Time) (moment, error) {
	zone := fhir.London()
	if d, ok := fromToday(text, now.In(zone)); ok {
		return moment{d, true}, nil
	}
	if d, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return moment{d, true}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return onUKClock(flag, text, t)
		}
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return onWall(flag, text, layout, t)
		}
	}
	return moment{}, &usageError{
		fmt.Sprintf("--%s: %q is no day and no time", flag, text),
		"write a day that there is as 2026-12-01, or +13d from today; a time as 2026-12-01T08:00, UK local time",
	}
}

// fromToday reads today, +13d and -1d.
func fromToday(text string, now time.Time) (time.Time, bool) {
	number, ok := strings.CutSuffix(text, "d")
	signed := strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-")
	n, err := strconv.Atoi(number)
	switch {
	case text == "today":
		n = 0
	case !ok || !signed || err != nil || n > 10_000 || n < -10_000:
		return time.Time{}, false
	}
	return time.Date(now.Year(), now.Month(), now.Day()+n, 0, 0, 0, 0, now.Location()), true
}

// onUKClock refuses an offset that the United Kingdom has not on that day: whoever wrote
// it may mean another hour.
func onUKClock(flag, text string, t time.Time) (moment, error) {
	_, has := t.Zone()
	uk := t.In(fhir.London())
	if _, want := uk.Zone(); has != want {
		return moment{}, &usageError{
			fmt.Sprintf("--%s: %s has not the offset of the United Kingdom at that time", flag, text),
			"that moment is " + client.InUK(t).String() + " there; leave the offset out to mean UK local time",
		}
	}
	return moment{at: uk}, nil
}

// onWall refuses a time that the clocks of the United Kingdom do not show, or show twice.
func onWall(flag, text, layout string, t time.Time) (moment, error) {
	if t.Format(layout) != text {
		return moment{}, &usageError{fmt.Sprintf("--%s: there is no %s: the clocks go forward then", flag, text), "take a time an hour later"}
	}
	for _, other := range []time.Time{t.Add(-time.Hour), t.Add(time.Hour)} {
		if other.Format(layout) == text {
			return moment{}, &usageError{
				fmt.Sprintf("--%s: %s comes twice: the clocks go back then", flag, text),
				fmt.Sprintf("say which: %s+01:00 or %s+00:00", text, text),
			}
		}
	}
	return moment{at: t}, nil
}

// clock is a time of day with the name of its offset, as in 08:30 BST.
func clock(t client.UKTime) string { return t.In(fhir.London()).Format("15:04 MST") }

// longDay is as in Tuesday 1 December 2026.
func longDay(t client.UKTime) string { return t.In(fhir.London()).Format("Monday 2 January 2006") }

// when is a stretch of time in words, its minutes last.
func when(start, end client.UKTime) string {
	if start.IsZero() || end.IsZero() {
		return "(not readable)"
	}
	from, to := clock(start), clock(end)
	if from[len("15:04"):] == to[len("15:04"):] {
		from = from[:len("15:04")]
	}
	return fmt.Sprintf("%s, %s–%s (%d minutes)", longDay(start), from, to, int(end.Sub(start.Time).Minutes()))
}
