package record

import (
	"bytes"
	"slices"

	"github.com/gpconnect-go/gpc/fhir"
)

// A reader reads one answer. Everything that is found by going through all resources is
// found once, at the beginning, so that the work grows with the answer and no faster.
type reader struct {
	b       *fhir.Bundle
	query   *Query // nil when the question is not known
	lists   lists
	entries int // of all lists
	patient *fhir.Patient

	resources []fhir.Resource // all entries
	keys      []string        // Type/id of each, "" where there is none
	byKey     map[string]int
	ambiguous map[string]bool // Type/id that several different resources have

	views  []any         // typed view of each entry, decoded once
	inners map[int64]any // the same of contained resources, by offset
	others map[int64]*other

	plans    []*fhir.MedicationRequest
	grouped  []*fhir.MedicationRequest            // issues that name no plan, only a group
	issues   map[string][]*fhir.MedicationRequest // by Type/id of their plan
	chains   map[string]string                    // Type/id of a plan to that of the first of its chain
	children map[string][]*fhir.Observation       // by Type/id of what they are derived from
	roles    map[string][]*fhir.PractitionerRole  // by Type/id of the practitioner

	actors map[string]Actor // by reference
	lines  map[int64]Link   // by offset of the resource

	inner  map[int]map[string]fhir.Resource // contained resources by the entry they are in and their id
	twice  map[int64]bool                   // contained resources whose id another has, too
	listed map[string]bool                  // Type/id that some list names; see isListed

	about []uint8 // what is known of the subject of each entry; see isAboutOther

	told     map[string]bool // sources that an area or a consultation has told in full
	expanded map[int64]bool  // lists whose entries have been told
	room     int             // bytes of resources that may still be told beside the areas' own items
	depth    int             // how many resources are being told within each other
	cut      int             // items that were not told because of that, or because they lie too deep

	warnings map[AreaName][]Warning
	said     map[Warning]bool   // without the list
	refused  map[AreaName]State // areas that are disabled or unsupported
}

// telling bounds what is told again, as a multiple of the answer's bytes: by pointing at the
// same resources again and again, a small answer could be drawn out without end.
const telling = 16

// mostTold bounds the same in bytes: the largest records have a few million in all.
const mostTold = 256 << 20

func newReader(b *fhir.Bundle, q *Query) *reader {
	r := &reader{
		b: b, query: q,
		resources: make([]fhir.Resource, 0, b.Len()),
		keys:      make([]string, 0, b.Len()),
		byKey:     make(map[string]int, b.Len()),
		ambiguous: map[string]bool{},
		views:     make([]any, b.Len()),
		inners:    map[int64]any{},
		others:    map[int64]*other{},
		issues:    map[string][]*fhir.MedicationRequest{},
		children:  map[string][]*fhir.Observation{},
		roles:     map[string][]*fhir.PractitionerRole{},
		actors:    map[string]Actor{},
		lines:     map[int64]Link{},
		inner:     map[int]map[string]fhir.Resource{},
		twice:     map[int64]bool{},
		told:      make(map[string]bool, b.Len()),

		about:    make([]uint8, b.Len()),
		expanded: map[int64]bool{},
		warnings: map[AreaName][]Warning{},
		said:     map[Warning]bool{},
		refused:  map[AreaName]State{},
	}
	for res := range b.All() {
		r.index(res)
	}
	r.lists.structure = map[string][]*fhir.List{}
	for _, res := range r.resources {
		r.register(res)
	}
	r.putInOrder()
	r.room = min(1<<20+telling*len(b.Bytes()), mostTold)
	return r
}

// index notes a resource by its Type/id. Of several different ones with the same, always
// the same one is chosen, whatever their order.
func (r *reader) index(res fhir.Resource) {
	key := res.Key()
	r.resources, r.keys = append(r.resources, res), append(r.keys, key)
	if key == "" {
		return
	}
	before, again := r.byKey[key]
	if !again {
		r.byKey[key] = res.Index
		return
	}
	c := bytes.Compare(res.Raw, r.resources[before].Raw)
	r.ambiguous[key] = r.ambiguous[key] || c != 0
	if c < 0 {
		r.byKey[key] = res.Index
	}
}

// register notes what others are found by.
func (r *reader) register(res fhir.Resource) {
	switch res.Type {
	case "List":
		if list := view[fhir.List](r, res); list != nil {
			r.lists.add(list)
			r.entries += len(list.Entry)
		}
	case "MedicationRequest":
		r.registerIssue(view[fhir.MedicationRequest](r, res))
	case "Observation":
		if o := view[fhir.Observation](r, res); o != nil {
			for _, rel := range o.Related {
				if parent := entryKey(rel.Target.Reference); parent != "" && rel.Type == "derived-from" {
					r.children[parent] = append(r.children[parent], o)
				}
			}
		}
	case "PractitionerRole":
		if p := view[fhir.PractitionerRole](r, res); p != nil {
			if person := entryKey(p.Practitioner.Reference); person != "" {
				r.roles[person] = append(r.roles[person], p)
			}
		}
	}
}

// putInOrder makes what was collected independent of the order of the answer's entries,
// which means nothing.
func (r *reader) putInOrder() {
	r.lists.putInOrder()
	for key, found := range r.children {
		r.children[key] = distinct(found, func(o *fhir.Observation) fhir.Resource { return o.Resource })
	}
	for key, found := range r.roles {
		r.roles[key] = distinct(found, func(p *fhir.PractitionerRole) fhir.Resource { return p.Resource })
	}
	r.orderIssues()
}

// distinct sorts by the bytes of the resources and leaves out what is there twice.
func distinct[T any](found []T, resource func(T) fhir.Resource) []T {
	slices.SortFunc(found, func(a, b T) int { return bytes.Compare(resource(a).Raw, resource(b).Raw) })
	return slices.CompactFunc(found, func(a, b T) bool { return bytes.Equal(resource(a).Raw, resource(b).Raw) })
}
