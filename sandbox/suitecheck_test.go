package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// check says what of a case's expectations an answer does not meet. In XML it looks at what
// can be seen from outside.
func (a suiteAnswer) check(expect map[string]any) (wrong []string) {
	for name, want := range expect {
		if text := a.expected(name, want); text != "" {
			wrong = append(wrong, name+": "+text)
		}
	}
	slices.Sort(wrong)
	return wrong
}

func (a suiteAnswer) expected(name string, want any) string {
	inXML := strings.HasPrefix(a.header.Get("Content-Type"), "application/fhir+xml")
	same := func(got, want any) string {
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return ""
		}
		return fmt.Sprintf("got %v, want %v", got, want)
	}
	switch name {
	case "status":
		return same(a.status, want)
	case "statusNot":
		if fmt.Sprint(a.status) == fmt.Sprint(want) {
			return fmt.Sprintf("got %v", a.status)
		}
		return ""
	case "contentType":
		if !strings.HasPrefix(a.header.Get("Content-Type"), want.(string)) {
			return same(a.header.Get("Content-Type"), want)
		}
		return ""
	case "bodyEmpty":
		return same(len(a.body) == 0, want)
	case "headers":
		return a.expectedHeaders(want.(map[string]any))
	case "resourceType":
		if inXML {
			return same(strings.HasPrefix(string(a.body), "<"+want.(string)+" "), true)
		}
		return same(a.fields["resourceType"], want)
	case "bundleType":
		if inXML {
			return same(strings.Contains(string(a.body), `<type value="`+want.(string)+`"/>`), true)
		}
		return same(a.fields["type"], want)
	case "entries", "patients":
		if inXML {
			return same(strings.Count(string(a.body), "<entry>"), want)
		}
		return same(len(a.entries()), want)
	case "metaProfile":
		if inXML {
			return same(strings.Contains(string(a.body), `<profile value="`+want.(string)+`"/>`), true)
		}
		profiles, _ := dig(a.fields, "meta.profile", nil).([]any)
		return same(slices.Contains(profiles, want), true)
	}
	return a.expectedFields(name, want, same)
}

// expectedFields is what is asked only of answers in JSON.
func (a suiteAnswer) expectedFields(name string, want any, same func(got, want any) string) string {
	switch name {
	case "issueCode":
		return same(dig(a.fields, "issue[0].details.coding[0].code", nil), want)
	case "issueSeverity":
		return same(dig(a.fields, "issue[0].severity", nil), want)
	case "fhirVersion":
		return same(a.fields["fhirVersion"], want)
	case "bundleIdEqualsSspTraceId":
		return same(a.fields["id"] == a.trace, want)
	case "noOperationOutcomeEntry":
		return same(len(found(a.entries()).of("OperationOutcome")), 0)
	case "operationOutcomeEntryIssues":
		outcomes := found(a.entries()).of("OperationOutcome")
		if len(outcomes) != 1 {
			return fmt.Sprintf("got %d outcomes, want one", len(outcomes))
		}
		return same(len(outcomes[0]["issue"].([]any)), want)
	case "lists":
		return same(len(found(a.entries()).of("List")), want)
	case "listTitles":
		var titles []any
		for _, l := range found(a.entries()).of("List") {
			titles = append(titles, l["title"])
		}
		return allOf(titles, want)
	case "noDuplicateResources":
		seen := map[string]bool{}
		for _, r := range a.entries() {
			id, _ := r["id"].(string)
			if key := fmt.Sprint(r["resourceType"], "/", id); id != "" && seen[key] {
				return key + " is there twice"
			} else {
				seen[key] = true
			}
		}
		return ""
	case "profiles":
		var names []any
		list, _ := a.fields["profile"].([]any)
		for _, p := range list {
			names = append(names, dig(p, "reference", nil))
		}
		return allOf(names, want)
	case "restOperations":
		var names []any
		list, _ := dig(a.fields, "rest[0].operation", nil).([]any)
		for _, o := range list {
			names = append(names, dig(o, "name", nil))
		}
		return allOf(names, want)
	case "restInteractions":
		return allOf(a.interactions(), want)
	}
	return "the runner does not know this expectation"
}

// interactions are those of a capability statement, written as the suite writes them.
func (a suiteAnswer) interactions() (all []any) {
	resources, _ := dig(a.fields, "rest[0].resource", nil).([]any)
	for _, r := range resources {
		codes, _ := dig(r, "interaction", nil).([]any)
		for _, c := range codes {
			code := strings.ReplaceAll(fmt.Sprint(dig(c, "code", nil)), "search-type", "searchType")
			all = append(all, []any{dig(r, "type", nil), strings.ToUpper(code[:1]) + code[1:]})
		}
	}
	return all
}

func allOf(have []any, want any) string {
	for _, w := range want.([]any) {
		if !slices.ContainsFunc(have, func(h any) bool { return fmt.Sprint(h) == fmt.Sprint(w) }) {
			return fmt.Sprintf("%v is missing", w)
		}
	}
	return ""
}

func (a suiteAnswer) expectedHeaders(want map[string]any) string {
	for name, w := range want {
		got, text := a.header.Get(name), w.(string)
		switch {
		case text == "present":
			text = got
			if got == "" {
				return name + " is missing"
			}
		case strings.HasPrefix(text, "contains "):
			if strings.Contains(got, strings.TrimPrefix(text, "contains ")) {
				text = got
			}
		case strings.Contains(text, "{{response.meta.versionId}}"):
			version := versionOf(a.fields)
			if m := regexp.MustCompile(`<versionId value="([^"]*)"/>`).FindSubmatch(a.body); m != nil {
				version = string(m[1])
			}
			text = `W/"` + version + `"`
		}
		if got != text {
			return fmt.Sprintf("%s: got %q, want %q", name, got, text)
		}
	}
	return ""
}
