package client

import (
	"github.com/gpconnect-go/gpc/fhir"
)

// Slot is a stretch of time that can be booked, with what the specification
// wants shown of it. It remembers the practice, the session, the place, the
// people and the filters it was found with, because a booking repeats them
// and there is no way to read a slot again. All of that survives JSON, so that
// a booking can be made from what a search printed.
type Slot struct {
	ODS   string `json:"ods"` // the practice that was asked
	ID    string `json:"id"`
	Start UKTime `json:"start"`
	End   UKTime `json:"end"`

	Minutes       int                `json:"minutes"`
	Channel       string             `json:"delivery_channel,omitzero"` // In-person, Telephone, Video
	Type          string             `json:"slot_type,omitzero"`        // Slot.serviceType
	Session       string             `json:"session_type,omitzero"`     // Schedule.serviceCategory
	Practitioners []SlotPractitioner `json:"practitioners"`
	Location      SlotLocation       `json:"location"`
	Organisation  SlotOrganisation   `json:"organisation"` // that runs the location
	Schedule      string             `json:"schedule"`     // logical id
	Filter        SlotFilter         `json:"filter"`

	// Problem says why the slot cannot be booked as it was sent; "" when it can.
	Problem string `json:"problem,omitzero"`

	// SentStart and SentEnd are the times as sent, where they are not as
	// Start and End are written: a booking repeats them letter by letter.
	SentStart fhir.Date `json:"sent_start,omitzero"`
	SentEnd   fhir.Date `json:"sent_end,omitzero"`

	source SlotSource
}

// SlotPractitioner is one whose session it is.
type SlotPractitioner struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitzero"`
	Gender string `json:"gender,omitzero"`
	Role   string `json:"role,omitzero"`      // of the session, in words
	Code   string `json:"role_code,omitzero"` // SDS job role, such as R0260
	SDS    string `json:"sds_user_id,omitzero"`
}

// SlotLocation is where the appointment takes place, or from where.
type SlotLocation struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitzero"`
	Address  string `json:"address,omitzero"` // on one line
	Postcode string `json:"postcode,omitzero"`
	Phone    string `json:"phone,omitzero"`
	Site     string `json:"ods_site,omitzero"` // ODS site code
}

// SlotOrganisation is the organisation that runs the location.
type SlotOrganisation struct {
	ID    string `json:"id,omitzero"`
	Name  string `json:"name,omitzero"`
	ODS   string `json:"ods,omitzero"`
	Phone string `json:"phone,omitzero"`
}

// SlotFilter is what a search was filtered by. A booking names the same type
// of organisation, and only then (contained booking organisation, 1.2.0).
type SlotFilter struct {
	Type string `json:"organisation_type,omitzero"` // GPConnect-OrganisationType-1
	ODS  string `json:"organisation,omitzero"`      // the asking organisation's ODS code
}

// SlotSource are the resources that a slot was read from, as they came; it is
// zero for a slot that was read from JSON.
type SlotSource struct {
	Slot          *fhir.Slot
	Schedule      *fhir.Schedule
	Location      *fhir.Location
	Organisation  *fhir.Organization
	Practitioners []*fhir.Practitioner
}

// Source is the slot as the practice sent it, every extension included.
func (s *Slot) Source() SlotSource { return s.source }

// Extension finds an extension of the slot, or else of its session, by name or URL.
func (s *Slot) Extension(name string) (fhir.Extension, bool) {
	if s.source.Slot != nil {
		if e, ok := s.source.Slot.Extension.Find(name); ok {
			return e, true
		}
	}
	if s.source.Schedule == nil {
		return fhir.Extension{}, false
	}
	return s.source.Schedule.Extension.Find(name)
}
