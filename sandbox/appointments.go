package sandbox

import (
	"slices"
	"strings"
	"time"
)

// A booking is an appointment with its resource.
type booking struct {
	Appointment
	fields map[string]any // as it is read
	slots  []*slot
}

const (
	bookingOrganisation = "Extension-GPConnect-BookingOrganisation-1"
	deliveryChannel     = "Extension-GPConnect-DeliveryChannel-2"
	practitionerRole    = "Extension-GPConnect-PractitionerRole-1"
	cancellationReason  = "Extension-GPConnect-AppointmentCancellationReason-1"
)

// bookAppointment judges the Appointment, takes its slots if they are free, and keeps it.
func bookAppointment(c *call) answer {
	sent, refused := c.resourceSent("Appointment")
	if refused != nil {
		return *refused
	}
	b, wrong := c.judgeBooking(sent)
	if wrong != nil {
		return refuse(wrong.code, wrong.text)
	}
	fields, ok := c.commit(b)
	if !ok {
		return refuse("DUPLICATE_REJECTED", "a slot is not free any more").blameless()
	}
	a := c.created(c.root(foundations)+"/Appointment/"+b.ID, fields)
	a.rule = c.otherOrganisation(b.Organisation)
	return a
}

// otherOrganisation notes that a booking names another organisation than the token: a
// practice accepts that, and it is wrong all the same.
func (c *call) otherOrganisation(ods string) string {
	organisation, _ := c.claims["requesting_organization"].(map[string]any)
	if c.address == "" || slices.Contains(identifiers(organisation)[odsSystem], ods) {
		return ""
	}
	return "the booking organisation is not the organisation of the token"
}

// commit takes the slots and keeps the booking, both or neither.
func (c *call) commit(b *booking) (fields map[string]any, ok bool) {
	st := c.server.state
	st.mu.Lock()
	defer st.mu.Unlock()
	now := c.server.diaryOf(c.practice.ODS)
	for _, s := range b.slots {
		if s.taken || now.byID[s.id] != s { // or the diaries were drawn up anew meanwhile
			return nil, false
		}
	}
	for _, s := range b.slots {
		s.taken = true
	}
	b.ID = itoa(1001 + len(st.bookings))
	b.fields["id"] = b.ID
	b.version(1)
	st.bookings = append(st.bookings, b)
	return clone(b.fields), true
}

// version gives a booking its version.
func (b *booking) version(n int) {
	b.Version = n
	b.fields["meta"] = map[string]any{"versionId": itoa(n), "profile": []any{profile("GPConnect-Appointment-1")}}
}

// appointment finds one of the practice's own. The caller holds the lock.
func (c *call) appointment(id string) *booking {
	for _, b := range c.server.state.bookings {
		if b.ID == id && b.Practice == c.practice.ODS {
			return b
		}
	}
	return nil
}

func noAppointment() answer {
	return refuse("NO_RECORD_FOUND", "no appointment has this id here").blameless()
}

// readAppointment reads any appointment of the future, whoever booked it.
func readAppointment(c *call) answer {
	st := c.server.state
	st.mu.Lock()
	b := c.appointment(c.id())
	if b == nil || b.Start.Before(c.server.cfg.Now()) {
		st.mu.Unlock()
		return noAppointment()
	}
	fields := clone(b.fields)
	st.mu.Unlock()
	return c.single(fields)
}

// retrieveAppointments lists a patient's appointments, cancelled ones too, of the days from
// one date to another, of which neither may be past.
func retrieveAppointments(c *call) answer {
	p, ok := c.patientByID(c.id())
	if !ok {
		return refuse("PATIENT_NOT_FOUND", "no patient has this id here").blameless()
	}
	first, last, wrong := retrievedDays(c.query["start"], c.server.cfg.Now().In(london()).Format(time.DateOnly))
	if wrong != "" {
		return refuse("INVALID_PARAMETER", wrong)
	}
	var found []map[string]any
	st := c.server.state
	st.mu.Lock()
	of := slices.Clone(st.bookings)
	slices.SortStableFunc(of, func(a, b *booking) int { return a.Start.Compare(b.Start) })
	for _, b := range of {
		day := b.Start.In(london()).Format(time.DateOnly)
		if b.Practice == c.practice.ODS && b.Patient == p.id() && first <= day && day <= last {
			found = append(found, clone(b.fields))
		}
	}
	st.mu.Unlock()
	return c.searchset("", found, nil)
}

// retrievedDays reads the two start parameters.
func retrievedDays(starts []string, today string) (first, last, wrong string) {
	if len(starts) != 2 {
		return "", "", "start is not there exactly twice"
	}
	for _, s := range starts {
		switch prefix := s[:min(2, len(s))]; {
		case prefix == "ge" && first == "":
			first = s[2:]
		case prefix == "le" && last == "":
			last = s[2:]
		default:
			return "", "", "start is not once with ge and once with le"
		}
	}
	switch {
	case !wholeDay(first) || !wholeDay(last):
		return "", "", "start is not a whole date"
	case first < today || last < today:
		return "", "", "start is in the past"
	case first > last:
		return "", "", "the days end before they start"
	}
	return first, last, ""
}

// resourceSent reads a body that is a resource of a type.
func (c *call) resourceSent(kind string) (map[string]any, *answer) {
	value, err := decodeStrict(c.body)
	fields, _ := value.(map[string]any)
	if err != nil {
		a := refuse("BAD_REQUEST", "the body is not JSON, or a name in it is repeated")
		return nil, &a
	}
	if fields["resourceType"] != kind {
		a := refuse("INVALID_RESOURCE", "the body is not a resource of type "+kind)
		return nil, &a
	}
	unheard(fields)
	return fields, nil
}

// unheard takes out what the sandbox's own differences put in: who sends back what was read
// sends it back too.
func unheard(fields map[string]any) {
	delete(fields, "unheardOf")
	list, ok := fields["extension"].([]any)
	if !ok {
		return
	}
	list = slices.DeleteFunc(slices.Clone(list), func(e any) bool {
		ext, _ := e.(map[string]any)
		url, _ := ext["url"].(string)
		return strings.HasSuffix(url, "Extension-Unheard-Of-1")
	})
	if fields["extension"] = list; len(list) == 0 {
		delete(fields, "extension")
	}
}

// matches says whether a write may go on: what If-Match names is the version there is. A
// write without it goes on, and the rule is noted (the official suite sends some).
func (c *call) matches(version int) (ok bool, rule string) {
	values := c.header.Values("If-Match")
	if len(values) == 0 {
		return true, "If-Match is missing"
	}
	return len(values) == 1 && values[0] == `W/"`+itoa(version)+`"`, ""
}

func conflict() answer {
	return refuse("FHIR_CONSTRAINT_VIOLATION", "If-Match is not the appointment's version").blameless()
}
