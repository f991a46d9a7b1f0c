package record

import (
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// warn keeps a warning. What several lists of an area say in the same words is kept once.
func (r *reader) warn(w Warning) {
	said := w
	said.List = ""
	if r.said[said] && w.List != codeEndedAllergies {
		return
	}
	r.said[said] = true
	r.warnings[w.Area] = append(r.warnings[w.Area], w)
}

// warnOfList takes the warnings of a list, one for each code with all its notes: these are
// run together without a separator, so that nobody can tell whose is which. It says whether
// items were withheld.
func (r *reader) warnOfList(name AreaName, list *fhir.List) (withheld bool) {
	var notes []string
	for _, n := range list.Note {
		if n.Text != "" {
			notes = append(notes, n.Text)
		}
	}
	for _, code := range list.WarningCodes() {
		w := Warning{Kind: WarningKind(strings.ToLower(strings.TrimSpace(code))), Area: name, Code: code, List: listCode(list), Text: strings.Join(notes, "\n")}
		switch w.Kind {
		case WarnConfidential:
			withheld = true
			w.Text = coalesce(w.Text, "Items were left out because they are confidential.")
		case WarnInTransit:
			w.Text = coalesce(w.Text, "The record of the previous practice has not arrived in full.")
		case WarnAwaitingFiling:
			w.Text = coalesce(w.Text, "What others sent to the practice has not been filed yet.")
		default:
			w.Kind = WarnOtherCode
			withheld = withheld || code == "" // nobody can know
			w.Text = coalesce(w.Text, "The list has a warning that is not known here.")
		}
		r.warn(w)
	}
	if said := strings.Join(notes, "\n"); !withheld && strings.Contains(strings.ToLower(said), "due to confidentiality") {
		withheld = true
		r.warn(Warning{Kind: WarnConfidential, Area: name, List: listCode(list), Text: said})
	}
	switch {
	case hasOddPrefix(list.Odd, "/extension"):
		r.warn(Warning{Kind: WarnUnreadable, Area: name, List: listCode(list), Text: "The warnings of this list could not be read in full."})
		withheld = true // nobody can know
	case len(list.Odd) > 0:
		r.warn(Warning{Kind: WarnUnreadable, Area: name, List: listCode(list), Text: unreadableList})
	}
	return withheld
}

const unreadableList = "The list of this area could not be read in full."

// listCode is the code that a list is known by.
func listCode(list *fhir.List) string { return strings.TrimPrefix(listName(list), "List:") }

// areaOfParameter is the area of a parameter of the request, and of the other name that
// warnings are about.
func areaOfParameter(parameter string) AreaName {
	for name, p := range parameterNames {
		if strings.EqualFold(p, parameter) {
			return name
		}
	}
	if strings.HasPrefix(parameter, "DocumentReference") {
		return Documents
	}
	return ""
}

// readOutcomes takes what the practice's system says about the answer as a whole: a
// parameter or an area that it does not know, or that has been switched off. Every issue
// counts.
func (r *reader) readOutcomes() {
	var all []*fhir.OperationOutcome
	for _, res := range r.resources {
		if res.Type != "OperationOutcome" {
			continue
		}
		if o := view[fhir.OperationOutcome](r, res); o != nil {
			all = append(all, o)
		}
	}
	for _, o := range distinct(all, func(o *fhir.OperationOutcome) fhir.Resource { return o.Resource }) {
		for _, issue := range o.Issue {
			r.readIssue(issue)
		}
		if len(o.Issue) == 0 || len(o.Odd) > 0 {
			r.warn(Warning{Kind: WarnOutcome, Text: "The practice's system says something about the answer that could not be read."})
		}
	}
}

func (r *reader) readIssue(issue fhir.OutcomeIssue) {
	w := Warning{Kind: WarnOutcome, Text: coalesce(issue.Details.Display(), issue.Diagnostics, issue.Code, "The practice's system gives a warning without words.")}
	if len(issue.Details.Coding) > 0 {
		w.Code = issue.Details.Coding[0].Code
	}
	said := strings.ToLower(issue.Details.Text + " " + issue.Diagnostics)
	switch {
	case issue.IsError():
	case strings.Contains(said, "disabled"):
		w.Kind = WarnDisabled
	case strings.Contains(said, "unrecogni"), strings.Contains(said, "not supported"), w.Code == "NOT_IMPLEMENTED", issue.Code == "not-supported":
		w.Kind = WarnUnsupported
	}
	named := coalesce(issue.Diagnostics, issue.Details.Text)
	named, _, _ = strings.Cut(strings.TrimSpace(named), " ")
	parameter, part, _ := strings.Cut(named, ".")
	if w.Area = areaOfParameter(parameter); w.Area != "" {
		w.Parameter, w.Part = parameter, part
	}
	r.refuse(w)
	r.warn(w)
}

// refuse notes that an area, or the ended allergies, is disabled or unsupported.
func (r *reader) refuse(w Warning) {
	area := w.Area
	switch {
	case w.Part == "includeResolvedAllergies":
		area = endedAllergies
	case w.Part != "" || w.Area == "":
		return
	}
	switch w.Kind {
	case WarnDisabled:
		r.refused[area] = StateDisabled
	case WarnUnsupported:
		r.refused[area] = StateUnsupported
	}
}
