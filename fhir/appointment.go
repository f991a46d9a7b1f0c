package fhir

// Slot is a stretch of time that can be booked. Start and End go into a booking letter by
// letter.
type Slot struct {
	DomainResource
	Identifier      []Identifier      `json:"identifier"`
	ServiceCategory CodeableConcept   `json:"serviceCategory"`
	ServiceType     []CodeableConcept `json:"serviceType"`
	Specialty       []CodeableConcept `json:"specialty"`
	AppointmentType CodeableConcept   `json:"appointmentType"`
	Schedule        Reference         `json:"schedule"`
	Status          string            `json:"status"`
	Start           Date              `json:"start"`
	End             Date              `json:"end"`
	Overbooked      Bool              `json:"overbooked"`
	Comment         string            `json:"comment"`
}

func (*Slot) resourceType() string { return "Slot" }

// DeliveryChannel is In-person, Telephone, Video or Visit; "" where the slot has none:
// before 1.2.1 the Schedule had it.
func (s *Slot) DeliveryChannel() string { return deliveryChannel(s.Extension) }

// Schedule is a session; Actor names its location and practitioners.
type Schedule struct {
	DomainResource
	Identifier      []Identifier      `json:"identifier"`
	Active          Bool              `json:"active"`
	ServiceCategory CodeableConcept   `json:"serviceCategory"`
	ServiceType     []CodeableConcept `json:"serviceType"`
	Specialty       []CodeableConcept `json:"specialty"`
	Actor           []Reference       `json:"actor"`
	PlanningHorizon Period            `json:"planningHorizon"`
	Comment         string            `json:"comment"`
}

func (*Schedule) resourceType() string { return "Schedule" }

// DeliveryChannel is the session's, as it was given before 1.2.1; "" in later ones.
func (s *Schedule) DeliveryChannel() string { return deliveryChannel(s.Extension) }

// Appointment is a booking. To amend or cancel one its Raw is edited, never this view.
type Appointment struct {
	DomainResource
	Identifier            []Identifier             `json:"identifier"`
	Status                string                   `json:"status"`
	ServiceCategory       CodeableConcept          `json:"serviceCategory"`
	ServiceType           []CodeableConcept        `json:"serviceType"`
	Specialty             []CodeableConcept        `json:"specialty"`
	AppointmentType       CodeableConcept          `json:"appointmentType"`
	Reason                []CodeableConcept        `json:"reason"`
	Indication            []Reference              `json:"indication"`
	Priority              Decimal                  `json:"priority"`
	Description           string                   `json:"description"`
	SupportingInformation []Reference              `json:"supportingInformation"`
	Start                 Date                     `json:"start"`
	End                   Date                     `json:"end"`
	MinutesDuration       Decimal                  `json:"minutesDuration"`
	Slot                  []Reference              `json:"slot"`
	Created               Date                     `json:"created"`
	Comment               string                   `json:"comment"`
	IncomingReferral      []Reference              `json:"incomingReferral"`
	Participant           []AppointmentParticipant `json:"participant"`
	RequestedPeriod       []Period                 `json:"requestedPeriod"`
}

func (*Appointment) resourceType() string { return "Appointment" }

// AppointmentParticipant is the patient, the location or a practitioner.
type AppointmentParticipant struct {
	Type     []CodeableConcept `json:"type"`
	Actor    Reference         `json:"actor"`
	Required string            `json:"required"`
	Status   string            `json:"status"`
}

// DeliveryChannel is In-person, Telephone, Video or Visit, or "".
func (a *Appointment) DeliveryChannel() string { return deliveryChannel(a.Extension) }

// CancellationReason is why it was cancelled, or "".
func (a *Appointment) CancellationReason() string {
	e, _ := a.Extension.Find("AppointmentCancellationReason")
	return e.Text()
}

// BookedBy is the organisation that booked it, contained in the appointment.
func (a *Appointment) BookedBy() (*Organization, bool) {
	e, ok := a.Extension.Find("BookingOrganisation")
	if !ok || e.ValueReference == nil {
		return nil, false
	}
	r, ok := a.Contained(e.ValueReference.Reference)
	if !ok {
		return nil, false
	}
	o, err := As[Organization](r)
	return o, err == nil
}

// deliveryChannel takes the extension's code (version 2) and its concept (version 1).
func deliveryChannel(x Extensions) string {
	e, _ := x.Find("DeliveryChannel")
	if e.ValueCodeableConcept != nil {
		return e.ValueCodeableConcept.Display()
	}
	return e.Text()
}
