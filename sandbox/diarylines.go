package sandbox

// diaryLines are the slots of every practice's first days, for the status page.
func (s *Server) diaryLines() []slotLine {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	until := s.state.began.AddDate(0, 0, 2)
	var lines []slotLine
	for _, p := range s.practices {
		if p.Closed != "" {
			continue
		}
		for _, slot := range s.diaryOf(p.ODS).slots {
			if slot.start.After(until) {
				break
			}
			lines = append(lines, slot.line(p.ODS))
		}
	}
	return lines
}

func (s *slot) line(ods string) slotLine {
	sc := s.schedule
	l := slotLine{Practice: ods, Start: s.start.Format("2006-01-02 15:04"), Session: sc.session.name, With: sc.site.Name, State: "free"}
	if sc.staff != nil {
		l.With = sc.staff.Family + ", " + l.With
	}
	switch {
	case s.taken:
		l.State = "booked"
	case sc.session.closed:
		l.State = "not bookable through GP Connect"
	case sc.session.types+sc.session.orgs != "":
		l.State = "free for " + sc.session.types + sc.session.orgs
	}
	return l
}
