package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

const notInAnswer = "(not in the answer)"

// link is what a reference within from means, in one line.
func (r *reader) link(from fhir.Resource, ref fhir.Reference) Link {
	if ref.Reference == "" {
		return Link{Text: coalesce(ref.Display, notInAnswer), Absent: absence(ref)}
	}
	res, ok := r.resolve(from, ref.Reference)
	if !ok {
		typ, _, _ := strings.Cut(ref.Reference, "/")
		return Link{Text: coalesce(ref.Display, notInAnswer), Kind: kindOf(typ), Source: ref.Reference, Absent: AbsentUnresolved}
	}
	return r.linkOf(res)
}

// linkTo is link for a reference that may not be there.
func (r *reader) linkTo(from fhir.Resource, ref fhir.Reference) *Link {
	if ref.IsZero() {
		return nil
	}
	l := r.link(from, ref)
	return &l
}

func (r *reader) linksTo(from fhir.Resource, refs []fhir.Reference) []Link {
	var found []Link
	for _, ref := range refs {
		if l := r.linkTo(from, ref); l != nil {
			found = append(found, *l)
		}
	}
	return found
}

// absence is why a reference without Type/id leads nowhere.
func absence(ref fhir.Reference) Absence {
	if ref.Display != "" {
		return AbsentNotSent
	}
	return AbsentEmpty
}

// linkOf is a resource in one line.
func (r *reader) linkOf(res fhir.Resource) Link {
	l, ok := r.lines[res.Offset]
	if !ok {
		l = r.readLine(res)
		r.lines[res.Offset] = l
	}
	return l
}

func (r *reader) readLine(res fhir.Resource) Link {
	l, name, status := Link{Kind: r.kindOfResource(res)}, fhir.CodeableConcept{}, ""
	var d *fhir.DomainResource
	switch v := r.read(res).(type) {
	case *fhir.AllergyIntolerance:
		d, name, l.Date, status = &v.DomainResource, v.Code, v.AssertedDate, v.VerificationStatus
	case *fhir.Condition:
		d, name, l.Date, status = &v.DomainResource, v.Code, firstDate(v.OnsetDateTime, v.AssertedDate), v.VerificationStatus
	case *fhir.DiagnosticReport:
		d, name, l.Date, status = &v.DomainResource, r.reportName(v), v.Issued, v.Status
	case *fhir.DocumentReference:
		d, name, l.Date, status = &v.DomainResource, documentName(v), firstDate(v.Created, v.Indexed), v.Status
		l.NotForPatient = labelled(v)
	case *fhir.Encounter:
		d, name, l.Date, status = &v.DomainResource, first(v.Type), v.Period.Start, v.Status
	case *fhir.Immunization:
		d, name, l.Date, status = &v.DomainResource, vaccination(v), v.Date, v.Status
	case *fhir.List:
		d, name, l.Date, status = &v.DomainResource, sectionName(v), v.Date, v.Status
	case *fhir.MedicationRequest:
		d, status = &v.DomainResource, v.Status
		name, _ = r.medicine(v.Resource, v.MedicationReference, v.MedicationCodeableConcept)
		l.Date = firstDate(v.DispenseRequest.ValidityPeriod.Start, v.AuthoredOn)
	case *fhir.MedicationStatement:
		d, status = &v.DomainResource, v.Status
		name, _ = r.medicine(v.Resource, v.MedicationReference, v.MedicationCodeableConcept)
		l.Date = firstDate(period(v.EffectivePeriod).Start, v.EffectiveDateTime, v.DateAsserted)
	case *fhir.Observation:
		d, name, status = &v.DomainResource, v.Code, v.Status
		l.Date = firstDate(when(v.EffectiveDateTime, v.EffectivePeriod).Date, v.Issued)
	case *fhir.ProcedureRequest:
		d, name, l.Date, status = &v.DomainResource, v.Code, firstDate(v.When().Start, v.AuthoredOn), v.Status
	case *fhir.QuestionnaireResponse:
		d, name, l.Date, status = &v.DomainResource, formName(v), v.Authored, v.Status
	case *fhir.ReferralRequest:
		d, name, l.Date, status = &v.DomainResource, referralName(v), v.AuthoredOn, v.Status
	case *fhir.Specimen:
		d, name, l.Date, status = &v.DomainResource, v.Type, v.Collection.CollectedDateTime, v.Status
	case *other:
		d, name = &v.DomainResource, v.code
	}
	l.Text = coalesce(name.Display(), unnamed)
	l.Source = r.sourceOf(res)
	l.NotForPatient = l.NotForPatient || d.Meta.HasSecurity(notForPatient)
	l.EnteredInError = status == enteredInError
	return l
}

// kinds are the kinds of resources by type.
var kinds = map[string]Kind{
	"AllergyIntolerance":    KindAllergy,
	"Condition":             KindProblem,
	"DiagnosticReport":      KindInvestigation,
	"DocumentReference":     KindDocument,
	"Encounter":             KindConsultation,
	"Immunization":          KindImmunisation,
	"List":                  KindList,
	"MedicationRequest":     KindPrescription,
	"MedicationStatement":   KindMedication,
	"Observation":           KindObservation,
	"ProcedureRequest":      KindDiary,
	"QuestionnaireResponse": KindForm,
	"ReferralRequest":       KindReferral,
}

func kindOf(typ string) Kind {
	if k, ok := kinds[typ]; ok {
		return k
	}
	return KindOther
}

func firstDate(dates ...fhir.Date) fhir.Date {
	for _, d := range dates {
		if d != "" {
			return d
		}
	}
	return ""
}

func first(all []fhir.CodeableConcept) fhir.CodeableConcept {
	if len(all) == 0 {
		return fhir.CodeableConcept{}
	}
	return all[0]
}

// inWords is a name that is words only.
func inWords(text string) fhir.CodeableConcept { return fhir.CodeableConcept{Text: text} }
