package sandbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
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

var (
	steps       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^.\[\]]+|\[[^\]]*\]`) })
	placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{[^}]+\}\}`) })
)

// dig follows a path such as a.b[0].c[Text].d, where [Text] is the first item that has the
// text in it; otherwise when there is nothing.
func dig(value any, path string, otherwise any) any {
	for _, step := range steps().FindAllString(path, -1) {
		if !strings.HasPrefix(step, "[") {
			object, _ := value.(map[string]any)
			value = object[step]
			continue
		}
		list, _ := value.([]any)
		key := strings.Trim(step, "[]")
		n, err := strconv.Atoi(key)
		if err != nil {
			n = slices.IndexFunc(list, func(x any) bool { b, _ := json.Marshal(x); return strings.Contains(string(b), key) })
		}
		if n < 0 || n >= len(list) {
			return otherwise
		}
		value = list[n]
	}
	if value == nil {
		return otherwise
	}
	return value
}

// A filler puts values in the place of {{placeholders}}.
type filler struct {
	env     map[string]any
	missing string // the first that has none
}

type dropped struct{}

// value fills in what is within a value; a placeholder that ends in ? takes its member away
// when it has no value.
func (f *filler) value(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range x {
			if w := f.value(item); w != (dropped{}) {
				out[name] = w
			}
		}
		if len(out) == 0 && len(x) > 0 {
			return dropped{}
		}
		return out
	case []any:
		out := []any{}
		for _, item := range x {
			if w := f.value(item); w != (dropped{}) {
				out = append(out, w)
			}
		}
		if len(out) == 0 && len(x) > 0 {
			return dropped{}
		}
		return out
	case string:
		if strings.HasPrefix(x, "{{") && strings.HasSuffix(x, "?}}") && f.look(strings.Trim(x, "{}")) == nil {
			return dropped{}
		}
		return f.text(x)
	}
	return v
}

// text fills in a string.
func (f *filler) text(s string) string {
	return placeholder().ReplaceAllStringFunc(s, func(p string) string {
		value := f.look(strings.Trim(p, "{}"))
		if value == nil && f.missing == "" {
			f.missing = p
		}
		return fmt.Sprint(value)
	})
}

func (f *filler) look(name string) any {
	if when, ok := strings.CutPrefix(name, "t:"); ok {
		return suiteTime(when)
	}
	name, lower := strings.CutSuffix(strings.TrimSuffix(name, "?"), "|lower")
	root, rest, _ := strings.Cut(name, ".")
	value := f.env[root]
	if rest != "" {
		value = dig(value, rest, nil)
	}
	if text, ok := value.(string); ok && lower {
		return strings.ToLower(text)
	}
	return value
}

// suiteTime is a placeholder such as today+1d|iso: the anchor, days or years, .NET's format.
func suiteTime(text string) string {
	expression, format, _ := strings.Cut(text, "|")
	t := time.Now().In(london())
	m := regexp.MustCompile(`^(now|today)(?:([+-]\d+)([dy]))?$`).FindStringSubmatch(expression)
	if m[1] == "today" {
		t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	}
	n, _ := strconv.Atoi(m[2])
	if m[3] == "y" {
		t = t.AddDate(n, 0, 0)
	} else {
		t = t.AddDate(0, 0, n)
	}
	if format == "iso" {
		format = "yyyy-MM-ddTHH:mm:sszzz"
	}
	return t.Format(strings.NewReplacer("yyyy", "2006", "MM", "01", "dd", "02", "HH", "15", "mm", "04", "ss", "05", "zzz", "-07:00", "fff", "000").Replace(format))
}

// edited is a body: one of the case's own, or an earlier resource with some edits.
func edited(v any, env map[string]any, f *filler) any {
	switch x := v.(type) {
	case map[string]any:
		from, is := x["$from"].(string)
		if !is {
			out := map[string]any{}
			for name, item := range x {
				out[name] = edited(item, env, f)
			}
			return out
		}
		resource, ok := env[from].(map[string]any)
		if !ok {
			f.missing = from
			return nil
		}
		b, _ := json.Marshal(resource)
		var document map[string]any
		json.Unmarshal(b, &document)
		for _, op := range x["$ops"].([]any) {
			edit(document, op.(map[string]any))
		}
		return document
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = edited(x[i], env, f)
		}
		return out
	}
	return v
}

func edit(document, op map[string]any) {
	name, _, _ := strings.Cut(strings.Trim(op["path"].(string), "/"), "/")
	list, _ := document[name].([]any)
	has := func(item any, where string) bool {
		b, _ := json.Marshal(dig(item, where, nil))
		return strings.Contains(string(b), op["contains"].(string))
	}
	switch op["op"] {
	case "set":
		document[name] = op["value"]
	case "remove":
		delete(document, name)
	case "append":
		document[name] = append(list, op["value"])
	case "removeWhere":
		document[name] = slices.DeleteFunc(list, func(item any) bool { return has(item, op["field"].(string)) })
	case "removeFieldWhere", "removeField":
		for _, item := range list {
			if op["op"] == "removeField" || has(item, op["where"].(string)) {
				delete(item.(map[string]any), op["field"].(string))
			}
		}
	default:
		panic("suite: an edit that the runner does not know: " + fmt.Sprint(op["op"]))
	}
}
