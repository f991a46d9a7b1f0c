package sandbox

import (
	"errors"
	"os"
	"time"
)

// A patient is somebody as one practice knows them.
type patient struct {
	person *person        // nil for somebody whom only PDS knew before they were registered here
	fields map[string]any // the Patient resource
}

func (p patient) id() string { id, _ := p.fields["id"].(string); return id }

// patient is a person as the practice has them on its own list. It does not ask whether they
// may be spoken of.
func (s *Server) patient(p *person, ods string) (patient, error) {
	if p.Practice != "" && p.Practice != ods || p.State == "not-registered" {
		return patient{}, errNotHere
	}
	fields, err := s.onList(p, ods)
	return patient{p, fields}, err
}

var errNotHere = errors.New("not a patient here")

// onList is the Patient of a person's record, or one made from their demographics.
func (s *Server) onList(p *person, ods string) (map[string]any, error) {
	var fields map[string]any
	switch {
	case p.file != "":
		raw, err := os.ReadFile(p.file)
		if err != nil {
			return nil, err
		}
		if fields = patientWithin(raw); fields == nil {
			return nil, errNotHere
		}
	case p.load != nil:
		record, err := p.load()
		if err != nil {
			return nil, err
		}
		fields = clone(record.resources[record.patient].fields)
	default:
		here := s.surgeries[ods]
		fields = headed("Patient", logicalID(p.NHS), "CareConnect-GPC-Patient-1", "1")
		fields["identifier"] = []any{verifiedNumber(p.NHS)}
		fields["active"] = p.State != "inactive"
		p.demographics(fields)
		fields["extension"] = []any{registrationDetails("2010-04-01", "R", here.Locations[0].ID)}
		fields["generalPractitioner"] = []any{reference("Practitioner/" + here.Practitioners[0].ID)}
		fields["managingOrganization"] = reference("Organization/" + here.ID)
	}
	if id, _ := fields["id"].(string); id == "" {
		fields["id"] = logicalID(p.NHS)
	}
	if versionOf(fields) == "" {
		meta, _ := fields["meta"].(map[string]any)
		if meta == nil {
			meta = map[string]any{}
		}
		meta["versionId"] = "1"
		fields["meta"] = meta
	}
	return fields, nil
}

// patientWithin is the Patient of a bundle of one's own.
func patientWithin(raw []byte) map[string]any {
	doc, err := cut(raw)
	if err != nil {
		return nil
	}
	for _, e := range doc.entries {
		from, to := resourceWithin(e)
		if fields := lenient(e[from:to]); fields["resourceType"] == "Patient" {
			return fields
		}
	}
	return nil
}

// findable says whether a practice tells of a person when it is asked for patients: who
// dissents is told of, who is sensitive, deceased or gone is not.
func (p *person) findable() bool { return p.State == "ordinary" || p.State == "no-consent" }

// lookup finds a patient by NHS number for a search; false is an empty answer. Documents are
// those of the practice's own list, everything else also of who is registered temporarily.
func (c *call) lookup(nhs string) (patient, bool) {
	p := c.server.people.byNumber[nhs]
	if fields, registered := c.server.state.registered(c.practice.ODS, nhs); registered && c.row.root != documents {
		return patient{p, fields}, true
	}
	if p == nil || !p.findable() {
		return patient{}, false
	}
	found, err := c.server.patient(p, c.practice.ODS)
	if err != nil {
		return patient{}, false
	}
	c.server.state.learn(c.practice.ODS, found.id(), nhs)
	return found, true
}

// patientByID finds a patient by logical id; it is the practice's own, so one of another
// practice is unknown here.
func (c *call) patientByID(id string) (patient, bool) {
	nhs, known := c.number(id)
	if !known {
		return patient{}, false
	}
	return c.lookup(nhs)
}

// number is the NHS number of the practice's patient with a logical id.
func (c *call) number(id string) (nhs string, known bool) {
	s, ods := c.server, c.practice.ODS
	return s.state.number(ods, id, func(learn func(id, nhs string)) {
		for _, nhs := range s.people.numbers {
			if found, err := s.patient(s.people.byNumber[nhs], ods); err == nil {
				learn(found.id(), nhs)
			}
		}
	})
}

func findPatient(c *call) answer {
	found, refused := c.soughtPatient()
	if refused != nil {
		return *refused
	}
	return c.searchset("", found, nil)
}

// soughtPatient is who a find-a-patient request asks for: nobody or one.
func (c *call) soughtPatient() ([]map[string]any, *answer) {
	_, nhs, refused := c.identifier("https://fhir.nhs.uk/Id/nhs-number")
	if refused != nil {
		return nil, refused
	}
	if !validNHSNumber(nhs) {
		a := refuse("INVALID_NHS_NUMBER", "identifier is no NHS number")
		return nil, &a
	}
	found, ok := c.lookup(nhs)
	if !ok && c.row.root == documents {
		found, ok = c.lookupDeceased(nhs)
	}
	if !ok {
		return nil, nil
	}
	return []map[string]any{c.mistaken(found).fields}, nil
}

// mistaken is the patient, or somebody else of the practice with the wrong-patient fault.
func (c *call) mistaken(found patient) patient {
	if !c.somebodyElse || found.person == nil {
		return found
	}
	other, err := c.server.patient(c.server.people.another(found.person), c.practice.ODS)
	if err != nil {
		return found
	}
	return other
}

// lookupDeceased finds somebody who died a short while ago: their documents are still there.
func (c *call) lookupDeceased(nhs string) (patient, bool) {
	p := c.server.people.byNumber[nhs]
	if p == nil || p.State != "deceased" || !p.lately(c.server.cfg.Now()) {
		return patient{}, false
	}
	found, err := c.server.patient(p, c.practice.ODS)
	if err != nil {
		return patient{}, false
	}
	c.server.state.learn(c.practice.ODS, found.id(), nhs)
	return found, true
}

func readPatientByID(c *call) answer {
	found, ok := c.patientByID(c.id())
	if !ok {
		return refuse("PATIENT_NOT_FOUND", "no patient has this id here").blameless()
	}
	return c.single(c.mistaken(found).fields)
}

// officialName is a Patient's.
func officialName(fields map[string]any) map[string]any {
	names, _ := fields["name"].([]any)
	for _, n := range names {
		if name, _ := n.(map[string]any); name["use"] == "official" {
			return name
		}
	}
	return nil
}

// localTime is a moment as a practice writes it: in London's time, with its offset.
func localTime(t time.Time) string {
	return t.In(london()).Format("2006-01-02T15:04:05-07:00")
}
