package show

import (
	"fmt"

	"github.com/gpconnect-go/gpc/record"
)

// entry reads out an item where items of all kinds stand together. What it is stands before
// its name, but for findings: those are what a consultation is made of.
func (rd *reader) entry(p record.Entry) entry {
	var e entry
	switch {
	case p.Section != nil:
		e = rd.item(p.Section.Item)
		e.Title = orText(p.Section.Title, p.Section.Text)
		e.When = day(p.Section.Date)
		e.says("Problem", rd.links(unkind(p.Section.Problems))...)
		for _, under := range p.Section.Entries {
			e.Parts = append(e.Parts, rd.entry(under))
		}
	case p.Allergy != nil:
		e = rd.allergy(*p.Allergy)
		e.When = day(p.Allergy.Asserted)
	case p.Medication != nil:
		e = rd.medication(*p.Medication)
		e.When = day(p.Medication.Period.Start)
	case p.Prescription != nil:
		e = rd.prescription(*p.Prescription)
	case p.Consultation != nil:
		e = rd.consultationTree(*p.Consultation)
	case p.Problem != nil:
		e = rd.problem(*p.Problem)
	case p.Immunisation != nil:
		e = rd.immunisation(*p.Immunisation)
	case p.Observation != nil:
		e = rd.narrative(*p.Observation)
	case p.Investigation != nil:
		e = rd.investigation(*p.Investigation)
	case p.Referral != nil:
		e = rd.referral(*p.Referral)
	case p.Diary != nil:
		e = rd.diaryEntry(*p.Diary)
	case p.Document != nil:
		e = rd.document(*p.Document)
	default:
		e = rd.item(about(p))
	}
	if e.Label == "" {
		e.Label = kindWord(p.Kind)
	}
	return e
}

// about is what p has in common with all entries.
func about(p record.Entry) record.Item {
	if it := p.About(); it != nil {
		return *it
	}
	return record.Item{Text: "Nothing", Absent: record.AbsentEmpty}
}

// related reads out what came along with consultations or problems. What is told in full in
// another place is only named, in one line a kind.
func (rd *reader) related(title string, all []record.Entry) group {
	g := group{Title: title, Apart: true, Sentence: "What came along with them; these are not the patient's lists."}
	var named []record.Entry
	for _, p := range all {
		if about(p).Abridged && about(p).Absent == "" {
			named = append(named, p)
		} else {
			g.Entries = append(g.Entries, rd.entry(p))
		}
	}
	if len(named) > 0 {
		g.Facts = rd.named(named)
	}
	return g
}

// named names entries that are told elsewhere, with how often each name comes. Those with
// tags of their own have a line each.
func (rd *reader) named(all []record.Entry) []fact {
	var e entry
	times := map[[2]string]int{}
	for _, p := range all {
		it := about(p)
		it.Abridged = false
		label := orText(kindWord(p.Kind), "Finding")
		if tags := rd.tags(it); len(tags) > 0 {
			e.says(label, line{Text: it.Text, Tags: tags})
			continue
		}
		times[[2]string{label, it.Text}]++
	}
	var plain []fact
	at := map[string]int{}
	for _, p := range all {
		label := orText(kindWord(p.Kind), "Finding")
		k := [2]string{label, about(p).Text}
		n := times[k]
		if n == 0 {
			continue
		}
		times[k] = 0
		text := k[1]
		if n > 1 {
			text = fmt.Sprintf("%s (%d times)", text, n)
		}
		i, known := at[label]
		if !known {
			at[label] = len(plain)
			plain = append(plain, fact{Label: label, Lines: lines(text)})
			continue
		}
		plain[i].Lines[0].Text += "; " + text
	}
	return append(plain, e.Facts...)
}
