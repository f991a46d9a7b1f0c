package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A session is a stretch of a practice's day, on each day it is held: the template of
// schedules. Sites, staff and services are named by their place in the surgery's lists, of
// which a small practice has fewer.
type session struct {
	name     string // Schedule.serviceCategory
	kind     string // Slot.serviceType
	channel  string // DeliveryChannel-2
	from, to string // HH:MM, London's time
	weekend  bool   // held on Saturdays and Sundays too
	site     int
	staff    int    // -1: nobody is assigned yet
	service  int    // -1: no service is linked to it
	types    string // organisation types it is kept for; "" is any
	orgs     string // ODS codes it is kept for; "" is any
	closed   bool   // not bookable through GP Connect
}

// sessions are what every practice offers. All slots are of ten minutes.
func sessions() []session {
	return []session{
		{name: "Morning surgery", kind: "Ten minute appointment", channel: "In-person", from: "08:30", to: "11:30", weekend: true, site: 0, staff: 0, service: -1},
		{name: "Telephone triage", kind: "Telephone call back", channel: "Telephone", from: "11:30", to: "12:30", weekend: true, site: 0, staff: 1, service: -1},
		{name: "Afternoon surgery", kind: "Ten minute appointment", channel: "In-person", from: "14:00", to: "17:00", weekend: true, site: 1, staff: 1, service: -1},
		{name: "Urgent appointments", kind: "Urgent appointment", channel: "In-person", from: "12:30", to: "14:00", weekend: true, site: 0, staff: 0, service: 1},
		{name: "Video clinic", kind: "Video consultation", channel: "Video", from: "17:00", to: "18:00", site: 0, staff: 1, service: -1, types: "urgent-care"},
		{name: "Nurse clinic", kind: "Nurse appointment", channel: "In-person", from: "10:00", to: "12:00", site: 0, staff: 2, service: 0, types: "gp-practice"},
		{name: "Kept for urgent care providers", kind: "Urgent appointment", channel: "In-person", from: "09:00", to: "10:00", weekend: true, site: 0, staff: -1, service: -1, orgs: "A11111 A20047"},
		{name: "Health checks", kind: "Health check", channel: "In-person", from: "13:00", to: "14:00", site: 2, staff: 2, service: -1, orgs: "B22222"},
		{name: "Practice's own patients only", kind: "Ten minute appointment", channel: "In-person", from: "17:00", to: "18:30", site: 0, staff: 0, service: -1, closed: true},
	}
}

const (
	diaryDays  = 28 // from the first day on
	slotLength = 10 * time.Minute
)

// A schedule is a session on one day.
type schedule struct {
	session    session
	id         string
	start, end time.Time
	site       site
	staff      *practitioner
	service    *dosService
}

// A slot is ten minutes of a schedule.
type slot struct {
	id       string
	schedule *schedule
	start    time.Time
	taken    bool     // by an appointment, or busy from the beginning
	told     resource // as a Slot, once somebody has been told of it
}

// A diary is a practice's slots of the coming weeks.
type diary struct {
	slots []*slot // by start, then by id
	byID  map[string]*slot
}

// diaryOf is a practice's diary, drawn up when it is first asked for, from the day of the
// start and the seed on. The caller holds the lock.
func (s *Server) diaryOf(ods string) *diary {
	d := s.state.diaries[ods]
	if d == nil {
		at := slices.IndexFunc(s.practices, func(p practice) bool { return p.ODS == ods })
		d = drawUp(s.surgeries[ods], s.state.began, 10_000*(at+1), s.busy(at))
		s.state.diaries[ods] = d
	}
	return d
}

// busy says of one slot after the other whether it is taken from the beginning: one in five,
// by the seed, none without this difference.
func (s *Server) busy(practice int) func() bool {
	if !s.differences.on("busy-slots") {
		return func() bool { return false }
	}
	dice := rand.New(rand.NewPCG(s.seed, 500+uint64(practice)))
	return func() bool { return dice.IntN(5) == 0 }
}

// drawUp makes a diary. Ids are counted from first on, so that no two practices have the same.
func drawUp(here *surgery, from time.Time, first int, busy func() bool) *diary {
	d := &diary{byID: map[string]*slot{}}
	zone := london()
	today := from.In(zone)
	for day := range diaryDays {
		date := time.Date(today.Year(), today.Month(), today.Day()+day, 0, 0, 0, 0, zone)
		weekend := date.Weekday() == time.Saturday || date.Weekday() == time.Sunday
		for n, session := range sessions() {
			if weekend && !session.weekend {
				continue
			}
			sc := here.schedule(session, date)
			sc.id = fmt.Sprint(first + day*20 + n)
			for at := sc.start; at.Before(sc.end); at = at.Add(slotLength) {
				s := &slot{id: fmt.Sprint(first*10 + len(d.slots)), schedule: sc, start: at, taken: busy()}
				d.slots = append(d.slots, s)
				d.byID[s.id] = s
			}
		}
	}
	slices.SortStableFunc(d.slots, func(a, b *slot) int { return a.start.Compare(b.start) })
	return d
}

// schedule is a session on a day, held by whom and where the practice has for it.
func (s *surgery) schedule(of session, date time.Time) *schedule {
	sc := &schedule{session: of, start: onClock(date, of.from), end: onClock(date, of.to), site: s.Locations[of.site%len(s.Locations)]}
	if of.staff >= 0 {
		sc.staff = &s.Practitioners[of.staff%len(s.Practitioners)]
	}
	if of.service >= 0 && of.service < len(s.Services) {
		sc.service = &s.Services[of.service]
	}
	return sc
}

// onClock is a time of day on a date, by the clock on the wall.
func onClock(date time.Time, clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return date
	}
	return time.Date(date.Year(), date.Month(), date.Day(), t.Hour(), t.Minute(), 0, 0, date.Location())
}

func (s *slot) end() time.Time { return s.start.Add(slotLength) }

// resource is a free slot as a Slot.
func (s *slot) resource() map[string]any {
	o := headed("Slot", s.id, "GPConnect-Slot-1", "1")
	o["extension"] = []any{map[string]any{"url": profile("Extension-GPConnect-DeliveryChannel-2"), "valueCode": s.schedule.session.channel}}
	o["serviceType"] = []any{map[string]any{"text": s.schedule.session.kind}}
	o["schedule"] = reference("Schedule/" + s.schedule.id)
	o["status"], o["start"], o["end"] = "free", localTime(s.start), localTime(s.end())
	return o
}

// resource is a schedule as a Schedule. withService says whether the link to its service is
// told (1.2.8).
func (sc *schedule) resource(withService bool) map[string]any {
	o := headed("Schedule", sc.id, "GPConnect-Schedule-1", "1")
	actors := []any{reference("Location/" + sc.site.ID)}
	if sc.staff != nil {
		actors = append(actors, reference("Practitioner/"+sc.staff.ID))
		o["extension"] = []any{sc.role()}
	}
	if sc.service != nil && withService {
		actors = append(actors, reference("HealthcareService/"+sc.service.ID))
	}
	o["serviceCategory"] = map[string]any{"text": sc.session.name}
	o["actor"] = actors
	o["planningHorizon"] = map[string]any{"start": localTime(sc.start), "end": localTime(sc.end)}
	return o
}

// role is the extension that says in which role the practitioner is there.
func (sc *schedule) role() map[string]any {
	return map[string]any{"url": profile("Extension-GPConnect-PractitionerRole-1"), "valueCodeableConcept": jobRole(sc.staff.Role)}
}
