package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

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
	reason      string // reason_for_request; several are separated by a space
	root        capability
	handle      func(*call) answer
}

// restricted says whether the token may ask for restricted data as well, conf/R.
func (r row) restricted() bool { return strings.Contains(r.reason, migration) }

// unattended says whether no practitioner need be named: a record that follows its patient is
// asked for by a machine.
func (r row) unattended() bool { return r.reason == migration }

// writes says whether a request changes something: its interaction's scope says so.
func (s *Server) writes(r *http.Request) bool {
	return slices.ContainsFunc(s.rows, func(row row) bool {
		return row.scope == writePatient && row.interaction == r.Header.Get("Ssp-InteractionID")
	})
}

// The reasons for a request.
const (
	direct    = "directcare"
	migration = "migration"
)

// interactionTable is every interaction a practice is registered for.
func interactionTable() []row {
	rows := []row{
		{"fhir:rest:read:metadata-1", "GET", "/metadata", readOrganisation, direct, foundations, readMetadata},
		{"fhir:rest:search:patient-1", "GET", "/Patient", readPatient, direct, foundations, findPatient},
		{"fhir:rest:read:patient-1", "GET", "/Patient/{id}", readPatient, direct, foundations, readPatientByID},
		{"fhir:operation:gpc.registerpatient-1", "POST", "/Patient/$gpc.registerpatient", writePatient, direct, foundations, registerPatient},
		{"fhir:rest:search:practitioner-1", "GET", "/Practitioner", readOrganisation, direct, foundations, findPractitioner},
		{"fhir:rest:read:practitioner-1", "GET", "/Practitioner/{id}", readOrganisation, direct, foundations, readPractitioner},
		{"fhir:rest:search:organization-1", "GET", "/Organization", readOrganisation, direct, foundations, findOrganisation},
		{"fhir:rest:read:organization-1", "GET", "/Organization/{id}", readOrganisation, direct, foundations, readOrganisationByID},
		{"fhir:rest:read:location-1", "GET", "/Location/{id}", readOrganisation, direct, foundations, readLocation},

		{"fhir:rest:search:healthcareservice-1", "GET", "/HealthcareService", readOrganisation, direct, foundations, findService}, // 1.2.8
		{"fhir:rest:read:healthcareservice-1", "GET", "/HealthcareService/{id}", readOrganisation, direct, foundations, readService},

		{"fhir:rest:search:slot-1", "GET", "/Slot", readOrganisation, direct, foundations, searchSlots},
		{"fhir:rest:create:appointment-1", "POST", "/Appointment", writePatient, direct, foundations, bookAppointment},
		{"fhir:rest:read:appointment-1", "GET", "/Appointment/{id}", readPatient, direct, foundations, readAppointment},
		{"fhir:rest:update:appointment-1", "PUT", "/Appointment/{id}", writePatient, direct, foundations, amendAppointment},
		{"fhir:rest:cancel:appointment-1", "PUT", "/Appointment/{id}", writePatient, direct, foundations, cancelAppointment},
		{"fhir:rest:search:patient_appointments-1", "GET", "/Patient/{id}/Appointment", readPatient, direct, foundations, retrieveAppointments},

		{"fhir:operation:gpc.getstructuredrecord-1", "POST", "/Patient/$gpc.getstructuredrecord", readPatient, direct, structured, getStructuredRecord},
		{"fhir:operation:gpc.migratestructuredrecord-1", "POST", "/Patient/$gpc.migratestructuredrecord", readPatient, migration, structured, migrateStructuredRecord},
		{"structured:fhir:rest:read:metadata-1", "GET", "/metadata", readOrganisation, direct, structured, readMetadata},

		{"documents:fhir:rest:read:metadata-1", "GET", "/metadata", readOrganisation, direct, documents, readMetadata},
		{"documents:fhir:rest:search:patient-1", "GET", "/Patient", readPatient, direct, documents, findPatientForDocuments},
		{"documents:fhir:rest:search:documentreference-1", "GET", "/Patient/{id}/DocumentReference", readPatient, direct, documents, searchDocuments},
		{"documents:fhir:rest:read:binary-1", "GET", "/Binary/{id}", readPatient, direct, documents, readBinary},
		{"documents:fhir:rest:migrate:binary-1", "GET", "/Binary/{id}", readPatient, migration + " " + direct, documents, migrateBinary}, // the suite asks for direct care
	}
	for i := range rows {
		rows[i].interaction = gpconnect + rows[i].interaction
	}
	return rows
}

// fits says whether a decoded path below the service root is the row's. An id that is empty
// fits, and nothing is found by it.
func (r row) fits(path string) bool {
	want, got := strings.Split(r.path, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] == "{id}" && !strings.HasPrefix(got[i], "$") {
			continue
		}
		if want[i] != got[i] {
			return false
		}
	}
	return true
}

// id is what stands for {id} in the call's path.
func (c *call) id() string {
	got := strings.Split(c.path, "/")
	for i, segment := range strings.Split(c.row.path, "/") {
		if segment == "{id}" && i < len(got) {
			return got[i]
		}
	}
	return ""
}
