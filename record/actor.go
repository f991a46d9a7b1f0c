package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// actor is who a reference within from means. What cannot be resolved keeps the name that
// the reference gives.
func (r *reader) actor(from fhir.Resource, ref fhir.Reference) Actor {
	if strings.HasPrefix(ref.Reference, "#") {
		return r.readActor(from, ref)
	}
	known, ok := r.actors[ref.Reference]
	if !ok {
		known = r.readActor(from, fhir.Reference{Reference: ref.Reference})
		r.actors[ref.Reference] = known
	}
	known.Name = coalesce(known.Name, ref.Display)
	if known.Name == "" && ref.Identifier != nil {
		known.Name = ref.Identifier.Value
	}
	return known
}

// actorOf is actor for a reference that may not be there.
func (r *reader) actorOf(from fhir.Resource, ref fhir.Reference) *Actor {
	if ref.IsZero() {
		return nil
	}
	a := r.actor(from, ref)
	if a == (Actor{}) {
		return nil
	}
	return &a
}

func (r *reader) actorsOf(from fhir.Resource, refs []fhir.Reference) []Actor {
	var found []Actor
	for _, ref := range refs {
		if a := r.actorOf(from, ref); a != nil {
			found = append(found, *a)
		}
	}
	return found
}

func (r *reader) readActor(from fhir.Resource, ref fhir.Reference) Actor {
	a := Actor{Name: ref.Display, Source: ref.Reference}
	res, ok := r.resolve(from, ref.Reference)
	if !ok {
		return a
	}
	name := ""
	switch res.Type {
	case "Practitioner":
		if p := view[fhir.Practitioner](r, res); p != nil {
			name = personName(p.Name)
			r.addRole(&a, ref.Reference)
		}
	case "PractitionerRole":
		if p := view[fhir.PractitionerRole](r, res); p != nil {
			if person := resolved[fhir.Practitioner](r, res, p.Practitioner); person != nil {
				name = personName(person.Name)
			}
			name = coalesce(name, p.Practitioner.Display)
			r.readRole(&a, p)
		}
	case "Organization":
		if o := view[fhir.Organization](r, res); o != nil {
			name, a.ODS = o.Name, o.ODS()
		}
	case "HealthcareService":
		if s := view[fhir.HealthcareService](r, res); s != nil {
			name = coalesce(s.Name, firstText(s.Type), firstText(s.Specialty))
			if o := resolved[fhir.Organization](r, res, s.ProvidedBy); o != nil {
				a.Organisation, a.ODS = o.Name, o.ODS()
			}
		}
	case "Location":
		if l := view[fhir.Location](r, res); l != nil {
			name = coalesce(l.Name, addressText(l.Address))
		}
	case "Device":
		if d := view[fhir.Device](r, res); d != nil {
			name = coalesce(d.Type.Display(), d.Model, d.Manufacturer)
		}
	case "Patient":
		name = "the patient"
	}
	a.Name = coalesce(name, a.Name)
	return a
}

// addRole adds what a practitioner does where, if that is known: of several roles nobody
// can know which was meant.
func (r *reader) addRole(a *Actor, practitioner string) {
	if roles := r.roles[entryKey(practitioner)]; len(roles) == 1 {
		r.readRole(a, roles[0])
	}
}

func (r *reader) readRole(a *Actor, p *fhir.PractitionerRole) {
	a.Role = firstText(p.Code)
	if o := resolved[fhir.Organization](r, p.Resource, p.Organization); o != nil {
		a.Organisation, a.ODS = o.Name, o.ODS()
	} else {
		a.Organisation = p.Organization.Display
	}
}

// personName is the name of one who works in health care: "Dr Jane DAVIES" as it is sent.
func personName(names []fhir.HumanName) string {
	for _, use := range []string{"official", "usual", ""} {
		for _, n := range names {
			if n.Use == use || use == "" {
				return nameText(n)
			}
		}
	}
	return ""
}

func nameText(n fhir.HumanName) string {
	if n.Text != "" {
		return n.Text
	}
	var words []string
	for _, part := range [][]string{n.Prefix, n.Given, {n.Family}, n.Suffix} {
		for _, w := range part {
			if w != "" {
				words = append(words, w)
			}
		}
	}
	return strings.Join(words, " ")
}

func addressText(a fhir.Address) string {
	if a.Text != "" {
		return a.Text
	}
	var words []string
	for _, part := range [][]string{a.Line, {a.City, a.District, a.State, a.PostalCode, a.Country}} {
		for _, w := range part {
			if w != "" {
				words = append(words, w)
			}
		}
	}
	return strings.Join(words, ", ")
}

func firstText(all []fhir.CodeableConcept) string {
	for _, c := range all {
		if t := c.Display(); t != "" {
			return t
		}
	}
	return ""
}
