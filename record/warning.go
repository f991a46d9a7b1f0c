package record

import (
	"fmt"
)

// Warning is something that a reader must know before relying on the record.
type Warning struct {
	Kind WarningKind `json:"kind"`
	Area AreaName    `json:"area,omitzero"` // "" when it is about the whole answer

	// Text is what to show: the practice's own words where it sent any, else ours.
	Text string `json:"text"`

	// Code is the warning's code as sent, where there was one.
	Code string `json:"code,omitzero"`

	// List is the code of the list that the warning was on or is about: a SNOMED code of a
	// primary list, a name of a secondary one ("problems-medications-related-to-problems").
	List string `json:"list,omitzero"`

	// Parameter and Part name what was asked and not honoured ("includeProblems", "filterStatus").
	Parameter string `json:"parameter,omitzero"`
	Part      string `json:"part,omitzero"`

	Count int `json:"count,omitzero"` // how many items it is about, where that is known
}

// WarningKind says what a warning is about. The first three are the codes of lists.
type WarningKind string

const (
	WarnConfidential   WarningKind = "confidential-items"   // items were left out as confidential
	WarnInTransit      WarningKind = "data-in-transit"      // the previous practice's record has not arrived in full
	WarnAwaitingFiling WarningKind = "data-awaiting-filing" // what others sent has not been filed yet
	WarnOtherCode      WarningKind = "other-list-warning"   // a list's warning code that is not known here

	WarnUnsupported WarningKind = "unsupported"  // the practice's system does not know a parameter or an area
	WarnDisabled    WarningKind = "disabled"     // the practice has switched an area off
	WarnOutcome     WarningKind = "outcome"      // another remark of the practice's system about the answer
	WarnMissing     WarningKind = "missing"      // an area that was asked for has no list
	WarnEmptyReason WarningKind = "empty-reason" // a list is empty for another reason than that nothing is recorded
	WarnNotWhole    WarningKind = "not-whole"    // only a part of an area was asked for, or a list came along with others and is not the whole

	WarnNotSent    WarningKind = "not-sent"   // items that exist and were only named
	WarnUnresolved WarningKind = "unresolved" // items that the list names and the answer does not hold
	WarnWrongType  WarningKind = "wrong-type" // items of another type than the area's
	WarnDuplicate  WarningKind = "duplicate"  // items named more than once, or several lists or resources where one belongs
	WarnUnreadable WarningKind = "unreadable" // items with members that could not be read; they are in the answer's bytes
	WarnAbridged   WarningKind = "abridged"   // the answer names items so often, or so deep within others, that not all are told everywhere

	WarnDegraded     WarningKind = "degraded"         // items whose code was lost between two practices
	WarnError        WarningKind = "entered-in-error" // items that the record says are not true
	WarnUnlinked     WarningKind = "unlinked"         // parts of consultations that no consultation of the answer holds
	WarnOtherSubject WarningKind = "other-subject"    // resources of a saved answer that name another patient

	WarnUnknownList  WarningKind = "unknown-list"       // a list that is none of GP Connect's; its items are in no area
	WarnNHSNumber    WarningKind = "nhs-number"         // the number of the patient of a saved answer is no NHS number
	WarnConsultation WarningKind = "consultations-only" // only consultations were asked for: not the whole record
)

// Format writes the kind and the area, whatever the verb: the text may quote the record.
func (w Warning) Format(f fmt.State, _ rune) {
	if w.Area == "" {
		fmt.Fprintf(f, "warning %s", w.Kind)
		return
	}
	fmt.Fprintf(f, "warning %s (%s)", w.Kind, w.Area)
}
