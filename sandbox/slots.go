package sandbox

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// A slotQuery is what a search for free slots asks for.
type slotQuery struct {
	from, until                            time.Time // until is exclusive when it was given as a day
	kind, ods                              string    // searchFilter: organisation type and ODS code; "" if not sent
	services                               []string  // service.identifier: ids in the directory of services (1.2.8)
	filtered                               bool      // service.identifier was sent
	practitioners, locations, withServices bool
}

const (
	organisationTypes = "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-1"
)

// searchSlots judges the search, and answers with the free slots, their schedules, and who
// and what these name as far as it was asked for; the organisation always.
func searchSlots(c *call) answer {
	q, refused := c.slotQuery()
	if refused != nil {
		return *refused
	}
	for _, id := range q.services {
		if _, known := c.surgery().byDoS(id); !known {
			return refuse("NO_RECORD_FOUND", "service.identifier is no service of this practice").blameless()
		}
	}
	var extension []any
	if q.filtered {
		extension = []any{serviceFiltering()}
	}
	c.differ("busy-slots")
	return c.searchsetOf("", c.slotResources(q, c.freeSlots(q)), extension)
}

// serviceFiltering says that slots can be searched by service here (1.2.8).
func serviceFiltering() map[string]any {
	return map[string]any{"url": profile("Extension-GPConnect-ServiceFilteringStatus-1"), "valueCode": "enabled"}
}

// freeSlots are those that lie within the time and that the asking organisation may have. A
// slot that has begun is not offered.
func (c *call) freeSlots(q slotQuery) []*slot {
	now := c.server.cfg.Now()
	st := c.server.state
	st.mu.Lock()
	defer st.mu.Unlock()
	all := c.server.diaryOf(c.practice.ODS).slots
	first, _ := slices.BinarySearchFunc(all, q.from, func(s *slot, t time.Time) int { return s.start.Compare(t) })
	var free []*slot
	for _, s := range all[first:] {
		if s.end().After(q.until) {
			break // all are of one length
		}
		if !s.taken && s.start.After(now) && s.schedule.offered(q) {
			if s.told.raw == nil { // what a slot tells while it is free never changes
				s.told = asResource(s.resource())
			}
			free = append(free, s)
		}
	}
	return free
}

// offered says whether a schedule is for who asks (slot availability management): it must be
// bookable through GP Connect, and what it is kept for must be what was asked with.
func (sc *schedule) offered(q slotQuery) bool {
	s := sc.session
	if len(q.services) > 0 && (sc.service == nil || !slices.Contains(q.services, sc.service.DoS)) {
		return false
	}
	return s.admits(q.kind, q.ods)
}

// admits says whether an organisation of a type, with a code, may have the session's slots.
func (s session) admits(kind, ods string) bool {
	return !s.closed &&
		(s.types == "" || slices.Contains(strings.Fields(s.types), kind)) &&
		(s.orgs == "" || slices.Contains(strings.Fields(s.orgs), ods))
}

// slotResources are the slots and what comes with them, each once.
func (c *call) slotResources(q slotQuery, free []*slot) []resource {
	if len(free) == 0 {
		return nil
	}
	here := c.surgery()
	var out, others []resource
	seen := map[string]bool{}
	once := func(wanted bool, id string, make func() map[string]any) {
		if wanted && !seen[id] {
			seen[id] = true
			others = append(others, asResource(make()))
		}
	}
	for _, s := range free {
		out = append(out, s.told)
		sc := s.schedule
		once(true, "Schedule/"+sc.id, func() map[string]any { return sc.resource(true) })
		if sc.staff != nil {
			once(q.practitioners, "Practitioner/"+sc.staff.ID, func() map[string]any { return here.person(*sc.staff) })
		}
		once(q.locations, "Location/"+sc.site.ID, func() map[string]any { return here.location(sc.site) })
		if sc.service != nil {
			once(q.withServices, "HealthcareService/"+sc.service.ID, func() map[string]any { return here.service(*sc.service) })
		}
	}
	once(true, "Organization", here.organisation)
	return append(out, others...)
}

