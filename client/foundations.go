package client

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// FindPractitioner finds the practice's practitioners by SDS user id; none
// is no error.
func (p *Practice) FindPractitioner(ctx context.Context, sdsUserID string) ([]*fhir.Practitioner, error) {
	return find[fhir.Practitioner](ctx, p, FindPractitioner, "Practitioner", fhir.SDSUserSystem, sdsUserID)
}

// ReadPractitioner reads a practitioner by the logical id at this practice.
func (p *Practice) ReadPractitioner(ctx context.Context, id string) (*fhir.Practitioner, error) {
	v, _, err := read[fhir.Practitioner](ctx, p, ReadPractitioner, "Practitioner", PatientRef{ID: id})
	return v, err
}

// FindOrganisation finds organisations that the practice knows by ODS code;
// none is no error.
func (p *Practice) FindOrganisation(ctx context.Context, ods string) ([]*fhir.Organization, error) {
	return find[fhir.Organization](ctx, p, FindOrganisation, "Organization", fhir.ODSOrganisationSystem, ods)
}

// ReadOrganisation reads an organisation by the logical id at this practice.
func (p *Practice) ReadOrganisation(ctx context.Context, id string) (*fhir.Organization, error) {
	v, _, err := read[fhir.Organization](ctx, p, ReadOrganisation, "Organization", PatientRef{ID: id})
	return v, err
}

// ReadLocation reads a location by the logical id at this practice.
func (p *Practice) ReadLocation(ctx context.Context, id string) (*fhir.Location, error) {
	v, _, err := read[fhir.Location](ctx, p, ReadLocation, "Location", PatientRef{ID: id})
	return v, err
}

// dosSystem is that of the ids of the Directory of Services.
const dosSystem = "https://fhir.nhs.uk/Id/uec-dos-service-id"

// FindHealthcareService finds services by the id of the Directory of Services,
// or all of them where it is "" (1.2.8 only).
func (p *Practice) FindHealthcareService(ctx context.Context, dosID string) ([]*fhir.HealthcareService, error) {
	return find[fhir.HealthcareService](ctx, p, FindHealthcareService, "HealthcareService", dosSystem, dosID)
}

// ReadHealthcareService reads a service by the logical id at this practice (1.2.8 only).
func (p *Practice) ReadHealthcareService(ctx context.Context, id string) (*fhir.HealthcareService, error) {
	v, _, err := read[fhir.HealthcareService](ctx, p, ReadHealthcareService, "HealthcareService", PatientRef{ID: id})
	return v, err
}

// find makes a search by one identifier.
func find[T any](ctx context.Context, p *Practice, id Interaction, kind, system, value string) ([]*T, error) {
	path := "/" + kind
	switch {
	case value != "":
		path += "?identifier=" + url.QueryEscape(system+"|"+value)
	case id != FindHealthcareService:
		return nil, p.invalid(id, errors.New("there is nothing to find it by"))
	}
	r, err := p.Do(ctx, Request{Interaction: id, Path: path})
	if err != nil {
		return nil, err
	}
	found, _, err := searchset[T](p, r, id, kind)
	return found, err
}

// searchset reads the resources of one type out of the answer to a search.
func searchset[T any](p *Practice, r *Response, id Interaction, kind string) ([]*T, *fhir.Bundle, error) {
	b, err := fhir.ParseBundle(r.Body, p.encounter.client.config.Limits.Bundles)
	if err != nil {
		return nil, nil, p.unreadable(r, id, err)
	}
	var found []*T
	for resource := range b.OfType(kind) {
		v, err := fhir.As[T](resource)
		if err != nil {
			return nil, nil, p.unreadable(r, id, err)
		}
		found = append(found, v)
	}
	return found, b, nil
}

// read reads one resource by its logical id, and sees to it that it is the one. Of a
// patient the number goes to gates and auditor.
func read[T any](ctx context.Context, p *Practice, id Interaction, kind string, who PatientRef) (*T, *Response, error) {
	if err := checkID(who.ID); err != nil {
		return nil, nil, p.invalid(id, err)
	}
	r, err := p.Do(ctx, Request{Interaction: id, Path: "/" + kind + "/" + who.ID, Patient: who.Number})
	if err != nil {
		return nil, nil, err
	}
	resource, err := fhir.ParseResource(r.Body, p.encounter.client.config.Limits.Bundles)
	if err == nil && resource.Key() != kind+"/"+who.ID {
		err = errOtherResource
	}
	if err != nil {
		return nil, nil, p.unreadable(r, id, err)
	}
	v, err := fhir.As[T](resource)
	if err != nil {
		return nil, nil, p.unreadable(r, id, err)
	}
	return v, r, nil
}

var errOtherResource = errors.New("what came is not the resource that was asked for")

// checkID refuses what cannot be a logical id, without quoting it.
func checkID(id string) error {
	if id == "" || id == "." || id == ".." {
		return errors.New("there is no logical id")
	}
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	if strings.Trim(id, allowed) != "" {
		return errors.New("a logical id has letters, digits, hyphens and dots only")
	}
	return nil
}

// refID is the logical id in a reference to a resource of that type, whatever
// stands before the type; "" when it is to something else.
func refID(r fhir.Reference, kind string) string {
	rest := r.Reference
	if i := strings.LastIndex(rest, "/"+kind+"/"); i >= 0 {
		rest = rest[i+1:]
	}
	typ, id, ok := fhir.SplitReference(rest)
	if !ok || typ != kind {
		return ""
	}
	return id
}

// opOf is what the interaction is called in an error.
func opOf(id Interaction) string {
	row, ok := RowOf(id)
	if !ok {
		return "call the practice"
	}
	return strings.ToLower(row.Name[:1]) + row.Name[1:]
}

// invalid is input that is refused before anything is asked.
func (p *Practice) invalid(id Interaction, err error) *Error {
	return &Error{Op: opOf(id), Layer: LayerSelf, ODS: p.ods, Interaction: id, Err: err, classes: []error{ErrInvalid}}
}
