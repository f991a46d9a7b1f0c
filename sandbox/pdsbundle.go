package sandbox

import (
	"bytes"
	"strings"
)

// fallbackPractice is where people from bundles of one's own are registered, unless their
// managing organisation is one of the sandbox's practices.
const fallbackPractice = "B82617"

// demographicsOf are those of the one Patient of a Bundle, nil if it cannot be read. Real
// bundles bend: a family name may be a list, given names a scalar.
func demographicsOf(raw []byte, nhs string, practices map[string]practice) *demographics {
	doc, err := cut(raw)
	if err != nil {
		return nil
	}
	patient, organisations := map[string]any{}, map[string]string{}
	for _, e := range doc.entries {
		if !bytes.Contains(e, []byte(`"Patient"`)) && !bytes.Contains(e, []byte(`"Organization"`)) {
			continue
		}
		entry := lenient(e)
		resource, _ := entry["resource"].(map[string]any)
		switch resource["resourceType"] {
		case "Patient":
			patient = resource
		case "Organization":
			ods := identifierIn(resource, "https://fhir.nhs.uk/Id/ods-organization-code")
			organisations["Organization/"+stringIn(resource["id"])] = ods
			organisations[stringIn(entry["fullUrl"])] = ods
		}
	}
	name := usualName(patient)
	d := &demographics{
		NHS: nhs, State: "ordinary", Practice: fallbackPractice, Family: firstIn(name["family"]), Given: stringsIn(name["given"]), Prefix: stringsIn(name["prefix"]),
		Gender: stringIn(patient["gender"]), Born: stringIn(patient["birthDate"]),
	}
	if ods := organisations[referenceIn(patient["managingOrganization"])]; practices[ods].ODS != "" {
		d.Practice = ods
	}
	if died := stringIn(patient["deceasedDateTime"]); len(died) >= 10 {
		d.Deceased = died[:10]
	}
	for _, a := range manyOf(patient["address"]) {
		address, _ := a.(map[string]any)
		if d.Postcode = stringIn(address["postalCode"]); d.Postcode != "" {
			d.Address = stringsIn(address["line"])
			break
		}
	}
	d.settle()
	return d
}

// usualName is the name in use: usual or official before any other.
func usualName(patient map[string]any) map[string]any {
	var other map[string]any
	for _, use := range []string{"usual", "official", ""} {
		for _, n := range manyOf(patient["name"]) {
			name, _ := n.(map[string]any)
			if use != "" && stringIn(name["use"]) == use {
				return name
			}
			if other == nil {
				other = name
			}
		}
	}
	return other
}

// identifierIn is the value of a resource's identifier of that system.
func identifierIn(resource map[string]any, system string) string {
	for _, i := range manyOf(resource["identifier"]) {
		identifier, _ := i.(map[string]any)
		if stringIn(identifier["system"]) == system {
			return strings.TrimSpace(stringIn(identifier["value"]))
		}
	}
	return ""
}

func referenceIn(value any) string {
	r, _ := value.(map[string]any)
	return stringIn(r["reference"])
}

func stringIn(value any) string {
	s, _ := value.(string)
	return s
}

// manyOf is a list, of one if the value stands alone.
func manyOf(value any) []any {
	switch v := value.(type) {
	case []any:
		return v
	case nil:
		return nil
	}
	return []any{value}
}

func stringsIn(value any) []string {
	var out []string
	for _, v := range manyOf(value) {
		if s := stringIn(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func firstIn(value any) string {
	if all := stringsIn(value); len(all) > 0 {
		return all[0]
	}
	return ""
}
