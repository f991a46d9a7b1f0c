package record

import "iter"

// All are the items of the record wherever they stand: those of the areas and what belongs
// to each, with the area that they stand in. An item that is told in several places comes
// several times.
func (r *Record) All() iter.Seq2[AreaName, *Item] {
	return func(yield func(AreaName, *Item) bool) {
		more := true
		r.Areas.each(func(name AreaName, _ string, about *Item, _ any) {
			more = more && yield(name, about)
		})
	}
}

// A visit is told each item: its area, the code of its list where it is an entry of one, what
// it has in common with others, and a pointer to the whole of it.
type visit func(name AreaName, list string, about *Item, whole any)

// each visits every item of every area, and what belongs to each after it.
func (a *Areas) each(v visit) {
	eachOf(a.Allergies.Items, Allergies, codeAllergies, v)
	eachOf(a.Allergies.Ended.Items, Allergies, codeEndedAllergies, v)
	eachOf(a.Medications.Items, Medications, codeMedications, v)
	eachOf(a.Consultations.Items, Consultations, codeConsultations, v)
	eachEntry(a.Consultations.Related, Consultations, v)
	eachOf(a.Problems.Items, Problems, codeProblems, v)
	eachOf(a.Problems.Linked, Problems, linkedProblems, v)
	eachEntry(a.Problems.Related, Problems, v)
	eachOf(a.Immunisations.Items, Immunisations, codeImmunisations, v)
	eachOf(a.Uncategorised.Items, Uncategorised, codeUncategorised, v)
	eachOf(a.Investigations.Items, Investigations, codeInvestigations, v)
	eachOf(a.Referrals.Items, Referrals, codeReferrals, v)
	eachOf(a.Diary.Items, Diary, codeDiary, v)
	eachOf(a.Documents.Items, Documents, "", v)
}

func eachOf[T any, P itemised[T]](all []T, name AreaName, list string, v visit) {
	for i := range all {
		p := P(&all[i])
		v(name, list, p.item(), p)
		eachWithin(p, name, v)
	}
}

func eachEntry(all []Entry, name AreaName, v visit) {
	for _, e := range all {
		about := e.About()
		whole := e.whole()
		v(name, e.List, about, whole)
		eachWithin(whole, name, v)
	}
}

// eachWithin visits what belongs to an item.
func eachWithin(whole any, name AreaName, v visit) {
	switch w := whole.(type) {
	case *Medication:
		if w.Plan != nil {
			v(name, "", &w.Plan.Item, w.Plan)
		}
		eachOf(w.Issues, name, "", v)
		eachOf(w.Earlier, name, "", v)
	case *Consultation:
		eachEntry(w.Entries, name, v)
	case *Section:
		eachEntry(w.Entries, name, v)
	case *Immunisation:
		if w.Observation != nil {
			eachWithin(w.Observation, name, v)
		}
	case *Observation:
		eachOf(w.Members, name, "", v)
		eachOf(w.Comments, name, "", v)
	case *Investigation:
		eachOf(w.Specimens, name, "", v)
		eachOf(w.Requests, name, "", v)
		eachOf(w.Results, name, "", v)
		eachOf(w.Comments, name, "", v)
	}
}
