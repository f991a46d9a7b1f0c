package client

import (
	"testing"
	"time"
)

// TestWhoseAppointment: an appointment is an intent's only if everything agrees that the
// practice says of it, and may be its own only if nothing that it says speaks against it.
func TestWhoseAppointment(t *testing.T) {
	start := InUK(time.Date(2027, 2, 3, 9, 0, 0, 0, time.UTC))
	created := InUK(start.AddDate(0, 0, -1))
	i := Intent{Patient: "7", Organisation: "A11111", Slots: []string{"1", "2"}, Start: start, Created: created}
	own := func(change func(*Appointment)) *Appointment {
		a := &Appointment{Patient: "7", BookedBy: Booker{ODS: "A11111"}, Slots: []string{"2", "1"}, Start: start, Created: created}
		change(a)
		return a
	}
	later := InUK(start.Add(10 * time.Minute))
	for name, test := range map[string]struct {
		change    func(*Appointment)
		is, maybe bool
	}{
		"all of it":                       {func(*Appointment) {}, true, true},
		"the same moment, summer's clock": {func(a *Appointment) { a.Start = UKTime{start.In(time.FixedZone("", 3600))} }, true, true},
		"no patient, asked for by theirs": {func(a *Appointment) { a.Patient = "" }, true, true},
		"no organisation":                 {func(a *Appointment) { a.BookedBy = Booker{} }, true, true},
		"the code in small letters":       {func(a *Appointment) { a.BookedBy.ODS = "a11111" }, true, true},
		"another time of creation":        {func(a *Appointment) { a.Created = later }, true, false},
		"another patient":                 {func(a *Appointment) { a.Patient = "8" }, false, false},
		"another organisation":            {func(a *Appointment) { a.BookedBy.ODS = "B22222" }, false, false},
		"other slots":                     {func(a *Appointment) { a.Slots = []string{"3", "4"} }, false, false},
		"other slots, created later":      {func(a *Appointment) { a.Slots, a.Created = []string{"1", "3"}, later }, false, false},
		"one slot of the two":             {func(a *Appointment) { a.Slots = []string{"1"} }, false, true},
		"a slot more":                     {func(a *Appointment) { a.Slots = []string{"1", "2", "3"} }, false, true},
		"another start":                   {func(a *Appointment) { a.Start = later }, false, true},
		"no slots":                        {func(a *Appointment) { a.Slots = nil }, false, true},
		"no slots, created later":         {func(a *Appointment) { a.Slots, a.Created = nil, later }, false, true},
		"no slots, nor start":             {func(a *Appointment) { a.Slots, a.Start = nil, UKTime{} }, false, true},
		"no slots, and all else differs":  {func(a *Appointment) { a.Slots, a.Start, a.Created = nil, later, later }, false, false},
	} {
		a := own(test.change)
		if got := i.describes(a); got != test.is {
			t.Errorf("%s: it is its own: got %v, want %v", name, got, test.is)
		}
		if got := i.resembles(a); got != test.maybe {
			t.Errorf("%s: it may be: got %v, want %v", name, got, test.maybe)
		}
	}
}
