package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// tellPatient reads the Patient.
func (r *reader) tellPatient() Patient {
	v := r.patient
	official := v.OfficialName()
	p := Patient{
		Family:    official.Family,
		Given:     official.Given,
		Prefix:    official.Prefix,
		Name:      patientName(official),
		Gender:    v.Gender,
		BirthDate: v.BirthDate,
		Active:    v.Active,

		Deceased:     v.IsDeceased(),
		DeceasedDate: v.DeceasedDateTime,
		Practice:     r.actorOf(v.Resource, v.ManagingOrganization),
		GPs:          r.actorsOf(v.Resource, v.GeneralPractitioner),

		Sources:       []string{r.sourceOf(v.Resource)},
		NotForPatient: v.Meta.HasSecurity(notForPatient),
		person:        v.Person(nil),
	}
	if o := resolved[fhir.Organization](r, v.Resource, v.ManagingOrganization); o != nil {
		p.person.Practice = o.ODS()
	}
	for _, path := range v.Odd {
		p.Unreadable = append(p.Unreadable, r.sourceOf(v.Resource)+" "+path)
	}
	if v.BirthDate != "" && !v.BirthDate.Valid() {
		p.Unreadable = append(p.Unreadable, p.Sources[0]+" birth_date")
	}
	r.addNumber(&p)
	r.addContacts(&p)
	r.addRegistration(&p)
	return p
}

func (r *reader) addNumber(p *Patient) {
	for _, id := range r.patient.NHSIdentifiers() {
		p.NHSNumber = coalesce(p.NHSNumber, id.Value)
		if e, ok := id.Extension.Find("NHSNumberVerificationStatus"); ok && p.NHSNumberStatus == nil && e.ValueCodeableConcept != nil {
			p.NHSNumberStatus = concept(*e.ValueCodeableConcept)
		}
	}
	if n, ok := r.patient.NHSNumber(); ok {
		p.NHSNumber = n.Digits()
	}
}

// patientName is "FAMILY, Given Given (Prefix)", the way of GP screens.
func patientName(n fhir.HumanName) string {
	name := strings.ToUpper(n.Family)
	if given := strings.Join(n.Given, " "); given != "" {
		name = strings.TrimPrefix(name+", "+given, ", ")
	}
	if prefix := strings.Join(n.Prefix, " "); prefix != "" {
		name += " (" + prefix + ")"
	}
	return strings.TrimSpace(coalesce(name, n.Text))
}

func (r *reader) addContacts(p *Patient) {
	official := p.Name
	for _, n := range r.patient.Name {
		if name := patientName(n); name != official {
			if n.Use != "" {
				name += " [" + n.Use + "]"
			}
			p.OtherNames = append(p.OtherNames, name)
		}
	}
	for _, a := range r.patient.Address {
		if text := addressText(a); text != "" {
			p.Addresses = append(p.Addresses, Contact{Text: text, Use: a.Use})
		}
	}
	p.Telecoms = telecoms(r.patient.Telecom)
	for _, c := range r.patient.Contact {
		person := RelatedPerson{Name: patientName(c.Name), Telecoms: telecoms(c.Telecom)}
		for _, rel := range c.Relationship {
			if text := rel.Display(); text != "" {
				person.Relationships = append(person.Relationships, text)
			}
		}
		if text := addressText(c.Address); text != "" {
			person.Addresses = []Contact{{Text: text, Use: c.Address.Use}}
		}
		p.Contacts = append(p.Contacts, person)
	}
}

func telecoms(all []fhir.ContactPoint) []Contact {
	var found []Contact
	for _, t := range all {
		if t.Value != "" {
			found = append(found, Contact{Text: t.Value, Use: t.Use, Kind: t.System})
		}
	}
	return found
}

// addRegistration reads the registration and the languages from their extensions.
func (r *reader) addRegistration(p *Patient) {
	v := r.patient
	if e, ok := v.Extension.Find("RegistrationDetails"); ok {
		reg := Registration{}
		if part, _ := e.Extension.Find("registrationType"); part.ValueCodeableConcept != nil {
			reg.Type = concept(*part.ValueCodeableConcept)
		}
		if part, _ := e.Extension.Find("registrationStatus"); part.ValueCodeableConcept != nil {
			reg.Status = concept(*part.ValueCodeableConcept)
		}
		if part, _ := e.Extension.Find("registrationPeriod"); part.ValuePeriod != nil {
			reg.Period = period(part.ValuePeriod)
		}
		if part, _ := e.Extension.Find("preferredBranchSurgery"); part.ValueReference != nil {
			reg.Branch = r.actor(v.Resource, *part.ValueReference).Name
		}
		p.Registration = &reg
	}
	for _, e := range v.Extension.All("NHSCommunication") {
		part, _ := e.Extension.Find("language")
		if part.ValueCodeableConcept == nil {
			continue
		}
		l := Language{}
		if k := concept(*part.ValueCodeableConcept); k != nil {
			l.Concept = *k
		}
		need, _ := e.Extension.Find("interpreterRequired")
		l.Interpreter = need.ValueBoolean
		p.Languages = append(p.Languages, l)
	}
}