// slotQuery reads and judges the parameters of a search for free slots.
func (c *call) slotQuery() (q slotQuery, refused *answer) {
	refuse := func(code, text string) *answer { a := refuse(code, text); return &a }
	status := c.query["status"]
	switch {
	case len(status) == 0:
		return q, refuse("BAD_REQUEST", "status is missing")
	case len(status) > 1 || status[0] != "free":
		return q, refuse("INVALID_PARAMETER", "status is not free")
	}
	var wrong *broken
	if q.from, wrong = c.edge("start", "ge"); wrong != nil {
		return q, refuse(wrong.code, wrong.text)
	}
	if q.until, wrong = c.edge("end", "le"); wrong != nil {
		return q, refuse(wrong.code, wrong.text)
	}
	if text := judgeWindow(q.from, q.until); text != "" {
		return q, refuse("INVALID_PARAMETER", text)
	}
	if end := c.query.Get("end"); len(end) == len("leYYYY-MM-DD") { // the whole day
		q.until = q.until.AddDate(0, 0, 1)
	}
	if !slices.Contains(c.query["_include"], "Slot:schedule") {
		return q, refuse("BAD_REQUEST", "_include=Slot:schedule is missing")
	}
	recurse := c.query["_include:recurse"]
	q.practitioners = slices.Contains(recurse, "Schedule:actor:Practitioner")
	q.locations = slices.Contains(recurse, "Schedule:actor:Location")
	q.withServices = slices.Contains(recurse, "Schedule:actor:HealthcareService")
	q.filters(c.query)
	return q, nil
}

// filters reads the search filters. One with a system that is not known is ignored.
func (q *slotQuery) filters(query url.Values) {
	for _, filter := range query["searchFilter"] {
		switch system, value, _ := strings.Cut(filter, "|"); system {
		case organisationTypes:
			q.kind = value
		case odsSystem:
			q.ods = value
		}
	}
	for _, identifier := range query["service.identifier"] {
		if system, value, _ := strings.Cut(identifier, "|"); system == dosSystem {
			q.services, q.filtered = append(q.services, value), true
		}
	}
}

// edge reads the start or the end of the time: its prefix, then a whole date, or a date and
// time with the offset that London has then.
func (c *call) edge(name, prefix string) (time.Time, *broken) {
	values := c.query[name]
	switch {
	case len(values) == 0:
		return time.Time{}, &broken{"BAD_REQUEST", name + " is missing"}
	case len(values) > 1:
		return time.Time{}, &broken{"INVALID_PARAMETER", name + " is there more than once"}
	}
	text, ok := strings.CutPrefix(values[0], prefix)
	if !ok {
		return time.Time{}, &broken{"INVALID_PARAMETER", name + " does not begin with " + prefix}
	}
	zone := london()
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, nil
	}
	t, err := time.Parse("2006-01-02T15:04:05-07:00", strings.ReplaceAll(text, " ", "+")) // a plus that was not encoded
	if err != nil {
		return time.Time{}, &broken{"INVALID_PARAMETER", name + " is neither a whole date nor a date and time with offset"}
	}
	_, have := t.Zone()
	if _, want := t.In(zone).Zone(); have != want && c.address != "" {
		// The suite knows no summer time where it runs, and calls a practice directly.
		return time.Time{}, &broken{"INVALID_PARAMETER", name + " has not the offset that the United Kingdom has on that day"}
	}
	return t, nil
}

// judgeWindow wants a time of at most two weeks that does not end before it starts. The two
// weeks are those of the calendar or of the clock, whichever is longer.
func judgeWindow(from, until time.Time) string {
	longest := from.In(london()).AddDate(0, 0, 14)
	if clock := from.Add(14 * 24 * time.Hour); clock.After(longest) {
		longest = clock
	}
	switch {
	case until.Before(from):
		return "end is before start"
	case until.After(longest):
		return "start and end are more than two weeks apart"
	}
	return ""
}
