package sandbox

import (
	"net/http"
	"strings"
)

// readMetadata is the capability statement of the service root that was asked.
func readMetadata(c *call) answer {
	version := map[capability]string{foundations: "1.2.7", structured: "1.6.1", documents: "1.6.1"}[c.row.root]
	statement := map[string]any{
		"resourceType":  "CapabilityStatement",
		"version":       version,
		"name":          "GP Connect sandbox: " + c.row.root.String(),
		"status":        "active",
		"date":          "2026-01-05",
		"publisher":     c.practice.Name,
		"kind":          "capability",
		"software":      map[string]any{"name": c.practice.Product, "version": "sandbox", "releaseDate": "2026-01-05"},
		"fhirVersion":   "3.0.1",
		"acceptUnknown": "both",
		"format":        []any{"application/fhir+json", "application/fhir+xml"},
		"profile":       profiles(c.row.root),
		"rest":          []any{restOf(c.server.rows, c.row.root)},
	}
	if c.row.root == foundations {
		statement["extension"] = []any{serviceFiltering()}
	}
	return jsonAnswer(http.StatusOK, statement, "")
}

// restOf says which resources and operations a service root has, from the table.
func restOf(rows []row, of capability) map[string]any {
	resources := map[string]map[string]any{}
	var list, operations []any
	for _, r := range rows {
		if r.root != of || r.handle == nil {
			continue
		}
		if name := operationName(r.path); name != "" {
			operations = append(operations, map[string]any{"name": name, "definition": reference("https://fhir.nhs.uk/STU3/OperationDefinition/GPConnect-" + operationTitle(name) + "-Operation-1")})
			continue
		}
		kind, interaction := restInteraction(r)
		if kind == "" {
			continue
		}
		if resources[kind] == nil {
			resources[kind] = searchable(kind)
			list = append(list, resources[kind])
		}
		allow(resources[kind], interaction)
	}
	rest := map[string]any{"mode": "server", "security": map[string]any{"cors": false}}
	if len(operations) > 0 {
		rest["operation"] = operations
	}
	if len(list) > 0 {
		rest["resource"] = list
	}
	return rest
}

// allow adds an interaction to a resource's, once.
func allow(resource map[string]any, interaction string) {
	list, _ := resource["interaction"].([]any)
	for _, i := range list {
		if i.(map[string]any)["code"] == interaction {
			return
		}
	}
	resource["interaction"] = append(list, map[string]any{"code": interaction})
}

// searchable is a resource of the statement with what it can be searched by.
func searchable(kind string) map[string]any {
	resource := map[string]any{"type": kind}
	params := map[string]string{
		"Patient": "identifier token", "Organization": "identifier token", "Practitioner": "identifier token", "HealthcareService": "identifier token",
		"Slot":              "start date end date status token searchFilter token service.identifier token",
		"Appointment":       "start date",
		"DocumentReference": "created date author token description string",
	}
	fields := strings.Fields(params[kind])
	var list []any
	for i := 0; i+1 < len(fields); i += 2 {
		list = append(list, map[string]any{"name": fields[i], "type": fields[i+1]})
	}
	if list != nil {
		resource["searchParam"] = list
	}
	switch kind {
	case "Slot":
		resource["searchInclude"] = []any{"Slot:schedule", "Schedule:actor:Location", "Schedule:actor:Practitioner", "Schedule:actor:HealthcareService", "Location:managingOrganization"}
	case "DocumentReference":
		includes := documentIncludes()
		resource["searchInclude"] = includes["_include"]
		resource["searchRevInclude"] = includes["_revinclude:recurse"]
	}
	return resource
}

// profiles are the profiles of a service root, with their versions where the specification
// names them (1.6.1).
func profiles(of capability) []any {
	const all = "CareConnect-GPC-Patient-1/_history/1.8 CareConnect-GPC-Organization-1/_history/1.4 CareConnect-GPC-Practitioner-1/_history/1.2 " +
		"CareConnect-GPC-PractitionerRole-1/_history/1.2 GPConnect-OperationOutcome-1/_history/1.2 "
	own := map[capability]string{
		foundations: "CareConnect-GPC-Location-1 GPConnect-Appointment-1 GPConnect-Schedule-1 GPConnect-Slot-1 GPConnect-Searchset-Bundle-1",
		structured: "CareConnect-GPC-AllergyIntolerance-1/_history/1.7 CareConnect-GPC-Medication-1/_history/1.2 CareConnect-GPC-MedicationStatement-1/_history/1.7 " +
			"CareConnect-GPC-MedicationRequest-1/_history/1.6 CareConnect-GPC-List-1/_history/1.7 GPConnect-StructuredRecord-Bundle-1/_history/1.3 " +
			"CareConnect-GPC-Immunization-1/_history/1.5 CareConnect-GPC-ProblemHeader-Condition-1/_history/1.7 CareConnect-GPC-Encounter-1/_history/1.5 " +
			"CareConnect-GPC-Observation-1/_history/1.6 CareConnect-GPC-DiagnosticReport-1/_history/1.3 CareConnect-GPC-Specimen-1/_history/1.3 " +
			"CareConnect-GPC-ProcedureRequest-1/_history/1.3 CareConnect-GPC-ReferralRequest-1/_history/1.2 CareConnect-GPC-DocumentReference-1/_history/1.3",
		documents: "CareConnect-GPC-DocumentReference-1/_history/1.3 GPConnect-Searchset-Bundle-1/_history/1.3",
	}[of]
	var list []any
	for _, name := range strings.Fields(all + own) {
		if of == foundations {
			name, _, _ = strings.Cut(name, "/")
		}
		list = append(list, reference(profile(name)))
	}
	if of == structured {
		list = append(list, reference("https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-HealthcareService-1/_history/1.0"))
	}
	return list
}

// operationName is a path's operation, such as gpc.getstructuredrecord.
func operationName(path string) string {
	_, name, _ := strings.Cut(path, "$")
	return name
}

// operationTitle is how the definition of an operation is called.
func operationTitle(name string) string {
	return map[string]string{"gpc.getstructuredrecord": "GetStructuredRecord", "gpc.migratestructuredrecord": "MigrateStructuredRecord",
		"gpc.registerpatient": "RegisterPatient"}[name]
}

// restInteraction is the resource type and the FHIR interaction of a row that is no
// operation; none for metadata itself.
func restInteraction(r row) (kind, interaction string) {
	segments := strings.Split(strings.TrimPrefix(r.path, "/"), "/")
	if segments[0] == "metadata" {
		return "", ""
	}
	last := segments[len(segments)-1]
	switch {
	case r.method == http.MethodPost:
		return last, "create"
	case r.method == http.MethodPut:
		return segments[0], "update"
	case last == "{id}":
		return segments[0], "read"
	}
	return last, "search-type"
}
