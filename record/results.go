package record

import (
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// tellObservation reads an Observation, or a form, which older records have in its place.
func (r *reader) tellObservation(res fhir.Resource) (Observation, bool) {
	if form := view[fhir.QuestionnaireResponse](r, res); form != nil {
		return r.tellForm(form), true
	}
	v := view[fhir.Observation](r, res)
	if v == nil {
		return Observation{}, false
	}
	o := r.observation(v)
	r.nest(&o, v, &nesting{listed: true, seen: map[int64]bool{v.Offset: true}}, 1)
	return o, true
}

// observation is v by itself.
func (r *reader) observation(v *fhir.Observation) Observation {
	o := Observation{
		Item:         r.item(&v.DomainResource, v.Code, v.Status),
		Date:         when(v.EffectiveDateTime, v.EffectivePeriod),
		Issued:       v.Issued,
		Status:       v.Status,
		Value:        value(v.ObservationValue),
		AbsentReason: concept(v.DataAbsentReason),
		Ranges:       ranges(v.ReferenceRange),

		Interpretation: concept(v.Interpretation),
		Comment:        v.Comment,
		Method:         concept(v.Method),
		BodySite:       concept(v.BodySite),
		Performers:     r.actorsOf(v.Resource, v.Performer),
		Specimen:       r.linkTo(v.Resource, v.Specimen),
		Consultation:   r.linkTo(v.Resource, v.Context),
	}
	o.Narrative = isNarrative(v)
	for _, c := range v.Component {
		o.Components = append(o.Components, component(c))
	}
	o.BloodPressure = bloodPressure(v)
	for _, rel := range v.Related {
		o.Related = append(o.Related, Relation{rel.Type, r.link(v.Resource, rel.Target)})
	}
	return o
}

// isNarrative says whether an observation is words only.
func isNarrative(v *fhir.Observation) bool {
	if v.Code.AnyCode(codeNarrative) {
		return true
	}
	return v.Comment != "" && len(v.Component) == 0 && !v.HasValue() && v.Code.Display() == ""
}

// looking is what it costs to look at a child, told or not, in bytes.
const looking = 32

// nesting is what one group of results is told with.
type nesting struct {
	listed bool           // leave out what a list names itself
	seen   map[int64]bool // by offset; what has been told, so that circles end
}

// nest adds the results and comments that belong to v, found in both directions:
// has-member points down, derived-from points up, and an answer may have only one of them.
func (r *reader) nest(o *Observation, v *fhir.Observation, n *nesting, depth int) {
	children := r.childrenOf(v)
	if !r.spend(looking * len(children)) {
		o.Abridged = true
		r.cut++
		return
	}
	o.Members = slices.Grow(o.Members, len(children))
	for _, child := range children {
		if n.seen[child.Offset] || n.listed && r.isListed(child.Resource) {
			continue
		}
		n.seen[child.Offset] = true
		if depth >= deepest || !r.spend(len(child.Raw)) {
			o.Members = append(o.Members, Observation{Item: r.cutShort(child.Resource)})
			continue
		}
		r.told[r.sourceOf(child.Resource)] = true
		m := r.observation(child)
		r.nest(&m, child, n, depth+1)
		if isNarrative(child) {
			o.Comments = append(o.Comments, m)
		} else {
			o.Members = append(o.Members, m)
		}
	}
	r.addAbsentMembers(o, v)
}

// childrenOf are the members that v names, in its order, and then those that name v.
func (r *reader) childrenOf(v *fhir.Observation) []*fhir.Observation {
	var found []*fhir.Observation
	for _, rel := range v.Related {
		if rel.Type == "has-member" {
			if child := resolved[fhir.Observation](r, v.Resource, rel.Target); child != nil {
				found = append(found, child)
			}
		}
	}
	if key := r.keyOf(v.Resource); key != "" {
		found = append(found, r.children[key]...)
	}
	return found
}

// addAbsentMembers adds members that cannot be told, so that a group does not look whole.
func (r *reader) addAbsentMembers(o *Observation, v *fhir.Observation) {
	for _, rel := range v.Related {
		if rel.Type != "has-member" || resolved[fhir.Observation](r, v.Resource, rel.Target) != nil {
			continue
		}
		o.Members = append(o.Members, Observation{Item: r.absentItem(v.Resource, rel.Target)})
	}
}

// absentItem is an item for a reference that does not lead to what it should.
func (r *reader) absentItem(from fhir.Resource, ref fhir.Reference) Item {
	l := r.link(from, ref)
	i := Item{Text: l.Text, Sources: []string{coalesce(l.Source, r.sourceOf(from))}, Absent: l.Absent}
	if i.Absent == "" {
		i.Absent = AbsentWrongType
	}
	return i
}

// abridged only names what is told in full elsewhere.
func (r *reader) abridged(res fhir.Resource) Item {
	i := r.brief(res)
	i.Abridged = true
	return i
}

// cutShort is abridged for what would draw the record out too far.
func (r *reader) cutShort(res fhir.Resource) Item {
	r.cut++
	return r.abridged(res)
}

// value reads out a result, or is nil.
func value(v fhir.ObservationValue) *Value {
	if !v.HasValue() {
		return nil
	}
	out := Value{}
	switch {
	case v.ValueQuantity != nil:
		q := *v.ValueQuantity
		out = Value{Text: q.String(), Number: q.Value, Comparator: q.Comparator, Unit: coalesce(q.Unit, q.Code)}
	case v.ValueCodeableConcept != nil:
		out = Value{Text: v.ValueCodeableConcept.Display(), Codes: codes(v.ValueCodeableConcept.Coding)}
	case v.ValueBoolean == fhir.True:
		out.Text = "yes"
	case v.ValueBoolean == fhir.False:
		out.Text = "no"
	case v.ValueInteger != "":
		out = Value{Text: string(v.ValueInteger), Number: v.ValueInteger}
	case v.ValueRange != nil:
		out.Text = rangeText(v.ValueRange)
	case v.ValueRatio != nil:
		out.Text = quantity(v.ValueRatio.Numerator) + " : " + quantity(v.ValueRatio.Denominator)
	case v.ValueSampledData != nil:
		out.Text = v.ValueSampledData.Data
	case v.ValueAttachment != nil:
		out.Text = coalesce(v.ValueAttachment.Title, v.ValueAttachment.URL, v.ValueAttachment.ContentType)
	case v.ValuePeriod != nil:
		out.Text = string(v.ValuePeriod.Start) + " – " + string(v.ValuePeriod.End)
	default:
		out.Text = coalesce(v.ValueString, v.ValueTime, string(v.ValueDateTime))
	}
	out.Text = coalesce(out.Text, "(a value without words)")
	return &out
}

func component(c fhir.ObservationComponent) Component {
	name := concept(c.Code)
	if name == nil {
		name = &Concept{Text: unnamed}
	}
	return Component{
		Concept: *name, Value: value(c.ObservationValue), AbsentReason: concept(c.DataAbsentReason),
		Ranges: ranges(c.ReferenceRange), Interpretation: concept(c.Interpretation),
	}
}

func ranges(all []fhir.ReferenceRange) []Range {
	var found []Range
	for _, rng := range all {
		meaning := []string{rng.Type.Display()}
		for _, a := range rng.AppliesTo {
			meaning = append(meaning, a.Display())
		}
		meaning = append(meaning, age(nil, rng.Age))
		out := Range{Text: rng.Text, Meaning: joined(meaning)}
		if rng.Low != nil {
			out.Low, out.Unit = rng.Low.Value, coalesce(rng.Low.Unit, rng.Low.Code)
		}
		if rng.High != nil {
			out.High, out.Unit = rng.High.Value, coalesce(out.Unit, rng.High.Unit, rng.High.Code)
		}
		if numbers := rangeText(&fhir.Range{Low: rng.Low, High: rng.High}); !strings.Contains(out.Text, numbers) {
			out.Text = joined([]string{numbers, out.Text})
		}
		found = append(found, out)
	}
	return found
}
