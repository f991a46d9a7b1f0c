package main

import (
	ics "github.com/arran4/golang-ical"
	"github.com/spf13/cobra"
)

// calendarFlags are where an appointment goes as a calendar's event.
type calendarFlags struct{ file string }

func (f *calendarFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "ics", "", "write the appointment as a calendar's event into a new `file` of mode 0600")
}

func (f *calendarFlags) check() error { return canBeNew(f.file) }

// save writes the file. The appointment is made by then, so that a failure is said and is
// no failure of the command: whoever sees one may book again.
func (f *calendarFlags) save(a *app, v *appointmentView) {
	if f.file == "" {
		return
	}
	o := output{file: f.file}
	if err := o.write(a, []byte(a.event(v))); err != nil {
		a.words("warning: the calendar file was not written: %v", err)
		a.words("to do: `gpc appointment show --ods %s %s --ics FILE` writes it", v.ODS, v.ID)
	}
}

// event is the appointment for a calendar (RFC 5545). Calendars are shared and synchronised,
// so it says when and where and with whom, and nothing of the patient nor of the texts. Its
// UID stays the same, so that a changed or cancelled one replaces what was there.
func (a *app) event(v *appointmentView) string {
	calendar := ics.NewCalendar()
	calendar.SetProductId("-//gpc//appointments//EN")
	calendar.SetMethod(ics.MethodPublish)
	e := calendar.AddEvent(v.ID + "@" + v.ODS + ".gpconnect")
	e.SetDtStampTime(a.now())
	e.SetStartAt(v.Start.Time)
	e.SetEndAt(v.End.Time)
	e.SetSummary(joinWords(", ", "GP appointment", v.Channel))
	e.SetStatus(ics.ObjectStatusConfirmed)
	if v.Status == "cancelled" {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	if n, ok := number(v.Version); ok {
		e.SetSequence(n)
	}
	if where := v.where(); where != "" {
		e.SetLocation(where)
	}
	with := peopleOf(v.People)
	if with != "" {
		with = "With " + with + ". "
	}
	e.SetDescription(joinWords(" ", with, "Appointment "+v.ID+" at "+v.ODS+".", telephone(v)))
	e.SetTimeTransparency(ics.TransparencyOpaque)
	return calendar.Serialize(ics.WithNewLineWindows)
}

func telephone(v *appointmentView) string {
	if v.Place == nil || v.Place.Phone == "" {
		return ""
	}
	return "Telephone " + v.Place.Phone + "."
}

// number reads a version that is one; a SEQUENCE must be.
func number(version string) (n int, ok bool) {
	if len(version) == 0 || len(version) > 9 {
		return 0, false
	}
	for _, r := range version {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, true
}
