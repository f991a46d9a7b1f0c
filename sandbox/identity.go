package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// logicalID is a patient's id at a practice, for those whose record has none: it tells
// nothing of the number it is made from.
func logicalID(nhs string) string {
	sum := sha256.Sum256([]byte("sandbox patient " + nhs))
	return "patient-" + hex.EncodeToString(sum[:6])
}

// record reads the bundle of a person. Several people may share one file: it is then told as
// theirs, with their own number, id and demographics. Warnings are put on every list.
func (p *person) record(data fs.FS) (*chart, error) {
	raw, err := fs.ReadFile(data, p.Bundle)
	if err != nil {
		return nil, err
	}
	c, err := readChart(raw)
	if err != nil {
		return nil, err
	}
	owner := c.resources[c.patient]
	if number := nhsNumberOf(owner.fields); number != p.NHS {
		raw = bytes.ReplaceAll(raw, []byte(number), []byte(p.NHS))
		raw = bytes.ReplaceAll(raw, []byte("Patient/"+owner.id), []byte("Patient/"+logicalID(p.NHS)))
		return retell(raw, func(r resource) any { return p.theirs(r, number) })
	}
	if len(p.Warnings) > 0 {
		return retell(raw, func(r resource) any { return p.theirs(r, p.NHS) })
	}
	return c, nil
}

// retell reads a bundle with some of its resources replaced; nil leaves one as it is.
func retell(raw []byte, change func(resource) any) (*chart, error) {
	doc, err := cut(raw)
	if err != nil {
		return nil, err
	}
	c := newChart()
	for _, e := range doc.entries {
		from, to := resourceWithin(e)
		r := resource{raw: e[from:to], fields: lenient(e[from:to])}
		r.kind, _ = r.fields["resourceType"].(string)
		r.id, _ = r.fields["id"].(string)
		if with := change(r); with != nil {
			c.add(jsonAnswer(0, with, "").body)
		} else if err := c.addCompact(r.raw); err != nil {
			return nil, err
		}
	}
	if c.patient < 0 {
		return nil, errors.New("no Patient in the record")
	}
	return c, nil
}

// theirs makes a resource of somebody's record the person's own.
func (p *person) theirs(r resource, was string) any {
	switch {
	case r.kind == "Patient" && was != p.NHS:
		r.fields["id"] = logicalID(p.NHS)
		p.demographics(r.fields)
		return r.fields
	case r.kind == "List" && r.id == "" && len(p.Warnings) > 0:
		p.warn(r.fields)
		return r.fields
	}
	return nil
}

// demographics puts name, gender, birth date and address into a Patient.
func (p *person) demographics(patient map[string]any) {
	name := map[string]any{"use": "official", "family": p.Family, "text": strings.Join(append(slices.Concat(p.Prefix, p.Given), p.Family), " ")}
	if len(p.Given) > 0 {
		name["given"] = p.Given
	}
	if len(p.Prefix) > 0 {
		name["prefix"] = p.Prefix
	}
	patient["name"] = []any{name}
	patient["address"] = []any{map[string]any{"use": "home", "type": "physical", "line": []any{"1 Sandbox Street"}, "city": "Marrowby", "postalCode": p.Postcode}}
	patient["birthDate"] = p.Born
	if delete(patient, "gender"); p.Gender != "" {
		patient["gender"] = p.Gender
	}
}

// warn puts the person's warnings on a List, with the sentence that goes with each
// (structured record, list warnings).
func (p *person) warn(list map[string]any) {
	extensions, _ := list["extension"].([]any)
	var notes []string
	for _, code := range p.Warnings {
		extensions = append(extensions, map[string]any{
			"url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1", "valueCode": code})
		notes = append(notes, warningNote(code))
	}
	list["extension"] = extensions
	old, _ := list["note"].([]any)
	list["note"] = append([]any{map[string]any{"text": strings.Join(notes, "\r\n")}}, old...)
}

func warningNote(code string) string {
	const day = "14-Sep-2026"
	switch code {
	case "confidential-items":
		return "Items excluded due to confidentiality and/or patient preferences."
	case "data-in-transit":
		return "Patient record transfer from previous GP practice not yet complete; information recorded before " + day + " may be missing."
	}
	return "Patient data may be incomplete as there is data supplied by a third party awaiting review before becoming available."
}

// profile is a GP Connect profile's address.
func profile(name string) string { return "https://fhir.nhs.uk/STU3/StructureDefinition/" + name }

// codeSystem is a GP Connect code system's address.
func codeSystem(name string) string { return "https://fhir.nhs.uk/STU3/CodeSystem/" + name }

// coded is a CodeableConcept of one code.
func coded(system, code, display string) map[string]any {
	return map[string]any{"coding": []any{map[string]any{"system": system, "code": code, "display": display}}}
}

func reference(to string) map[string]any { return map[string]any{"reference": to} }

// headed is a resource's beginning: its type, id, profile and version.
func headed(kind, id, profileName, version string) map[string]any {
	return map[string]any{"resourceType": kind, "id": id, "meta": map[string]any{"versionId": version, "profile": []any{profile(profileName)}}}
}

// verifiedNumber is an NHS number as an identifier that has been verified.
func verifiedNumber(nhs string) map[string]any {
	return map[string]any{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs, "extension": []any{map[string]any{
		"url":                  profile("Extension-CareConnect-GPC-NHSNumberVerificationStatus-1"),
		"valueCodeableConcept": coded(codeSystem("CareConnect-NHSNumberVerificationStatus-1"), "01", "Number present and verified")}}}
}

// registrationDetails says since when a patient is registered, and how: R or T.
func registrationDetails(since, kind, site string) map[string]any {
	display := map[string]string{"R": "Regular", "T": "Temporary"}[kind]
	return map[string]any{"url": profile("Extension-CareConnect-GPC-RegistrationDetails-1"), "extension": []any{
		map[string]any{"url": "registrationPeriod", "valuePeriod": map[string]any{"start": since}},
		map[string]any{"url": "registrationType", "valueCodeableConcept": coded(codeSystem("CareConnect-RegistrationType-1"), kind, display)},
		map[string]any{"url": "registrationStatus", "valueCodeableConcept": coded(codeSystem("CareConnect-RegistrationStatus-1"), "A", "Active")},
		map[string]any{"url": "preferredBranchSurgery", "valueReference": reference("Location/" + site)},
	}}
}

// lately says whether a person died within the time that documents stay available (access
// document: 28 days unless the practice sets another).
func (p *person) lately(now time.Time) bool {
	died, err := time.Parse(time.DateOnly, p.Deceased)
	return err == nil && now.Sub(died) <= 28*24*time.Hour && now.Sub(died) >= 0
}

// clone is a deep copy of a resource, so that nobody's answer is changed by another's.
func clone(fields map[string]any) map[string]any {
	b, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return lenient(b)
}
