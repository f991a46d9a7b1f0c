package client

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

const organisationTypes = "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-1"

// SearchSlots asks the practice for its free slots, and gives them by start,
// then by location and practitioner. No slot is no error.
func (p *Practice) SearchSlots(ctx context.Context, q SlotQuery) ([]Slot, error) {
	windows, err := q.windows()
	if err == nil && windows[len(windows)-1].over(p.encounter.client.config.Now()) {
		err = errors.New("the time is past; no slot in it can be booked")
	}
	if err != nil {
		return nil, p.invalid(SearchSlots, err)
	}
	var slots []Slot
	for _, w := range windows {
		found, err := p.slots(ctx, w, q.filter(p.encounter.organisation))
		if err != nil {
			return nil, err
		}
		slots = join(slots, found)
	}
	slices.SortStableFunc(slots, bySlot)
	return slots, nil
}

// join adds what is not there yet: windows overlap.
func join(slots, found []Slot) []Slot {
	if len(slots) == 0 {
		return found
	}
	seen := make(map[string]bool, len(slots))
	for i := range slots {
		seen[slots[i].ID] = true
	}
	for _, s := range found {
		if s.ID == "" || !seen[s.ID] {
			slots = append(slots, s)
		}
	}
	return slots
}

// slots makes one search.
func (p *Practice) slots(ctx context.Context, w window, f SlotFilter) ([]Slot, error) {
	r, err := p.Do(ctx, Request{Interaction: SearchSlots, Path: slotPath(w, f)})
	if err != nil {
		return nil, err
	}
	b, err := fhir.ParseBundle(r.Body, p.encounter.client.config.Limits.Bundles)
	if err != nil {
		return nil, p.unreadable(r, SearchSlots, err)
	}
	found, err := joinSlots(b, p.ods, f)
	if err != nil {
		return nil, p.unreadable(r, SearchSlots, err)
	}
	now := p.encounter.client.config.Now()
	for i := range found { // practices may list those of this morning
		if s := &found[i]; s.Problem == "" && !s.Start.After(now) {
			s.Problem = "its start is past"
		}
	}
	return found, nil
}

// slotPath is the search of the specification (Search for free slots, request). The
// three recursive includes are always sent: without the location nothing can be booked.
func slotPath(w window, f SlotFilter) string {
	var b strings.Builder
	b.WriteString("/Slot?status=free&start=ge" + url.QueryEscape(w.start) + "&end=le" + url.QueryEscape(w.end) +
		"&_include=Slot:schedule&_include:recurse=Schedule:actor:Practitioner" +
		"&_include:recurse=Schedule:actor:Location&_include:recurse=Location:managingOrganization")
	for _, filter := range [...]struct{ system, value string }{{organisationTypes, f.Type}, {fhir.ODSOrganisationSystem, f.ODS}} {
		if filter.value != "" {
			b.WriteString("&searchFilter=" + url.QueryEscape(filter.system+"|"+filter.value))
		}
	}
	return b.String()
}

// filter is what a search by that organisation is filtered by.
func (q SlotQuery) filter(o Organisation) SlotFilter {
	f := SlotFilter{Type: o.Type, ODS: o.ODS}
	if q.AnyType {
		f.Type = ""
	}
	if q.AnyOrganisation {
		f.ODS = ""
	}
	return f
}

func bySlot(a, b Slot) int {
	if c := a.Start.Compare(b.Start.Time); c != 0 {
		return c
	}
	for _, names := range [...][2]string{{a.Location.Name, b.Location.Name}, {a.practitioner(), b.practitioner()}, {a.ID, b.ID}} {
		if c := strings.Compare(names[0], names[1]); c != 0 {
			return c
		}
	}
	return 0
}

func (s *Slot) practitioner() string {
	if len(s.Practitioners) == 0 {
		return ""
	}
	return s.Practitioners[0].Name
}

// over reports whether the window lies in the past.
func (w window) over(now time.Time) bool {
	_, end, _ := fhir.Date(w.end).Range(fhir.London())
	return end.Before(now)
}
