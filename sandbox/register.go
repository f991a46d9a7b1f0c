package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// registerPatient registers somebody temporarily: it judges what was sent, traces the number
// as a practice traces it at PDS, and answers with the Patient it made.
func registerPatient(c *call) answer {
	sent, wrong := c.registration()
	if wrong != nil {
		return refuse(wrong.code, wrong.text)
	}
	nhs, wrong := judgeNumber(sent)
	if wrong != nil {
		return refuse(wrong.code, wrong.text)
	}
	if wrong := judgeRegistration(sent); wrong != nil {
		return refuse(wrong.code, wrong.text)
	}
	if wrong := c.traced(nhs, sent); wrong != nil {
		return refuse(wrong.code, wrong.text).blameless()
	}
	if c.onOwnList(nhs) || !c.server.state.register(c.practice.ODS, nhs, c.registered(nhs, sent)) {
		return refuse("DUPLICATE_REJECTED", "the patient is registered here already").blameless()
	}
	if c.minimal() {
		return answer{status: http.StatusOK, header: http.Header{}}
	}
	made, _ := c.server.state.registered(c.practice.ODS, nhs)
	return c.searchset("", []map[string]any{made}, nil)
}

// registration is the Patient in the Parameters: one parameter, by that name.
func (c *call) registration() (map[string]any, *broken) {
	value, err := decodeStrict(c.body)
	body, _ := value.(map[string]any)
	if err != nil || body["resourceType"] != "Parameters" {
		return nil, unfit("the body is not a Parameters resource")
	}
	list, _ := body["parameter"].([]any)
	var sent []map[string]any
	for _, item := range list {
		p, _ := item.(map[string]any)
		if p["name"] != "registerPatient" {
			return nil, &broken{"BAD_REQUEST", "there is a parameter besides registerPatient"}
		}
		resource, _ := p["resource"].(map[string]any)
		sent = append(sent, resource)
	}
	switch {
	case len(sent) != 1:
		return nil, &broken{"BAD_REQUEST", "the parameter registerPatient is not there once"}
	case sent[0]["resourceType"] != "Patient":
		return nil, unfit("registerPatient is not a Patient")
	}
	unheard(sent[0])
	return sent[0], nil
}

// judgeNumber wants one NHS number, as an identifier; other identifiers may stand beside it.
func judgeNumber(sent map[string]any) (string, *broken) {
	list, _ := sent["identifier"].([]any)
	var numbers []string
	for _, i := range list {
		if identifier, _ := i.(map[string]any); identifier["system"] == "https://fhir.nhs.uk/Id/nhs-number" {
			value, _ := identifier["value"].(string)
			numbers = append(numbers, value)
		}
	}
	if len(numbers) != 1 || !validNHSNumber(numbers[0]) {
		return "", &broken{"INVALID_NHS_NUMBER", "identifier has not exactly one valid NHS number"}
	}
	return numbers[0], nil
}

// judgeRegistration judges the Patient's members (register a patient, payload).
func judgeRegistration(sent map[string]any) *broken {
	for name := range sent {
		if !slices.Contains(strings.Fields("resourceType meta language identifier extension name telecom gender birthDate address"), name) {
			return unfit("%s does not belong into a registration", name)
		}
	}
	if wrong := judgeName(sent); wrong != nil {
		return wrong
	}
	if born, _ := sent["birthDate"].(string); !wholeDay(born) {
		return &broken{"BAD_REQUEST", "birthDate is missing or not a whole date"}
	}
	if gender, there := sent["gender"]; there && !slices.Contains([]any{"male", "female", "other", "unknown"}, gender) {
		return unfit("gender is not one of FHIR's codes")
	}
	if use := repeatedUse(sent["address"], []string{"home", "temp"}); use != "" {
		return unfit("address: %s", use)
	}
	if use := repeatedUse(phones(sent["telecom"]), []string{"home", "work", "mobile", "temp", "email", ""}); use != "" {
		return &broken{"BAD_REQUEST", "telecom: " + use}
	}
	return judgeCommunication(sent)
}

