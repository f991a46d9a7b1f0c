package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// sdsResources are the resources of one entry: of a message handling record one Endpoint for
// each address as it is by now, of an accredited system one Device. Their ids are new each
// time.
func sdsResources(class string, e *entry, moved func(string) string) []map[string]any {
	if class == "nhsAs" {
		return []map[string]any{sdsDevice(e)}
	}
	var all []map[string]any
	for _, address := range e.values["nhsmhsendpoint"] {
		all = append(all, sdsEndpoint(e, moved(address)))
	}
	return all
}

func sdsEndpoint(e *entry, address string) map[string]any {
	coding := func(system, code, display string) map[string]any {
		return map[string]any{"system": "http://terminology.hl7.org/CodeSystem/" + system, "code": code, "display": display}
	}
	return map[string]any{
		"resourceType": "Endpoint", "id": strings.ToUpper(newUUID()), "status": "active", "address": address,
		"connectionType":       coding("endpoint-connection-type", "hl7-fhir-msg", "HL7 FHIR Messaging"),
		"payloadType":          []any{map[string]any{"coding": []any{coding("endpoint-payload-type", "any", "Any")}}},
		"managingOrganization": sdsIdentified(odsSystem, e.one("nhsIDCode")),
		"identifier": sdsIdentifiers("nhsMhsFQDN", e.one("nhsMhsFQDN"), "nhsMhsPartyKey", e.one("nhsMHSPartyKey"),
			"nhsMhsCPAId", e.one("nhsMhsCPAId"), "nhsMHSId", e.one("uniqueIdentifier")),
		"extension": []any{sdsExtension("NhsServiceInteractionId", interactionSystem, e.one("nhsMhsSvcIA"))},
	}
}

func sdsDevice(e *entry) map[string]any {
	var extensions []any
	if m := e.one("nhsMhsManufacturerOrg"); m != "" {
		extensions = append(extensions, sdsExtension("ManufacturingOrganisation", odsSystem, m))
	}
	for _, i := range e.values["nhsassvcia"] {
		extensions = append(extensions, sdsExtension("NhsServiceInteractionId", interactionSystem, i))
	}
	d := map[string]any{
		"resourceType": "Device", "id": strings.ToUpper(newUUID()), "extension": extensions,
		"identifier": sdsIdentifiers("nhsSpineASID", e.one("uniqueIdentifier"), "nhsMhsPartyKey", e.one("nhsMHSPartyKey")),
	}
	if client := e.one("nhsAsClient"); client != "" {
		d["owner"] = sdsIdentified(odsSystem, client)
	}
	return d
}

func sdsIdentified(system, value string) map[string]any {
	return map[string]any{"identifier": map[string]any{"system": system, "value": value}}
}

// sdsIdentifiers are made from pairs of a system's last part and a value; those without a
// value are left out.
func sdsIdentifiers(pairs ...string) []any {
	var all []any
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all = append(all, map[string]any{"system": "https://fhir.nhs.uk/Id/" + pairs[i], "value": pairs[i+1]})
		}
	}
	return all
}

func sdsExtension(name, system, value string) map[string]any {
	return map[string]any{"url": "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-" + name, "valueReference": sdsIdentified(system, value)}
}

// sdsRefusal is an error of the service behind the gateway, in its own code system.
func sdsRefusal(status int, issue, code, diagnostics string) answer {
	return r4Answer(status, map[string]any{"resourceType": "OperationOutcome", "id": newUUID(), "issue": []any{map[string]any{
		"severity": "error", "code": issue, "diagnostics": diagnostics, "details": map[string]any{"coding": []any{map[string]any{
			"system": "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1", "code": code, "display": strings.ReplaceAll(code, "_", " ")}}}}}},
		code+": "+diagnostics)
}

func sdsBadRequest(why string) answer {
	return sdsRefusal(http.StatusBadRequest, "required", "BAD_REQUEST", "HTTP 400: Bad Request ("+why+")")
}

// sdsFailure is the error that goes with a status: what breaks behind the gateway is hidden
// by it.
func sdsFailure(status int) answer {
	switch status {
	case http.StatusBadRequest:
		return sdsBadRequest("the query cannot be read")
	case http.StatusUnauthorized, http.StatusForbidden:
		return gatewayRefusal(status, "forbidden", "ACCESS_DENIED", "Access denied: unauthorised", "")
	case http.StatusNotFound:
		return sdsRefusal(status, "not-found", "NO_RECORD_FOUND", "HTTP 404: Not Found")
	}
	return gatewayRefusal(status, "exception", "UNKNOWN_ERROR", "An unknown error occurred processing this request", "HTTP "+strconv.Itoa(status))
}

// gatewayRefusal is an error of the API platform's gateway, in front of the service.
func gatewayRefusal(status int, issue, code, display, diagnostics string) answer {
	a := r4Answer(status, platformOutcome("error", issue, code, display, diagnostics), code+": "+diagnostics)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		a.header.Set("Retry-After", "5")
	}
	return a
}
