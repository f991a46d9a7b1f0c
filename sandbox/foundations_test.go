package sandbox

import (
	"net/url"
	"strings"
	"testing"
)

const nhsSystem = "https://fhir.nhs.uk/Id/nhs-number"

func TestFind(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "B82617")
	id := func(system, value string) string { return "?identifier=" + url.QueryEscape(system+"|"+value) }
	const sds = "https://fhir.nhs.uk/Id/sds-user-id"
	for _, test := range []struct {
		name, interaction, path string
		status, found           int
		code                    string
	}{
		{"patient", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690937278"), 200, 1, ""},
		{"with parameters nobody knows", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690937278") + "&_count=1&_sort=status", 200, 1, ""},
		{"unknown", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9999999999"), 200, 0, ""},
		{"of another practice", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9000000009"), 200, 0, ""},
		{"sensitive", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690938533"), 200, 0, ""},
		{"deceased", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690938681"), 200, 0, ""},
		{"inactive", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690938142"), 200, 0, ""},
		{"superseded", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690938622"), 200, 0, ""},
		{"not registered", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9000000114"), 200, 0, ""},
		{"who dissents", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690938576"), 200, 1, ""},
		{"no identifier", "fhir:rest:search:patient-1", "/Patient", 400, 0, "BAD_REQUEST"},
		{"identifier in another case", "fhir:rest:search:patient-1", "/Patient?Identifier=x%7Cy", 400, 0, "BAD_REQUEST"},
		{"two identifiers", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690937278") + "&identifier=x%7Cy", 400, 0, "BAD_REQUEST"},
		{"no system", "fhir:rest:search:patient-1", "/Patient?identifier=9690937278", 422, 0, "INVALID_PARAMETER"},
		{"blank system", "fhir:rest:search:patient-1", "/Patient" + id("", "9690937278"), 422, 0, "INVALID_PARAMETER"},
		{"blank value", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, ""), 422, 0, "INVALID_PARAMETER"},
		{"another system", "fhir:rest:search:patient-1", "/Patient" + id("https://example.com", "9690937278"), 400, 0, "INVALID_IDENTIFIER_SYSTEM"},
		{"a wrong check digit", "fhir:rest:search:patient-1", "/Patient" + id(nhsSystem, "9690937279"), 400, 0, "INVALID_NHS_NUMBER"},

		{"practitioner", "fhir:rest:search:practitioner-1", "/Practitioner" + id(sds, "G13579135"), 200, 1, ""},
		{"practitioner with two roles", "fhir:rest:search:practitioner-1", "/Practitioner" + id(sds, "G22222226"), 200, 2, ""},
		{"unknown practitioner", "fhir:rest:search:practitioner-1", "/Practitioner" + id(sds, "G99999999"), 200, 0, ""},
		{"malformed user id", "fhir:rest:search:practitioner-1", "/Practitioner" + id(sds, "G1/2"), 400, 0, "INVALID_IDENTIFIER_VALUE"},
		{"practitioner by another system", "fhir:rest:search:practitioner-1", "/Practitioner" + id(nhsSystem, "G13579135"), 400, 0, "INVALID_IDENTIFIER_SYSTEM"},
		{"practitioner twice", "fhir:rest:search:practitioner-1", "/Practitioner" + id(sds, "G13579135") + "&" + id(sds, "G13579135")[1:], 400, 0, "BAD_REQUEST"},

		{"organisation", "fhir:rest:search:organization-1", "/Organization" + id(odsSystem, "B82617"), 200, 1, ""},
		{"unknown organisation", "fhir:rest:search:organization-1", "/Organization" + id(odsSystem, "INVOC1"), 200, 0, ""},
		{"malformed code", "fhir:rest:search:organization-1", "/Organization" + id(odsSystem, "B 82617"), 400, 0, "INVALID_IDENTIFIER_VALUE"},

		{"services", "fhir:rest:search:healthcareservice-1", "/HealthcareService", 200, 2, ""},
		{"one service", "fhir:rest:search:healthcareservice-1", "/HealthcareService" + id(dosSystem, "2000082618"), 200, 1, ""},
		{"unknown service", "fhir:rest:search:healthcareservice-1", "/HealthcareService" + id(dosSystem, "1"), 200, 0, ""},
	} {
		r := c.do(test.interaction, test.path, nil)
		r.refused(t, test.name, test.status, test.code)
		if r.status != 200 || test.status != 200 {
			continue
		}
		if got := len(r.resources(t)); got != test.found {
			t.Errorf("%s: got %d, want %d", test.name, got, test.found)
		}
		if _, there := r.fields(t)["entry"]; there != (test.found > 0) {
			t.Errorf("%s: entry there: got %v, want it only when something was found", test.name, there)
		}
		if got := r.header.Get("ETag"); got != "" {
			t.Errorf("%s: got ETag %s of a search, want none", test.name, got)
		}
	}
}

func TestRead(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "B82617")
	here := c.patientID("9690937286")
	for _, test := range []struct {
		name, interaction, path string
		status                  int
		code                    string
	}{
		{"patient", "fhir:rest:read:patient-1", "/Patient/" + here, 200, ""},
		{"unknown patient", "fhir:rest:read:patient-1", "/Patient/nobody", 404, "PATIENT_NOT_FOUND"},
		{"patient without id", "fhir:rest:read:patient-1", "/Patient/", 404, "PATIENT_NOT_FOUND"},
		{"patient of another practice", "fhir:rest:read:patient-1", "/Patient/patient-14bc1366", 404, "PATIENT_NOT_FOUND"},
		{"practitioner", "fhir:rest:read:practitioner-1", "/Practitioner/2", 200, ""},
		{"practitioner of a record", "fhir:rest:read:practitioner-1", "/Practitioner/CC19FA09-D5C5-59A5-BCE0-E8842EFBEBA8", 200, ""},
		{"unknown practitioner", "fhir:rest:read:practitioner-1", "/Practitioner/z.as.dd", 404, "PRACTITIONER_NOT_FOUND"},
		{"organisation", "fhir:rest:read:organization-1", "/Organization/0A7DDC5F-4EB2-5A1F-BDAE-ECC2F3770649", 200, ""},
		{"organisation of a record", "fhir:rest:read:organization-1", "/Organization/lab-thornmouth", 200, ""},
		{"unknown organisation", "fhir:rest:read:organization-1", "/Organization/40-9", 404, "ORGANISATION_NOT_FOUND"},
		{"location", "fhir:rest:read:location-1", "/Location/8", 200, ""},
		{"unknown location", "fhir:rest:read:location-1", "/Location/17", 404, "NO_RECORD_FOUND"},
		{"service", "fhir:rest:read:healthcareservice-1", "/HealthcareService/2", 200, ""},
		{"unknown service", "fhir:rest:read:healthcareservice-1", "/HealthcareService/x", 404, "NO_RECORD_FOUND"},
		{"appointment without id", "fhir:rest:read:appointment-1", "/Appointment/", 404, "NO_RECORD_FOUND"},
	} {
		r := c.do(test.interaction, test.path, nil)
		r.refused(t, test.name, test.status, test.code)
		if r.status != 200 {
			continue
		}
		m := r.fields(t)
		if got := m["id"]; !strings.HasSuffix(test.path, "/"+got.(string)) {
			t.Errorf("%s: got id %v", test.name, got)
		}
		if got, want := r.header.Get("ETag"), `W/"`+versionOf(m)+`"`; got != want || versionOf(m) == "" {
			t.Errorf("%s: ETag: got %s, want %s", test.name, got, want)
		}
	}
}

// TestEveryoneFoundCanBeRead follows what a patient refers to.
func TestEveryoneFoundCanBeRead(t *testing.T) {
	s := run(t, Config{Plain: true})
	for _, nhs := range s.people.numbers {
		p := s.people.byNumber[nhs]
		if !p.findable() || p.Practice == "" || s.registry.practices[p.Practice].Closed != "" || !s.registry.practices[p.Practice].Enabled {
			continue
		}
		c := from(t, s, p.Practice)
		r := c.do("fhir:rest:read:patient-1", "/Patient/"+c.patientID(nhs), nil)
		if r.status != 200 {
			t.Errorf("%s: got %d", mask(nhs), r.status)
			continue
		}
		m := r.fields(t)
		if nhsNumberOf(m) != nhs || officialName(m)["family"] != p.Family || m["birthDate"] != p.Born {
			t.Errorf("%s: got somebody else", mask(nhs))
		}
		gp := m["generalPractitioner"].([]any)[0].(map[string]any)["reference"].(string)
		organisation := m["managingOrganization"].(map[string]any)["reference"].(string)
		c.do("fhir:rest:read:practitioner-1", "/"+gp, nil).refused(t, mask(nhs)+"'s "+gp, 200, "")
		c.do("fhir:rest:read:organization-1", "/"+organisation, nil).refused(t, mask(nhs)+"'s "+organisation, 200, "")
	}
}
