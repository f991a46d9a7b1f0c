package sandbox

import (
	"fmt"
	"hash/fnv"
	"slices"
)

// How much of a patient an answer has.
type extent int

const (
	wholePatient extent = iota
	foundPatient        // in the answer to a search: no telecom, no removal from registration
)

const ukCore = "https://fhir.hl7.org.uk/"

// patient is the R4 resource. Of who is restricted it does not say where the person may be
// found: no address, no telecom, no practice.
func (d *demographics) patient(e extent) map[string]any {
	p := map[string]any{
		"resourceType": "Patient", "id": d.NHS, "name": d.names(),
		"identifier": []any{map[string]any{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": d.NHS, "extension": []any{
			map[string]any{"url": ukCore + "StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
				"valueCodeableConcept": ukCoreConcept("NHSNumberVerificationStatus", d.Verification, verificationWords(d.Verification))}}}},
		"meta": map[string]any{"versionId": d.version(), "security": []any{map[string]any{
			"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": d.Confidentiality, "display": confidentialityWords(d.Confidentiality)}}},
	}
	put := func(name, value string) {
		if value != "" {
			p[name] = value
		}
	}
	put("gender", d.Gender)
	put("birthDate", d.Born)
	if d.Deceased != "" && d.Notified != "U" {
		p["deceasedDateTime"] = d.Deceased + "T00:00:00+00:00"
	}
	if extensions := d.extensions(e); len(extensions) > 0 {
		p["extension"] = extensions
	}
	if d.Confidentiality == "U" {
		d.whereabouts(p, e)
	}
	return p
}

// names are the usual one and, where there was another, the old one.
func (d *demographics) names() []any {
	name := func(use, family, start, end string) map[string]any {
		n := map[string]any{"id": d.object(use), "use": use, "period": lasting(start, end)}
		if family != "" {
			n["family"] = family
		}
		for member, list := range map[string][]string{"given": d.Given, "prefix": d.Prefix} {
			if len(list) > 0 {
				n[member] = list
			}
		}
		return n
	}
	if d.Formerly == "" {
		return []any{name("usual", d.Family, d.Born, "")}
	}
	return []any{name("usual", d.Family, "2016-06-11", ""), name("old", d.Formerly, d.Born, "2016-06-10")}
}

// whereabouts adds address, telecom and registered practice.
func (d *demographics) whereabouts(p map[string]any, e extent) {
	if d.Postcode != "" {
		lines := d.Address
		if len(lines) == 0 {
			lines = []string{"7 Invented Row", "Overwick", "Marrowby"}
		}
		p["address"] = []any{map[string]any{"id": d.object("home"), "use": "home", "period": lasting(d.Since, ""), "line": lines, "postalCode": d.Postcode}}
	}
	if telecom := d.telecom(); len(telecom) > 0 && e == wholePatient {
		p["telecom"] = telecom
	}
	if d.Practice != "" {
		p["generalPractitioner"] = []any{map[string]any{"id": d.object("practice"), "type": "Organization", "identifier": map[string]any{
			"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": d.Practice, "period": lasting(d.Since, d.Until)}}}
	}
}

func (d *demographics) telecom() []any {
	var all []any
	for _, t := range []struct{ system, value string }{{"phone", d.Phone}, {"email", d.Email}} {
		if t.value != "" {
			all = append(all, map[string]any{"id": d.object(t.system), "system": t.system, "use": "home", "value": t.value, "period": lasting(d.Since, "")})
		}
	}
	return all
}

// extensions say how PDS learnt of a death, and why somebody is on no practice's list.
func (d *demographics) extensions(e extent) []any {
	var all []any
	if d.Notified != "" {
		all = append(all, map[string]any{"url": ukCore + "StructureDefinition/Extension-UKCore-DeathNotificationStatus", "extension": []any{
			map[string]any{"url": "deathNotificationStatus", "valueCodeableConcept": ukCoreConcept("DeathNotificationStatus", d.Notified, notificationWords(d.Notified))},
			map[string]any{"url": "systemEffectiveDate", "valueDateTime": d.Deceased + "T00:00:00+00:00"}}})
	}
	if d.Removal != "" && e == wholePatient {
		all = append(all, map[string]any{"url": "https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration", "extension": []any{
			map[string]any{"url": "removalFromRegistrationCode", "valueCodeableConcept": map[string]any{"coding": []any{map[string]any{
				"system": "https://fhir.nhs.uk/CodeSystem/PDS-RemovalReasonExitCode", "code": d.Removal, "display": removalWords(d.Removal)}}}},
			map[string]any{"url": "effectiveTime", "valuePeriod": map[string]any{"start": d.RemovedOn + "T00:00:00+00:00"}}}})
	}
	return all
}

// object is an id that PDS gives to one of a person's names, addresses and so on, the same
// each time.
func (d *demographics) object(what string) string {
	h := fnv.New32a()
	h.Write([]byte(d.NHS + what))
	return fmt.Sprintf("%08X", h.Sum32())
}

func lasting(start, end string) map[string]any {
	p := map[string]any{}
	if start != "" {
		p["start"] = start
	}
	if end != "" {
		p["end"] = end
	}
	return p
}

func ukCoreConcept(system, code, display string) map[string]any {
	return map[string]any{"coding": []any{map[string]any{
		"system": ukCore + "CodeSystem/UKCore-" + system, "version": "1.0.0", "code": code, "display": display}}}
}

// worded finds a code's words in pairs of code and words; a code without any is its own.
func worded(code string, pairs ...string) string {
	if i := slices.Index(pairs, code); i >= 0 && i%2 == 0 {
		return pairs[i+1]
	}
	return code
}

func verificationWords(code string) string {
	return worded(code, "01", "Number present and verified", "02", "Number present but not traced", "03", "Trace required",
		"04", "Trace attempted - No match or multiple match found", "05", "Trace needs to be resolved - (NHS Number or patient detail conflict)")
}

func confidentialityWords(code string) string {
	return worded(code, "U", "unrestricted", "R", "restricted", "V", "very restricted", "REDACTED", "redacted")
}

func notificationWords(code string) string {
	return worded(code, "1", "Informal - death notice received via an update from a local NHS Organisation such as GP or Trust",
		"2", "Formal - death notice received from Registrar of Deaths", "U", "Removed")
}

func removalWords(code string) string {
	return worded(code, "SCT", "Transferred to Scotland", "NIT", "Transferred to Northern Ireland", "EMB", "Embarkation", "DEA", "Death", "TRA", "Temporary resident not returned")
}
