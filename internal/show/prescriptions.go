package show

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gpconnect-go/gpc/record"
)

// prescription reads out a plan or an issue that stands by itself.
func (rd *reader) prescription(p record.Prescription) entry {
	e := rd.item(p.Item)
	e.When, e.Label = day(p.Date), "Medication issued"
	if p.Intent == "plan" {
		e.Label = "Medication planned"
	}
	e.Lead = dosage(p.Dosage, p.Instruction)
	e.tells(typeWord(p.Type), p.Status, supply(p))
	if p.Intent != "plan" && rd.ahead(p.Date) {
		e.tells("post-dated")
	}
	rd.planFacts(&e, p)
	rd.consultation(&e, p.Consultation)
	return e
}

// planFacts are what only prescriptions tell: repeats, the stop, people.
func (rd *reader) planFacts(e *entry, p record.Prescription) {
	e.says("Repeats", line{Text: repeats(p.Repeats)})
	e.says("Stopped", line{Text: stopped(p.Stopped)})
	e.says("Period", line{Text: period(p.Period)})
	e.says("Written", line{Text: unlessSame(p.Authored, p.Date)})
	if !rd.present(p.Requester) {
		e.says("Prescriber", line{Text: rd.person(p.Requester)})
	}
	if rd.person(p.Recorder) != rd.person(p.Requester) && !rd.present(p.Recorder) {
		e.says("Recorded by", line{Text: rd.person(p.Recorder)})
	}
	e.says("Dispenser", line{Text: actor(p.Dispenser)})
	e.says("Reason", line{Text: join("; ", concepts(p.Reasons)...)})
	e.says("Prescription", line{Text: p.PrescriptionID})
	e.notes("Note", p.Notes)
}

// dosage is what to take, and what the patient is told beyond that.
func dosage(dose, instruction string) []string {
	if instruction == dose {
		instruction = ""
	}
	if width(dose) < len("daily") { // "1" or "n/a" alone says nothing of what it is about
		dose = prefixed("Dosage: ", dose)
	}
	return lead(dose, prefixed("To the patient: ", instruction))
}

func lead(texts ...string) []string {
	var some []string
	for _, t := range texts {
		if t != "" {
			some = append(some, t)
		}
	}
	return some
}

// typeWord is the type of a prescription as a GP would say it.
func typeWord(t record.Type) string {
	switch t {
	case "acute-handwritten":
		return "acute, handwritten"
	case "repeat-dispensing":
		return "repeat dispensing"
	case "delayed-prescribing":
		return "delayed prescribing"
	}
	return string(t)
}

// supply is "28 tablet, for 28 days".
func supply(p record.Prescription) string {
	return join(", ", p.Quantity, prefixed("for ", days(p.Supply)))
}

// days puts the unit of a time, which is sent as a code is, into the plural.
func days(supply string) string {
	for _, unit := range []string{" day", " week", " month"} {
		if n, ok := strings.CutSuffix(supply, unit); ok && n != "1" {
			return supply + "s"
		}
	}
	return supply
}

// repeats is "2 of 6 issued, 4 left, authorised until 1 Jan 2027".
func repeats(r *record.Repeats) string {
	if r == nil {
		return ""
	}
	var issued string
	switch {
	case r.Issued != nil && r.Allowed != nil:
		issued = number(r.Issued) + " of " + number(r.Allowed) + " issued"
	case r.Issued != nil:
		issued = number(r.Issued) + " issued, number allowed not given"
	case r.Allowed != nil:
		issued = number(r.Allowed) + " allowed, number issued not given"
	}
	left := ""
	if r.Left != nil {
		left = number(r.Left) + " left"
	}
	return join(", ", issued, left, prefixed("authorised until ", day(r.Expires)))
}

func number(n *int) string { return strconv.Itoa(*n) }

// stopped is when and why.
func stopped(s *record.Stopped) string {
	if s == nil {
		return ""
	}
	return join(": ", day(s.Date), orText(concept(&s.Concept), "no reason given"))
}

// issues reads out the issues of a plan, latest first. Issues in a row that differ in their
// dates only share a line.
func (rd *reader) issues(m record.Medication) []line {
	var all []line
	var dates []string
	last := ""
	for _, i := range m.Issues {
		about, tags := rd.issue(i, m), rd.tags(i.Item)
		date := orText(day(i.Date), glue("no date"))
		if rd.ahead(i.Date) {
			date += " (post-dated)"
		}
		n := len(all) - 1
		if n < 0 || about != last || len(tags)+len(all[n].Tags) > 0 {
			all = append(all, line{Tags: tags})
			n, last, dates = n+1, about, nil
		}
		dates = append(dates, date)
		all[n].Text = join(": ", about, counted(dates))
	}
	return all
}

// counted is dates in a row; those that come several times are counted.
func counted(dates []string) string {
	var all []string
	for i := 0; i < len(dates); {
		n := 1
		for i+n < len(dates) && dates[i+n] == dates[i] {
			n++
		}
		text := dates[i]
		if n > 1 {
			text = fmt.Sprintf("%s (%d times)", text, n)
		}
		all = append(all, text)
		i += n
	}
	return strings.Join(all, ", ")
}

// issue is an issue but for its date, as far as it is not what the item of medication says.
func (rd *reader) issue(i record.Prescription, m record.Medication) string {
	var name, dose, status, instruction string
	if i.Text != m.Text {
		name = i.Text
	}
	if i.Dosage != m.Dosage {
		dose = i.Dosage
	}
	if i.Instruction != m.Instruction {
		instruction = prefixed("to the patient: ", i.Instruction)
	}
	if i.Status != "active" && i.Status != "completed" {
		status = i.Status
	}
	if i.Type != m.Type {
		status = join("; ", typeWord(i.Type), status)
	}
	for _, a := range []*record.Actor{i.Requester, i.Recorder} {
		if who := rd.person(a); m.Plan == nil || who != rd.person(m.Plan.Requester) && who != rd.person(m.Plan.Recorder) {
			status = join("; ", status, prefixed("by ", who))
		}
	}
	status = join("; ", status, prefixed("to ", actor(i.Dispenser)), prefixed("because of ", join(", ", concepts(i.Reasons)...)))
	var notes []string
	for _, n := range i.Notes {
		notes = append(notes, noteText(n))
	}
	return join("; ", name, dose, instruction, supply(i), status, stopped(i.Stopped), join("; ", notes...))
}
