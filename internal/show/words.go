package show

import (
	"slices"
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

// person is an actor, without the organisation where that is the patient's practice anyway.
func (rd *reader) person(a *record.Actor) string {
	if a == nil || a.Name == "" || a.Name == a.Organisation || !rd.here(a) {
		return actor(a)
	}
	return join(", ", a.Name, a.Role)
}

// here says whether an actor is of the patient's registered practice.
func (rd *reader) here(a *record.Actor) bool {
	p := rd.r.Patient.Practice
	return p != nil && a.ODS != "" && a.ODS == p.ODS
}

func (rd *reader) persons(all []record.Actor) string {
	var texts []string
	for i := range all {
		texts = append(texts, rd.person(&all[i]))
	}
	return join("; ", texts...)
}

// participants are people with what they did: "Dr Ann Lee, GP (performer, recorder)".
func (rd *reader) participants(all []record.Participant) string {
	roles := map[string][]string{}
	var names []string
	for _, p := range all {
		name := rd.person(&p.Actor)
		if _, known := roles[name]; !known {
			names = append(names, name)
		}
		roles[name] = append(roles[name], p.Roles...)
	}
	for i, n := range names {
		names[i] += bracketed(join(", ", roles[n]...))
	}
	return join("; ", names...)
}

// by is "by Dr Ann Lee", behind other words.
func (rd *reader) by(a *record.Actor) string { return prefixed(" by ", rd.person(a)) }

// recorded is "recorded 12 Mar 2019 by Dr Ann Lee" or less.
func (rd *reader) recorded(date string, a *record.Actor) string {
	if date == "" && rd.person(a) == "" {
		return ""
	}
	return "recorded" + prefixed(" ", date) + rd.by(a)
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
	return rd.pick(tagIf{l.NotForPatient, tagNotForPatient}, tagIf{l.EnteredInError, tagError}, tagIf{l.Absent != "", absence(l.Absent)})
}

// consultation tells in which consultation an item was recorded, unless it stands in it.
// One that did not come along is not told: a bare reference has nothing to read.
func (rd *reader) consultation(e *entry, l *record.Link) {
	if l == nil || l.Absent == record.AbsentUnresolved || l.Source != "" && l.Source == rd.in {
		return
	}
	of := *l
	of.Kind = ""
	if tags := rd.linkTags(of); day(of.Date) == e.When && len(tags) == 0 {
		e.tells(prefixed("in consultation ", of.Text))
		return
	}
	e.says("Consultation", rd.link(of))
}

// present says whether someone is known from what is around the item: the one who held the
// consultation, or the laboratory of a report. They are not named again with each line.
func (rd *reader) present(a *record.Actor) bool {
	return a != nil && rd.known[rd.person(a)]
}

// meet sets who is known for what follows.
func (rd *reader) meet(all []record.Participant) {
	rd.known = map[string]bool{}
	for _, p := range all {
		if slices.Contains(p.Roles, "performer") || len(all) == 1 {
			rd.known[rd.person(&p.Actor)] = true
		}
	}
}

// names are those of people who are not known yet, without their roles.
func (rd *reader) names(all []record.Actor) string {
	var texts []string
	for i, a := range all {
		if !rd.present(&all[i]) {
			a.Role = ""
			texts = append(texts, rd.person(&a))
		}
	}
	return join(", ", texts...)
}

// item begins an entry with what all items have in common.
func (rd *reader) item(it record.Item) entry {
	e := entry{Title: it.Text, Tags: rd.tags(it)}
	if len(it.Unreadable) > 0 {
		e.says("Unreadable", lines(it.Unreadable...)...)
	}
	return e
}
