package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An answer is a response before it is delivered.
type answer struct {
	status int
	header http.Header
	body   []byte
	lent   *bytes.Buffer // what body is within, if it goes back to buffers once it is delivered
	rule   string        // the rule the request broke, "" if it kept all

	chunked bool // without Content-Length
	cut     bool // half of the body, then the connection ends
	lost    bool // no answer at all: the connection ends

	pause time.Duration   // between the pieces that the body comes in; 0 is all at once
	waits context.Context // with a pause: ends when nobody waits for the body any more
}

// blameless is an answer to a request that kept the rules.
func (a answer) blameless() answer {
	a.rule = ""
	return a
}

const (
	fhirJSON = "application/fhir+json;charset=utf-8"
	fhirXML  = "application/fhir+xml;charset=utf-8"
)

// A spineCode is how a code of Spine-ErrorOrWarningCode-1 is sent.
type spineCode struct {
	status  int
	issue   string // issue.code
	code    string
	display string
}

// spineCodes are the codes a provider answers with (fhir, error model; Spine codes), those
// that only a fault brings about too.
func spineCodes() []spineCode {
	return []spineCode{
		{400, "value", "INVALID_IDENTIFIER_SYSTEM", "Invalid identifier system"},
		{400, "value", "INVALID_IDENTIFIER_VALUE", "Invalid identifier value"},
		{400, "value", "INVALID_NHS_NUMBER", "Invalid NHS number"},
		{400, "business-rule", "INVALID_PATIENT_DEMOGRAPHICS", "Invalid patient demographics"},
		{400, "invalid", "BAD_REQUEST", "Bad request"},
		{400, "invalid", "CONFLICTING_VALUES", "Conflicting values"},
		{400, "value", "INVALID_ELEMENT", "Invalid element"},
		{400, "value", "INVALID_VALUE", "Invalid value"},
		{400, "code-invalid", "INVALID_CODE_SYSTEM", "Invalid code system"},
		{400, "code-invalid", "INVALID_CODE_VALUE", "Invalid code value"},
		{400, "value", "INVALID_REQUEST_MESSAGE", "Invalid request message"},
		{400, "invalid", "REQUEST_UNMATCHED", "Request does not match authorisation token"},
		{400, "invalid", "MISSING_OR_INVALID_HEADER", "Missing or invalid header"},
		{400, "structure", "MESSAGE_NOT_WELL_FORMED", "Message not well formed"},
		{401, "forbidden", "AUTHOR_CREDENTIALS_ERROR", "Author credentials error"},
		{403, "forbidden", "NO_ORGANISATION_CONSENT", "Organisation has not provided consent to share data"},
		{403, "forbidden", "ACCESS_DENIED_SSL", "SSL protocol or cipher requirements not met"},
		{403, "forbidden", "ASID_CHECK_FAILED", "The sender or receiver's ASID is not authorised for this interaction"},
		{403, "forbidden", "NO_PATIENT_CONSENT", "Patient has not provided consent to share data"},
		{403, "forbidden", "NO_ORGANISATIONAL_CONSENT", "Organisation has not provided consent to share data"},
		{403, "forbidden", "ACCESS DENIED", "Access has been denied to process this request"},
		{403, "forbidden", "NO_RELATIONSHIP", "No legitimate relationship exists with this patient"},
		{403, "forbidden", "NOT_AUTHORISED", "Not authorised"},
		{404, "not-found", "ORGANISATION_NOT_FOUND", "Organisation record not found"},
		{404, "not-found", "PATIENT_NOT_FOUND", "Patient record not found"},
		{404, "not-found", "PRACTITIONER_NOT_FOUND", "Practitioner record not found"},
		{404, "not-found", "NO_RECORD_FOUND", "No record found"},
		{405, "forbidden", "MSG_RESOURCE_ID_FAIL", "Client is not permitted to assign an id"},
		{409, "duplicate", "DUPLICATE_REJECTED", "Create would lead to creation of a duplicate resource"},
		{409, "conflict", "FHIR_CONSTRAINT_VIOLATION", "FHIR constraint violated"},
		{415, "not-supported", "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"},
		{422, "invalid", "INVALID_RESOURCE", "Invalid validation of resource"},
		{422, "invalid", "INVALID_PARAMETER", "Invalid parameter"},
		{422, "invalid", "REFERENCE_NOT_FOUND", "Resource reference not found"},
		{500, "processing", "INTERNAL_SERVER_ERROR", "Unexpected internal server error"},
		{501, "not-supported", "NOT_IMPLEMENTED", "Not implemented"},
	}
}

