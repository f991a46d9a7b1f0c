package record

import "github.com/gpconnect-go/gpc/fhir"

// ConsultationArea holds the consultations.
type ConsultationArea struct {
	Area[Consultation]

	// Related are the entries of the secondary lists of consultations: what the consultations
	// hold once more, by area. They are no entries of those areas.
	Related []Entry `json:"related,omitempty"`
}

// Consultation is an encounter with what was recorded in it. Text is its type ("GP Surgery").
type Consultation struct {
	Item
	Date     fhir.Date `json:"date,omitzero"` // when it began
	Period   Period    `json:"period,omitzero"`
	Recorded fhir.Date `json:"recorded,omitzero"` // when it was entered
	Status   string    `json:"status,omitzero"`
	Draft    bool      `json:"draft,omitzero"` // not finished yet at the practice
	Length   string    `json:"length,omitzero"`
	Title    string    `json:"title,omitzero"` // of its structure, where it differs from Text

	Participants []Participant `json:"participants,omitempty"`
	Locations    []string      `json:"locations,omitempty"`
	Organisation *Actor        `json:"organisation,omitempty"`
	Reasons      []Concept     `json:"reasons,omitempty"`
	Diagnoses    []Link        `json:"diagnoses,omitempty"`

	// Entries are topics, most of the time, in the order of the GP's screen, and so are the
	// entries of each. A consultation without structure has none: it is known by its header only.
	Entries []Entry `json:"entries,omitempty"`
}

// Participant is one who took part.
type Participant struct {
	Actor
	Roles []string `json:"roles,omitempty"` // recorder, performer, participant, or as sent
}

// Section is a topic or a heading of a consultation. Text is its title, or its kind when it
// has none.
type Section struct {
	Item
	Title    string    `json:"title,omitzero"`
	Date     fhir.Date `json:"date,omitzero"`
	Problems []Link    `json:"problems,omitempty"` // that the topic is about
	Entries  []Entry   `json:"entries,omitempty"`
}

// tellConsultation reads an Encounter with the lists that its content is in.
func (r *reader) tellConsultation(res fhir.Resource) (Consultation, bool) {
	v := view[fhir.Encounter](r, res)
	if v == nil {
		return Consultation{}, false
	}
	c := Consultation{
		Item:    r.item(&v.DomainResource, first(v.Type), v.Status),
		Date:    v.Period.Start,
		Period:  period(&v.Period),
		Status:  v.Status,
		Draft:   v.Status != "" && v.Status != "finished" && v.Status != enteredInError,
		Length:  quantity(v.Length),
		Reasons: concepts(v.Reason),

		Organisation: r.actorOf(res, v.ServiceProvider),
	}
	c.FromElsewhere = v.ServiceProvider.Reference != "" && r.patient.ManagingOrganization.Reference != "" &&
		refKey(v.ServiceProvider.Reference) != refKey(r.patient.ManagingOrganization.Reference)
	for _, p := range v.Participant {
		if a := r.actorOf(res, p.Individual); a != nil {
			c.Participants = append(c.Participants, Participant{Actor: *a, Roles: roles(p.Type)})
		}
	}
	for _, d := range v.Diagnosis {
		if l := r.linkTo(res, d.Condition); l != nil {
			c.Diagnoses = append(c.Diagnoses, *l)
		}
	}
	for _, l := range v.Location {
		if a := r.actorOf(res, l.Location); a != nil && a.Name != "" {
			c.Locations = append(c.Locations, a.Name)
		}
	}
	r.addStructure(&c, res)
	return c, true
}

// roles reads what a participant did.
func roles(types []fhir.CodeableConcept) []string {
	var found []string
	for _, t := range types {
		switch {
		case t.AnyCode("REC", "EP"):
			found = append(found, "recorder")
		case t.AnyCode("PPRF"):
			found = append(found, "performer")
		case t.AnyCode("PART"):
			found = append(found, "participant")
		case t.AnyCode("AP"):
			found = append(found, "administrator")
		default:
			if s := t.Display(); s != "" {
				found = append(found, s)
			}
		}
	}
	return found
}

// addStructure adds what was recorded: the consultation list refers to its Encounter. Where
// there are several, which should not be, all are told.
func (r *reader) addStructure(c *Consultation, res fhir.Resource) {
	seen := map[int64]bool{}
	for _, list := range r.lists.structure[r.keyOf(res)] {
		if r.expanded[list.Offset] {
			continue
		}
		r.expanded[list.Offset] = true
		if c.Title == "" && list.Title != c.Text {
			c.Title = list.Title
		}
		c.Recorded = firstDate(c.Recorded, list.Date)
		r.cite(&c.Item, &list.DomainResource)
		c.Entries = append(c.Entries, r.sectionEntries(list, seen, 1)...)
	}
}
