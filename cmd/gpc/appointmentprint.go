package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

// appointmentView is an appointment as it is printed: with the names behind the ids that it
// has, and, of one that was just written, with how that went.
type appointmentView struct {
	*client.Appointment
	Place  *client.SlotLocation      `json:"place,omitempty"`
	People []client.SlotPractitioner `json:"people,omitempty"`

	Registered *bool               `json:"registered,omitempty"` // for this booking
	Recovered  *bool               `json:"recovered,omitempty"`  // the answer was lost
	Intent     string              `json:"intent,omitempty"`     // in the journal of writes
	Replaced   *client.Appointment `json:"replaced,omitempty"`   // by a reschedule, as it is now
}

// written is how a write went.
func (v *appointmentView) written(recovered bool, intent string) *appointmentView {
	v.Recovered, v.Intent = &recovered, intent
	return v
}

// viewOf takes the names from the slots that were booked.
func viewOf(a *client.Appointment, slots []client.Slot) *appointmentView {
	v := &appointmentView{Appointment: a}
	if len(slots) > 0 {
		v.Place, v.People = &slots[0].Location, slots[0].Practitioners
	}
	return v
}

// named reads the names at the practice. Where one cannot be read its id stands for it.
func (a *app) named(ctx context.Context, p *client.Practice, found *client.Appointment) *appointmentView {
	v := &appointmentView{Appointment: found}
	if found.Location != "" {
		v.Place = &client.SlotLocation{ID: found.Location}
		if l, err := p.ReadLocation(ctx, found.Location); err != nil {
			a.words("warning: %v", err)
		} else {
			v.Place = &client.SlotLocation{
				ID: found.Location, Name: l.Name, Address: addressOf(l.Address), Postcode: l.Address.PostalCode, Phone: phoneOf(l.Telecom), Site: l.ODSSite(),
			}
		}
	}
	for _, id := range found.Practitioners {
		person := client.SlotPractitioner{ID: id, Role: found.Role, Code: found.RoleCode}
		if who, err := p.ReadPractitioner(ctx, id); err != nil {
			a.words("warning: %v", err)
		} else {
			person.Name, person.Gender = humanName(who.Name), who.Gender
		}
		v.People = append(v.People, person)
	}
	return v
}

func phoneOf(telecoms []fhir.ContactPoint) string {
	for _, t := range telecoms {
		if t.System == "phone" {
			return t.Value
		}
	}
	return ""
}

func humanName(names []fhir.HumanName) string {
	if len(names) == 0 {
		return ""
	}
	n := names[0]
	if n.Text != "" {
		return n.Text
	}
	return joinWords(" ", append(append(append([]string{}, n.Prefix...), n.Given...), n.Family)...)
}

func (v *appointmentView) where() string {
	if v.Place == nil {
		return ""
	}
	return joinWords(", ", v.Place.Name, v.Place.Address)
}

// printAppointment writes one in the format asked for.
func (o *output) printAppointment(a *app, v *appointmentView) error {
	switch o.format {
	case "json":
		return o.writeJSON(a, v)
	case "fhir":
		if v.View() == nil {
			a.words("the practice did not show the appointment")
			return nil
		}
		return o.write(a, v.View().Raw)
	}
	var b bytes.Buffer
	describeAppointment(&b, a.width(o.file), v)
	return o.write(a, b.Bytes())
}

func describeAppointment(b *bytes.Buffer, width int, v *appointmentView) {
	id := v.ID
	if v.Version != "" {
		id += " (version " + v.Version + ")"
	}
	all := [][2]string{{"appointment", id}, {"practice", v.ODS}, {"status", v.Status}, {"when", when(v.Start, v.End)}}
	for _, l := range [][2]string{
		{"where", v.where()}, {"telephone", placePhone(v)}, {"with", peopleOf(v.People)}, {"how", v.Channel},
		{"type", joinWords(" / ", v.Type, v.Session)}, {"description", v.Description}, {"comment", v.Comment},
		{"cancelled because", v.CancellationReason}, {"booked by", bookedBy(v.BookedBy)}, {"booked on", bookedOn(v.Created)},
	} {
		if l[1] != "" {
			all = append(all, l)
		}
	}
	if v.Unread {
		all = append(all, [2]string{"note", "the practice confirmed it without showing it; this is what was sent"})
	}
	if v.Replaced != nil {
		all = append(all, [2]string{"instead of", v.Replaced.ID + " (" + v.Replaced.Status + "), " + when(v.Replaced.Start, v.Replaced.End)})
	}
	lines(b, width, all)
}

func placePhone(v *appointmentView) string {
	if v.Place == nil {
		return ""
	}
	return v.Place.Phone
}

func bookedBy(by client.Booker) string { return joinWords(" ", by.Name, inBrackets(by.ODS), by.Phone) }

func bookedOn(t client.UKTime) string {
	if t.IsZero() {
		return ""
	}
	return longDay(t) + ", " + clock(t)
}

// printAppointments writes several.
func (o *output) printAppointments(a *app, all []*client.Appointment) error {
	var b bytes.Buffer
	switch o.format {
	case "json":
		return o.writeJSON(a, all)
	case "ndjson":
		for _, one := range all {
			data, err := json.Marshal(one)
			if err != nil {
				return err
			}
			b.Write(append(data, '\n'))
		}
	case "csv":
		if err := appointmentsCSV(&b, all); err != nil {
			return err
		}
	default:
		for _, v := range all {
			listAppointment(&b, a.width(o.file), v)
		}
	}
	return o.write(a, b.Bytes())
}

// listAppointment is one of several: its id, status and time, and then what it is.
func listAppointment(b *bytes.Buffer, width int, v *client.Appointment) {
	id := orDash(shown(v.ID))
	indent := utf8.RuneCountInString(id) + 2
	by := joinWords(" ", v.BookedBy.Name, inBrackets(v.BookedBy.ODS))
	if by != "" {
		by = "booked by " + by
	}
	fmt.Fprintf(b, "%s  %s\n", id, fold(joinWords("  ", v.Status, when(v.Start, v.End)), width, indent))
	for _, line := range []string{joinWords(", ", v.Channel, joinWords(" / ", v.Type, v.Session)), shown(v.Description), by} {
		if line != "" {
			fmt.Fprintf(b, "%*s%s\n", indent, "", fold(line, width, indent))
		}
	}
}

func appointmentsCSV(b *bytes.Buffer, all []*client.Appointment) error {
	w := csv.NewWriter(b)
	_ = w.Write([]string{"ods", "id", "version", "status", "start", "end", "minutes", "delivery_channel", "slot_type", "session_type",
		"description", "comment", "cancellation_reason", "created", "booked_by", "booked_by_name"})
	for _, v := range all {
		cells := []string{v.ODS, v.ID, v.Version, v.Status, v.Start.String(), v.End.String(), strconv.Itoa(v.Minutes), v.Channel, v.Type, v.Session,
			v.Description, v.Comment, v.CancellationReason, v.Created.String(), v.BookedBy.ODS, v.BookedBy.Name}
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
