package record

import "github.com/gpconnect-go/gpc/fhir"

// tellForm reads a QuestionnaireResponse.
func (r *reader) tellForm(v *fhir.QuestionnaireResponse) Observation {
	o := Observation{
		Item:   r.item(&v.DomainResource, formName(v), v.Status),
		Issued: v.Authored,
		Status: v.Status,

		Performers:   r.actorsOf(v.Resource, []fhir.Reference{v.Author}),
		Consultation: r.linkTo(v.Resource, v.Context),
	}
	o.Date.Date = v.Authored
	addAnswers(&o, v.Item, 0)
	return o
}

func formName(v *fhir.QuestionnaireResponse) fhir.CodeableConcept {
	if v.Questionnaire.Display != "" {
		return inWords(v.Questionnaire.Display)
	}
	return inWords("Questionnaire")
}

func addAnswers(o *Observation, items []fhir.QuestionnaireItem, depth int) {
	for _, item := range items {
		a := Answer{Question: coalesce(item.Text, item.LinkID), Depth: depth}
		for _, given := range item.Answer {
			a.Answers = append(a.Answers, answerText(given))
		}
		o.Answers = append(o.Answers, a)
		addAnswers(o, item.Item, depth+1)
		for _, given := range item.Answer {
			addAnswers(o, given.Item, depth+1)
		}
	}
}

func answerText(a fhir.QuestionnaireAnswer) string {
	var concept fhir.CodeableConcept
	if a.ValueCoding != nil {
		concept.Coding = []fhir.Coding{*a.ValueCoding}
	}
	reference := ""
	if a.ValueReference != nil {
		reference = coalesce(a.ValueReference.Display, a.ValueReference.Reference)
	}
	title := ""
	if a.ValueAttachment != nil {
		title = coalesce(a.ValueAttachment.Title, a.ValueAttachment.URL)
	}
	yesNo := ""
	switch a.ValueBoolean {
	case fhir.True:
		yesNo = "yes"
	case fhir.False:
		yesNo = "no"
	}
	return coalesce(a.ValueString, concept.Display(), quantity(a.ValueQuantity), yesNo,
		string(a.ValueDecimal), string(a.ValueInteger), string(a.ValueDate), string(a.ValueDateTime),
		a.ValueTime, a.ValueURI, reference, title)
}
