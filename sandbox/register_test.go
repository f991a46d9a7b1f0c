package sandbox

import (
	"strings"
	"sync"
	"testing"
)

const registration = "fhir:operation:gpc.registerpatient-1"

// newcomer is the registration of 9000000114, whom PDS knows and no practice.
func newcomer() map[string]any {
	return map[string]any{
		"resourceType": "Patient",
		"meta":         map[string]any{"profile": []any{profile("CareConnect-GPC-Patient-1")}},
		"identifier":   []any{verifiedNumber("9000000114")},
		"name":         []any{map[string]any{"use": "official", "family": "Marchbanks", "given": []any{"Saoirse"}, "prefix": []any{"Ms"}}},
		"gender":       "female", "birthDate": "2001-10-11",
		"address": []any{map[string]any{"use": "home", "type": "physical", "line": []any{"1 Sandbox Street"}, "city": "Marrowby", "postalCode": "ZZ99 9AA"}},
		"telecom": []any{map[string]any{"system": "phone", "use": "mobile", "value": "07700 900114"}, map[string]any{"system": "email", "value": "s@example.com", "use": "home"}},
		"extension": []any{map[string]any{"url": profile("Extension-CareConnect-GPC-NHSCommunication-1"), "extension": []any{
			map[string]any{"url": "language", "valueCodeableConcept": coded(codeSystem("CareConnect-HumanLanguage-1"), "en", "English")},
			map[string]any{"url": "interpreterRequired", "valueBoolean": false}}}},
	}
}

func registering(patients ...map[string]any) map[string]any {
	var list []any
	for _, p := range patients {
		list = append(list, map[string]any{"name": "registerPatient", "resource": p})
	}
	return map[string]any{"resourceType": "Parameters", "parameter": list}
}

