package client

import (
	"context"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// StructuredRecord asks the practice for the areas of the record that q
// names. The record is of the patient who was asked for, whole, or there is
// an error: what came about somebody else is withheld (record.ErrWrongPatient).
// Warnings of the practice are in the record's Warnings and areas.
func (p *Practice) StructuredRecord(ctx context.Context, n fhir.NHSNumber, q record.Query) (*record.Record, error) {
	body, err := q.Parameters(n, p.encounter.client.config.Now())
	if err != nil {
		return nil, p.invalid(GetStructuredRecord, err)
	}
	r, err := p.Do(ctx, Request{Interaction: GetStructuredRecord, Path: "/Patient/$gpc.getstructuredrecord", Body: body, Patient: n})
	if err != nil {
		return nil, err
	}
	bundle, err := fhir.ParseBundle(r.Body, p.encounter.client.config.Limits.Bundles)
	if err != nil {
		return nil, p.unreadable(r, GetStructuredRecord, err)
	}
	rec, err := record.Read(bundle, n, q)
	if err != nil {
		return nil, p.unreadable(r, GetStructuredRecord, err)
	}
	if rec.Source.ODS != p.ods {
		rec.Source.Practice = "" // the name of another than the one that was asked
	}
	rec.Source = record.Source{ODS: p.ods, Practice: rec.Source.Practice, Retrieved: r.At, TraceID: r.TraceID}
	if err := p.confirm(r, GetStructuredRecord, rec.Patient.Person()); err != nil {
		return nil, err
	}
	return rec, nil
}

// confirm shows the Patient that came to the gates.
func (p *Practice) confirm(r *Response, id Interaction, person fhir.Person) error {
	for _, gate := range p.encounter.gates {
		if err := gate.Confirm(person); err != nil {
			return p.unreadable(r, id, err)
		}
	}
	return nil
}
