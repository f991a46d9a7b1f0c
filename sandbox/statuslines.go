package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// A practiceLine is a practice with what the directory says of it.
type practiceLine struct {
	ODS, Name, ASID, PartyKey, State string
	Addresses                        []string // without repetition, in the table's order
}

func (s *Server) practiceLines() []practiceLine {
	var all []practiceLine
	for _, ods := range slices.Sorted(maps.Keys(s.registry.practices)) {
		p := s.registry.practices[ods]
		line := practiceLine{ODS: p.ODS, Name: p.Name, ASID: p.ASID, PartyKey: p.PartyKey, State: "open"}
		switch {
		case p.Closed != "":
			line.State = "closed on " + p.Closed
			if day, err := time.Parse("20060102", p.Closed); err == nil {
				line.State = "closed on " + day.Format(time.DateOnly)
			}
			if p.Successor != "" {
				line.State += ", successor " + p.Successor
			}
		case !p.Enabled:
			line.State = "not enabled for GP Connect"
		}
		for _, r := range s.rows {
			for _, e := range s.registry.of(p.ASID, r.interaction) {
				if address := s.moves.address(e.address); !slices.Contains(line.Addresses, address) {
					line.Addresses = append(line.Addresses, address)
				}
			}
		}
		all = append(all, line)
	}
	return all
}

// A personLine is a person as PDS knows them, and what their practice does when asked.
type personLine struct {
	NHS, Name, Born, Practice, State, Note string
}

// personLines are all whom PDS knows. People from files of one's own are told by the end of
// their number: nobody knows here whether they are invented.
func (s *Server) personLines() []personLine {
	reg, err := s.register()
	if err != nil {
		return nil
	}
	var all []personLine
	for _, n := range reg.numbers {
		p := s.people.byNumber[n]
		if p != nil && p.file != "" {
			all = append(all, personLine{NHS: mask(n), Name: "from a bundle of your own", Practice: "every practice", State: "answered"})
			continue
		}
		d := reg.find(n)
		if d == nil {
			continue
		}
		line := personLine{NHS: n, Name: strings.TrimSpace(strings.Join(d.Given, " ") + " " + strings.ToUpper(d.Family)), Born: d.Born,
			Practice: cmp.Or(d.Practice, "none"), State: answered(p), Note: d.Note}
		if d.own {
			line.NHS, line.Name, line.Born, line.Note = mask(n), "from a file of your own", "", ""
		}
		all = append(all, line)
	}
	return all
}

// answered says what the practice with the record makes of a person.
func answered(p *person) string {
	switch {
	case p == nil:
		return "known to PDS alone"
	case p.State == "ordinary" && p.load == nil:
		return "registered, without a record"
	case p.State == "ordinary":
		return "answered"
	}
	return strings.ReplaceAll(p.State, "-", " ")
}
