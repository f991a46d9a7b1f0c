package show

import (
	"strings"

	"github.com/gpconnect-go/gpc/record"
)

// join puts texts in a row, leaving out what is empty.
func join(sep string, texts ...string) string {
	var some []string
	for _, t := range texts {
		if t != "" {
			some = append(some, t)
		}
	}
	return strings.Join(some, sep)
}

// concept is a meaning in words; where the record has none, by its first code.
func concept(c *record.Concept) string {
	if c == nil {
		return ""
	}
	if c.Text != "" || len(c.Codes) == 0 {
		return c.Text
	}
	return orText(c.Codes[0].Display, c.Codes[0].Code)
}

func concepts(all []record.Concept) []string {
	var texts []string
	for i := range all {
		texts = append(texts, concept(&all[i]))
	}
	return texts
}

// actor is "Dr Ann Lee, General practitioner, Example Surgery (B82617)".
func actor(a *record.Actor) string {
	if a == nil {
		return ""
	}
	org := a.Organisation
	if a.ODS != "" {
		org = join(" ", org, "("+a.ODS+")")
	}
	if a.Name == a.Organisation || a.Name == "" {
		return join(", ", org, a.Role)
	}
	if a.Organisation == "" && a.Role == "" {
		return join(" ", a.Name, org)
	}
	return join(", ", a.Name, a.Role, org)
}

// person is an actor without the organisation, for where that is the practice anyway.
func person(a *record.Actor) string {
	if a == nil {
		return ""
	}
	return join(", ", orText(a.Name, a.Organisation), a.Role)
}

func persons(all []record.Actor) string {
	var texts []string
	for i := range all {
		texts = append(texts, person(&all[i]))
	}
	return join("; ", texts...)
}

// participants are people with what they did: "Dr Ann Lee, GP (recorder)".
func participants(all []record.Participant) string {
	var texts []string
	for _, p := range all {
		text := person(&p.Actor)
		if roles := join(", ", p.Roles...); roles != "" {
			text += " (" + roles + ")"
		}
		texts = append(texts, text)
	}
	return join("; ", texts...)
}

// by is "by Dr Ann Lee", behind other words.
func by(a *record.Actor) string { return prefixed(" by ", person(a)) }

// recorded is "recorded 12 Mar 2019 by Dr Ann Lee" or less.
func recorded(date string, a *record.Actor) string {
	if date == "" && person(a) == "" {
		return ""
	}
	return "recorded" + prefixed(" ", date) + by(a)
}

func noteText(n record.Note) string {
	about := join(", ", n.Author, moment(n.Time))
	if about == "" || n.Text == "" {
		return n.Text
	}
	return n.Text + " (" + about + ")"
}

// kindWord says what something is, before its name.
func kindWord(k record.Kind) string {
	switch k {
	case record.KindAllergy:
		return "Allergy"
	case record.KindMedication, record.KindPrescription:
		return "Medication"
	case record.KindConsultation:
		return "Consultation"
	case record.KindProblem:
		return "Problem"
	case record.KindImmunisation:
		return "Immunisation"
	case record.KindInvestigation:
		return "Investigation"
	case record.KindReferral:
		return "Referral"
	case record.KindDiary:
		return "Planned"
	case record.KindRequest:
		return "Test requested"
	case record.KindDocument:
		return "Document"
	case record.KindForm:
		return "Form"
	}
	return ""
}

// link is another item in a line: "Problem: Asthma, 12 Mar 2019".
func (rd *reader) link(l record.Link) line {
	text := join(": ", kindWord(l.Kind), orText(l.Text, l.Source))
	return line{Text: join(", ", text, day(l.Date)), Tags: rd.linkTags(l)}
}

func (rd *reader) links(all []record.Link) []line {
	var lines []line
	for _, l := range all {
		lines = append(lines, rd.link(l))
	}
	return lines
}

func (rd *reader) linkTags(l record.Link) []string {
	return rd.pick(l.NotForPatient, tagNotForPatient, l.EnteredInError, tagError,
		l.Absent != "", absence(l.Absent))
}

// consultation tells in which consultation an item was recorded, unless it stands in it.
// One that did not come along is not told: a bare reference has nothing to read.
func (rd *reader) consultation(e *entry, l *record.Link) {
	if l == nil || l.Absent == record.AbsentUnresolved || l.Source != "" && l.Source == rd.in {
		return
	}
	of := *l
	of.Kind = ""
	e.says("Consultation", rd.link(of))
}

// item begins an entry with what all items have in common.
func (rd *reader) item(it record.Item) entry {
	e := entry{Title: it.Text, Tags: rd.tags(it)}
	if len(it.Unreadable) > 0 {
		e.says("Unreadable", lines(it.Unreadable...)...)
	}
	return e
}
