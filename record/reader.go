package record

import (
	"bytes"
	"slices"
	"strings"

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
	links  map[string]Link  // by reference
	lines  map[int64]Link   // by offset of the resource

	inner  map[int]map[string]fhir.Resource // contained resources by the entry they are in and their id
	twice  map[int64]bool                   // contained resources whose id another has, too
	listed map[string]bool                  // Type/id that some list names; see isListed

	about []uint8 // what is known of the subject of each entry; see isAboutOther

	told     map[string]bool // sources that an area or a consultation has told in full
	expanded map[int64]bool  // lists whose entries have been told
	room     int             // bytes of resources that may still be told beside the areas' own items
	cut      int             // items that were not told because of that, or because they lie too deep

	warnings map[AreaName][]Warning
	said     map[Warning]bool   // without the list
	refused  map[AreaName]State // areas that are disabled or unsupported
}

// telling bounds what is told again, as a multiple of the answer's bytes: by pointing at the
// same resources again and again, a small answer could be drawn out without end.
const telling = 16

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
		links:     map[string]Link{},
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
	r.room = 1<<20 + telling*len(b.Bytes())
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
				if rel.Type == "derived-from" {
					parent := refKey(rel.Target.Reference)
					r.children[parent] = append(r.children[parent], o)
				}
			}
		}
	case "PractitionerRole":
		if p := view[fhir.PractitionerRole](r, res); p != nil {
			r.roles[p.Practitioner.Reference] = append(r.roles[p.Practitioner.Reference], p)
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

// view reads res through T, once for each resource; nil when it is of another type or no
// view can read it.
func view[T any](r *reader, res fhir.Resource) *T {
	if v := r.viewed(res); v != nil {
		typed, _ := v.(*T)
		return typed
	}
	v, err := fhir.As[T](res)
	if err != nil {
		return nil // of another type: the bytes were found sound when they were indexed
	}
	r.keepView(res, v)
	return v
}

// viewed is the view that a resource has been read through, or nil.
func (r *reader) viewed(res fhir.Resource) any {
	if r.isContained(res) {
		return r.inners[res.Offset]
	}
	return r.views[res.Index]
}

func (r *reader) keepView(res fhir.Resource, v any) {
	if r.isContained(res) {
		r.inners[res.Offset] = v
		return
	}
	r.views[res.Index] = v
}

// isContained says whether res lies within another resource.
func (r *reader) isContained(res fhir.Resource) bool {
	return r.resources[res.Index].Offset != res.Offset
}

// resolve finds what a reference within the resource from means.
func (r *reader) resolve(from fhir.Resource, ref string) (fhir.Resource, bool) {
	if ref == "" {
		return fhir.Resource{}, false
	}
	if ref[0] == '#' {
		res, ok := r.containedIn(from)[ref[1:]]
		return res, ok
	}
	i, ok := r.byKey[refKey(ref)]
	if !ok {
		return fhir.Resource{}, false
	}
	return r.resources[i], true
}

// resolved reads through T what a reference within from means, or is nil.
func resolved[T any](r *reader, from fhir.Resource, ref fhir.Reference) *T {
	res, ok := r.resolve(from, ref.Reference)
	if !ok {
		return nil
	}
	return view[T](r, res)
}

// isListed says whether any list names a resource.
func (r *reader) isListed(res fhir.Resource) bool {
	if r.listed == nil {
		r.listed = map[string]bool{}
		for _, res := range r.resources {
			if res.Type != "List" {
				continue
			}
			if list := view[fhir.List](r, res); list != nil {
				for _, e := range list.Entry {
					r.listed[refKey(e.Item.Reference)] = true
				}
			}
		}
	}
	return r.listed[r.keyOf(res)]
}

// containedIn are the resources contained in from, or beside it when it is one of them.
func (r *reader) containedIn(from fhir.Resource) map[string]fhir.Resource {
	if found, ok := r.inner[from.Index]; ok {
		return found
	}
	found := map[string]fhir.Resource{}
	for _, c := range from.ContainedResources() {
		id := strings.TrimPrefix(c.ID, "#") // written with it, too
		if before, again := found[id]; !again {
			found[id] = c
		} else if !bytes.Equal(before.Raw, c.Raw) {
			r.twice[before.Offset] = true
		}
	}
	r.inner[from.Index] = found
	return found
}

// spend says whether something of that many bytes may still be told, and counts it.
func (r *reader) spend(bytes int) bool {
	if r.room < bytes {
		return false
	}
	r.room -= bytes
	return true
}
