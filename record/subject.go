package record

import (
	"encoding/json"

	"github.com/gpconnect-go/gpc/fhir"
)

// read reads a resource through the view of its type: a pointer to it, or to an other when
// no area of a record is made of such resources.
func (r *reader) read(res fhir.Resource) any {
	switch res.Type {
	case "AllergyIntolerance":
		return readAs[fhir.AllergyIntolerance](r, res)
	case "Condition":
		return readAs[fhir.Condition](r, res)
	case "DiagnosticReport":
		return readAs[fhir.DiagnosticReport](r, res)
	case "DocumentReference":
		return readAs[fhir.DocumentReference](r, res)
	case "Encounter":
		return readAs[fhir.Encounter](r, res)
	case "Immunization":
		return readAs[fhir.Immunization](r, res)
	case "List":
		return readAs[fhir.List](r, res)
	case "MedicationRequest":
		return readAs[fhir.MedicationRequest](r, res)
	case "MedicationStatement":
		return readAs[fhir.MedicationStatement](r, res)
	case "Observation":
		return readAs[fhir.Observation](r, res)
	case "ProcedureRequest":
		return readAs[fhir.ProcedureRequest](r, res)
	case "QuestionnaireResponse":
		return readAs[fhir.QuestionnaireResponse](r, res)
	case "ReferralRequest":
		return readAs[fhir.ReferralRequest](r, res)
	case "Specimen":
		return readAs[fhir.Specimen](r, res)
	}
	return r.readOther(res)
}

func readAs[T any](r *reader, res fhir.Resource) any {
	if v := view[T](r, res); v != nil {
		return v
	}
	return r.readOther(res)
}

// other is what is read of resources that no area is made of.
type other struct {
	fhir.DomainResource
	code     fhir.CodeableConcept
	subject  fhir.Reference
	readable bool // the subject, if there is one
}

func (r *reader) readOther(res fhir.Resource) *other {
	if o, ok := r.viewed(res).(*other); ok {
		return o
	}
	o := &other{DomainResource: fhir.DomainResource{Resource: res}, readable: true}
	r.keepView(res, o)
	if len(res.Raw) == 0 || res.Raw[0] != '{' {
		return o // an entry without a resource, or with something that is none
	}
	var members struct {
		Meta    json.RawMessage `json:"meta"`
		Code    json.RawMessage `json:"code"`
		Subject json.RawMessage `json:"subject"`
		Patient json.RawMessage `json:"patient"`
	}
	o.readable = json.Unmarshal(res.Raw, &members) == nil
	_ = json.Unmarshal(members.Meta, &o.Meta) // what does not fit is in the bytes
	_ = json.Unmarshal(members.Code, &o.code)
	for _, m := range []json.RawMessage{members.Patient, members.Subject} {
		if m != nil && json.Unmarshal(m, &o.subject) != nil {
			o.readable = false
		}
	}
	return o
}

// subjectOf is whom a resource is about. It is not readable when something is there that is
// no reference.
func (r *reader) subjectOf(res fhir.Resource) (subject fhir.Reference, readable bool) {
	switch res.Type {
	case "Location", "HealthcareService", "Medication", "OperationOutcome", "Organization",
		"Patient", "Practitioner", "PractitionerRole":
		return subject, true // they are about nobody
	}
	var d *fhir.DomainResource
	switch v := r.read(res).(type) {
	case *fhir.AllergyIntolerance:
		subject, d = v.Patient, &v.DomainResource
	case *fhir.Condition:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.DiagnosticReport:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.DocumentReference:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.Encounter:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.Immunization:
		subject, d = v.Patient, &v.DomainResource
	case *fhir.List:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.MedicationRequest:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.MedicationStatement:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.Observation:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.ProcedureRequest:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.QuestionnaireResponse:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.ReferralRequest:
		subject, d = v.Subject, &v.DomainResource
	case *fhir.Specimen:
		subject, d = v.Subject, &v.DomainResource
	case *other:
		return v.subject, v.readable
	}
	return subject, !hasOddPrefix(d.Odd, "/subject", "/patient")
}
