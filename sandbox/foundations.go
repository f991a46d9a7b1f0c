package sandbox

import (
	"net/http"
	"strings"
)

// surgery is the practice that is asked, with its sites, staff and services.
func (c *call) surgery() *surgery { return c.server.surgeries[c.practice.ODS] }

// findOrganisation finds the practice, or an organisation that its records name, by ODS code.
func findOrganisation(c *call) answer {
	_, value, refused := c.identifier("https://fhir.nhs.uk/Id/ods-organization-code")
	if refused != nil {
		return *refused
	}
	if !wellFormed(value) {
		return refuse("INVALID_IDENTIFIER_VALUE", "identifier is not an ODS code")
	}
	if value == c.practice.ODS {
		return c.searchset("", []map[string]any{c.surgery().organisation()}, nil)
	}
	return c.searchset("", nil, nil)
}

func readOrganisationByID(c *call) answer {
	if s := c.surgery(); c.id() == s.ID {
		return c.single(s.organisation())
	}
	return c.fromRecords("Organization", "ORGANISATION_NOT_FOUND")
}

func readLocation(c *call) answer {
	s := c.surgery()
	for _, l := range s.Locations {
		if l.ID == c.id() {
			return c.single(s.location(l))
		}
	}
	return c.fromRecords("Location", "NO_RECORD_FOUND")
}

// findPractitioner finds staff by SDS user id: all their records, of which somebody with two
// roles has two.
func findPractitioner(c *call) answer {
	_, value, refused := c.identifier("https://fhir.nhs.uk/Id/sds-user-id")
	if refused != nil {
		return *refused
	}
	if !wellFormed(value) {
		return refuse("INVALID_IDENTIFIER_VALUE", "identifier is not an SDS user id")
	}
	s := c.surgery()
	var found []map[string]any
	for _, p := range s.Practitioners {
		if p.SDS == value {
			found = append(found, s.person(p))
		}
	}
	return c.searchset("", found, nil)
}

func readPractitioner(c *call) answer {
	s := c.surgery()
	for _, p := range s.Practitioners {
		if p.ID == c.id() {
			return c.single(s.person(p))
		}
	}
	return c.fromRecords("Practitioner", "PRACTITIONER_NOT_FOUND")
}

// findService finds services (1.2.8): all of them, or the one with the identifier.
func findService(c *call) answer {
	s := c.surgery()
	var found []map[string]any
	if _, asked := c.query["identifier"]; asked {
		_, value, refused := c.identifier(dosSystem)
		if refused != nil {
			return *refused
		}
		if v, ok := s.byDoS(value); ok {
			found = append(found, s.service(v))
		}
		return c.searchset("", found, nil)
	}
	for _, v := range s.Services {
		found = append(found, s.service(v))
	}
	return c.searchset("", found, nil)
}

func (s *surgery) byDoS(id string) (dosService, bool) {
	for _, v := range s.Services {
		if v.DoS == id {
			return v, true
		}
	}
	return dosService{}, false
}

func readService(c *call) answer {
	s := c.surgery()
	for _, v := range s.Services {
		if v.ID == c.id() {
			return c.single(s.service(v))
		}
	}
	return c.fromRecords("HealthcareService", "NO_RECORD_FOUND")
}

// fromRecords reads a resource that is no part of the practice itself and that a record of
// the practice refers to: the laboratory, a doctor who has left.
func (c *call) fromRecords(kind, code string) answer {
	for _, nhs := range c.server.people.numbers {
		p := c.server.people.byNumber[nhs]
		if p.Practice != c.practice.ODS || p.load == nil {
			continue
		}
		record, err := p.load()
		if err != nil {
			continue
		}
		if at, ok := record.at[kind+"/"+c.id()]; ok {
			fields := clone(record.resources[at].fields)
			if versionOf(fields) == "" {
				meta, _ := fields["meta"].(map[string]any)
				if meta == nil {
					meta = map[string]any{}
				}
				meta["versionId"] = "1"
				fields["meta"] = meta
			}
			return c.single(fields)
		}
	}
	return refuse(code, "nothing has this id here").blameless()
}

// wellFormed says whether an identifier's value could be one: letters and digits.
func wellFormed(value string) bool {
	return len(value) <= 20 && strings.Trim(strings.ToUpper(value), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// created is the answer to a create: where the new resource is.
func (c *call) created(location string, fields map[string]any) answer {
	a := c.written(http.StatusCreated, fields)
	a.header.Set("Location", location)
	return a
}
