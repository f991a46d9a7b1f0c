package show

import (
	"fmt"
	"slices"

	"github.com/gpconnect-go/gpc/record"
)

// title is an area's name as a heading.
func title(a record.AreaName) string {
	switch a {
	case record.Allergies:
		return "Allergies"
	case record.Medications:
		return "Medications"
	case record.Consultations:
		return "Consultations"
	case record.Problems:
		return "Problems"
	case record.Immunisations:
		return "Immunisations"
	case record.Uncategorised:
		return "Uncategorised data"
	case record.Investigations:
		return "Investigations"
	case record.Referrals:
		return "Referrals"
	case record.Diary:
		return "Diary"
	case record.Documents:
		return "Documents"
	}
	return string(a)
}

// newArea begins an area: its heading, its state in a sentence, its warnings and notes.
func newArea[T any](rd *reader, name record.AreaName, a record.Area[T]) *area {
	out := &area{Anchor: string(name), Title: title(name)}
	out.Sentence, out.Alarm = sentence(name, a, rd.r.Source.Saved)
	switch n := len(a.Items); {
	case n == 0 || a.State == record.StateRecorded || a.State == record.StateExplicitlyNone || a.State == record.StateWithheld:
	default:
		out.Sentence += fmt.Sprintf(" Shown all the same: %d.", n)
	}
	out.caution = cautions(a.Warnings)
	out.Notes = out.unsaid(a.Notes)
	return out
}

// sentence says what is known about an area, and whether that is to be told like a
// warning. Nothing but the two states of "none" may say that there is none, and neither
// may where something was withheld (an empty list is then no empty area).
func sentence[T any](name record.AreaName, a record.Area[T], saved bool) (text string, alarm bool) {
	state := a.State
	if a.Withheld && (state == record.StateNone || state == record.StateExplicitlyNone) {
		state = record.StateWithheld
	}
	switch state {
	case record.StateNotRequested:
		return notAsked(name, saved), false
	case record.StateNone:
		return noneRecorded(name, a.Warnings) + reason(a.EmptyReason), false
	case record.StateExplicitlyNone:
		return "The GP record says that there is none." + reason(a.EmptyReason), false
	case record.StateRecorded:
		return recordedText(name, len(a.Items), a.Withheld), a.Withheld
	case record.StateWithheld:
		return "Withheld: " + withheld(len(a.Items)) + labelled(a.EmptyReason), true
	case record.StateMissing:
		if a.EmptyReason != "" {
			return "Missing: the list came empty; nothing can be concluded." + reason(a.EmptyReason), true
		}
		return "Missing: asked for and not answered; nothing can be concluded.", true
	case record.StateDisabled:
		return "Switched off at the practice; nothing can be concluded.", true
	case record.StateUnsupported:
		return "Not supported by the practice's system; nothing can be concluded.", true
	}
	return "In a state that is not known here" + bracketed(string(a.State)) + "; nothing can be concluded.", true
}

func notAsked(name record.AreaName, saved bool) string {
	switch {
	case name == record.Documents:
		return "No item of this record points to a document, and documents cannot be asked for with a record. There may be some."
	case saved:
		return "Not asked for, or not answered: it is not in the saved answer. Nothing is known."
	}
	return "Not asked for; nothing is known."
}

// noneRecorded never says that there are none: nobody has recorded that. Where only a part
// was asked for, it speaks of that part.
func noneRecorded(name record.AreaName, warnings []record.Warning) string {
	if slices.ContainsFunc(warnings, func(w record.Warning) bool { return w.Kind == record.WarnNotWhole }) {
		return "None recorded in the part of the GP record that was asked for."
	}
	if name == record.Allergies {
		return "None recorded in the GP record; nor does it say that there are no allergies."
	}
	return "None recorded in the GP record."
}

func withheld(n int) string {
	if n > 0 {
		return "others than these were not sent, because they are confidential."
	}
	return "nothing was sent, because it is confidential."
}

// reason is why a list is empty, in the words of the practice's system.
func reason(r string) string {
	if r == "" {
		return ""
	}
	return " (Reason given: " + r + ")"
}

// labelled is the same where it is not to be believed: the list of an area that is all
// confidential says "no content recorded".
func labelled(r string) string {
	if r == "" {
		return ""
	}
	return " (The empty list is labelled: " + r + ")"
}

func recordedText(name record.AreaName, n int, withheld bool) string {
	text := fmt.Sprintf("%d recorded", n)
	if name == record.Documents {
		text = fmt.Sprintf("%d found where other items point to them; there may be more", n)
	}
	if withheld {
		text += "; others were withheld"
	}
	return text + "."
}

// saysNone reads out an area of allergies in which a clinician has recorded that there is
// none, in the words of the record. Only the code for no allergy at all, or the words for
// it, give the sentence that says so: "no known food allergy" leaves all others open.
func saysNone(items []record.Allergy) string {
	for _, a := range items {
		if a.SaysNone && isNoKnownAllergies(a) {
			return "No known allergies" + recordedOn(a) + "."
		}
	}
	for _, a := range items {
		if a.SaysNone {
			return a.Text + recordedOn(a) + "."
		}
	}
	return ""
}

func recordedOn(a record.Allergy) string {
	if a.Asserted.IsZero() {
		return " (date of recording not known)"
	}
	return " (recorded" + on(a.Asserted) + ")"
}

func isNoKnownAllergies(a record.Allergy) bool {
	for _, c := range a.Codes {
		if c.Code == "716186003" {
			return true
		}
	}
	return false
}
