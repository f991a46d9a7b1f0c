package client

import (
	"context"
	"errors"
	"net/url"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// FindPatient asks the practice for the patient with that NHS number, and so
// for the logical id that appointments need. Who is not there to give is an
// error that is [ErrNotFound]: unknown, inactive, deceased, sensitive or not
// verified, and by design the practice does not say which. An answer about
// somebody else is record.ErrWrongPatient.
func (p *Practice) FindPatient(ctx context.Context, n fhir.NHSNumber) (*Patient, error) {
	if n.IsZero() {
		return nil, p.invalid(FindPatient, errors.New("there is no NHS number"))
	}
	found, r, err := p.findPatient(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := p.confirmed(r, FindPatient, found); err != nil {
		return nil, err
	}
	return found, nil
}

// findPatient is FindPatient without the gates' word on who came.
func (p *Practice) findPatient(ctx context.Context, n fhir.NHSNumber) (*Patient, *Response, error) {
	path := "/Patient?identifier=" + url.QueryEscape(fhir.NHSNumberSystem+"|"+n.Digits())
	r, err := p.Do(ctx, Request{Interaction: FindPatient, Path: path, Patient: n})
	if err != nil {
		return nil, nil, err
	}
	found, err := p.onePatient(r, FindPatient, n)
	return found, r, err
}

var errNoPatient = errors.New("it has no such patient to give, and does not say why")

// onePatient reads the Patient out of a searchset that must have the one with
// that number, or nobody.
func (p *Practice) onePatient(r *Response, id Interaction, n fhir.NHSNumber) (*Patient, error) {
	found, b, err := searchset[fhir.Patient](p, r, id, "Patient")
	if err != nil {
		return nil, err
	}
	total, _ := b.Total()
	switch {
	case len(found) == 0 && b.Len() == 0 && total == 0:
		return nil, &Error{Op: opOf(id), Layer: LayerProvider, ODS: p.ods, Interaction: id, TraceID: r.TraceID, Err: errNoPatient, classes: []error{ErrNotFound}}
	case len(found) != 1:
		return nil, p.unreadable(r, id, errors.New("the answer has not exactly one patient"))
	}
	return p.patient(r, id, found[0], n)
}

// patient is v, if it is the patient with that number (zero: any).
func (p *Practice) patient(r *Response, id Interaction, v *fhir.Patient, n fhir.NHSNumber) (*Patient, error) {
	is, ok := v.NHSNumber()
	if !n.IsZero() && (!ok || is != n) {
		return nil, p.unreadable(r, id, record.ErrWrongPatient)
	}
	if err := checkID(v.Resource.ID); err != nil {
		return nil, p.unreadable(r, id, err)
	}
	name := v.OfficialName()
	return &Patient{
		ODS: p.ods, ID: v.Resource.ID, NHSNumber: is.Digits(),
		Family: name.Family, Given: name.Given, Prefix: name.Prefix, Gender: v.Gender, BirthDate: v.BirthDate,
		RegistrationType: registrationType(v), Addresses: v.Address, Telecoms: v.Telecom, TraceID: r.TraceID,
		ref: PatientRef{ODS: p.ods, ID: v.Resource.ID, Number: is}, view: v,
	}, nil
}

// confirmed shows the gates who came. The managing organisation of these
// answers is the one that was asked, not the one where the patient is
// registered, so the gates are not shown it.
func (p *Practice) confirmed(r *Response, id Interaction, who *Patient) error {
	person := who.view.Person(nil)
	person.Practice = ""
	return p.confirm(r, id, person)
}

func registrationType(v *fhir.Patient) string {
	details, _ := v.Extension.Find("RegistrationDetails")
	kind, _ := details.Extension.Find("registrationType")
	if kind.ValueCodeableConcept == nil || len(kind.ValueCodeableConcept.Coding) == 0 {
		return ""
	}
	return kind.ValueCodeableConcept.Coding[0].Code
}

// ReadPatient reads the patient anew by the logical id.
func (p *Practice) ReadPatient(ctx context.Context, who PatientRef) (*Patient, error) {
	if err := p.own(who); err != nil {
		return nil, p.invalid(ReadPatient, err)
	}
	v, r, err := read[fhir.Patient](ctx, p, ReadPatient, "Patient", who)
	if err != nil {
		return nil, err
	}
	found, err := p.patient(r, ReadPatient, v, who.Number)
	if err != nil {
		return nil, err
	}
	if err := p.confirmed(r, ReadPatient, found); err != nil {
		return nil, err
	}
	return found, nil
}

// own refuses a patient of another practice, and one whom the gates cannot judge.
func (p *Practice) own(who PatientRef) error {
	switch {
	case who.ODS != p.ods:
		return errors.New("the patient's id is that of another practice")
	case who.Number.IsZero() && len(p.encounter.gates) > 0:
		return errors.New("the gate judges by the NHS number, and only the patient's id is known; find the patient first")
	}
	return checkID(who.ID)
}
