package sandbox

import (
	"strings"
)

// migrateStructuredRecord hands a whole record to the practice that the patient has moved to:
// who asks must be who PDS names, and may ask for what is withheld only with a token that
// says so.
func migrateStructuredRecord(c *call) answer {
	nhs, sensitive, err := parseMigration(c.body)
	if wrong, is := err.(*broken); is {
		return refuse(wrong.code, wrong.text)
	}
	scope, _ := c.claims["requested_scope"].(string)
	if sensitive != strings.HasSuffix(scope, " conf/R") {
		return refuse("CONFLICTING_VALUES", "includeSensitiveInformation and the token's scope do not agree")
	}
	p := c.server.people.byNumber[nhs]
	switch {
	case p == nil || p.Practice != "" && p.Practice != c.practice.ODS:
		return notMigrated("PATIENT_NOT_FOUND")
	case p.State == "no-consent":
		return notMigrated("NO_PATIENT_CONSENT")
	case p.State != "ordinary" && p.State != "inactive" || p.load == nil && p.file == "":
		return notMigrated("PATIENT_NOT_FOUND")
	case !c.registeredAt(p):
		return notMigrated("NO_RELATIONSHIP")
	}
	if c.somebodyElse {
		p = c.server.people.another(p)
	}
	if p.file != "" {
		return c.fileAnswer(p.file)
	}
	record, err := p.load()
	if err != nil {
		return failed()
	}
	whole := make([]resource, len(record.resources))
	for i, r := range record.resources {
		if whole[i] = r; r.kind == "DocumentReference" {
			whole[i] = asResource(c.told(r, true))
		}
	}
	return c.recordAnswer(whole, nil)
}

func notMigrated(code string) answer {
	return refuse(code, "the record is not handed over").blameless()
}

// registeredAt says whether the organisation of the token is the practice that PDS names.
func (c *call) registeredAt(p *person) bool {
	if p.file != "" { // nobody knows where people of one's own are registered
		return true
	}
	at := p.Practice
	if p.Moved != "" {
		at = p.Moved
	}
	organisation, _ := c.claims["requesting_organization"].(map[string]any)
	codes := identifiers(organisation)[odsSystem]
	return len(codes) == 1 && codes[0] == at
}

// parseMigration reads the Parameters: patientNHSNumber and includeFullRecord with
// includeSensitiveInformation, and nothing else: here nothing unknown is passed over.
func parseMigration(body []byte) (nhs string, sensitive bool, err error) {
	value, err := decodeStrict(body)
	object, _ := value.(map[string]any)
	if err != nil || object["resourceType"] != "Parameters" {
		return "", false, invalidResource("the body is not a Parameters resource")
	}
	list, _ := object["parameter"].([]any)
	var q query
	seen := map[string]bool{}
	for _, item := range list {
		p, _ := item.(map[string]any)
		name, _ := p["name"].(string)
		if seen[name] {
			return "", false, invalidParameter("%s is there twice", name)
		}
		seen[name] = true
		switch name {
		case "patientNHSNumber":
			err = q.patient(p)
		case "includeFullRecord":
			sensitive, err = fullRecord(p)
		default:
			err = invalidParameter("a parameter is not known to this operation")
		}
		if err != nil {
			return "", false, err
		}
	}
	if !seen["patientNHSNumber"] || !seen["includeFullRecord"] {
		return "", false, invalidParameter("patientNHSNumber or includeFullRecord is missing")
	}
	return q.nhs, sensitive, nil
}

func fullRecord(p map[string]any) (sensitive bool, err error) {
	parts, _ := p["part"].([]any)
	if len(parts) == 1 {
		part, _ := parts[0].(map[string]any)
		sensitive, ok := part["valueBoolean"].(bool)
		if ok && part["name"] == "includeSensitiveInformation" {
			return sensitive, nil
		}
	}
	return false, invalidParameter("includeFullRecord has not exactly the part includeSensitiveInformation with true or false")
}
