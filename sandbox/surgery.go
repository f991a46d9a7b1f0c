package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
)

// A surgery is what a practice consists of: sites, staff and services.
type surgery struct {
	practice practice

	ODS           string         `json:"ods"`
	ID            string         `json:"id"` // of the Organization
	Locations     []site         `json:"locations"`
	Practitioners []practitioner `json:"practitioners"`
	Services      []dosService   `json:"services"`
}

// A site is a place where a practice sees patients; the first is the main one.
type site struct {
	ID       string   `json:"id"`
	Site     string   `json:"site"` // ODS site code
	Name     string   `json:"name"`
	Address  []string `json:"address"`
	City     string   `json:"city"`
	Postcode string   `json:"postcode"`
	Phone    string   `json:"phone"`
}

// A practitioner is one of the staff, in one role: somebody with two roles is there twice.
type practitioner struct {
	ID     string   `json:"id"`
	SDS    string   `json:"sds"` // SDS user id
	Family string   `json:"family"`
	Given  []string `json:"given"`
	Prefix []string `json:"prefix"`
	Gender string   `json:"gender"`
	Role   string   `json:"role"` // SDS job role
}

// A dosService is what the directory of services (DoS) lists a practice with.
type dosService struct {
	ID   string `json:"id"`
	DoS  string `json:"dos"` // id in the directory of services
	Name string `json:"name"`
}

// readSurgeries reads surgeries.json. A practice that is not in it has one site, and one
// general practitioner.
func readSurgeries(data fs.FS, practices []practice) (map[string]*surgery, error) {
	var all []*surgery
	b, err := fs.ReadFile(data, "surgeries.json")
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sandbox: reading the surgeries: %w", err)
	}
	known := map[string]*surgery{}
	for _, s := range all {
		known[s.ODS] = s
	}
	out := map[string]*surgery{}
	for i, p := range practices {
		s := known[p.ODS]
		if s == nil {
			s = &surgery{ODS: p.ODS, ID: "practice-" + p.ODS}
			s.Locations = []site{{"site-" + p.ODS, p.ODS, p.Name, p.Address, p.City, p.Postcode, p.Phone}}
			s.Practitioners = []practitioner{{"gp-" + p.ODS, strconv.Itoa(555021341000 + i), "Sandbox", []string{"Alex"}, []string{"Dr"}, "unknown", generalPractitioner}}
		}
		s.practice = p
		out[p.ODS] = s
	}
	return out, nil
}

const generalPractitioner = "R0260"

// jobRole is an SDS job role as a concept.
func jobRole(code string) map[string]any {
	display := map[string]string{generalPractitioner: "General Medical Practitioner", "R0620": "Staff Nurse", "R1290": "Pharmacist"}[code]
	return coded(codeSystem("CareConnect-SDSJobRoleName-1"), code, display)
}

func phone(number string) []any {
	return []any{map[string]any{"system": "phone", "value": number, "use": "work"}}
}

func workAddress(lines []string, city, postcode string) map[string]any {
	return map[string]any{"use": "work", "type": "physical", "line": lines, "city": city, "postalCode": postcode}
}

// organisation is the practice as an Organization.
func (s *surgery) organisation() map[string]any {
	o := headed("Organization", s.ID, "CareConnect-GPC-Organization-1", "1")
	o["identifier"] = []any{map[string]any{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": s.ODS}}
	o["active"] = true
	o["type"] = []any{coded(codeSystem("GPConnect-OrganisationType-1"), "gp-practice", "GP Practice")}
	o["name"] = s.practice.Name
	o["telecom"] = phone(s.practice.Phone)
	o["address"] = []any{workAddress(s.practice.Address, s.practice.City, s.practice.Postcode)}
	o["extension"] = []any{map[string]any{"url": profile("Extension-CareConnect-GPC-MainLocation-1"), "valueReference": reference("Location/" + s.Locations[0].ID)}}
	return o
}

// location is one of the sites.
func (s *surgery) location(l site) map[string]any {
	o := headed("Location", l.ID, "CareConnect-GPC-Location-1", "1")
	o["identifier"] = []any{map[string]any{"system": "https://fhir.nhs.uk/Id/ods-site-code", "value": l.Site}}
	o["status"], o["name"], o["telecom"] = "active", l.Name, phone(l.Phone)
	o["address"] = workAddress(l.Address, l.City, l.Postcode)
	o["managingOrganization"] = reference("Organization/" + s.ID)
	return o
}

// person is one of the staff as a Practitioner.
func (s *surgery) person(p practitioner) map[string]any {
	o := headed("Practitioner", p.ID, "CareConnect-GPC-Practitioner-1", "1")
	o["identifier"] = []any{map[string]any{"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": p.SDS}}
	o["active"], o["gender"] = true, p.Gender
	o["name"] = []any{map[string]any{"use": "official", "family": p.Family, "given": p.Given, "prefix": p.Prefix}}
	return o
}

// service is one of the services as a HealthcareService (1.2.8).
func (s *surgery) service(v dosService) map[string]any {
	o := headed("HealthcareService", v.ID, "GPConnect-HealthcareService-1", "1")
	o["identifier"] = []any{map[string]any{"system": dosSystem, "value": v.DoS}}
	o["active"], o["name"] = true, v.Name
	o["providedBy"] = reference("Organization/" + s.ID)
	return o
}

const dosSystem = "https://fhir.nhs.uk/Id/uec-dos-service-id"
