package client

import (
	"context"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// SlotQuery says which free slots are wanted. From and To are both whole days,
// "2026-12-01", or both times with the offset of UK local time on that day,
// "2026-12-01T08:00:00+00:00"; both ends are included. A window of more than 14 days is
// asked for in several requests, one after another.
type SlotQuery struct {
	From, To fhir.Date

	// A practice may keep slots for organisations of one type, or for certain
	// organisations. Both filters are sent unless these say otherwise; fewer
	// filters find fewer slots.
	AnyType         bool // do not send the organisation's type
	AnyOrganisation bool // do not send the organisation's ODS code
}

// SlotsBetween asks for the slots that lie between two moments.
func SlotsBetween(from, to time.Time) SlotQuery {
	return SlotQuery{From: fhir.Date(InUK(from).String()), To: fhir.Date(InUK(to).String())}
}

// Requests says how many requests the query takes at each practice, or what
// is wrong with it.
func (q SlotQuery) Requests() (int, error) { return 0, errNotYet }

// SearchSlots asks the practice for its free slots, and gives them by start,
// then by location and practitioner. No slot is no error.
func (p *Practice) SearchSlots(ctx context.Context, q SlotQuery) ([]Slot, error) {
	return nil, errNotYet
}
