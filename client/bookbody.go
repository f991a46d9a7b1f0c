package client

import (
	"bytes"
	"encoding/json"

	"github.com/gpconnect-go/gpc/fhir"
)

const (
	profiles         = "https://fhir.nhs.uk/STU3/StructureDefinition/"
	usualDescription = "GP Connect appointment"
)

// The Appointment of "Book an appointment", payload, with nothing in it that
// the specification does not ask for.
type (
	bookingBody struct {
		ResourceType string             `json:"resourceType"`
		Meta         profiled           `json:"meta"`
		Contained    []bodyOrganisation `json:"contained"`
		Extension    []bodyExtension    `json:"extension"`
		Status       string             `json:"status"`
		Description  string             `json:"description"`
		Start        string             `json:"start"`
		End          string             `json:"end"`
		Slot         []bodyReference    `json:"slot"`
		Created      UKTime             `json:"created"`
		Comment      string             `json:"comment,omitempty"`
		Participant  []bodyParticipant  `json:"participant"`
	}
	profiled struct {
		Profile []string `json:"profile"`
	}
	bodyOrganisation struct {
		ResourceType string             `json:"resourceType"`
		ID           string             `json:"id"`
		Meta         profiled           `json:"meta"`
		Identifier   []claimsIdentifier `json:"identifier"`
		Type         []bodyConcept      `json:"type,omitempty"`
		Name         string             `json:"name"`
		Telecom      []bodyTelecom      `json:"telecom"`
	}
	bodyConcept struct {
		Coding []bodyCoding `json:"coding"`
	}
	bodyCoding struct {
		System  string `json:"system"`
		Code    string `json:"code"`
		Display string `json:"display,omitempty"`
	}
	bodyTelecom struct {
		System string `json:"system"`
		Value  string `json:"value"`
		Use    string `json:"use,omitempty"`
	}
	bodyExtension struct {
		URL                  string          `json:"url"`
		Extension            []bodyExtension `json:"extension,omitempty"`
		ValueReference       *bodyReference  `json:"valueReference,omitempty"`
		ValueString          string          `json:"valueString,omitempty"`
		ValueCodeableConcept *bodyConcept    `json:"valueCodeableConcept,omitempty"`
		ValueBoolean         *bool           `json:"valueBoolean,omitempty"`
	}
	bodyReference struct {
		Reference string `json:"reference"`
	}
	bodyParticipant struct {
		Actor  bodyReference `json:"actor"`
		Status string        `json:"status"`
	}
)

// bookingBody makes the Appointment to be sent; the slots are checked and in order.
func (p *Practice) bookingBody(b Booking, slots []Slot, created UKTime) ([]byte, error) {
	first, last := slots[0], slots[len(slots)-1]
	body := bookingBody{
		ResourceType: "Appointment", Meta: profiled{[]string{profiles + "GPConnect-Appointment-1"}},
		Contained: []bodyOrganisation{bookingOrganisation(p.encounter.organisation, first.Filter.Type)},
		Extension: []bodyExtension{{URL: profiles + "Extension-GPConnect-BookingOrganisation-1", ValueReference: &bodyReference{"#1"}}},
		Status:    booked, Description: b.Description, Comment: b.Comment,
		Start: first.sentStart(), End: last.sentEnd(), Created: created,
		Participant: []bodyParticipant{accepted("Patient/" + b.Patient.ID), accepted("Location/" + first.Location.ID)},
	}
	if body.Description == "" {
		body.Description = usualDescription
	}
	for _, s := range slots {
		body.Slot = append(body.Slot, bodyReference{"Slot/" + s.ID})
	}
	for _, who := range first.Practitioners {
		body.Participant = append(body.Participant, accepted("Practitioner/"+who.ID))
	}
	return marshal(body)
}

// bookingOrganisation is who books. It has a type if, and only if, the slots were searched
// for with it (1.2.0).
func bookingOrganisation(o Organisation, kind string) bodyOrganisation {
	body := bodyOrganisation{
		ResourceType: "Organization", ID: "1", Meta: profiled{[]string{profiles + "CareConnect-GPC-Organization-1"}},
		Identifier: []claimsIdentifier{{fhir.ODSOrganisationSystem, o.ODS}},
		Name:       o.Name, Telecom: []bodyTelecom{{System: "phone", Value: o.Phone}},
	}
	if kind != "" {
		body.Type = []bodyConcept{{[]bodyCoding{{System: organisationTypes, Code: kind}}}}
	}
	return body
}

func accepted(reference string) bodyParticipant {
	return bodyParticipant{bodyReference{reference}, "accepted"}
}

// sentStart is the start letter by letter as the practice sent it.
func (s *Slot) sentStart() string {
	if s.SentStart != "" {
		return string(s.SentStart)
	}
	return s.Start.String()
}

func (s *Slot) sentEnd() string {
	if s.SentEnd != "" {
		return string(s.SentEnd)
	}
	return s.End.String()
}

// marshal is json.Marshal, which would write <, > and & as escapes for browsers.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
