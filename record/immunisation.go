package record

import "github.com/gpconnect-go/gpc/fhir"

// ImmunisationKind tells the entries of the immunisations list apart.
type ImmunisationKind string

const (
	ImmunisationGiven    ImmunisationKind = "given"
	ImmunisationNotGiven ImmunisationKind = "not-given" // never to be taken for one that was given
	ImmunisationUnknown  ImmunisationKind = "unknown"   // the record does not say, or not readably, whether it was given
	ImmunisationStatus   ImmunisationKind = "status"    // consent, dissent and the like: an observation
)

// Immunisation is a vaccination, one that was not given, or a note of consent or dissent.
// Text is the vaccination procedure.
type Immunisation struct {
	Item
	Kind ImmunisationKind `json:"kind,omitzero"` // "" of an absent item

	Date     fhir.Date `json:"date,omitzero"`
	Recorded fhir.Date `json:"recorded,omitzero"`
	Vaccine  *Concept  `json:"vaccine,omitempty"` // the product, where the record knows it
	Reasons  []Concept `json:"reasons,omitempty"`
	NotGiven []Concept `json:"not_given_reasons,omitempty"`

	Dose         string    `json:"dose,omitzero"`       // quantity, as read out
	Sequence     string    `json:"sequence,omitzero"`   // number of the dose
	Protocols    []string  `json:"protocols,omitempty"` // diseases and series, as read out
	Batch        string    `json:"batch,omitzero"`
	Expires      fhir.Date `json:"expires,omitzero"`
	Manufacturer string    `json:"manufacturer,omitzero"`
	Site         *Concept  `json:"site,omitempty"`
	Route        *Concept  `json:"route,omitempty"`
	Location     string    `json:"location,omitzero"`

	// ReportOrigin is where a report came from of what was done elsewhere; FromElsewhere is then set.
	ReportOrigin  *Concept  `json:"report_origin,omitempty"`
	ParentPresent fhir.Bool `json:"parent_present"`

	Practitioners []Participant `json:"practitioners,omitempty"` // roles recorder, administrator
	Notes         []Note        `json:"notes,omitempty"`
	Consultation  *Link         `json:"consultation,omitempty"`

	Observation *Observation `json:"observation,omitempty"` // of Kind status: all of it
}

// tellImmunisation reads an Immunization, or the Observation that notes consent or dissent.
func (r *reader) tellImmunisation(res fhir.Resource) (Immunisation, bool) {
	if res.Type == "Observation" {
		o, _ := r.tellObservation(res)
		i := Immunisation{Item: o.Item, Kind: ImmunisationStatus, Date: o.Date.Date, Recorded: o.Issued}
		i.Consultation, i.Observation = o.Consultation, &o
		return i, true
	}
	v := view[fhir.Immunization](r, res)
	if v == nil {
		return Immunisation{}, false
	}
	i := Immunisation{
		Item:     r.item(&v.DomainResource, vaccination(v), v.Status),
		Kind:     wasGiven(v),
		Date:     v.Date,
		Recorded: extensionDate(v.Extension, "DateRecorded"),
		Reasons:  concepts(v.Explanation.Reason),
		NotGiven: concepts(v.Explanation.WhyNotGiven()),
		Dose:     quantity(v.DoseQuantity),
		Batch:    v.LotNumber,
		Expires:  v.ExpirationDate,
		Site:     concept(v.Site),
		Route:    concept(v.Route),
		Notes:    r.notes(res, v.Note),

		ReportOrigin: concept(v.ReportOrigin),
		Consultation: r.linkTo(res, v.Encounter),
	}
	i.FromElsewhere = v.PrimarySource.IsFalse()
	if !isNull(v.VaccineCode) {
		i.Vaccine = concept(v.VaccineCode)
	}
	if e, ok := v.Extension.Find("ParentPresent"); ok {
		i.ParentPresent = e.ValueBoolean
	}
	r.addPeople(&i, v)
	for _, p := range v.VaccinationProtocol {
		i.Sequence = coalesce(i.Sequence, string(p.DoseSequence))
		if text := protocolText(p); text != "" {
			i.Protocols = append(i.Protocols, text)
		}
	}
	return i, true
}

// wasGiven says so only when the record does.
func wasGiven(v *fhir.Immunization) ImmunisationKind {
	switch {
	case v.NotGiven.IsTrue():
		return ImmunisationNotGiven
	case v.NotGiven.IsFalse():
		return ImmunisationGiven
	}
	return ImmunisationUnknown
}

// vaccination is what was given: the procedure; the vaccine's own code is mostly unknown.
func vaccination(v *fhir.Immunization) fhir.CodeableConcept {
	if e, ok := v.Extension.Find("VaccinationProcedure"); ok && e.ValueCodeableConcept != nil && !e.ValueCodeableConcept.IsZero() {
		return *e.ValueCodeableConcept
	}
	return v.VaccineCode
}

func (r *reader) addPeople(i *Immunisation, v *fhir.Immunization) {
	if a := r.actorOf(v.Resource, v.Location); a != nil {
		i.Location = a.Name
	}
	if a := r.actorOf(v.Resource, v.Manufacturer); a != nil {
		i.Manufacturer = a.Name
	}
	for _, p := range v.Practitioner {
		if a := r.actorOf(v.Resource, p.Actor); a != nil {
			i.Practitioners = append(i.Practitioners, Participant{Actor: *a, Roles: roles([]fhir.CodeableConcept{p.Role})})
		}
	}
	for _, reaction := range v.Reaction {
		l := r.link(v.Resource, reaction.Detail)
		i.Notes = append(i.Notes, Note{Text: "Reaction: " + l.Text, Time: reaction.Date})
	}
}

// protocolText reads out the place of a dose in its series.
func protocolText(p fhir.VaccinationProtocol) string {
	var diseases []string
	for _, d := range p.TargetDisease {
		diseases = append(diseases, d.Display())
	}
	dose := ""
	if p.DoseSequence != "" {
		dose = "dose " + string(p.DoseSequence)
		if p.SeriesDoses != "" {
			dose += " of " + string(p.SeriesDoses)
		}
	}
	return joined([]string{p.Description, p.Series, joined(diseases), dose, p.DoseStatus.Display()})
}
