package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// refKey is the Type/id of a reference without a version; other references as they are.
func refKey(ref string) string {
	if at := strings.Index(ref, "/_history/"); at > 0 {
		return ref[:at]
	}
	return ref
}

// entryKey is refKey for a reference that means an entry of the answer; "" for others, as
// "#id" means something else in every resource.
func entryKey(ref string) string {
	if strings.HasPrefix(ref, "#") {
		return ""
	}
	return refKey(ref)
}

// findChains finds which plans follow on one another by priorPrescription (a changed dose
// stops a plan and begins another) and names each chain by its first plan. A plan that
// follows on none and that none follows on is in no chain.
func (r *reader) findChains() {
	prior := make(map[string]string, len(r.plans))
	for _, p := range r.plans {
		key := r.keyOf(p.Resource)
		if ref := entryKey(p.PriorPrescription.Reference); ref != "" && key != "" && r.byKey[key] == p.Index {
			prior[key] = ref // of several plans with one key only the chosen one counts
		}
	}
	r.chains = make(map[string]string, 2*len(prior))
	for key := range prior {
		r.findChain(key, prior)
	}
}

// findChain walks back from a plan to the first of its chain, or to one whose chain is
// known. A circle has no first plan and is named by the least key in it.
func (r *reader) findChain(key string, prior map[string]string) {
	var walked []string
	onWalk := map[string]int{}
	first := ""
	for first == "" {
		if known, ok := r.chains[key]; ok {
			first = known
			break
		}
		if begin, again := onWalk[key]; again {
			first = walked[begin]
			for _, k := range walked[begin:] {
				first = min(first, k)
			}
			break
		}
		onWalk[key] = len(walked)
		walked = append(walked, key)
		before, ok := prior[key]
		if !ok {
			first = key
			break
		}
		key = before
	}
	for _, k := range walked {
		r.chains[k] = first
	}
}

// addEarlier gives each item the plans before its own that are no items themselves. Each
// plan is given once, to the first item that leads to it.
func (r *reader) addEarlier(all []Medication) {
	given := map[string]bool{}
	for _, m := range all {
		if m.Plan != nil && m.Absent == "" {
			given[m.Plan.Sources[0]] = true
		}
	}
	for i := range all {
		m := &all[i]
		for p := m.Plan; p != nil && p.Replaces != "" && !given[p.Replaces]; {
			given[p.Replaces] = true
			res, ok := r.resolve(fhir.Resource{}, p.Replaces)
			if !ok {
				break
			}
			v := view[fhir.MedicationRequest](r, res)
			if v == nil {
				break
			}
			earlier := r.prescription(v)
			r.told[r.keyOf(v.Resource)] = true
			m.Earlier = append(m.Earlier, earlier)
			p = &m.Earlier[len(m.Earlier)-1]
		}
	}
}
