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
	code fhir.CodeableConcept
}

func (r *reader) readOther(res fhir.Resource) *other {
	if o, ok := r.others[res.Offset]; ok {
		return o
	}
	o := &other{DomainResource: fhir.DomainResource{Resource: res}}
	r.others[res.Offset] = o
	for name, into := range map[string]any{"meta": &o.Meta, "code": &o.code} {
		if m, ok := res.Member(name); ok {
			_ = json.Unmarshal(m, into) // what does not fit is in the bytes
		}
	}
	return o
}

// subjectOf is whom a resource is about by its type; none of a type that no area is made of.
// It is not readable when something is there that is no reference.
func (r *reader) subjectOf(res fhir.Resource) (subject fhir.Reference, readable bool) {
	if _, known := kinds[res.Type]; !known && res.Type != "Specimen" {
		return subject, true // see namesOther
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
	default:
		return subject, true
	}
	return subject, !hasOddPrefix(d.Odd, "/subject", "/patient")
}
