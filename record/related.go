package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// addRelated tells what came along with consultations and problems: the entries of the
// secondary lists. What an area or a consultation tells in full is only named here.
func (r *reader) addRelated(a *Areas) {
	seen := map[string]map[int64]bool{}
	for _, list := range r.lists.secondary {
		if seen[list.code] == nil {
			seen[list.code] = map[int64]bool{}
		}
		host := Problems
		if strings.HasPrefix(list.code, "consultations-") {
			host = Consultations
		}
		if r.warnOfList(host, list.List) {
			a.withhold(host, list.code)
		}
		for i := range list.Entry {
			switch {
			case list.code == linkedProblems:
				a.Problems.Linked = append(a.Problems.Linked, Problem{})
				listItem(r, &a.Problems.Linked[len(a.Problems.Linked)-1], list.List, i, seen[list.code], r.tellProblem)
			case host == Consultations:
				a.Consultations.Related = append(a.Consultations.Related, r.relatedEntry(list, i, seen[list.code]))
			default:
				a.Problems.Related = append(a.Problems.Related, r.relatedEntry(list, i, seen[list.code]))
			}
		}
	}
}

func (r *reader) relatedEntry(list secondaryList, i int, seen map[int64]bool) Entry {
	res, about := r.pick(list.List, i, seen)
	e := Entry{}
	switch {
	case about != nil:
		e = Entry{Kind: r.kindOfEntry(list.Entry[i].Item, res), Item: about}
	case r.told[r.sourceOf(res)]:
		again := r.abridged(res)
		e = Entry{Kind: r.kindOfResource(res), Item: &again}
	default:
		e = r.tell(res)
	}
	e.List = list.code
	e.About().Deleted = list.Entry[i].Deleted.IsTrue()
	return e
}

// withhold notes that a secondary list holds something back: of the area that it came with,
// and of the area of its items, where nobody can say any more that there is none.
func (a *Areas) withhold(host AreaName, code string) {
	conceal := func(state *State, withheld *bool, always bool) {
		switch *state {
		case StateNone:
			*state, always = StateWithheld, true
		case StateExplicitlyNone: // the item that says so is there
			*state, always = StateRecorded, true
		}
		*withheld = *withheld || always
	}
	if host == Consultations {
		conceal(&a.Consultations.State, &a.Consultations.Withheld, true)
	} else {
		conceal(&a.Problems.State, &a.Problems.Withheld, true)
	}
	of := strings.TrimPrefix(strings.TrimPrefix(code, "consultations-"), "problems-")
	switch {
	case strings.HasPrefix(of, "allergies-that-have-been-ended"):
		conceal(&a.Allergies.Ended.State, &a.Allergies.Ended.Withheld, false)
	case strings.HasPrefix(of, "allergies"):
		conceal(&a.Allergies.State, &a.Allergies.Withheld, false)
	case strings.HasPrefix(of, "medications"):
		conceal(&a.Medications.State, &a.Medications.Withheld, false)
	case strings.HasPrefix(of, "problems"), code == linkedProblems:
		conceal(&a.Problems.State, &a.Problems.Withheld, false)
	case strings.HasPrefix(of, "consultations"):
		conceal(&a.Consultations.State, &a.Consultations.Withheld, false)
	case strings.HasPrefix(of, "immunisations"):
		conceal(&a.Immunisations.State, &a.Immunisations.Withheld, false)
	case strings.HasPrefix(of, "uncategorised"):
		conceal(&a.Uncategorised.State, &a.Uncategorised.Withheld, false)
	case strings.HasPrefix(of, "investigations"):
		conceal(&a.Investigations.State, &a.Investigations.Withheld, false)
	case strings.HasPrefix(of, "outbound-referrals"):
		conceal(&a.Referrals.State, &a.Referrals.Withheld, false)
	case strings.HasPrefix(of, "diary"):
		conceal(&a.Diary.State, &a.Diary.Withheld, false)
	}
}

// documents are the documents that lists, consultations, problems and referrals point to,
// each once.
func (r *reader) documents(a *Areas) Area[Document] {
	area := Area[Document]{State: StateNotRequested, Items: []Document{}}
	seen := map[int64]bool{}
	for _, list := range r.lists.secondary {
		if !strings.Contains(list.code, "-documents-") {
			continue
		}
		for i := range list.Entry {
			var d Document
			if listItem(r, &d, list.List, i, seen, r.tellDocument); !d.Duplicate {
				area.Items = append(area.Items, d)
			}
		}
		for _, code := range list.WarningCodes() {
			area.Withheld = area.Withheld || WarningKind(code) == WarnConfidential
		}
	}
	a.eachDocument(func(source string) {
		res, ok := r.resolve(fhir.Resource{}, source)
		if !ok || seen[res.Offset] {
			return
		}
		seen[res.Offset] = true
		if d, ok := r.tellDocument(res); ok {
			area.Items = append(area.Items, d)
		}
	})
	switch {
	case len(area.Items) > 0:
		area.State = StateRecorded
	case area.Withheld:
		area.State = StateWithheld
	case r.refused[Documents] != "":
		area.State = r.refused[Documents]
	}
	return area
}

// eachDocument gives the source of each document that is pointed to, in the order of the areas.
func (a *Areas) eachDocument(yield func(source string)) {
	links := func(all ...Link) {
		for _, l := range all {
			if l.Kind == KindDocument && l.Absent == "" {
				yield(l.Source)
			}
		}
	}
	a.each(func(_ AreaName, _ string, about *Item, whole any) {
		switch v := whole.(type) {
		case *Document:
			yield(about.Sources[0])
		case *Problem:
			links(v.Linked...)
			if v.Actual != nil {
				links(*v.Actual)
			}
		case *Referral:
			links(v.Supporting...)
		case *DiaryEntry:
			links(v.Supporting...)
		}
	})
}
