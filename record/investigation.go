package record

import "github.com/gpconnect-go/gpc/fhir"

// Investigation is a report of tests. Text is the name of the first group or result, as the
// report's own code says nothing but that it is a report.
type Investigation struct {
	Item
	Issued    fhir.Date `json:"issued,omitzero"`
	Effective When      `json:"effective,omitzero"`
	Status    string    `json:"status,omitzero"` // often unknown

	ReportIDs  []string      `json:"report_ids,omitempty"` // the laboratory's, and the practice's
	Performers []Participant `json:"performers,omitempty"`
	Specimens  []Specimen    `json:"specimens,omitempty"`
	Requests   []DiaryEntry  `json:"requests,omitempty"` // of the tests

	// Results are groups and single results in the order of the report; a group's own are
	// its Members. Each result of the report is here once.
	Results []Observation `json:"results,omitempty"`
	// Comments are filing comments on the report as a whole.
	Comments []Observation `json:"comments,omitempty"`

	Conclusion   string       `json:"conclusion,omitzero"`
	Diagnoses    []Concept    `json:"diagnoses,omitempty"`
	Forms        []Attachment `json:"forms,omitempty"` // the report as the laboratory printed it
	Consultation *Link        `json:"consultation,omitempty"`
}

// Specimen is what was examined; Text is its type.
type Specimen struct {
	Item
	Collected When      `json:"collected,omitzero"`
	Received  fhir.Date `json:"received,omitzero"`
	Quantity  string    `json:"quantity,omitzero"`
	BodySite  *Concept  `json:"body_site,omitempty"`
	Collector *Actor    `json:"collector,omitempty"`
	Accession string    `json:"accession,omitzero"`
	Notes     []Note    `json:"notes,omitempty"`
}

// codeReport is the code that every report has; it says nothing.
const codeReport = "721981007"

// tellInvestigation reads a DiagnosticReport with its results.
func (r *reader) tellInvestigation(res fhir.Resource) (Investigation, bool) {
	v := view[fhir.DiagnosticReport](r, res)
	if v == nil {
		return Investigation{}, false
	}
	inv := Investigation{
		Item:       r.item(&v.DomainResource, r.reportName(v), v.Status),
		Issued:     v.Issued,
		Effective:  when(v.EffectiveDateTime, v.EffectivePeriod),
		Status:     v.Status,
		Conclusion: v.Conclusion,
		Diagnoses:  concepts(v.CodedDiagnosis),
		Forms:      attachments(v.PresentedForm),

		Consultation: r.linkTo(res, v.Context),
	}
	for _, id := range v.Identifier {
		if id.Value != "" {
			inv.ReportIDs = append(inv.ReportIDs, id.Value)
		}
	}
	for _, p := range v.Performer {
		if a := r.actorOf(res, p.Actor); a != nil {
			inv.Performers = append(inv.Performers, Participant{Actor: *a, Roles: roles([]fhir.CodeableConcept{p.Role})})
		}
	}
	for _, ref := range v.Specimen {
		inv.Specimens = append(inv.Specimens, r.specimen(res, ref))
	}
	for _, ref := range v.BasedOn {
		inv.Requests = append(inv.Requests, r.testRequest(res, ref))
	}
	for _, ref := range v.ImagingStudy {
		inv.Results = append(inv.Results, Observation{Item: r.absentItem(res, ref)})
	}
	r.addResults(&inv, v)
	return inv, true
}

// addResults tells the results of a report, each once: first those that belong to no other
// result of it, with all that belongs to them; then what only circles lead to.
func (r *reader) addResults(inv *Investigation, v *fhir.DiagnosticReport) {
	var results []*fhir.Observation
	for _, ref := range v.Result {
		if o := resolved[fhir.Observation](r, v.Resource, ref); o != nil {
			results = append(results, o)
		} else {
			inv.Results = append(inv.Results, Observation{Item: r.absentItem(v.Resource, ref)})
		}
	}
	belongs := r.belonging(results)
	n := &nesting{seen: map[int64]bool{}}
	for _, round := range []bool{false, true} {
		for _, o := range results {
			if n.seen[o.Offset] || belongs[o.Offset] != round {
				continue
			}
			n.seen[o.Offset] = true
			r.addResult(inv, o, n)
		}
	}
}

func (r *reader) addResult(inv *Investigation, v *fhir.Observation, n *nesting) {
	if !r.spend(len(v.Raw)) {
		inv.Results = append(inv.Results, Observation{Item: r.cutShort(v.Resource)})
		return
	}
	r.told[r.sourceOf(v.Resource)] = true
	o := r.observation(v)
	r.nest(&o, v, n, 1)
	if isNarrative(v) {
		inv.Comments = append(inv.Comments, o)
		return
	}
	inv.Results = append(inv.Results, o)
}

// belonging are the results that another of the report's results, or what belongs to it,
// has among its own; by offset.
func (r *reader) belonging(results []*fhir.Observation) map[int64]bool {
	belongs := map[int64]bool{}
	visited := map[int64]bool{}
	queue := append([]*fhir.Observation(nil), results...)
	for len(queue) > 0 {
		o := queue[0]
		queue = queue[1:]
		if visited[o.Offset] {
			continue
		}
		visited[o.Offset] = true
		children := r.childrenOf(o)
		if !r.spend(looking * (1 + len(children))) {
			return belongs
		}
		for _, child := range children {
			if child.Offset != o.Offset {
				belongs[child.Offset] = true
				queue = append(queue, child)
			}
		}
	}
	return belongs
}

// reportName is the name of the report's first result that is not a comment; its own code
// where it has one that says something.
func (r *reader) reportName(v *fhir.DiagnosticReport) fhir.CodeableConcept {
	if !v.Code.IsZero() && !v.Code.AnyCode(codeReport) {
		return v.Code
	}
	for _, ref := range v.Result {
		o := resolved[fhir.Observation](r, v.Resource, ref)
		if o != nil && !isNarrative(o) && o.Code.Display() != "" {
			return o.Code
		}
	}
	return v.Code
}

func (r *reader) specimen(from fhir.Resource, ref fhir.Reference) Specimen {
	v := resolved[fhir.Specimen](r, from, ref)
	if v == nil {
		return Specimen{Item: r.absentItem(from, ref)}
	}
	s := Specimen{
		Item:      r.item(&v.DomainResource, v.Type, v.Status),
		Collected: when(v.Collection.CollectedDateTime, v.Collection.CollectedPeriod),
		Received:  v.ReceivedTime,
		Quantity:  quantity(v.Collection.Quantity),
		BodySite:  concept(v.Collection.BodySite),
		Collector: r.actorOf(v.Resource, v.Collection.Collector),
		Notes:     r.notes(v.Resource, v.Note),
	}
	if v.AccessionIdentifier != nil {
		s.Accession = v.AccessionIdentifier.Value
	}
	return s
}

func (r *reader) testRequest(from fhir.Resource, ref fhir.Reference) DiaryEntry {
	if res, ok := r.resolve(from, ref.Reference); ok {
		if d, ok := r.tellRequest(res); ok {
			return d
		}
	}
	return DiaryEntry{Item: r.absentItem(from, ref)}
}
