package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// A sessionLine is a session on one day as the status page shows it.
type sessionLine struct {
	Practice string // ODS code
	Day      string // YYYY-MM-DD hh:mm to hh:mm, London's
	Session  string
	With     string // practitioner and place
	Channel  string
	Free     string // how many slots lie ahead and are free, of how many, and the first of them
	For      string // whom it is for
}

// shownDays is how many days of a practice's diary the status page shows.
const shownDays = 2

// sessionLines are the sessions of every practice's first days.
func (s *Server) sessionLines() []sessionLine {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	now, until := s.cfg.Now(), s.state.began.AddDate(0, 0, shownDays)
	var lines []sessionLine
	for _, p := range s.practices {
		if p.Closed != "" {
			continue
		}
		var order []*schedule
		free, all, first := map[*schedule]int{}, map[*schedule]int{}, map[*schedule]string{}
		for _, slot := range s.diaryOf(p.ODS).slots {
			sc := slot.schedule
			if sc.start.After(until) {
				break
			}
			if all[sc]++; all[sc] == 1 {
				order = append(order, sc)
			}
			if slot.taken || !slot.start.After(now) {
				continue
			}
			if free[sc]++; free[sc] == 1 {
				first[sc] = ", from " + slot.start.Format("15:04")
			}
		}
		for _, sc := range order {
			line := sc.line(p.ODS)
			line.Free = fmt.Sprintf("%d of %d%s", free[sc], all[sc], first[sc])
			lines = append(lines, line)
		}
	}
	return lines
}

func (sc *schedule) line(ods string) sessionLine {
	l := sessionLine{Practice: ods, Day: sc.start.Format("2006-01-02 15:04") + " to " + sc.end.Format("15:04"), Session: sc.session.name,
		With: sc.site.Name, Channel: sc.session.channel, For: "all"}
	if sc.staff != nil {
		l.With = sc.staff.Family + ", " + l.With
	}
	switch {
	case sc.session.closed:
		l.For = "not bookable through GP Connect"
	case sc.session.types+sc.session.orgs != "":
		l.For = strings.Join(slices.Concat(strings.Fields(sc.session.types), strings.Fields(sc.session.orgs)), ", ")
	}
	return l
}

// An appointmentLine is an appointment that was booked, as the status page shows it.
type appointmentLine struct {
	Appointment
	Starts string // London's
	Taken  string // its slots
}

// appointmentLines are those that were booked, the latest first.
func (s *Server) appointmentLines() []appointmentLine {
	var lines []appointmentLine
	for _, a := range s.Appointments() {
		a.Patient = mask(a.Patient) // a bundle of one's own may have made the number the id
		lines = append(lines, appointmentLine{a, a.Start.In(london()).Format("2006-01-02 15:04"), strings.Join(a.Slots, ", ")})
	}
	slices.Reverse(lines)
	return lines
}
