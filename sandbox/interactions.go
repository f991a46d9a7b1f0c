package sandbox

import "strings"

// A capability has its own service root (architecture: one address per capability).
type capability int

const (
	foundations capability = iota // appointments share it
	structured
	documents
)

func (c capability) String() string {
	return [...]string{"foundations", "structured", "documents"}[c]
}

const gpconnect = "urn:nhs:names:services:gpconnect:"

// The audit token's scopes.
const (
	readOrganisation = "organization/*.read"
	readPatient      = "patient/*.read"
	writePatient     = "patient/*.write"
)

// A row is one interaction: what its request must look like and who answers it. A row
// without handler is in the directory, and the practice answers 501 to it.
type row struct {
	interaction string
	method      string
	path        string // relative to the service root; {id} stands for one segment
	scope       string
	reason      string // reason_for_request
	root        capability
	handle      func(*call) answer
}

// interactionTable is every interaction a practice is registered for.
func interactionTable() []row {
	const direct = "directcare"
	rows := []row{
		{"fhir:rest:read:metadata-1", "GET", "/metadata", readOrganisation, direct, foundations, readMetadata},
		{"fhir:rest:search:patient-1", "GET", "/Patient", readPatient, direct, foundations, nil},
		{"fhir:rest:read:patient-1", "GET", "/Patient/{id}", readPatient, direct, foundations, nil},
		{"fhir:operation:gpc.registerpatient-1", "POST", "/Patient/$gpc.registerpatient", writePatient, direct, foundations, nil},
		{"fhir:rest:search:practitioner-1", "GET", "/Practitioner", readOrganisation, direct, foundations, nil},
		{"fhir:rest:read:practitioner-1", "GET", "/Practitioner/{id}", readOrganisation, direct, foundations, nil},
		{"fhir:rest:search:organization-1", "GET", "/Organization", readOrganisation, direct, foundations, nil},
		{"fhir:rest:read:organization-1", "GET", "/Organization/{id}", readOrganisation, direct, foundations, nil},
		{"fhir:rest:read:location-1", "GET", "/Location/{id}", readOrganisation, direct, foundations, nil},

		{"fhir:rest:search:slot-1", "GET", "/Slot", readOrganisation, direct, foundations, nil},
		{"fhir:rest:create:appointment-1", "POST", "/Appointment", writePatient, direct, foundations, nil},
		{"fhir:rest:read:appointment-1", "GET", "/Appointment/{id}", readPatient, direct, foundations, nil},
		{"fhir:rest:update:appointment-1", "PUT", "/Appointment/{id}", writePatient, direct, foundations, nil},
		{"fhir:rest:cancel:appointment-1", "PUT", "/Appointment/{id}", writePatient, direct, foundations, nil},
		{"fhir:rest:search:patient_appointments-1", "GET", "/Patient/{id}/Appointment", readPatient, direct, foundations, nil},

		{"fhir:operation:gpc.getstructuredrecord-1", "POST", "/Patient/$gpc.getstructuredrecord", readPatient, direct, structured, getStructuredRecord},
		{"structured:fhir:rest:read:metadata-1", "GET", "/metadata", readOrganisation, direct, structured, readMetadata},

		{"documents:fhir:rest:read:metadata-1", "GET", "/metadata", readOrganisation, direct, documents, readMetadata},
		{"documents:fhir:rest:search:patient-1", "GET", "/Patient", readPatient, direct, documents, nil},
		{"documents:fhir:rest:search:documentreference-1", "GET", "/Patient/{id}/DocumentReference", readPatient, direct, documents, nil},
		{"documents:fhir:rest:read:binary-1", "GET", "/Binary/{id}", readPatient, direct, documents, nil},
	}
	for i := range rows {
		rows[i].interaction = gpconnect + rows[i].interaction
	}
	return rows
}

// fits says whether a decoded path below the service root is the row's.
func (r row) fits(path string) bool {
	want, got := strings.Split(r.path, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] == "{id}" && got[i] != "" && !strings.HasPrefix(got[i], "$") {
			continue
		}
		if want[i] != got[i] {
			return false
		}
	}
	return true
}
