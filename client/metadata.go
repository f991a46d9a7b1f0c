package client

import (
	"context"

	"github.com/gpconnect-go/gpc/fhir"
)

// Metadata reads the practice's capability statement: what its system claims
// to serve, and in which version of GP Connect. It is a claim, not a promise.
func (p *Practice) Metadata(ctx context.Context) (*fhir.CapabilityStatement, error) {
	r, err := p.Do(ctx, Request{Interaction: ReadMetadata, Path: "/metadata"})
	if err != nil {
		return nil, err
	}
	return view[fhir.CapabilityStatement](p, r, ReadMetadata)
}

// view decodes the one resource that an answer consists of.
func view[T any](p *Practice, r *Response, id Interaction) (*T, error) {
	resource, err := fhir.ParseResource(r.Body, p.encounter.client.config.Limits.Bundles)
	if err != nil {
		return nil, p.unreadable(r, id, err)
	}
	v, err := fhir.As[T](resource)
	if err != nil {
		return nil, p.unreadable(r, id, err)
	}
	return v, nil
}