func TestRegister(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	r := c.do(registration, "/Patient/$gpc.registerpatient", registering(newcomer()))
	r.refused(t, "registering", 200, "")
	all := r.resources(t)
	if len(all) != 1 || r.fields(t)["type"] != "searchset" {
		t.Fatalf("got %d resources, want the patient in a searchset", len(all))
	}
	m := all[0]
	text := string(r.body)
	for _, want := range []string{`"Marchbanks"`, `"registrationType"`, `"code":"T"`, `"preferredBranchSurgery"`, `"interpreterRequired"`, `"07700 900114"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the patient has no %s", want)
		}
	}
	if id := c.patientID("9000000114"); id != m["id"] || strings.Contains(id, "9000000114") {
		t.Errorf("found as %s, registered as %v: want the same, which does not tell the number", id, m["id"])
	}
	c.do("fhir:rest:read:patient-1", "/Patient/"+m["id"].(string), nil).refused(t, "reading", 200, "")
	c.do(registration, "/Patient/$gpc.registerpatient", registering(newcomer())).refused(t, "again", 409, "DUPLICATE_REJECTED")
	f := c.slots(slotSearch(days(s, 1), days(s, 1)))
	c.do(book, "/Appointment", bookingFor(f, m["id"].(string), f.of("Slot")[0])).refused(t, "booking", 201, "")
	recordOf(t, s, "A12345", "9000000114", everything).send(t, s).refused(t, "the structured record of a temporary patient", 404, "PATIENT_NOT_FOUND")
	from(t, s, "B82617").do(registration, "/Patient/$gpc.registerpatient", registering(newcomer())).refused(t, "at another practice", 200, "")
	s.Reset()
	c.do("fhir:rest:read:patient-1", "/Patient/"+m["id"].(string), nil).refused(t, "after a reset", 404, "PATIENT_NOT_FOUND")
}

func TestRegisterRefused(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	number := func(nhs string) func(map[string]any) { return set("identifier", []any{verifiedNumber(nhs)}) }
	uses := func(name string, uses ...string) func(map[string]any) {
		var list []any
		for _, use := range uses {
			list = append(list, map[string]any{"use": use, "system": "phone", "value": "01632 960999", "line": []any{"x"}})
		}
		return set(name, list)
	}
	as := func(nhs, family, born string) func(map[string]any) {
		return func(m map[string]any) {
			number(nhs)(m)
			m["name"] = []any{map[string]any{"use": "official", "family": family, "given": []any{"A"}}}
			m["birthDate"] = born
		}
	}
	for _, test := range []struct {
		name   string
		change func(map[string]any)
		status int
		code   string
	}{
		{"no identifier", set("identifier", nil), 400, "INVALID_NHS_NUMBER"},
		{"a wrong check digit", number("9000000115"), 400, "INVALID_NHS_NUMBER"},
		{"two numbers", set("identifier", []any{verifiedNumber("9000000114"), verifiedNumber("9000000009")}), 400, "INVALID_NHS_NUMBER"},
		{"no name", set("name", nil), 400, "BAD_REQUEST"},
		{"no official name", set("name", []any{map[string]any{"use": "nickname", "family": "M", "given": []any{"S"}}}), 400, "BAD_REQUEST"},
		{"two official names", func(m map[string]any) { m["name"] = append(m["name"].([]any), m["name"].([]any)[0]) }, 400, "BAD_REQUEST"},
		{"no family name", set("name", []any{map[string]any{"use": "official", "given": []any{"S"}}}), 400, "BAD_REQUEST"},
		{"no given name", set("name", []any{map[string]any{"use": "official", "family": "M"}}), 400, "BAD_REQUEST"},
		{"no birth date", set("birthDate", nil), 400, "BAD_REQUEST"},
		{"a birth year", set("birthDate", "2001"), 400, "BAD_REQUEST"},
		{"two mobile phones", uses("telecom", "mobile", "mobile"), 400, "BAD_REQUEST"},
		{"two homes", uses("address", "home", "home"), 422, "INVALID_RESOURCE"},
		{"a work address", uses("address", "work"), 422, "INVALID_RESOURCE"},
		{"a gender of our own", set("gender", "none"), 422, "INVALID_RESOURCE"},
		{"active", set("active", true), 422, "INVALID_RESOURCE"},
		{"marital status", set("maritalStatus", map[string]any{}), 422, "INVALID_RESOURCE"},
		{"a general practitioner", set("generalPractitioner", []any{}), 422, "INVALID_RESOURCE"},
		{"an element nobody knows", set("invalidField", "x"), 422, "INVALID_RESOURCE"},
		{"an extension nobody knows", set("extension", []any{map[string]any{"url": "https://example.com/x"}}), 422, "INVALID_RESOURCE"},
		{"communication with more", set("extension", []any{map[string]any{"url": profile("Extension-CareConnect-GPC-NHSCommunication-1"),
			"extension": []any{map[string]any{"url": "modeOfCommunication"}}}}), 422, "INVALID_RESOURCE"},
		{"another type", set("resourceType", "Person"), 422, "INVALID_RESOURCE"},

		{"unknown to PDS", as("9000000130", "Nobody", "1970-01-01"), 400, "INVALID_PATIENT_DEMOGRAPHICS"},
		{"another family name", as("9000000114", "Marchbank", "2001-10-11"), 400, "INVALID_PATIENT_DEMOGRAPHICS"},
		{"another birth date", as("9000000114", "Marchbanks", "2001-11-10"), 400, "INVALID_PATIENT_DEMOGRAPHICS"},
		{"deceased", as("9000000068", "Skelbrooke", "1936-12-05"), 400, "INVALID_PATIENT_DEMOGRAPHICS"},
		{"sensitive", as("9000000025", "Lanyon", "1979-06-23"), 400, "INVALID_PATIENT_DEMOGRAPHICS"},
		{"superseded", as("9690938622", "Ousel", "1970-04-01"), 400, "INVALID_NHS_NUMBER"},
		{"invalidated", as("9000000203", "Ormskirk-Vane", "1984-01-09"), 400, "INVALID_NHS_NUMBER"},
		{"on the practice's list", as("9000000009", "Thackeray", "1958-04-17"), 409, "DUPLICATE_REJECTED"},
		{"on the list, and dissents", as("9000000041", "Harrowgate", "1986-02-14"), 409, "DUPLICATE_REJECTED"},
		{"left the practice", as("9000000076", "quillfeather", "1998-08-08"), 200, ""},
		{"on another practice's list", as("9000000149", "Brackenbury", "1972-03-03"), 200, ""},
	} {
		p := newcomer()
		test.change(p)
		for name, value := range p {
			if value == nil {
				delete(p, name)
			}
		}
		c.do(registration, "/Patient/$gpc.registerpatient", registering(p)).refused(t, test.name, test.status, test.code)
	}
	for name, body := range map[string]any{"nobody": registering(), "two people": registering(newcomer(), newcomer())} {
		c.do(registration, "/Patient/$gpc.registerpatient", body).refused(t, name, 400, "BAD_REQUEST")
	}
	c.do(registration, "/Patient/$gpc.registerpatient", newcomer()).refused(t, "no Parameters", 422, "INVALID_RESOURCE")
	c.do(registration, "/Patient/$gpc.registerpatien", registering(newcomer())).refused(t, "another path", 400, "BAD_REQUEST")
}

func TestRegisterOnce(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 12 {
		a := c.attempt(registration, "/Patient/$gpc.registerpatient", registering(newcomer()))
		wg.Go(func() {
			r, err := a.try(t, s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			statuses[r.status]++
		})
	}
	wg.Wait()
	if statuses[200] != 1 || statuses[409] != 11 {
		t.Errorf("got %v, want one 200 and eleven 409", statuses)
	}
}
