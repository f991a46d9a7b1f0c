package record

import (
	"fmt"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// unnamed is the text of what the record has no words for.
const unnamed = "(not named in the record)"

const (
	notForPatient  = "NOPAT"
	enteredInError = "entered-in-error"
	codeNarrative  = "37331000000100" // "Comment note": narrative, filing comments
)

// item begins an item from the resource that it is and the code that names it.
func (r *reader) item(d *fhir.DomainResource, name fhir.CodeableConcept, status string) Item {
	i := Item{
		Text:           name.Display(),
		Codes:          codes(name.Coding),
		Degraded:       name.Degraded(),
		NotForPatient:  d.Meta.HasSecurity(notForPatient),
		EnteredInError: status == enteredInError,
		Modified:       len(d.ModifierExtension) > 0,
	}
	if i.Text == "" {
		i.Text = unnamed
	}
	r.cite(&i, d)
	return i
}

// cite adds d to what the item is made of, with what is to be known about d.
func (r *reader) cite(i *Item, d *fhir.DomainResource) {
	source := r.sourceOf(d.Resource)
	i.Sources = append(i.Sources, source)
	for _, path := range d.Odd {
		i.Unreadable = append(i.Unreadable, source+" "+path)
	}
	i.Ambiguous = i.Ambiguous || r.ambiguous[source] || r.twice[d.Offset]
	i.OtherSubject = i.OtherSubject || r.isAboutOther(d.Resource)
}

// sourceOf names a resource: by Type/id, or by the one that it is contained in.
func (r *reader) sourceOf(res fhir.Resource) string {
	if r.isContained(res) {
		return r.containerName(r.resources[res.Index]) + "#" + strings.TrimPrefix(res.ID, "#")
	}
	return coalesce(r.keys[res.Index], res.Type)
}

// keyOf is the Type/id that references to a resource of the answer have, or "".
func (r *reader) keyOf(res fhir.Resource) string {
	if r.isContained(res) {
		return ""
	}
	return r.keys[res.Index]
}

func (r *reader) containerName(res fhir.Resource) string {
	if list := view[fhir.List](r, res); list != nil {
		return listName(list)
	}
	return r.keys[res.Index]
}

// codes are the codings that say anything.
func codes(codings []fhir.Coding) []Code {
	if len(codings) == 0 {
		return nil
	}
	found := make([]Code, 0, len(codings))
	for _, c := range codings {
		if c.System == "" && c.Code == "" && c.Display == "" {
			continue
		}
		code := Code{System: c.System, Code: c.Code, Display: c.Display, UserSelected: c.UserSelected.IsTrue()}
		if len(c.Extension) > 0 {
			code.Description = c.Description()
		}
		found = append(found, code)
	}
	return found
}

// concept is c, or nil when there is nothing in it.
func concept(c fhir.CodeableConcept) *Concept {
	if c.IsZero() {
		return nil
	}
	k := Concept{Text: c.Display(), Codes: codes(c.Coding)}
	if k.Text == "" {
		if len(k.Codes) == 0 {
			return nil
		}
		k.Text = unnamed
	}
	return &k
}

func concepts(all []fhir.CodeableConcept) []Concept {
	var found []Concept
	for _, c := range all {
		if k := concept(c); k != nil {
			found = append(found, *k)
		}
	}
	return found
}

// notes are the remarks with a text.
func (r *reader) notes(from fhir.Resource, all []fhir.Annotation) []Note {
	var found []Note
	for _, a := range all {
		if a.Text == "" {
			continue
		}
		n := Note{Text: a.Text, Author: a.AuthorString, Time: a.Time}
		if a.AuthorReference != nil && n.Author == "" {
			n.Author = r.actor(from, *a.AuthorReference).Name
		}
		found = append(found, n)
	}
	return found
}

func period(p *fhir.Period) Period {
	if p == nil {
		return Period{}
	}
	return Period{Start: p.Start, End: p.End}
}

// when is a time that FHIR gives in one of several ways.
func when(date fhir.Date, p *fhir.Period, words ...string) When {
	switch {
	case date != "":
		return When{Date: date}
	case p != nil && !p.IsZero():
		return When{Date: p.Start, End: p.End}
	}
	for _, w := range words {
		if w != "" {
			return When{Text: w}
		}
	}
	return When{}
}

// age reads out an age or a range of ages.
func age(q *fhir.Quantity, rng *fhir.Range) string {
	switch {
	case q != nil && q.String() != "":
		return "aged " + q.String()
	case rng != nil:
		return "aged " + rangeText(rng)
	}
	return ""
}

func rangeText(rng *fhir.Range) string {
	switch {
	case rng.Low != nil && rng.High != nil:
		low := *rng.Low
		if low.Unit == rng.High.Unit {
			low.Unit, low.Code = "", ""
		}
		return fmt.Sprintf("%s–%s", low.String(), rng.High.String())
	case rng.Low != nil:
		return "≥ " + rng.Low.String()
	case rng.High != nil:
		return "≤ " + rng.High.String()
	}
	return ""
}

func quantity(q *fhir.Quantity) string {
	if q == nil {
		return ""
	}
	return q.String()
}

// coalesce is the first text that is not empty.
func coalesce(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
