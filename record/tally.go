package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

var areaOrder = []AreaName{
	Allergies, Medications, Consultations, Problems, Immunisations, Uncategorised,
	Investigations, Referrals, Diary, Documents,
}

// collectWarnings gives each area its warnings and the record all of them, those about the
// whole answer first.
func (r *reader) collectWarnings(rec *Record) {
	r.warnOfQuestion()
	r.warnOfParts()
	r.warnOfPatient(rec)
	r.warnOfLostLists()
	r.warnOfCut()
	r.tally(&rec.Areas)
	a := &rec.Areas
	for name, to := range map[AreaName]*[]Warning{
		Medications: &a.Medications.Warnings, Consultations: &a.Consultations.Warnings,
		Problems: &a.Problems.Warnings, Immunisations: &a.Immunisations.Warnings,
		Uncategorised: &a.Uncategorised.Warnings, Investigations: &a.Investigations.Warnings,
		Referrals: &a.Referrals.Warnings, Diary: &a.Diary.Warnings, Documents: &a.Documents.Warnings,
	} {
		*to = append([]Warning{}, r.warnings[name]...)
	}
	a.Allergies.Warnings, a.Allergies.Ended.Warnings = []Warning{}, []Warning{}
	for _, w := range r.warnings[Allergies] {
		if w.List == codeEndedAllergies {
			a.Allergies.Ended.Warnings = append(a.Allergies.Ended.Warnings, w)
		} else {
			a.Allergies.Warnings = append(a.Allergies.Warnings, w)
		}
	}
	rec.Warnings = append([]Warning{}, r.warnings[""]...)
	for _, name := range areaOrder {
		rec.Warnings = append(rec.Warnings, r.warnings[name]...)
	}
}

// warnOfCut says that what is told was cut short.
func (r *reader) warnOfCut() {
	if r.cut > 0 {
		r.warn(Warning{Kind: WarnAbridged, Count: r.cut, Text: "The answer names the same items so often, or so deep within others, that they are not told in full everywhere."})
	}
}

// warnOfQuestion says that consultations alone are not the record: much is recorded outside
// of them.
func (r *reader) warnOfQuestion() {
	if r.query == nil || !r.query.Asks(Consultations) {
		return
	}
	for _, name := range areaOrder {
		if name != Consultations && r.query.Asks(name) {
			return
		}
	}
	r.warn(Warning{Kind: WarnConsultation, Area: Consultations, Text: "Only consultations were asked for. Much of a record stands outside of them."})
}

func (r *reader) warnOfPatient(rec *Record) {
	if _, ok := r.patient.NHSNumber(); !ok {
		text := "The number that the answer gives for the patient is not a valid NHS number."
		if len(r.patient.NHSIdentifiers()) > 1 {
			text = "The answer gives several NHS numbers for the patient, or one of them is not valid."
		}
		r.warn(Warning{Kind: WarnNHSNumber, Text: text})
	}
	if len(rec.Patient.Unreadable) > 0 {
		r.warn(Warning{Kind: WarnUnreadable, Count: 1, Text: "What the answer says about the patient could not be read in full."})
	}
	if n := r.strangers(); n > 0 {
		r.warn(Warning{Kind: WarnOtherSubject, Count: n, Text: "Resources in this answer name another patient."})
	}
}

// warnOfLostLists names the lists that no area and no consultation tells.
func (r *reader) warnOfLostLists() {
	for _, list := range r.lists.unknown {
		if r.expanded[list.Offset] {
			continue
		}
		r.warnOfList("", list)
		if len(list.Entry) > 0 {
			r.warn(Warning{
				Kind: WarnUnknownList, Count: len(list.Entry), Code: list.Code.Code(fhir.SNOMED),
				Text: fmt.Sprintf("The answer has a list that is none of GP Connect's: %s. Its items are in no area.", coalesce(list.Title, list.Code.Display(), "without a title")),
			})
		}
	}
	lost := 0
	for _, list := range r.lists.parts {
		r.warnOfList(Consultations, list)
		if !r.expanded[list.Offset] {
			lost += len(list.Entry)
		}
	}
	if lost > 0 {
		r.warn(Warning{Kind: WarnUnlinked, Area: Consultations, Count: lost, Text: "The answer holds parts of consultations that belong to none of the consultations in it."})
	}
}

// A finding is what several items of a list have in common.
type finding struct {
	name AreaName
	kind WarningKind
	list string
	text string
}

// tally counts what is to be known about items, and warns once for each.
func (r *reader) tally(a *Areas) {
	counts := map[finding]int{}
	var order []finding
	count := func(f finding) {
		if counts[f]++; counts[f] == 1 {
			order = append(order, f)
		}
	}
	a.each(func(name AreaName, list string, about *Item, whole any) {
		markDates(about, whole)
		_, isPrescription := whole.(*Prescription)
		for _, f := range findings(about) {
			if f.kind == WarnDegraded && isPrescription && name == Medications {
				continue // the item that it belongs to has the same name
			}
			f.name, f.list = name, list
			count(f)
		}
		if p, ok := whole.(*Problem); ok {
			links := p.Linked
			if p.Actual != nil {
				links = append(links[:len(links):len(links)], *p.Actual)
			}
			for _, l := range links {
				if l.Absent == AbsentNotSent {
					count(finding{name, WarnNotSent, list, l.Text})
				}
			}
		}
	})
	slices.SortStableFunc(order, func(x, y finding) int { return strings.Compare(string(x.kind), string(y.kind)) })
	for _, f := range order {
		r.warn(Warning{Kind: f.kind, Area: f.name, List: f.list, Text: f.text, Count: counts[f]})
	}
}

// findings are what is to be known about one item.
func findings(i *Item) []finding {
	var found []finding
	add := func(when bool, kind WarningKind, text string) {
		if when {
			found = append(found, finding{kind: kind, text: text})
		}
	}
	add(i.Absent == AbsentNotSent, WarnNotSent, i.Text)
	add(i.Absent == AbsentEmpty, WarnUnresolved, "Entries of the list name nothing.")
	add(i.Absent == AbsentUnresolved, WarnUnresolved, "Items are named and not in the answer.")
	add(i.Absent == AbsentWrongType, WarnWrongType, "Items are of a type that does not belong here.")
	add(i.Duplicate, WarnDuplicate, "Items are named more than once.")
	add(i.Ambiguous, WarnDuplicate, "Several different resources have the id of an item: it need not be the one that is meant.")
	add(i.Degraded, WarnDegraded, "Items have lost their code between two practices: only their text tells what they mean.")
	add(i.EnteredInError, WarnError, "Items are marked as entered in error.")
	add(len(i.Unreadable) > 0, WarnUnreadable, "Items have members that could not be read.")
	return found
}
