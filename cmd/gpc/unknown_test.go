package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// TestSaysHowToSettle: whoever is left with an unknown outcome is told what stands in the way
// and what to do, and exits with 7.
func TestSaysHowToSettle(t *testing.T) {
	at := time.Date(2027, 2, 3, 9, 0, 0, 0, time.UTC)
	booking := client.Intent{ID: "5f49", Interaction: client.BookAppointment, ODS: "A12345", At: at, Decides: at.Add(5 * time.Minute), Patient: "p-7"}
	cancelling := booking
	cancelling.Interaction = client.CancelAppointment
	for name, test := range map[string]struct {
		err       error
		want, not string
	}{
		"an earlier booking":            {&client.UnsettledError{Intent: booking}, "`gpc appointment resume 5f49` looks for it, and from 09:05:00 GMT on 3 February", "p-7"},
		"one that was made after all":   {&client.UnsettledError{Intent: booking, Appointment: "1001"}, "`gpc appointment show --ods A12345 1001`", "appointment resume"},
		"this booking":                  {&doubtful{client.Doubt{Intent: booking, Readings: 1, Decides: booking.Decides}}, "nobody can book for this patient there until it is settled", "p-7"},
		"this cancellation":             {&doubtful{client.Doubt{Intent: cancelling, Readings: 3, Decides: booking.Decides}}, "it was looked for 3 times and was not there", "nobody can book"},
		"the slot gone":                 {&doubtful{client.Doubt{Intent: booking, Readings: 1, Slot: client.SlotGone}}, "which speaks for the booking and proves nothing", "speaks against"},
		"a write that no journal knows": {client.ErrOutcomeUnknown, "do not send it again before you have looked", "try again"},
	} {
		var stderr bytes.Buffer
		a := &app{stderr: &stderr, getenv: func(string) string { return "" }}
		if code := a.finish(t.Context(), test.err); code != exitUnknown {
			t.Errorf("%s: exit code %d, want 7", name, code)
		}
		if said := stderr.String(); !strings.Contains(said, test.want) || strings.Contains(said, test.not) {
			t.Errorf("%s: %q is missing, or %q is there: %s", name, test.want, test.not, said)
		}
	}
}

// doubtful is an error as a write has it.
type doubtful struct{ client.Doubt }

func (d *doubtful) Error() string        { return d.Doubt.Error() }
func (d *doubtful) Is(target error) bool { return target == client.ErrOutcomeUnknown }
func (d *doubtful) Unwrap() error        { return &d.Doubt }
