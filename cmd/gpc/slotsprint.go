package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gpconnect-go/gpc/client"
)

// slotLine is a slot as the table has it. The specification wants shown (Search for free
// slots, consumer): start, end or duration, delivery channel, slot and session type, the
// location's name and address, the practitioner's role, name and gender.
type slotLine struct {
	index        int // of the practice, as asked
	start        client.UKTime
	day          string
	ods, place   string
	session, who string
	time         string
	id, problem  string

	rank int // of the session among those of the day and place
}

func lineOf(s *client.Slot, index int) slotLine {
	line := slotLine{
		index: index, start: s.Start, day: "Day not readable", time: when(s.Start, s.End),
		ods: s.ODS, place: placeOf(s), who: shown(peopleOf(s.Practitioners)),
		session: orDash(joinWords(", ", s.Channel, joinWords(" / ", s.Type, s.Session))), id: orDash(shown(s.ID)), problem: shown(s.Problem),
	}
	if !s.Start.IsZero() {
		line.day = longDay(s.Start)
		line.time = fmt.Sprintf("%s  %d min", clock(s.Start), s.Minutes)
	}
	return line
}

// placeOf is the location, with the organisation's name where it has none.
func placeOf(s *client.Slot) string {
	address := shown(s.Location.Address)
	if p := shown(s.Location.Postcode); !strings.Contains(address, p) {
		address = joinWords(", ", address, p)
	}
	return orDash(joinWords(", ", first(s.Location.Name, s.Organisation.Name), address))
}

// peopleOf is as in Dr Amara Osei (female), General Medical Practitioner.
func peopleOf(people []client.SlotPractitioner) string {
	var all []string
	for _, p := range people {
		name := shown(p.Name)
		if gender := shown(p.Gender); gender != "" {
			name = strings.TrimSpace(name + " (" + gender + ")")
		}
		all = append(all, joinWords(", ", name, first(p.Role, p.Code)))
	}
	return strings.Join(all, "; ")
}

// joinWords joins what is there, fit to be shown.
func joinWords(between string, words ...string) string {
	var there []string
	for _, w := range words {
		if w = shown(w); w != "" {
			there = append(there, w)
		}
	}
	return strings.Join(there, between)
}

// slotTable groups by day, by place, and by what and with whom it is; practices stand in the
// order asked, sessions in that of their first slots.
func slotTable(b *bytes.Buffer, width int, rows []slotLine) {
	rankSessions(rows)
	var last slotLine
	for i, row := range rows {
		newDay := i == 0 || row.dayKey() != last.dayKey()
		newPlace := newDay || row.ods != last.ods || row.place != last.place
		if newDay {
			if i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintln(b, row.day)
		}
		if newPlace {
			fmt.Fprintf(b, "  %s  %s\n", row.ods, fold(row.place, width, 4+len(row.ods)))
		}
		if newPlace || row.rank != last.rank {
			for _, line := range []string{row.session, row.who} {
				if line != "" {
					fmt.Fprintf(b, "    %s\n", fold(line, width, 4))
				}
			}
		}
		id := row.id
		if row.problem != "" {
			id += " (cannot be booked: " + row.problem + ")"
		}
		fmt.Fprintf(b, "      %s  %s\n", row.time, id)
		last = row
	}
}

// rankSessions puts the rows into their order.
func rankSessions(rows []slotLine) {
	place := func(x, y slotLine) int {
		return cmp.Or(strings.Compare(x.dayKey(), y.dayKey()), cmp.Compare(x.index, y.index), strings.Compare(x.place, y.place))
	}
	slices.SortStableFunc(rows, func(x, y slotLine) int { return cmp.Or(place(x, y), x.start.Compare(y.start.Time)) })
	ranks := map[[2]string]int{}
	for i := range rows {
		if i > 0 && place(rows[i-1], rows[i]) != 0 {
			clear(ranks)
		}
		key := [2]string{rows[i].session, rows[i].who}
		if _, known := ranks[key]; !known {
			ranks[key] = len(ranks)
		}
		rows[i].rank = ranks[key]
	}
	slices.SortStableFunc(rows, func(x, y slotLine) int { return cmp.Or(place(x, y), cmp.Compare(x.rank, y.rank)) })
}

// dayKey sorts as the calendar does.
func (l *slotLine) dayKey() string {
	if l.start.IsZero() {
		return ""
	}
	return l.start.String()[:len("2006-01-02")]
}

// slotLines are a practice's slots in a format that has one after the other; of json they
// are the list's inside.
func slotLines(format string, slots []client.Slot) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for i := range slots {
		switch format {
		case "json":
			data, err := json.MarshalIndent(&slots[i], "  ", "  ")
			if err != nil {
				return nil, err
			}
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("\n  ")
			b.Write(data)
		case "ndjson":
			data, err := json.Marshal(&slots[i])
			if err != nil {
				return nil, err
			}
			b.Write(append(data, '\n'))
		default:
			if err := w.Write(slotCells(&slots[i])); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func slotsCSVHead() []byte {
	return []byte("ods,id,start,end,minutes,delivery_channel,slot_type,session_type,practitioner,role,location,address,postcode,location_phone,organisation,problem\n")
}

// slotCells are the slot's fields as slotsCSVHead names them.
func slotCells(s *client.Slot) []string {
	var names, roles []string
	for _, p := range s.Practitioners {
		names = append(names, peopleOf([]client.SlotPractitioner{{Name: p.Name, Gender: p.Gender}}))
		roles = append(roles, shown(first(p.Role, p.Code)))
	}
	cells := []string{
		s.ODS, s.ID, s.Start.String(), s.End.String(), strconv.Itoa(s.Minutes), s.Channel, s.Type, s.Session,
		strings.Join(names, "; "), strings.Join(roles, "; "),
		s.Location.Name, s.Location.Address, s.Location.Postcode, s.Location.Phone, s.Organisation.Name, s.Problem,
	}
	for i := range cells {
		cells[i] = cell(cells[i])
	}
	return cells
}
