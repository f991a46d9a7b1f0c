package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
)

// parts reads a parameter's parts.
func (q *query) parts(a area, p map[string]any, today string) error {
	list, ok := p["part"].([]any)
	if _, there := p["part"]; there && !ok {
		return invalidResource("%s.part is not a list", a.parameter)
	}
	seen := map[string]bool{}
	for _, item := range list {
		part, _ := item.(map[string]any)
		name, ok := part["name"].(string)
		if !ok || name == "" {
			return invalidResource("a part of %s has no name", a.parameter)
		}
		if seen[name] {
			return invalidResource("%s.%s is there twice", a.parameter, name)
		}
		seen[name] = true
		if err := q.part(a, name, part, today); err != nil {
			return err
		}
	}
	for _, rule := range a.parts {
		if rule.required && !seen[rule.name] {
			return invalidParameter("%s.%s is missing", a.parameter, rule.name)
		}
	}
	if seen["consultationSearchPeriod"] && seen["includeNumberOfMostRecent"] {
		return invalidResource("consultationSearchPeriod and includeNumberOfMostRecent exclude each other")
	}
	return nil
}

func (q *query) part(a area, name string, p map[string]any, today string) error {
	at := slices.IndexFunc(a.parts, func(r part) bool { return r.name == name })
	if at < 0 {
		q.unknown(a.parameter + "." + name)
		return nil
	}
	rule, full := a.parts[at], a.parameter+"."+name
	members := values(p)
	switch {
	case len(members) == 0:
		return invalidParameter("%s has no value", full)
	case len(members) > 1:
		return invalidResource("%s has more than one value", full)
	case members[0] != rule.kind.member():
		return invalidParameter("%s is not a %s", full, rule.kind.member())
	}
	value, wrong := rule.read(p[members[0]], today)
	if wrong != "" {
		return invalidParameter("%s %s", full, wrong)
	}
	q.values[name] = value
	return nil
}

// values are the names of a parameter's value[x] members.
func values(p map[string]any) []string {
	var names []string
	for name := range p {
		if strings.HasPrefix(name, "value") {
			names = append(names, name)
		}
	}
	return names
}

// read judges a value, and says what is wrong with it.
func (r part) read(value any, today string) (any, string) {
	switch r.kind {
	case boolean:
		b, ok := value.(bool)
		return b, wordIf(!ok, "is not true or false")
	case positiveInt:
		n, _ := value.(json.Number)
		i, err := n.Int64()
		return int(i), wordIf(err != nil || i < 1, "is not a number from 1")
	case statusCode:
		return value, wordIf(value != "active" && value != "inactive", "is neither active nor inactive")
	case significanceCode:
		return value, wordIf(value != "major" && value != "minor", "is neither major nor minor")
	case date:
		s, _ := value.(string)
		return s, r.judgeDay(s, today)
	}
	return r.readPeriod(value, today)
}

func (r part) readPeriod(value any, today string) (any, string) {
	p, ok := value.(map[string]any)
	if !ok {
		return nil, "is not a Period"
	}
	var s span
	for _, end := range []struct {
		name string
		to   *string
	}{{"start", &s.first}, {"end", &s.last}} {
		v, there := p[end.name]
		if !there {
			continue
		}
		*end.to, _ = v.(string)
		if wrong := r.judgeDay(*end.to, today); wrong != "" {
			return nil, end.name + " " + wrong
		}
	}
	switch {
	case s == span{}:
		return nil, "has neither start nor end"
	case s.first != "" && s.last != "" && s.first > s.last:
		return nil, "ends before it starts"
	}
	return s, ""
}

func (r part) judgeDay(day, today string) string {
	switch {
	case !wholeDay(day):
		return "is not a whole date"
	case r.future && day < today:
		return "is in the past"
	case !r.future && day > today:
		return "is in the future"
	}
	return ""
}

func wordIf(wrong bool, word string) string {
	if wrong {
		return word
	}
	return ""
}
