package record

import (
	"fmt"
	"io"
)

// Kind says what something in the record is.
type Kind string

const (
	KindTopic         Kind = "topic"   // part of a consultation
	KindHeading       Kind = "heading" // part of a topic
	KindList          Kind = "list"    // part of a consultation of another kind
	KindAllergy       Kind = "allergy"
	KindMedication    Kind = "medication"   // an item of medication (a statement)
	KindPrescription  Kind = "prescription" // a plan or an issue
	KindConsultation  Kind = "consultation"
	KindProblem       Kind = "problem"
	KindImmunisation  Kind = "immunisation"
	KindObservation   Kind = "observation"
	KindInvestigation Kind = "investigation"
	KindReferral      Kind = "referral"
	KindDiary         Kind = "diary"   // a plan, not something done
	KindRequest       Kind = "request" // for a test
	KindDocument      Kind = "document"
	KindForm          Kind = "form"  // a filled-in questionnaire
	KindOther         Kind = "other" // anything else, or not known
)

// Entry is an item where items of all kinds stand together: in consultations, and in the
// lists of what came along with consultations and problems. Exactly one of the pointers is
// set. It is Item when there is nothing more to tell: see [Item.Absent], [Item.Duplicate]
// and [Item.Abridged]; or when Kind is none that has a type.
type Entry struct {
	Kind Kind `json:"kind"`

	// List is the secondary list that named it ("problems-medications-related-to-problems").
	List string `json:"list,omitzero"`

	Section       *Section       `json:"section,omitempty"` // topics and headings
	Item          *Item          `json:"item,omitempty"`
	Allergy       *Allergy       `json:"allergy,omitempty"`
	Medication    *Medication    `json:"medication,omitempty"`
	Prescription  *Prescription  `json:"prescription,omitempty"`
	Consultation  *Consultation  `json:"consultation,omitempty"`
	Problem       *Problem       `json:"problem,omitempty"`
	Immunisation  *Immunisation  `json:"immunisation,omitempty"`
	Observation   *Observation   `json:"observation,omitempty"` // forms as well
	Investigation *Investigation `json:"investigation,omitempty"`
	Referral      *Referral      `json:"referral,omitempty"`
	Diary         *DiaryEntry    `json:"diary,omitempty"` // requests for tests as well
	Document      *Document      `json:"document,omitempty"`
}

// About is what the entry has in common with all others, whatever its kind. It is nil for
// the zero Entry only.
func (e Entry) About() *Item {
	if w, ok := e.whole().(interface{ item() *Item }); ok {
		return w.item()
	}
	return nil
}

// whole is the pointer that is set, or nil.
func (e Entry) whole() any {
	switch {
	case e.Section != nil:
		return e.Section
	case e.Allergy != nil:
		return e.Allergy
	case e.Medication != nil:
		return e.Medication
	case e.Prescription != nil:
		return e.Prescription
	case e.Consultation != nil:
		return e.Consultation
	case e.Problem != nil:
		return e.Problem
	case e.Immunisation != nil:
		return e.Immunisation
	case e.Observation != nil:
		return e.Observation
	case e.Investigation != nil:
		return e.Investigation
	case e.Referral != nil:
		return e.Referral
	case e.Diary != nil:
		return e.Diary
	case e.Document != nil:
		return e.Document
	case e.Item != nil:
		return e.Item
	}
	return nil
}

// Format writes the kind only, whatever the verb.
func (e Entry) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "entry of a record: "+string(e.Kind))
}
