package record

import (
	"fmt"
	"io"

	"github.com/gpconnect-go/gpc/fhir"
)

// Item is what items of all areas have in common.
type Item struct {
	// Text is the item's name as the GP's screen has it: the vaccine, the medicine, the
	// finding. It is never empty: where the record has no words, it says so in ours.
	Text  string `json:"text"`
	Codes []Code `json:"codes,omitempty"` // of what Text names, in the order sent

	// Sources are the resources that the item is made of, its own first: "Type/id", for a
	// contained one "List:code#id", for a resource without an id "Type". [Record.Bundle]
	// resolves the first form.
	Sources []string `json:"sources"`

	// Absent is set when the list names the item and there is nothing to read of it. Text is
	// then what the practice's system calls it, or the reference.
	Absent Absence `json:"absent,omitzero"`

	Degraded       bool `json:"degraded,omitzero"`         // its code was lost between two practices; only the text has the meaning
	NotForPatient  bool `json:"not_for_patient,omitzero"`  // is not to be disclosed to the patient (NOPAT)
	FromElsewhere  bool `json:"from_elsewhere,omitzero"`   // the record says that another organisation did or reported it
	EnteredInError bool `json:"entered_in_error,omitzero"` // the record says that it is not true
	Deleted        bool `json:"deleted,omitzero"`          // the list says that it has been removed
	Duplicate      bool `json:"duplicate,omitzero"`        // was named before; what it says is there
	Ambiguous      bool `json:"ambiguous,omitzero"`        // several different resources have its id: this need not be the one
	Abridged       bool `json:"abridged,omitzero"`         // only named here; an area or a consultation tells it in full
	Modified       bool `json:"modified,omitzero"`         // has a modifier that is not known here and may change its meaning

	// OtherSubject says that a resource of the item names another patient than the record's.
	// It can be so in a saved answer only: [Read] refuses such an answer.
	OtherSubject bool `json:"other_subject,omitzero"`

	// Unreadable are members that are there and could not be read, as paths within a resource
	// ("Observation/7 /valueQuantity/value"), and dates that are none, as they are named here
	// ("AllergyIntolerance/3 onset"); those are shown as sent.
	Unreadable []string `json:"unreadable,omitempty"`
}

// Absence says why there is nothing to read of an item.
type Absence string

const (
	AbsentNotSent    Absence = "not-sent"   // only named: the practice's system does not export it, or it is switched off
	AbsentUnresolved Absence = "unresolved" // the answer does not hold what the reference means
	AbsentWrongType  Absence = "wrong-type" // the reference means a resource that does not belong into such a list
	AbsentEmpty      Absence = "empty"      // an entry without reference and text
)

// Concept is a meaning: in words and in codes of several systems.
type Concept struct {
	Text  string `json:"text"`
	Codes []Code `json:"codes,omitempty"`
}

// Code is one code as sent.
type Code struct {
	System       string `json:"system,omitzero"`
	Code         string `json:"code,omitzero"`
	Display      string `json:"display,omitzero"`
	Description  string `json:"description,omitzero"` // wording chosen on the GP's screen, SNOMED only
	UserSelected bool   `json:"user_selected,omitzero"`
}

// Actor is who did something. Any of it may be unknown.
type Actor struct {
	Name         string `json:"name,omitzero"`         // of the person, or the organisation, service or device
	Role         string `json:"role,omitzero"`         // job role; unknown for one who has several
	Organisation string `json:"organisation,omitzero"` // where a person works
	ODS          string `json:"ods,omitzero"`          // of the organisation
	Source       string `json:"source,omitzero"`       // the reference
}

// Note is a remark.
type Note struct {
	Text   string    `json:"text"`
	Author string    `json:"author,omitzero"`
	Time   fhir.Date `json:"time,omitzero"`
}

// Period is a stretch of time; without an End it goes on, or its end is not known.
type Period struct {
	Start fhir.Date `json:"start,omitzero"`
	End   fhir.Date `json:"end,omitzero"`
}

// When is a time that may be a date, a stretch of time, or only words ("aged 7").
type When struct {
	Date fhir.Date `json:"date,omitzero"` // of a stretch of time, its start
	End  fhir.Date `json:"end,omitzero"`  // of a stretch of time
	Text string    `json:"text,omitzero"` // when there is neither
}

// Link is another item in one line.
type Link struct {
	Text   string    `json:"text"`
	Kind   Kind      `json:"kind,omitzero"`
	Date   fhir.Date `json:"date,omitzero"`
	Source string    `json:"source,omitzero"` // the reference, "Type/id"
	Absent Absence   `json:"absent,omitzero"` // as in Item

	NotForPatient  bool `json:"not_for_patient,omitzero"`
	EnteredInError bool `json:"entered_in_error,omitzero"`
}

// Format writes that this is an item and nothing of it, whatever the verb. The items of all
// areas inherit it.
func (i Item) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "item of a record") }

// Format is as [Item.Format].
func (l Link) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "link in a record") }
