package client

import (
	"net/http"
	"slices"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// Interaction is the identifier of one GP Connect operation, as the directory,
// the proxy and the practice all know it.
type Interaction = sdslookup.Interaction

// Capability is a group of interactions that a practice serves at one service
// root. A service root must not be used for another capability.
type Capability string

const (
	Foundations  Capability = "foundations"
	Appointments Capability = "appointments" // the same root as foundations
	Structured   Capability = "structured"
	Documents    Capability = "documents"
	HTML         Capability = "html" // access record HTML 0.7, DSTU2
)

// Scope is the audit token's requested_scope.
type Scope string

const (
	PatientRead      Scope = "patient/*.read"
	PatientWrite     Scope = "patient/*.write"
	OrganisationRead Scope = "organization/*.read"
)

const prefix = "urn:nhs:names:services:gpconnect:"

// The interactions of GP Connect 1.2.7 (foundations, appointments), 1.6.2
// (structured, documents) and 0.7.4 (HTML).
const (
	ReadMetadata            Interaction = prefix + "fhir:rest:read:metadata-1"
	FindPatient             Interaction = prefix + "fhir:rest:search:patient-1"
	ReadPatient             Interaction = prefix + "fhir:rest:read:patient-1"
	RegisterPatient         Interaction = prefix + "fhir:operation:gpc.registerpatient-1"
	FindPractitioner        Interaction = prefix + "fhir:rest:search:practitioner-1"
	ReadPractitioner        Interaction = prefix + "fhir:rest:read:practitioner-1"
	FindOrganisation        Interaction = prefix + "fhir:rest:search:organization-1"
	ReadOrganisation        Interaction = prefix + "fhir:rest:read:organization-1"
	ReadLocation            Interaction = prefix + "fhir:rest:read:location-1"
	FindHealthcareService   Interaction = prefix + "fhir:rest:search:healthcareservice-1"
	ReadHealthcareService   Interaction = prefix + "fhir:rest:read:healthcareservice-1"
	SearchSlots             Interaction = prefix + "fhir:rest:search:slot-1"
	BookAppointment         Interaction = prefix + "fhir:rest:create:appointment-1"
	ReadAppointment         Interaction = prefix + "fhir:rest:read:appointment-1"
	AmendAppointment        Interaction = prefix + "fhir:rest:update:appointment-1"
	CancelAppointment       Interaction = prefix + "fhir:rest:cancel:appointment-1"
	PatientAppointments     Interaction = prefix + "fhir:rest:search:patient_appointments-1"
	GetStructuredRecord     Interaction = prefix + "fhir:operation:gpc.getstructuredrecord-1"
	MigrateStructuredRecord Interaction = prefix + "fhir:operation:gpc.migratestructuredrecord-1"
	ReadStructuredMetadata  Interaction = prefix + "structured:fhir:rest:read:metadata-1"
	ReadDocumentsMetadata   Interaction = prefix + "documents:fhir:rest:read:metadata-1"
	FindDocumentsPatient    Interaction = prefix + "documents:fhir:rest:search:patient-1"
	SearchDocuments         Interaction = prefix + "documents:fhir:rest:search:documentreference-1"
	ReadDocument            Interaction = prefix + "documents:fhir:rest:read:binary-1"
	MigrateDocument         Interaction = prefix + "documents:fhir:rest:migrate:binary-1"
	ReadHTMLMetadata        Interaction = prefix + "fhir:rest:read:metadata"
	GetCareRecord           Interaction = prefix + "fhir:operation:gpc.getcarerecord"
)

// Row is one line of the interaction table: what the specification fixes of
// an interaction.
type Row struct {
	ID     Interaction
	Name   string // "Get the structured record"
	Method string
	Path   string // relative to the service root; {id} stands for a logical id
	Root   Capability
	Scope  Scope
	FHIR   string // "STU3" or "DSTU2"
	Since  string // the first version of GP Connect that has it
	Write  bool   // changes something at the practice: sent once and never again
}

// Anywhere says whether another practice may be asked than the one where the
// patient is registered: for appointments and what leads to them, and for what is
// not GP Connect's. Records and documents are the registered practice's alone.
func (r Row) Anywhere() bool {
	return r.Root != Structured && r.Root != Documents && r.Root != HTML
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
)

var rows = [...]Row{
	{ReadMetadata, "Read metadata", get, "/metadata", Foundations, OrganisationRead, "STU3", "1.0", false},
	{FindPatient, "Find a patient", get, "/Patient", Foundations, PatientRead, "STU3", "1.0", false},
	{ReadPatient, "Read a patient", get, "/Patient/{id}", Foundations, PatientRead, "STU3", "1.0", false},
	{RegisterPatient, "Register a patient", post, "/Patient/$gpc.registerpatient", Foundations, PatientWrite, "STU3", "1.0", true},
	{FindPractitioner, "Find a practitioner", get, "/Practitioner", Foundations, OrganisationRead, "STU3", "1.0", false},
	{ReadPractitioner, "Read a practitioner", get, "/Practitioner/{id}", Foundations, OrganisationRead, "STU3", "1.0", false},
	{FindOrganisation, "Find an organisation", get, "/Organization", Foundations, OrganisationRead, "STU3", "1.0", false},
	{ReadOrganisation, "Read an organisation", get, "/Organization/{id}", Foundations, OrganisationRead, "STU3", "1.0", false},
	{ReadLocation, "Read a location", get, "/Location/{id}", Foundations, OrganisationRead, "STU3", "1.0", false},
	{FindHealthcareService, "Find a healthcare service", get, "/HealthcareService", Foundations, OrganisationRead, "STU3", "1.2.8", false},
	{ReadHealthcareService, "Read a healthcare service", get, "/HealthcareService/{id}", Foundations, OrganisationRead, "STU3", "1.2.8", false},
	{SearchSlots, "Search for free slots", get, "/Slot", Foundations, OrganisationRead, "STU3", "1.0", false},
	{BookAppointment, "Book an appointment", post, "/Appointment", Foundations, PatientWrite, "STU3", "1.0", true},
	{ReadAppointment, "Read an appointment", get, "/Appointment/{id}", Foundations, PatientRead, "STU3", "1.0", false},
	{AmendAppointment, "Amend an appointment", put, "/Appointment/{id}", Foundations, PatientWrite, "STU3", "1.0", true},
	{CancelAppointment, "Cancel an appointment", put, "/Appointment/{id}", Foundations, PatientWrite, "STU3", "1.0", true},
	{PatientAppointments, "Retrieve a patient's appointments", get, "/Patient/{id}/Appointment", Foundations, PatientRead, "STU3", "1.0", false},
	{GetStructuredRecord, "Get the structured record", post, "/Patient/$gpc.getstructuredrecord", Structured, PatientRead, "STU3", "1.0", false},
	{MigrateStructuredRecord, "Migrate the structured record", post, "/Patient/$gpc.migratestructuredrecord", Structured, PatientRead, "STU3", "1.6.0", false},
	{ReadStructuredMetadata, "Read structured metadata", get, "/metadata", Structured, OrganisationRead, "STU3", "1.2", false},
	{ReadDocumentsMetadata, "Read documents metadata", get, "/metadata", Documents, OrganisationRead, "STU3", "1.5", false},
	{FindDocumentsPatient, "Find a patient for documents", get, "/Patient", Documents, PatientRead, "STU3", "1.5", false},
	{SearchDocuments, "Search for documents", get, "/Patient/{id}/DocumentReference", Documents, PatientRead, "STU3", "1.5", false},
	{ReadDocument, "Retrieve a document", get, "/Binary/{id}", Documents, PatientRead, "STU3", "1.5", false},
	{MigrateDocument, "Migrate a document", get, "/Binary/{id}", Documents, PatientRead, "STU3", "1.6.0", false},
	{ReadHTMLMetadata, "Read HTML metadata", get, "/metadata", HTML, OrganisationRead, "DSTU2", "0.5", false},
	{GetCareRecord, "Get the HTML care record", post, "/Patient/$gpc.getcarerecord", HTML, PatientRead, "DSTU2", "0.5", false},
}

// Interactions returns the interaction table.
func Interactions() []Row { return slices.Clone(rows[:]) }

// RowOf returns the table's line for id.
func RowOf(id Interaction) (Row, bool) {
	for i := range rows { // a Row is large, and each call asks
		if rows[i].ID == id {
			return rows[i], true
		}
	}
	return Row{}, false
}

// Probe is the interaction that stands for a capability where only its
// service root is wanted, as in a lookup.
func (c Capability) Probe() (Interaction, bool) {
	switch c {
	case Foundations:
		return ReadMetadata, true
	case Appointments:
		return SearchSlots, true
	case Structured:
		return GetStructuredRecord, true
	case Documents:
		return SearchDocuments, true
	case HTML:
		return GetCareRecord, true
	}
	return "", false
}
