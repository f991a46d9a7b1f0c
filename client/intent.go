package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Intent is a write that is about to be sent, as a journal keeps it: enough
// to find out afterwards whether it took place. It has no NHS number, no name
// and no text of the patient's; the logical ids in it are personal data all
// the same.
type Intent struct {
	ID           string      `json:"id"` // ours, of this one write
	Interaction  Interaction `json:"interaction"`
	ODS          string      `json:"ods"`          // the practice's
	Organisation string      `json:"organisation"` // ODS code of who asks
	TraceID      string      `json:"trace_id"`
	At           time.Time   `json:"at"`               // when it was about to be sent
	Decides      time.Time   `json:"decides,omitzero"` // from when on a look that finds nothing means that there is nothing

	Patient     string   `json:"patient,omitzero"`     // logical id; of a booking
	Slots       []string `json:"slots,omitempty"`      // logical ids; of a booking
	Start       UKTime   `json:"start,omitzero"`       // of a booking
	Created     UKTime   `json:"created,omitzero"`     // as sent; of a booking
	Replaces    string   `json:"replaces,omitzero"`    // logical id of the appointment that a booking is to replace
	Appointment string   `json:"appointment,omitzero"` // logical id; of an amendment or cancellation
	Version     string   `json:"version,omitzero"`     // that the change is based on
	Digest      string   `json:"digest,omitzero"`      // of an amendment's texts, salted with ID
	Joined      string   `json:"joined,omitzero"`      // of their letters and digits, one text after the other
}

// Format writes the interaction, the practice and the id, whatever the verb.
func (i Intent) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, i.masked()) }

// LogValue is as Format.
func (i Intent) LogValue() slog.Value { return slog.StringValue(i.masked()) }

// decides is from when on a look decides. Whoever looks may be configured otherwise than
// who sent: the later time counts.
func (i Intent) decides(late time.Duration) time.Time {
	if own := i.At.Add(late); own.After(i.Decides) {
		return own
	}
	return i.Decides
}

func (i Intent) masked() string { return fmt.Sprintf("%s at %s (%s)", i.Interaction, i.ODS, i.ID) }

// Outcome is how a write ended.
type Outcome struct {
	State       OutcomeState `json:"state"`
	By          OutcomeBy    `json:"by"`
	Appointment string       `json:"appointment,omitzero"` // logical id of what was booked
	At          time.Time    `json:"at"`
}

// OutcomeState says whether a write took place.
type OutcomeState string

const (
	Done    OutcomeState = "done"
	NotDone OutcomeState = "not-done" // of a change also: not in effect, somebody having changed more since
)

// OutcomeBy says how that is known.
type OutcomeBy string

const (
	ByAnswer  OutcomeBy = "answer"  // the practice or the proxy said so, or nothing was sent
	ByReading OutcomeBy = "reading" // it was, or at last was not, there when it was looked for
	ByPerson  OutcomeBy = "person"  // somebody found out in another way
)

// Settled is an intent with its outcome; Outcome is zero while it is not known.
type Settled struct {
	Intent  Intent  `json:"intent"`
	Outcome Outcome `json:"outcome,omitzero"`
}

// Journal keeps the intents of writes, so that none is forgotten whatever
// happens to this process. Package journal has one on disk.
type Journal interface {
	// Begin keeps the intent; when it returns without an error the intent outlives
	// this process and the machine's power. It refuses with an
	// [*UnsettledError] a booking for a patient at a practice where the outcome of another,
	// of this or any other process, is not known.
	Begin(context.Context, Intent) error
	// Settle keeps the outcome of an intent. The latest counts.
	Settle(ctx context.Context, id string, o Outcome) error
	// Intents are those that are kept, settled ones for as long as the journal keeps
	// them, the oldest first. A journal that keeps many may have Since(ctx, t) besides, for
	// those that are open or were settled since t: each booking reads those of the last day.
	Intents(context.Context) ([]Settled, error)
}

// UnsettledError is a journal's refusal: an earlier write stands in the way.
type UnsettledError struct {
	Intent Intent

	// Appointment is what the earlier booking has made after all, though it was
	// given up as not made. From now on the journal counts it as done.
	Appointment string
}

func (e *UnsettledError) Error() string {
	if e.Appointment != "" {
		return fmt.Sprintf("an earlier booking, %s of %s, was given up as not made and has been made after all", e.Intent.ID, e.Intent.At.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("the outcome of an earlier write, %s of %s, is not known", e.Intent.ID, e.Intent.At.UTC().Format(time.RFC3339))
}

// Is makes it [ErrUnsettled].
func (e *UnsettledError) Is(target error) bool { return target == ErrUnsettled }

// Classes of failed writes, for errors.Is.
var (
	ErrOutcomeUnknown = errors.New("the outcome of the write is not known")
	ErrUnsettled      = errors.New("the outcome of an earlier write is not known; settle it first")
	ErrSlotTaken      = errors.New("the slot is no longer free")
)

// Doubt is why the outcome of a write is not known, what was seen when it was
// looked for, and from when on looking again will decide it.
type Doubt struct {
	Intent   Intent
	Cause    error     // what became of the answer
	Readings int       // how often it was looked for
	Failed   error     // why the last look failed; nil when it was made and the write was not there
	Slot     SlotState // evidence, not the verdict
	Decides  time.Time // from when on a look that finds nothing means that there is nothing
}

// SlotState is what a search for a booking's slots gave.
type SlotState string

const (
	SlotNotLooked SlotState = ""
	SlotFree      SlotState = "free"
	SlotGone      SlotState = "gone"
)

// Error says what became of the answer, what was seen, and from when on it can be known.
func (d *Doubt) Error() string {
	var b strings.Builder
	if failed := new(Error); errors.As(d.Cause, &failed) && failed.Err != nil {
		fmt.Fprintf(&b, "%v; ", failed.Err)
	}
	b.WriteString(ErrOutcomeUnknown.Error() + ": ")
	switch {
	case d.Readings == 0:
		b.WriteString("it was not looked for")
	case d.Failed != nil:
		fmt.Fprintf(&b, "it was looked for %s, at last in vain (%v)", times(d.Readings), d.Failed)
	default:
		fmt.Fprintf(&b, "it was looked for %s and was not there", times(d.Readings))
	}
	fmt.Fprintf(&b, "; it can be known from %s on", InUK(d.Decides))
	return b.String()
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Unwrap gives the cause.
func (d *Doubt) Unwrap() error { return d.Cause }
