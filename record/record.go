package record

import (
	"fmt"
	"io"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Record is one patient's record, as far as it was asked for and sent.
type Record struct {
	Patient  Patient   `json:"patient"`
	Source   Source    `json:"source"`
	Warnings []Warning `json:"warnings"` // all there are; those about an area are in the area, too
	Areas    Areas     `json:"areas"`

	bundle *fhir.Bundle
}

// Bundle is the answer that the record was read from, for whoever needs what no field holds.
func (r *Record) Bundle() *fhir.Bundle { return r.bundle }

// Source is where and when the record was retrieved. [Read] and [View] know what the answer
// says (Practice, and ODS of the same organisation); the client sets what it knows better.
type Source struct {
	ODS       string    `json:"ods,omitzero"`       // the practice that was asked
	Practice  string    `json:"practice,omitzero"`  // name of the patient's registered practice
	Retrieved time.Time `json:"retrieved,omitzero"` // when the answer was complete
	TraceID   string    `json:"trace_id,omitzero"`  // of the request; quote it to the service desk
	Saved     bool      `json:"saved,omitzero"`     // read from a saved answer; what was asked is not known
}

// Areas are the clinical areas of a record.
type Areas struct {
	Allergies      AllergyArea         `json:"allergies"`
	Medications    MedicationArea      `json:"medications"`
	Consultations  ConsultationArea    `json:"consultations"`
	Problems       ProblemArea         `json:"problems"`
	Immunisations  Area[Immunisation]  `json:"immunisations"`
	Uncategorised  Area[Observation]   `json:"uncategorised"`
	Investigations Area[Investigation] `json:"investigations"`
	Referrals      Area[Referral]      `json:"referrals"`
	Diary          Area[DiaryEntry]    `json:"diary"`

	// Documents have no list of their own and cannot be asked for: these are the ones that
	// consultations, problems and referrals point to. The area is recorded, disabled or
	// not-requested and never none-recorded: other documents may exist.
	Documents Area[Document] `json:"documents"`
}

// Area is one clinical area: what its primary list holds, and whether that is the whole.
type Area[T any] struct {
	State State `json:"state"`

	// Withheld says that items were left out because they are confidential, whatever else
	// is there. Nobody may then say that there is none of something.
	Withheld bool `json:"withheld,omitzero"`

	Warnings    []Warning `json:"warnings"`
	EmptyReason string    `json:"empty_reason,omitzero"` // why the list is empty, as the practice's system says it
	Notes       []string  `json:"notes,omitempty"`       // on the list, word for word
	Items       []T       `json:"items"`                 // one for each entry of the primary list, in its order
}

// State is what is known about an area. Only StateNone and StateExplicitlyNone allow to
// say that there is nothing, and they say two different things.
type State string

const (
	StateNotRequested   State = "not-requested"   // was not asked for; nothing is known
	StateNone           State = "none-recorded"   // the practice has recorded nothing of what was asked; not that there is nothing
	StateExplicitlyNone State = "explicitly-none" // a clinician has recorded that there is none (no known allergies)
	StateRecorded       State = "recorded"        // there are items
	StateWithheld       State = "withheld"        // nothing was sent, because it is confidential
	StateMissing        State = "missing"         // was asked for and did not come; nothing is known
	StateDisabled       State = "disabled"        // the practice has switched the area off; nothing is known
	StateUnsupported    State = "unsupported"     // the practice's system does not know the area; nothing is known
)

// AreaName names an area as the JSON of a Record and the command line do.
type AreaName string

const (
	Allergies      AreaName = "allergies"
	Medications    AreaName = "medications"
	Consultations  AreaName = "consultations"
	Problems       AreaName = "problems"
	Immunisations  AreaName = "immunisations"
	Uncategorised  AreaName = "uncategorised"
	Investigations AreaName = "investigations"
	Referrals      AreaName = "referrals"
	Diary          AreaName = "diary"
	Documents      AreaName = "documents"
)

// Format writes that this is a record and nothing of what is in it, whatever the verb.
func (r Record) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "structured record") }

// Format writes nothing of what is in the areas, whatever the verb.
func (a Areas) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "areas of a record") }

// Format writes the state and the number of items, whatever the verb.
func (a Area[T]) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s (%d items)", a.State, len(a.Items)) }
