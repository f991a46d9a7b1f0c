package client

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// ReadAppointment reads an appointment by its logical id at this practice.
// Practices give future ones only. No gate is asked: whose it is, is known
// only afterwards.
func (p *Practice) ReadAppointment(ctx context.Context, id string) (*Appointment, error) {
	v, r, err := read[fhir.Appointment](ctx, p, ReadAppointment, "Appointment", PatientRef{ID: id})
	if err != nil {
		return nil, err
	}
	return p.appointment(v, r), nil
}

// SearchAppointments gives the patient's appointments from one whole day to
// another, cancelled ones included, by start. Neither day may be past:
// practices show no past appointments, and that is to be told to the user.
func (p *Practice) SearchAppointments(ctx context.Context, who PatientRef, from, to fhir.Date) ([]*Appointment, error) {
	err := p.own(who)
	if err == nil {
		err = checkDays(from, to, InUK(p.encounter.client.config.Now()))
	}
	if err != nil {
		return nil, p.invalid(PatientAppointments, err)
	}
	return p.retrieve(ctx, who, from, to)
}

// retrieve is SearchAppointments without its checks.
func (p *Practice) retrieve(ctx context.Context, who PatientRef, from, to fhir.Date) ([]*Appointment, error) {
	path := "/Patient/" + who.ID + "/Appointment?start=ge" + string(from) + "&start=le" + string(to)
	r, err := p.Do(ctx, Request{Interaction: PatientAppointments, Path: path, Patient: who.Number})
	if err != nil {
		return nil, err
	}
	views, b, err := searchset[fhir.Appointment](p, r, PatientAppointments, "Appointment")
	if err != nil {
		return nil, err
	}
	if total, said := b.Total(); said && total > len(views) {
		return nil, p.unreadable(r, PatientAppointments, errors.New("the practice has more appointments than it sent"))
	}
	found := make([]*Appointment, 0, len(views))
	for _, v := range views {
		a := p.appointment(v, nil)
		a.TraceID, a.number = r.TraceID, who.Number
		if a.Patient != "" && a.Patient != who.ID {
			return nil, p.unreadable(r, PatientAppointments, record.ErrWrongPatient)
		}
		found = append(found, a)
	}
	slices.SortStableFunc(found, func(a, b *Appointment) int {
		if c := a.Start.Compare(b.Start.Time); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return found, nil
}

// checkDays holds the days of a retrieval against its rules: whole, in order, not past.
func checkDays(from, to fhir.Date, now UKTime) error {
	switch {
	case from.Precision() != fhir.Day || to.Precision() != fhir.Day:
		return errors.New("a patient's appointments are asked for from one whole day to another, as in 2026-12-01")
	case to < from:
		return errors.New("the last day lies before the first")
	}
	if err := clocks(); err != nil {
		return err
	}
	if from < today(now) {
		return errors.New("practices show appointments from today on; the first day is past")
	}
	return nil
}

// today is the day in the United Kingdom.
func today(now UKTime) fhir.Date { return fhir.Date(now.In(fhir.London()).Format(time.DateOnly)) }

// appointment is the view v of an answer that consists of it; r is nil where
// it is one of several.
func (p *Practice) appointment(v *fhir.Appointment, r *Response) *Appointment {
	a := &Appointment{
		ODS: p.ods, ID: v.Resource.ID, Version: v.Meta.VersionID, Status: v.Status,
		Start: ukTime(v.Start), End: ukTime(v.End), Created: ukTime(v.Created),
		Channel: v.DeliveryChannel(), Type: firstDisplay(v.ServiceType), Session: v.ServiceCategory.Display(),
		Description: v.Description, Comment: v.Comment, CancellationReason: v.CancellationReason(),
		Slots: []string{}, Practitioners: []string{}, view: v,
	}
	a.Minutes = minutes(a.Start, a.End)
	if role, ok := v.Extension.Find("PractitionerRole"); ok && role.ValueCodeableConcept != nil {
		a.Role, a.RoleCode = role.ValueCodeableConcept.Display(), firstCode(*role.ValueCodeableConcept)
	}
	for _, s := range v.Slot {
		a.Slots = append(a.Slots, refID(s, "Slot"))
	}
	for _, who := range v.Participant {
		a.take(who.Actor)
	}
	if o, ok := v.BookedBy(); ok {
		a.BookedBy = Booker{ODS: o.ODS(), Name: o.Name, Type: organisationType(o), Phone: phone(o.Telecom)}
	}
	if r != nil {
		a.TraceID, a.etag = r.TraceID, etag(r.Header.Get("ETag"))
	}
	if a.Version == "" {
		a.Version = strings.Trim(strings.TrimPrefix(a.etag, "W/"), `"`)
	}
	return a
}

// take puts a participant where it belongs.
func (a *Appointment) take(actor fhir.Reference) {
	switch {
	case refID(actor, "Patient") != "":
		a.Patient = refID(actor, "Patient")
	case refID(actor, "Location") != "":
		a.Location = refID(actor, "Location")
	case refID(actor, "Practitioner") != "":
		a.Practitioners = append(a.Practitioners, refID(actor, "Practitioner"))
	}
}

// etag is an entity tag, weak or strong, or "" for what is none.
func etag(header string) string {
	header = strings.TrimSpace(header)
	bare := strings.TrimPrefix(header, "W/")
	if len(bare) < 3 || bare[0] != '"' || bare[len(bare)-1] != '"' || strings.ContainsAny(bare[1:len(bare)-1], "\"\r\n") {
		return ""
	}
	return header
}

// ifMatch is what a change of the appointment says it is based on: the ETag
// that came with it, or else one made of meta.versionId; "" when it has neither.
func (a *Appointment) ifMatch() string {
	switch {
	case a.etag != "":
		return a.etag
	case a.Version == "" || strings.ContainsAny(a.Version, "\"\r\n"):
		return ""
	}
	return `W/"` + a.Version + `"`
}

func organisationType(o *fhir.Organization) string {
	for _, t := range o.Type {
		if code := t.Code(organisationTypes); code != "" {
			return code
		}
	}
	return ""
}

// phone is the first telephone number.
func phone(telecom []fhir.ContactPoint) string {
	for _, t := range telecom {
		if t.System == "phone" && t.Value != "" {
			return t.Value
		}
	}
	return ""
}

func firstDisplay(all []fhir.CodeableConcept) string {
	for _, c := range all {
		if d := c.Display(); d != "" {
			return d
		}
	}
	return ""
}
