package client

import (
	"context"
	"iter"
	"time"
)

// Sweep says how many practices may be asked at once. Zero members take the
// defaults in brackets.
type Sweep struct {
	Concurrent int           // practices being asked at once (8)
	PerHost    int           // of them, by the host of their service root (half of Concurrent, at least one)
	Each       time.Duration // that one practice may take, lookup included (Config.Timeout)
}

// PracticeSlots are the slots of one practice of many.
type PracticeSlots struct {
	ODS   string
	Index int // position among the ODS codes that were given, for putting them back into order
	Slots []Slot
	Took  time.Duration
}

// SearchSlots asks many practices for their free slots, and gives each
// practice as it answers. Every ODS code comes exactly once, a second
// mention not at all: with its slots, or with the error of that practice
// alone ([*Error]; its ODS says whose), or, once ctx has ended, with that.
// No more answers are held than Sweep.Concurrent. To break off the loop ends
// the calls that are under way.
func (e *Encounter) SearchSlots(ctx context.Context, ods iter.Seq[string], q SlotQuery, s Sweep) iter.Seq2[PracticeSlots, error] {
	return func(func(PracticeSlots, error) bool) {}
}
