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