// judgeName wants exactly one official name, with one family name and a given name.
func judgeName(sent map[string]any) *broken {
	names, _ := sent["name"].([]any)
	official := 0
	for _, n := range names {
		if name, _ := n.(map[string]any); name["use"] == "official" {
			official++
		}
	}
	name := officialName(sent)
	family, _ := name["family"].(string)
	switch {
	case official != 1:
		return &broken{"BAD_REQUEST", "there is not exactly one official name"}
	case family == "":
		return &broken{"BAD_REQUEST", "the official name has no family name"}
	case !isStrings(name["given"]):
		return &broken{"BAD_REQUEST", "the official name has no given name"}
	}
	return nil
}

// repeatedUse says which use is there twice or is not allowed.
func repeatedUse(value any, allowed []string) string {
	list, _ := value.([]any)
	seen := map[string]bool{}
	for _, item := range list {
		o, _ := item.(map[string]any)
		use, _ := o["use"].(string)
		switch {
		case !slices.Contains(allowed, use):
			return "the use is missing or not allowed"
		case seen[use]:
			return "a use is there twice"
		}
		seen[use] = true
	}
	return ""
}

// phones are contact points with what must be theirs alone as their use: an email address is
// one whatever it is used for.
func phones(value any) any {
	list, _ := value.([]any)
	var out []any
	for _, item := range list {
		point, _ := item.(map[string]any)
		use := point["use"]
		if point["system"] == "email" {
			use = "email"
		}
		out = append(out, map[string]any{"use": use})
	}
	return out
}

// judgeCommunication allows one extension: language and whether an interpreter is needed.
func judgeCommunication(sent map[string]any) *broken {
	list, _ := sent["extension"].([]any)
	for i, e := range list {
		ext, _ := e.(map[string]any)
		if ext["url"] != profile("Extension-CareConnect-GPC-NHSCommunication-1") || i > 0 {
			return unfit("an extension does not belong into a registration")
		}
		parts, _ := ext["extension"].([]any)
		for _, x := range parts {
			if part, _ := x.(map[string]any); part["url"] != "language" && part["url"] != "interpreterRequired" {
				return unfit("NHSCommunication has more than language and interpreterRequired")
			}
		}
	}
	return nil
}

// traced asks PDS about a number and the demographics sent with it, as a practice does: who
// is unknown there, or known under another name or birth date, or dead, or sensitive, or not
// verified, is not registered.
func (c *call) traced(nhs string, sent map[string]any) *broken {
	not := &broken{"INVALID_PATIENT_DEMOGRAPHICS", "PDS does not confirm the patient"}
	all, err := c.server.register()
	if err != nil {
		return &broken{"INTERNAL_SERVER_ERROR", "PDS cannot be asked"}
	}
	d := all.find(nhs)
	family, _ := officialName(sent)["family"].(string)
	switch {
	case d == nil:
		return not
	case d.State == "superseded" || d.State == "invalidated" || d.SupersededBy != "":
		return &broken{"INVALID_NHS_NUMBER", "PDS has replaced the NHS number, or withdrawn it"}
	case d.Deceased != "" || d.Confidentiality != "U" || d.Verification != "01":
		return not
	case d.Family != "" && !strings.EqualFold(d.Family, family) || d.Born != "" && d.Born != sent["birthDate"]:
		return not
	}
	return nil
}

// onOwnList says whether somebody is an active patient of the practice already.
func (c *call) onOwnList(nhs string) bool {
	p := c.server.people.byNumber[nhs]
	return p != nil && p.findable() && (p.Practice == "" || p.Practice == c.practice.ODS)
}

// registered is the Patient that a registration makes.
func (c *call) registered(nhs string, sent map[string]any) map[string]any {
	here := c.surgery()
	fields := headed("Patient", logicalID(nhs), "CareConnect-GPC-Patient-1", "1")
	for _, name := range []string{"name", "telecom", "gender", "birthDate", "address"} {
		if value, there := sent[name]; there {
			fields[name] = value
		}
	}
	fields["identifier"] = []any{verifiedNumber(nhs)}
	fields["active"] = true
	extensions, _ := sent["extension"].([]any)
	fields["extension"] = append([]any{registrationDetails(localTime(c.server.cfg.Now()), "T", here.Locations[0].ID)}, extensions...)
	fields["managingOrganization"] = reference("Organization/" + here.ID)
	return fields
}
