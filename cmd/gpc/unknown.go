package main

import (
	"errors"
	"fmt"

	"github.com/gpconnect-go/gpc/client"
)

// isUnknown says whether it is not known what became of a write: of this one, or of an
// earlier one that stands in its way.
func isUnknown(err error) bool {
	var still *stillUnknown
	return errors.Is(err, client.ErrOutcomeUnknown) || errors.Is(err, client.ErrUnsettled) || errors.As(err, &still)
}

// stillUnknown is that some writes could not be settled.
type stillUnknown struct{ writes int }

func (e *stillUnknown) Error() string {
	return fmt.Sprintf("the outcome of %s is still not known", plural(e.writes, "write"))
}

// sayHowToSettle says, of a write whose outcome is not known, what was seen and what to
// do. It is never to send it again.
func (a *app) sayHowToSettle(err error) {
	var doubt *client.Doubt
	var earlier *client.UnsettledError
	switch {
	case errors.As(err, &doubt):
		switch doubt.Slot {
		case client.SlotGone:
			a.words("the slot is no longer free, which speaks for the booking and proves nothing")
		case client.SlotFree:
			a.words("the slot is free still, which speaks against the booking and proves nothing")
		}
		words := "do not send it again"
		if doubt.Intent.Interaction == client.BookAppointment {
			words += "; nobody can book for this patient there until it is settled"
		}
		a.words("%s", words)
		a.words("to do: `gpc appointment resume %s` looks for it, and from %s on its look decides (--wait waits for that)", doubt.Intent.ID, clockOn(client.InUK(doubt.Decides)))
		a.words("or: ring %s, then `gpc appointment resume %s --outcome done`, or not-done", doubt.Intent.ODS, doubt.Intent.ID)
	case errors.As(err, &earlier) && earlier.Appointment != "":
		a.words("nothing was sent now; the journal of writes has been put right")
		a.words("to do: look at `gpc appointment show --ods %s %s`; whoever wants another one as well books again", earlier.Intent.ODS, shown(earlier.Appointment))
	case errors.As(err, &earlier):
		a.words("to do: `gpc appointment resume %s` looks for it, and from %s on its look decides", earlier.Intent.ID, clockOn(client.InUK(earlier.Intent.Decides)))
	case errors.Is(err, client.ErrOutcomeUnknown):
		a.words("do not send it again before you have looked whether it was done; no journal of writes knows of it")
	}
}

// clockOn is a time of day with its day, as in 10:42:05 GMT on 1 December.
func clockOn(t client.UKTime) string { return t.Format("15:04:05 MST on 2 January") }

// goneError is that what was to be booked or changed is not there as it was.
type goneError struct{ what, cure string }

func (e *goneError) Error() string { return e.what }

// unprintedError is that something was written at the practice, and could not be printed
// here. It hides its cause from the exit code, of which 2 would say that nothing was sent.
type unprintedError struct {
	done string
	err  error
}

func (e *unprintedError) Error() string {
	return fmt.Sprintf("it is done: %s; and it could not be printed: %v", e.done, e.err)
}

// printed is what has become of a write, printed.
func (o *output) printed(a *app, v *appointmentView) error {
	if err := o.printAppointment(a, v); err != nil {
		return &unprintedError{fmt.Sprintf("appointment %s at %s is %s", shown(v.ID), v.ODS, shown(v.Status)), err}
	}
	return nil
}

// nobodyFound is a practice that gives no patient with that number.
func nobodyFound(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Layer == client.LayerProvider && e.Interaction == client.FindPatient && errors.Is(e, client.ErrNotFound)
}

// writeCure is what to do where a code means something particular in a write or for one.
func writeCure(err error) string {
	switch {
	case nobodyFound(err):
		return "who is not registered there can be for a time: `gpc patient register`, or --register of `gpc appointment book`"
	case errors.Is(err, client.ErrSlotTaken):
		return "somebody else has it; `gpc slots` lists those that are free now"
	case errors.Is(err, client.ErrVersionConflict):
		return "look at it with `gpc appointment show`, then decide anew"
	}
	return ""
}

// plural is as in 1 write, 2 writes.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
