package client

import (
	"context"
	"errors"

	"github.com/gpconnect-go/gpc/fhir"
)

var errNotYet = errors.ErrUnsupported

// FindPractitioner finds the practice's practitioners by SDS user id; none
// is no error.
func (p *Practice) FindPractitioner(ctx context.Context, sdsUserID string) ([]*fhir.Practitioner, error) {
	return nil, errNotYet
}

// ReadPractitioner reads a practitioner by the logical id at this practice.
func (p *Practice) ReadPractitioner(ctx context.Context, id string) (*fhir.Practitioner, error) {
	return nil, errNotYet
}

// FindOrganisation finds organisations that the practice knows by ODS code;
// none is no error.
func (p *Practice) FindOrganisation(ctx context.Context, ods string) ([]*fhir.Organization, error) {
	return nil, errNotYet
}

// ReadOrganisation reads an organisation by the logical id at this practice.
func (p *Practice) ReadOrganisation(ctx context.Context, id string) (*fhir.Organization, error) {
	return nil, errNotYet
}

// ReadLocation reads a location by the logical id at this practice.
func (p *Practice) ReadLocation(ctx context.Context, id string) (*fhir.Location, error) {
	return nil, errNotYet
}

// FindHealthcareService finds services by the id of the Directory of Services,
// or all of them where it is "" (1.2.8 only).
func (p *Practice) FindHealthcareService(ctx context.Context, dosID string) ([]*fhir.HealthcareService, error) {
	return nil, errNotYet
}

// ReadHealthcareService reads a service by the logical id at this practice (1.2.8 only).
func (p *Practice) ReadHealthcareService(ctx context.Context, id string) (*fhir.HealthcareService, error) {
	return nil, errNotYet
}
