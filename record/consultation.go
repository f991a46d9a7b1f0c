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
