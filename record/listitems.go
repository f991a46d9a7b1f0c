package record

import (
	"strconv"

	"github.com/gpconnect-go/gpc/fhir"
)

// itemised are the types of areas' items: those that embed an Item.
type itemised[T any] interface {
	*T
	item() *Item
}

func (i *Item) item() *Item { return i }

// items are the items of the primary lists with the code: one for each entry, in the order
// of the list. tell reads a resource; it is not ok for one that does not belong there.
func items[T any, P itemised[T]](r *reader, code string, tell func(fhir.Resource) (T, bool)) []T {
	n := 0
	for _, list := range r.lists.primary[code] {
		n += len(list.Entry)
	}
	found := make([]T, n)
	seen := map[int64]bool{}
	n = 0
	for _, list := range r.lists.primary[code] {
		for i := range list.Entry {
			listItem(r, P(&found[n]), list, i, seen, tell)
			n++
		}
	}
	return found
}

// listItem tells the i-th entry of a list into t, which is zero.
func listItem[T any, P itemised[T]](r *reader, t P, list *fhir.List, i int, seen map[int64]bool, tell func(fhir.Resource) (T, bool)) {
	res, about := r.pick(list, i, seen)
	if about != nil {
		*t.item() = *about
		return
	}
	var ok bool
	if *t, ok = tell(res); !ok {
		*t = *new(T)
		*t.item() = r.brief(res)
		t.item().Absent = AbsentWrongType
		return
	}
	r.told[r.sourceOf(res)] = true
	t.item().Deleted = list.Entry[i].Deleted.IsTrue()
}

// pick is the resource of a list's entry; or, when there is nothing to tell of it, an Item
// that says why. seen holds what has been picked before.
func (r *reader) pick(list *fhir.List, i int, seen map[int64]bool) (fhir.Resource, *Item) {
	e := &list.Entry[i]
	if e.Item.Reference == "" {
		return fhir.Resource{}, absentEntry(list, i, absence(e.Item))
	}
	res, ok := r.resolve(list.Resource, e.Item.Reference)
	if !ok {
		return fhir.Resource{}, absentEntry(list, i, AbsentUnresolved)
	}
	if seen[res.Offset] {
		again := r.brief(res)
		again.Duplicate, again.Deleted = true, e.Deleted.IsTrue()
		return res, &again
	}
	seen[res.Offset] = true
	return res, nil
}

// absentEntry is the item for an entry that leads nowhere. Its source is the place in the list.
func absentEntry(list *fhir.List, i int, why Absence) *Item {
	e := &list.Entry[i]
	sources := []string{e.Item.Reference, listName(list) + "/entry/" + strconv.Itoa(i)}
	if e.Item.Reference == "" {
		sources = sources[1:]
	}
	return &Item{
		Text:    coalesce(e.Item.Display, notInAnswer),
		Sources: sources,
		Deleted: e.Deleted.IsTrue(),
		Absent:  why,
	}
}

// brief is a resource as an item that tells no more than its name.
func (r *reader) brief(res fhir.Resource) Item {
	l := r.linkOf(res)
	return Item{
		Text: l.Text, Sources: []string{l.Source},
		NotForPatient: l.NotForPatient, EnteredInError: l.EnteredInError,
		OtherSubject: r.isAboutOther(res),
	}
}
