package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// noContent is the code of an empty list for that nothing is recorded.
const noContent = "no-content-recorded"

// endedAllergies is where it is noted that a practice's system does not know the part of the
// request that asks for them.
const endedAllergies AreaName = "allergies.ended"

// settle finds the state of an area from its lists, from what was asked, and from what the
// answer says about what it left out.
func (r *reader) settle(name AreaName, code string, items []*Item, state *State, withheld *bool) {
	found := r.lists.primary[code]
	for _, list := range found {
		*withheld = r.warnOfList(name, list) || *withheld
	}
	if len(found) > 1 {
		r.warn(Warning{Kind: WarnDuplicate, Area: name, List: code, Count: len(found), Text: "There are several lists for this area; their entries stand one after another."})
	}
	asked := r.asks(name, code, len(found) > 0)
	switch {
	case len(items) > 0:
		*state = r.stateOfItems(name, code, items, asked)
	case *withheld:
		*state = StateWithheld
	case r.refused[name] != "":
		*state = r.refused[name]
	case code == codeEndedAllergies && len(found) == 0 && r.refused[endedAllergies] != "":
		*state = r.refused[endedAllergies]
	case !asked:
		*state = StateNotRequested
	case len(found) == 0:
		*state = StateMissing
		r.warn(Warning{Kind: WarnMissing, Area: name, List: code, Text: missingText(code)})
	default:
		*state = r.stateOfEmpty(name, found)
	}
}

func missingText(code string) string {
	if code == codeEndedAllergies {
		return "Ended allergies were asked for, and the answer says nothing about them."
	}
	return "This area was asked for, and the answer says nothing about it."
}

// asks says whether an area was asked for. Where the question is not known, a list that is
// there was asked for; the list of ended allergies may also have come along with others.
func (r *reader) asks(name AreaName, code string, present bool) bool {
	switch {
	case r.query == nil && code == codeEndedAllergies:
		return present && len(r.lists.primary[codeAllergies]) > 0
	case r.query == nil:
		return present
	case code == codeEndedAllergies:
		return r.query.Allergies != nil && !r.query.Allergies.WithoutResolved
	}
	return r.query.Asks(name)
}

// stateOfItems is recorded, most of the time. A list that came along with others is not the
// whole; and one may hold nothing but the remark that there is nothing to be had.
func (r *reader) stateOfItems(name AreaName, code string, items []*Item, asked bool) State {
	if !asked {
		r.warn(Warning{Kind: WarnNotWhole, Area: name, List: code, Count: len(items), Text: "This was not asked for and came along with something else: there may be more."})
	}
	only := State("")
	for _, i := range items {
		s := remark(i)
		if s == "" || only != "" && s != only {
			return StateRecorded
		}
		only = s
	}
	return only
}

// remark is the state that an entry speaks of that is words only: "… items have been
// disabled", "… items are not supported by the provider system".
func remark(i *Item) State {
	switch {
	case i.Absent != AbsentNotSent:
		return ""
	case strings.Contains(i.Text, "have been disabled"), strings.Contains(i.Text, "has been disabled"):
		return StateDisabled
	case strings.Contains(i.Text, "not supported by"):
		return StateUnsupported
	}
	return ""
}

// stateOfEmpty is none recorded, unless the list gives another reason for being empty.
func (r *reader) stateOfEmpty(name AreaName, found []*fhir.List) State {
	state := StateNone
	for _, list := range found {
		reason := list.EmptyReason
		switch {
		case hasOddPrefix(list.Odd, "/entry", "/emptyReason"):
			state = StateMissing
		case saysNoContent(reason):
		default:
			w := Warning{Kind: WarnEmptyReason, Area: name, List: listCode(list), Text: "The list is empty: " + coalesce(reason.Display(), "the reason is not known") + "."}
			state = StateMissing
			if reason.AnyCode("withheld") {
				state = StateWithheld
			}
			if len(reason.Coding) > 0 {
				w.Code = reason.Coding[0].Code
			}
			r.warn(w)
		}
	}
	return state
}

// saysNoContent says whether the reason for being empty, if there is one, is that nothing is
// recorded. Older systems have it in words only.
func saysNoContent(reason fhir.CodeableConcept) bool {
	for _, c := range reason.Coding {
		if c.Code != noContent {
			return false
		}
	}
	if len(reason.Coding) > 0 {
		return true
	}
	switch strings.ToLower(strings.NewReplacer(" ", "", "-", "", ".", "").Replace(reason.Text)) {
	case "", "nocontent", "nocontentrecorded", "informationnotavailable":
		return true
	}
	return false
}

// settleAllergies sees whether the one active allergy says that there is none; with
// something withheld, or of a list that is not the whole, nobody can say so.
func (r *reader) settleAllergies(a *AllergyArea) {
	found := r.lists.primary[codeAllergies]
	whole := len(found) == 1 && len(found[0].Odd) == 0 && r.asks(Allergies, codeAllergies, true)
	if len(a.Items) == 1 && whole && !a.Withheld && a.State == StateRecorded && a.Items[0].isInForce() {
		a.State = StateExplicitlyNone
	}
}

// isInForce says whether an item records beyond doubt, and still, that there are none.
func (a Allergy) isInForce() bool {
	doubtful := a.Absent != "" || a.Deleted || a.EnteredInError || a.Modified || a.Ambiguous || a.OtherSubject || len(a.Unreadable) > 0
	return a.SaysNone && !doubtful && (a.Status == "active" || a.Status == "")
}