// codeNamed finds a code written with space or underscore; an unlisted one is sent as it is,
// with 400.
func codeNamed(name string) spineCode {
	same := func(s string) string { return strings.ReplaceAll(strings.ToUpper(s), " ", "_") }
	for _, c := range spineCodes() {
		if same(c.code) == same(name) {
			return c
		}
	}
	return spineCode{http.StatusBadRequest, "invalid", name, name}
}

// refuse is a provider's error: profile, Spine code, and diagnostics that say what was wrong.
func refuse(code, diagnostics string) answer {
	c := codeNamed(code)
	outcome := providerOutcome(issue("error", c, "", diagnostics))
	return jsonAnswer(c.status, outcome, c.code+": "+diagnostics)
}

func issue(severity string, c spineCode, text, diagnostics string) map[string]any {
	details := map[string]any{"coding": []any{map[string]any{
		"system": "https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1", "code": c.code, "display": c.display}}}
	if text != "" {
		details["text"] = text
	}
	i := map[string]any{"severity": severity, "code": c.issue, "details": details}
	if diagnostics != "" {
		i["diagnostics"] = diagnostics
	}
	return i
}

func providerOutcome(issues ...any) map[string]any {
	return map[string]any{
		"resourceType": "OperationOutcome",
		"meta":         map[string]any{"profile": []any{"https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-OperationOutcome-1"}},
		"issue":        issues,
	}
}

func jsonAnswer(status int, resource any, rule string) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(resource); err != nil {
		return answer{status: http.StatusInternalServerError, header: http.Header{}, rule: "sandbox: an answer could not be written"}
	}
	return answer{status: status, header: http.Header{"Content-Type": {fhirJSON}}, body: bytes.TrimSpace(b.Bytes()), rule: rule}
}

// A proxyError is one of the proxy's own refusals (SSP, error messages): no profile, the
// HTTP status as code, the message as display and diagnostics.
type proxyError struct {
	status   int
	issue    string
	message  string
	severity string // "" is error
}

// answer writes it in JSON when that was asked for, else in XML.
func (e proxyError) answer(r *http.Request, id string) answer {
	system, severity, diagnostics := "http://fhir.nhs.net/ValueSet/gpconnect-schedule-response-code-1-0", "error", e.message
	if e.severity != "" { // the published 405 has another system and no diagnostics
		system, severity, diagnostics = "https://fhir.nhs.uk/StructureDefinition/spine-operationoutcome-1", e.severity, ""
	}
	coding := map[string]any{"system": system, "code": strconv.Itoa(e.status), "display": e.message}
	if !wantsJSON(r) {
		return answer{status: e.status, header: http.Header{"Content-Type": {fhirXML}}, body: e.xml(id, system, severity, diagnostics), rule: e.message}
	}
	i := map[string]any{"severity": severity, "code": e.issue, "details": map[string]any{"coding": []any{coding}}}
	if diagnostics != "" {
		i["diagnostics"] = diagnostics
	}
	return jsonAnswer(e.status, map[string]any{"resourceType": "OperationOutcome", "id": id, "issue": []any{i}}, e.message)
}

func (e proxyError) xml(id, system, severity, diagnostics string) []byte {
	var b bytes.Buffer
	element := func(name, value string) {
		if value == "" {
			return
		}
		b.WriteString("<" + name + ` value="`)
		xml.EscapeText(&b, []byte(value))
		b.WriteString(`"/>`)
	}
	b.WriteString(`<OperationOutcome xmlns="http://hl7.org/fhir">`)
	element("id", id)
	b.WriteString("<issue>")
	element("severity", severity)
	element("code", e.issue)
	b.WriteString("<details><coding>")
	element("system", system)
	element("code", strconv.Itoa(e.status))
	element("display", e.message)
	b.WriteString("</coding></details>")
	element("diagnostics", diagnostics)
	b.WriteString("</issue></OperationOutcome>")
	return b.Bytes()
}
