package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

func unfit(format string, args ...any) *broken {
	return &broken{"INVALID_RESOURCE", fmt.Sprintf(format, args...)}
}

// bookable are the members an Appointment may have when it is booked (book an appointment,
// payload): everything else is refused.
func bookable() []string {
	return strings.Fields("resourceType meta language contained extension status serviceCategory serviceType description start end slot created comment participant minutesDuration")
}

// judgeBooking judges an Appointment member by member and, in the end, against the diary.
// What it gives back is not yet committed.
func (c *call) judgeBooking(sent map[string]any) (*booking, *broken) {
	if _, there := sent["id"]; there {
		return nil, unfit("id is given by the practice")
	}
	for name := range sent {
		if !slices.Contains(bookable(), name) {
			return nil, unfit("%s does not belong into a booking", name)
		}
	}
	if !hasProfile(sent, "GPConnect-Appointment-1") {
		return nil, unfit("meta.profile is not GPConnect-Appointment-1")
	}
	if sent["status"] != "booked" {
		return nil, unfit("status is not booked")
	}
	if wrong := judgeTexts(sent); wrong != nil {
		return nil, wrong
	}
	created, _ := sent["created"].(string)
	if _, err := time.Parse(time.RFC3339, created); err != nil {
		return nil, unfit("created is not a date and time with offset")
	}
	b := &booking{fields: clone(sent)}
	b.Practice, b.Status, b.Created = c.practice.ODS, "booked", created
	organisation, wrong := judgeOrganisation(sent)
	if wrong != nil {
		return nil, wrong
	}
	b.Organisation = organisation.ods
	if wrong := c.judgeSlots(b, sent, organisation); wrong != nil {
		return nil, wrong
	}
	if wrong := c.judgeParticipants(b, sent); wrong != nil {
		return nil, wrong
	}
	return b, judgeExtensions(b, sent)
}

func hasProfile(fields map[string]any, name string) bool {
	meta, _ := fields["meta"].(map[string]any)
	profiles, _ := meta["profile"].([]any)
	return slices.Contains(profiles, any(profile(name)))
}

// judgeTexts wants a description of at most 100 characters, and a comment of at most 500.
func judgeTexts(sent map[string]any) *broken {
	description, ok := sent["description"].(string)
	switch {
	case !ok || description == "":
		return unfit("description is missing or not a string")
	case utf8.RuneCountInString(description) > 100:
		return unfit("description is longer than 100 characters")
	}
	if _, there := sent["comment"]; !there {
		return nil
	}
	comment, ok := sent["comment"].(string)
	switch {
	case !ok || comment == "":
		return unfit("comment is not a string")
	case utf8.RuneCountInString(comment) > 500:
		return unfit("comment is longer than 500 characters")
	}
	return nil
}

// extensionsNamed are a resource's extensions of that name.
func extensionsNamed(fields map[string]any, name string) (found []map[string]any) {
	list, _ := fields["extension"].([]any)
	for _, e := range list {
		if ext, _ := e.(map[string]any); ext["url"] == profile(name) {
			found = append(found, ext)
		}
	}
	return found
}

// judgeSlots finds the slots, which must adjoin each other in one schedule and be for who
// books.
func (c *call) judgeSlots(b *booking, sent map[string]any, by booker) *broken {
	list, _ := sent["slot"].([]any)
	if len(list) == 0 {
		return unfit("slot is missing")
	}
	st := c.server.state
	st.mu.Lock()
	defer st.mu.Unlock()
	d := c.server.diaryOf(c.practice.ODS)
	for i, item := range list {
		to, _ := item.(map[string]any)
		target, _ := to["reference"].(string)
		id, ok := strings.CutPrefix(target, "Slot/")
		s := d.byID[id]
		switch {
		case !ok:
			return unfit("slot %d is not a relative reference to a Slot", i+1)
		case s == nil:
			return unfit("slot %d is not known here", i+1)
		case !s.schedule.session.admits(by.kind, by.ods):
			return unfit("slot %d is not offered to this organisation", i+1)
		case i > 0 && (s.schedule != b.slots[i-1].schedule || !s.start.Equal(b.slots[i-1].end())):
			return unfit("slot %d does not adjoin the one before it in the same schedule", i+1)
		}
		b.slots = append(b.slots, s)
		b.Slots = append(b.Slots, id)
	}
	b.Start = b.slots[0].start
	return b.judgeTimes(sent, c.server.cfg.Now())
}

