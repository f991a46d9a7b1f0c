package record

import (
	"bytes"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

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
		if from.Raw == nil {
			return fhir.Resource{}, false
		}
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
