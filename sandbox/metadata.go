package sandbox

import (
	"net/http"
	"strings"
)

// readMetadata is the capability statement of the service root that was asked.
func readMetadata(c *call) answer {
	version := map[capability]string{foundations: "1.2.7", structured: "1.6.1", documents: "1.6.1"}[c.row.root]
	resources, operations := map[string][]any{}, []any{}
	var order []string
	for _, r := range c.server.rows {
		if r.root != c.row.root || r.handle == nil {
			continue
		}
		if name := operationName(r.path); name != "" {
			operations = append(operations, map[string]any{"name": name,
				"definition": map[string]any{"reference": "https://fhir.nhs.uk/STU3/OperationDefinition/GPConnect-" + operationTitle(name) + "-Operation-1"}})
			continue
		}
		kind, interaction := restInteraction(r)
		if kind == "" {
			continue
		}
		if resources[kind] == nil {
			order = append(order, kind)
		}
		resources[kind] = append(resources[kind], map[string]any{"code": interaction})
	}
	rest := map[string]any{"mode": "server", "security": map[string]any{"cors": false}}
	if len(operations) > 0 {
		rest["operation"] = operations
	}
	var list []any
	for _, kind := range order {
		list = append(list, map[string]any{"type": kind, "interaction": resources[kind]})
	}
	if len(list) > 0 {
		rest["resource"] = list
	}
	return jsonAnswer(http.StatusOK, map[string]any{
		"resourceType":  "CapabilityStatement",
		"version":       version,
		"name":          "GP Connect sandbox: " + c.row.root.String(),
		"status":        "active",
		"date":          "2026-01-05",
		"publisher":     c.practice.Name,
		"kind":          "capability",
		"software":      map[string]any{"name": c.practice.Product, "version": "sandbox"},
		"fhirVersion":   "3.0.1",
		"acceptUnknown": "both",
		"format":        []any{"application/fhir+json"},
		"rest":          []any{rest},
	}, "")
}

// operationName is a path's operation, such as gpc.getstructuredrecord.
func operationName(path string) string {
	_, name, _ := strings.Cut(path, "$")
	return name
}

// operationTitle is how the definition of an operation is called.
func operationTitle(name string) string {
	return map[string]string{"gpc.getstructuredrecord": "GetStructuredRecord", "gpc.registerpatient": "RegisterPatient"}[name]
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
