package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A tracing is a search for a person: what is asked of each demographic.
type tracing struct {
	family, postcode, practice, gender, email, phone string
	given                                            []string
	born, died                                       dayRange
	fuzzy, exact, history                            bool
}

// dayRange is a range of dates, both ends inclusive; "" is open.
type dayRange struct{ from, to string }

func (d dayRange) asked() bool { return d != dayRange{} }

// holds takes an unknown date for none in the range.
func (d dayRange) holds(day string) bool {
	return day != "" && (d.from == "" || day >= d.from) && (d.to == "" || day <= d.to)
}

// A tracingFlaw is what is wrong with a search: PDS's code, its diagnostics, and the rule
// without the person's data in it.
type tracingFlaw struct{ code, diagnostics, rule string }

func (f tracingFlaw) answer(status int) answer {
	a := pdsRefusal(f.code, f.diagnostics)
	if status != 0 {
		a.status = status
	}
	a.rule = f.code + ": " + f.rule
	return a
}

// searchPDS answers a search: the one person who fits, nobody, or that too many do.
func (c *apiCall) searchPDS() answer {
	if status, flaw := judgeMostResults(c.query["_max-results"]); flaw != nil {
		return flaw.answer(status)
	}
	t, flaw := c.readTrace()
	if flaw == nil {
		flaw = t.judge()
	}
	if flaw != nil {
		return flaw.answer(0)
	}
	reg, err := c.server.register()
	if err != nil {
		return pdsRefusal("UNKNOWN_ERROR", "the people cannot be read").blameless()
	}
	var found []*demographics
	score := 0.0
	for _, d := range reg.all() {
		if s := t.score(d); s > 0 {
			found, score = append(found, d), s
		}
	}
	if len(found) > 1 {
		return tooManyMatches()
	}
	bundle := map[string]any{"resourceType": "Bundle", "type": "searchset", "total": len(found),
		"timestamp": c.server.cfg.Now().UTC().Format(time.RFC3339)}
	if len(found) == 1 { // no match is no entry member at all
		if c.fault == "wrong-patient" {
			found[0] = reg.another(found[0])
		}
		patient := found[0].patient(foundPatient)
		c.estrange(patient)
		c.shuffleNames(patient)
		bundle["entry"] = []any{map[string]any{"fullUrl": c.server.PDSURL() + "/Patient/" + found[0].NHS, "search": map[string]any{"score": score}, "resource": patient}}
	}
	return r4Answer(http.StatusOK, bundle, "")
}

// judgeMostResults: an application by itself is given one match, so it may ask for one.
func judgeMostResults(values []string) (int, *tracingFlaw) {
	if len(values) == 0 {
		return 0, nil
	}
	switch n, err := strconv.Atoi(values[len(values)-1]); {
	case err != nil || n < 1 || n > 50:
		return 0, &tracingFlaw{"INVALID_VALUE", "Invalid value - '" + values[len(values)-1] + "' in field '_max-results'", "_max-results is not a number from 1 to 50"}
	case n > 1:
		return http.StatusForbidden, &tracingFlaw{"INVALID_VALUE", "Your app has insufficient permissions to use this operation: _max-results must be 1", "_max-results is more than 1"}
	}
	return 0, nil
}

// readTrace reads the parameters; one that PDS does not know is an error.
func (c *apiCall) readTrace() (t tracing, flaw *tracingFlaw) {
	texts := map[string]*string{"family": &t.family, "address-postalcode": &t.postcode, "address-postcode": &t.postcode,
		"general-practitioner": &t.practice, "gender": &t.gender, "email": &t.email, "phone": &t.phone}
	flags := map[string]*bool{"_fuzzy-match": &t.fuzzy, "_exact-match": &t.exact, "_history": &t.history}
	ranges := map[string]*dayRange{"birthdate": &t.born, "death-date": &t.died}
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		for _, value := range c.query[name] {
			value = strings.TrimSpace(value)
			ok := true
			switch {
			case name == "_max-results":
			case name == "given":
				t.given = append(t.given, value)
			case texts[name] != nil:
				*texts[name] = value
			case flags[name] != nil:
				*flags[name], ok = value == "true", value == "true" || value == "false"
			case ranges[name] != nil:
				ok = ranges[name].read(value)
			default:
				return t, &tracingFlaw{"ADDITIONAL_PROPERTIES", fmt.Sprintf("Additional properties are not allowed ('%s' was unexpected)", name), "a parameter that PDS does not know"}
			}
			if !ok || value == "" {
				return t, &tracingFlaw{"INVALID_VALUE", "Invalid value - '" + value + "' in field '" + name + "'", name + " cannot be read"}
			}
		}
	}
	return t, nil
}

// read takes eq, ge or le and a day; a day alone is eq.
func (d *dayRange) read(value string) bool {
	prefix, day := "eq", value
	if len(value) == 12 {
		prefix, day = value[:2], value[2:]
	}
	if !wholeDay(day) {
		return false
	}
	switch prefix {
	case "eq":
		d.from, d.to = day, day
	case "ge":
		d.from = day
	case "le":
		d.to = day
	default:
		return false
	}
	return true
}

// judge wants enough to search by, and wildcards only where they are allowed.
func (t tracing) judge() *tracingFlaw {
	missing := func(field string) *tracingFlaw {
		return &tracingFlaw{"MISSING_VALUE", "Missing value - '" + field + "'", field + " is missing"}
	}
	invalid := func(rule string) *tracingFlaw { return &tracingFlaw{"INVALID_SEARCH_DATA", rule, rule} }
	named := t.family != "" || len(t.given) > 0
	switch {
	case !named && !t.born.asked():
		return invalid("Not enough search parameters were provided to be able to make a search")
	case !t.born.asked():
		return missing("birthdate")
	case !named, t.family == "" && !t.fuzzy:
		return missing("family")
	case t.fuzzy && t.exact:
		return invalid("_fuzzy-match and _exact-match exclude each other")
	case t.born.from != "" && t.born.to != "" && t.born.from > t.born.to:
		return invalid("the birth date's range ends before it begins")
	case t.gender != "" && !slices.Contains([]string{"male", "female", "other", "unknown"}, t.gender):
		return &tracingFlaw{"INVALID_VALUE", "Invalid value - '" + t.gender + "' in field 'gender'", "gender is none of the four codes"}
	}
	for _, value := range append([]string{t.family, t.postcode}, t.given...) {
		switch star := strings.IndexByte(value, '*'); {
		case star < 0:
		case t.fuzzy || t.exact:
			return invalid("a wildcard goes with neither a fuzzy nor an exact search")
		case star < 2:
			return invalid("a wildcard needs two characters before it")
		}
	}
	return nil
}