// judgeTimes wants the times of a booking to be those of its slots, and to lie ahead.
func (b *booking) judgeTimes(sent map[string]any, now time.Time) *broken {
	end := b.slots[len(b.slots)-1].end()
	switch {
	case sent["start"] != localTime(b.Start):
		return unfit("start is not the first slot's")
	case sent["end"] != localTime(end):
		return unfit("end is not the last slot's")
	case !b.Start.After(now):
		return unfit("the slot lies in the past")
	}
	if minutes, there := sent["minutesDuration"]; there && fmt.Sprint(minutes) != itoa(int(end.Sub(b.Start).Minutes())) {
		return unfit("minutesDuration is not what start and end make")
	}
	return nil
}

// judgeParticipants wants the patient and the schedule's location once each, and of
// practitioners none but the schedule's.
func (c *call) judgeParticipants(b *booking, sent map[string]any) *broken {
	list, _ := sent["participant"].([]any)
	sc := b.slots[0].schedule
	found := map[string]int{}
	for i, item := range list {
		p, _ := item.(map[string]any)
		actor, _ := p["actor"].(map[string]any)
		target, _ := actor["reference"].(string)
		kind, id, _ := strings.Cut(target, "/")
		if status, _ := p["status"].(string); status == "" {
			return unfit("participant %d has no status", i+1)
		}
		found[kind]++
		switch kind {
		case "Patient":
			if _, ok := c.patientByID(id); !ok {
				return &broken{"REFERENCE_NOT_FOUND", "the patient is not known here"}
			}
			b.Patient = id
		case "Location":
			if id != sc.site.ID {
				return unfit("the location is not the schedule's")
			}
		case "Practitioner":
			if sc.staff == nil || id != sc.staff.ID {
				return unfit("the practitioner is not the schedule's")
			}
		default:
			return unfit("participant %d is not a relative reference to a Patient, Location or Practitioner", i+1)
		}
	}
	switch {
	case found["Patient"] != 1:
		return unfit("there is not exactly one patient")
	case found["Location"] != 1:
		return unfit("there is not exactly one location")
	}
	return nil
}

// judgeExtensions accepts channel and role if they are the slot's and the schedule's, and
// puts in what a practice adds: both of them, and the names of session and slot type.
func judgeExtensions(b *booking, sent map[string]any) *broken {
	sc := b.slots[0].schedule
	known := []string{profile(bookingOrganisation), profile(deliveryChannel), profile(practitionerRole)}
	list, _ := sent["extension"].([]any)
	kept := extensionsNamed(b.fields, bookingOrganisation)
	for _, e := range list {
		ext, _ := e.(map[string]any)
		url, _ := ext["url"].(string)
		switch {
		case !slices.Contains(known, url):
			return unfit("an extension does not belong into a booking")
		case url == profile(deliveryChannel) && ext["valueCode"] != sc.session.channel:
			return unfit("the delivery channel is not the slot's")
		case url == profile(practitionerRole) && (sc.staff == nil || roleCode(ext) != sc.staff.Role):
			return unfit("the practitioner's role is not the schedule's")
		}
	}
	kept = append(kept, map[string]any{"url": profile(deliveryChannel), "valueCode": sc.session.channel})
	if sc.staff != nil {
		kept = append(kept, sc.role())
	}
	b.fields["extension"] = kept
	b.fields["serviceCategory"] = map[string]any{"text": sc.session.name}
	b.fields["serviceType"] = []any{map[string]any{"text": sc.session.kind}}
	b.fields = clone(b.fields)
	return nil
}

func roleCode(ext map[string]any) string {
	concept, _ := ext["valueCodeableConcept"].(map[string]any)
	codings, _ := concept["coding"].([]any)
	for _, x := range codings {
		coding, _ := x.(map[string]any)
		if code, ok := coding["code"].(string); ok {
			return code
		}
	}
	return ""
}
