package show

import (
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// patient reads out who the record is about.
func (rd *reader) patient(s *sheet) {
	p := rd.r.Patient
	if p.Deceased || !p.DeceasedDate.IsZero() {
		s.Banners = append(s.Banners, "DECEASED"+on(p.DeceasedDate))
	}
	if p.NotForPatient {
		s.Banners = append(s.Banners, "NOT FOR PATIENT: the record is marked as not to be disclosed to the patient")
	}
	if p.Active.IsFalse() {
		s.Banners = append(s.Banners, "NOT ACTIVE: the practice no longer uses this patient record")
	}
	var e entry
	e.says("NHS number", line{Text: nhsNumber(p.NHSNumber) + bracketed(concept(p.NHSNumberStatus)), Tags: rd.pick(tagIf{notNHS(p.NHSNumber), tagNotNHS})})
	e.says("Born", line{Text: orText(day(p.BirthDate), "date of birth not given") + bracketed(rd.age(p))})
	e.says("Gender", line{Text: orText(p.Gender, "not given")})
	if p.Deceased || !p.DeceasedDate.IsZero() {
		e.says("Deceased", line{Text: orText(day(p.DeceasedDate), "yes; date not given")})
	}
	e.says("Registered at", line{Text: orText(actor(p.Practice), "practice not given")})
	for i := range p.GPs {
		e.says("Usual GP", line{Text: rd.person(&p.GPs[i])})
	}
	registration(&e, p.Registration)
	e.says("Other names", lines(p.OtherNames...)...)
	contacts(&e, "Address", p.Addresses)
	contacts(&e, "Contact", p.Telecoms)
	for _, c := range p.Contacts {
		var more entry
		contacts(&more, "", append(slices.Clone(c.Telecoms), c.Addresses...))
		text := orText(c.Name, "name not given") + bracketed(join(", ", c.Relationships...))
		for _, f := range more.Facts {
			text = join(", ", text, f.Lines[0].Text)
		}
		e.says("Contact person", line{Text: text})
	}
	for _, l := range p.Languages {
		e.says("Language", line{Text: concept(&l.Concept) + interpreter(l.Interpreter)})
	}
	e.says("Unreadable", lines(p.Unreadable...)...)
	s.Patient = e.Facts
}

// notNHS says whether something stands where the NHS number should, and is none.
func notNHS(number string) bool {
	_, err := fhir.ParseNHSNumber(number)
	return number != "" && err != nil
}

func registration(e *entry, r *record.Registration) {
	if r == nil {
		return
	}
	e.says("Registration", line{Text: join(", ", concept(r.Type), concept(r.Status), period(r.Period), prefixed("branch ", r.Branch))})
}

func contacts(e *entry, label string, all []record.Contact) {
	for _, c := range all {
		e.says(label, line{Text: oneLine(strings.ReplaceAll(c.Text, "\n", ", ")) + bracketed(join(" ", c.Use, c.Kind))})
	}
}

func interpreter(required fhir.Bool) string {
	switch {
	case required.IsTrue():
		return ", INTERPRETER REQUIRED"
	case required.IsFalse():
		return ", no interpreter required"
	}
	return ""
}

// age is told of the living only, and only when the time is known.
func (rd *reader) age(p record.Patient) string {
	switch {
	case !p.DeceasedDate.IsZero():
		if died, _, ok := p.DeceasedDate.Range(fhir.London()); ok && p.DeceasedDate.Precision() >= fhir.Day {
			return prefixed("died aged ", age(p.BirthDate, died))
		}
		return ""
	case p.Deceased || rd.now.IsZero():
		return ""
	}
	return age(p.BirthDate, rd.now)
}

// source reads out where the record comes from.
func (rd *reader) source(s *sheet) {
	src := rd.r.Source
	practice := join(" ", src.Practice, strings.TrimSpace(bracketed(src.ODS)))
	s.Source = "From the GP record of " + orText(practice, "a practice that is not named")
	if src.Saved {
		s.Source += ", read from a saved answer: what was asked for is not known"
	}
	s.Source += "."
	var e entry
	e.says("Retrieved", line{Text: orText(retrieved(src.Retrieved), "time not known")})
	e.says("Trace id", line{Text: orText(src.TraceID, "not known")})
	s.Origin = e.Facts
}

// nhsNumber groups ten digits as they are read out; what is something else stays as sent.
func nhsNumber(n string) string {
	if len(n) != 10 || strings.Trim(n, "0123456789") != "" {
		return orText(n, "not given")
	}
	return glue(n[:3] + " " + n[3:6] + " " + n[6:])
}

func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
