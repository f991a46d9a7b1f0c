package client

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// joinSlots makes the slots of a searchset whole. A slot that cannot be booked
// as it was sent is among them, with its Problem: it is the practice's answer.
func joinSlots(b *fhir.Bundle, ods string, f SlotFilter) ([]Slot, error) {
	join := slotJoin{bundle: b, sessions: map[string]*session{}}
	slots := make([]Slot, 0, b.Len()) // most entries are slots
	for r := range b.OfType("Slot") {
		v, err := fhir.As[fhir.Slot](r)
		if err != nil {
			return nil, err
		}
		s := join.slot(v)
		s.ODS, s.Filter = ods, f
		slots = append(slots, s)
	}
	return slots, nil
}

type slotJoin struct {
	bundle   *fhir.Bundle
	sessions map[string]*session
}

// session is a Schedule with what it refers to, shared by its slots.
type session struct {
	schedule      *fhir.Schedule
	location      *fhir.Location
	organisation  *fhir.Organization
	practitioners []*fhir.Practitioner

	place  SlotLocation
	runBy  SlotOrganisation
	people []SlotPractitioner
}

func (j *slotJoin) slot(v *fhir.Slot) Slot {
	s := Slot{
		ID: v.Resource.ID, Start: ukTime(v.Start), End: ukTime(v.End),
		Channel: v.DeliveryChannel(), Type: firstDisplay(v.ServiceType), Session: v.ServiceCategory.Display(),
		Practitioners: []SlotPractitioner{}, Schedule: refID(v.Schedule, "Schedule"),
	}
	s.source.Slot = v
	s.Minutes = minutes(s.Start, s.End)
	if string(v.Start) != s.Start.String() {
		s.SentStart = v.Start
	}
	if string(v.End) != s.End.String() {
		s.SentEnd = v.End
	}
	if of := j.session(s.Schedule); of != nil {
		s.take(of)
	}
	s.Problem = s.problem(v.Status)
	return s
}

func (s *Slot) take(of *session) {
	s.source = SlotSource{s.source.Slot, of.schedule, of.location, of.organisation, of.practitioners}
	s.Location, s.Organisation, s.Practitioners = of.place, of.runBy, of.people
	if c := of.schedule.ServiceCategory.Display(); c != "" {
		s.Session = c
	}
	if s.Type == "" {
		s.Type = firstDisplay(of.schedule.ServiceType)
	}
	if s.Channel == "" { // before 1.2.1
		s.Channel = of.schedule.DeliveryChannel()
	}
}

// problem says why a slot with that status cannot be booked.
func (s *Slot) problem(status string) string {
	switch {
	case checkID(s.ID) != nil:
		return "it has no logical id"
	case s.Start.IsZero() || s.End.IsZero() || !s.End.After(s.Start.Time):
		return "its start and end cannot be read"
	case status != "free":
		return "it is not said to be free"
	case s.Schedule == "" || s.source.Schedule == nil:
		return "its session was not sent"
	case s.Location.ID == "":
		return "its session names no location"
	case s.Channel == visit:
		return "a home visit cannot be booked this way"
	}
	return ""
}

// visit is the delivery channel of home visits, which can be read and not booked (1.2.9).
const visit = "Visit"

// session finds a schedule's, nil when it was not sent.
func (j *slotJoin) session(id string) *session {
	of, known := j.sessions[id]
	if known || id == "" {
		return of
	}
	if v := resolve[fhir.Schedule](j.bundle, "Schedule", id); v != nil {
		of = j.read(v)
	}
	j.sessions[id] = of
	return of
}

func (j *slotJoin) read(v *fhir.Schedule) *session {
	of := &session{schedule: v, people: []SlotPractitioner{}}
	var role fhir.CodeableConcept
	if e, ok := v.Extension.Find("PractitionerRole"); ok && e.ValueCodeableConcept != nil {
		role = *e.ValueCodeableConcept
	}
	for _, actor := range v.Actor {
		if id := refID(actor, "Location"); id != "" && of.place.ID == "" {
			j.locate(of, id)
		}
		if id := refID(actor, "Practitioner"); id != "" {
			person := SlotPractitioner{ID: id, Name: actor.Display, Role: role.Display(), Code: firstCode(role)}
			if p := resolve[fhir.Practitioner](j.bundle, "Practitioner", id); p != nil {
				of.practitioners = append(of.practitioners, p)
				person.Name, person.Gender, person.SDS = fullName(p.Name), p.Gender, p.SDSUser()
			}
			of.people = append(of.people, person)
		}
	}
	return of
}

func (j *slotJoin) locate(of *session, id string) {
	of.place.ID = id
	of.location = resolve[fhir.Location](j.bundle, "Location", id)
	if of.location == nil {
		return
	}
	l := of.location
	of.place = SlotLocation{id, l.Name, address(l.Address), l.Address.PostalCode, phone(l.Telecom), l.ODSSite()}
	of.runBy.ID = refID(l.ManagingOrganization, "Organization")
	if o := resolve[fhir.Organization](j.bundle, "Organization", of.runBy.ID); o != nil {
		of.organisation = o
		of.runBy = SlotOrganisation{of.runBy.ID, o.Name, o.ODS(), phone(o.Telecom)}
	}
}

func resolve[T any](b *fhir.Bundle, kind, id string) *T {
	r, ok := b.Resolve(kind + "/" + id)
	if !ok {
		return nil
	}
	v, err := fhir.As[T](r)
	if err != nil {
		return nil
	}
	return v
}

func firstCode(c fhir.CodeableConcept) string {
	for _, k := range c.Coding {
		if k.Code != "" {
			return k.Code
		}
	}
	return ""
}

// fullName is "Dr Jane Davies", of the name as sent.
func fullName(names []fhir.HumanName) string {
	for _, n := range names {
		if n.Text != "" {
			return n.Text
		}
		words := append(append(append([]string{}, n.Prefix...), n.Given...), n.Family)
		if name := strings.Join(strings.Fields(strings.Join(words, " ")), " "); name != "" {
			return name
		}
	}
	return ""
}

// address is on one line, the postcode last.
func address(a fhir.Address) string {
	if a.Text != "" {
		return a.Text
	}
	var parts []string
	for _, part := range append(append([]string{}, a.Line...), a.City, a.District, a.State, a.PostalCode, a.Country) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
