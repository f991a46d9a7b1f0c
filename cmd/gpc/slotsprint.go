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
	"text/tabwriter"

	"github.com/gpconnect-go/gpc/client"
)

// slotLine is a slot as the table has it. The specification wants shown (Search for free
// slots, consumer): start, end or duration, delivery channel, slot and session type, the
// location's name and address, the practitioner's role, name and gender.
type slotLine struct {
	index       int // of the practice, as asked
	start       client.UKTime
	day, place  string
	time        string
	channel     string
	kind        string
	who         string
	id, problem string
}

func lineOf(s *client.Slot, index int) slotLine {
	line := slotLine{
		index: index, start: s.Start, day: "Day not readable", time: when(s.Start, s.End),
		place:   s.ODS + "  " + placeOf(s),
		channel: orDash(shown(s.Channel)), kind: orDash(joinWords(" / ", s.Type, s.Session)),
		who: orDash(peopleOf(s.Practitioners)), id: orDash(shown(s.ID)), problem: shown(s.Problem),
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

// slotTable groups by day and then by place, practices in the order asked.
func slotTable(b *bytes.Buffer, rows []slotLine) error {
	slices.SortStableFunc(rows, func(x, y slotLine) int {
		return cmp.Or(strings.Compare(x.dayKey(), y.dayKey()), cmp.Compare(x.index, y.index), strings.Compare(x.place, y.place), x.start.Compare(y.start.Time))
	})
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	var day, place string
	for i, row := range rows {
		if i == 0 || row.dayKey() != day {
			day, place = row.dayKey(), ""
			if i > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintln(w, row.day)
		}
		if row.place != place {
			place = row.place
			fmt.Fprintln(w, "  "+place)
		}
		id := row.id
		if row.problem != "" {
			id += " (cannot be booked: " + row.problem + ")"
		}
		fmt.Fprintf(w, "    %s\t%s\t%s\t%s\t%s\n", row.time, row.channel, row.kind, row.who, id)
	}
	return w.Flush()
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
		cells[i] = shown(cells[i])
	}
	return cells
}
