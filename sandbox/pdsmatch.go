package sandbox

import (
	"slices"
	"strings"
	"unicode"
)

// score says how well a person fits: 1 exactly, less where a fuzzy search was needed, 0 not
// at all. Where postcode or practice is asked, restricted people are not looked at: the
// answer would give away where they are.
func (t tracing) score(d *demographics) float64 {
	if d.Confidentiality != "U" && (t.postcode != "" || t.practice != "" || t.phone != "" || t.email != "") {
		return 0
	}
	if !t.fits(d) {
		return 0
	}
	if sure := t.named(d, sameName) && t.born.holds(d.Born); sure {
		return 1
	}
	if t.fuzzy && t.named(d, nearName) && (t.born.holds(d.Born) || t.born.holds(dayMonthSwapped(d.Born))) {
		return 0.8976
	}
	return 0
}

// fits compares what no fuzzy search blurs.
func (t tracing) fits(d *demographics) bool {
	switch {
	case t.gender != "" && t.gender != d.Gender,
		t.postcode != "" && !wildMatch(squeezed(t.postcode), squeezed(d.Postcode)),
		t.practice != "" && !strings.EqualFold(t.practice, d.Practice),
		t.email != "" && !strings.EqualFold(t.email, d.Email),
		t.phone != "" && phoneDigits(t.phone) != phoneDigits(d.Phone),
		t.died.asked() && (d.Notified == "U" || !t.died.holds(d.Deceased)):
		return false
	}
	return true
}

// named compares family and given names: each given name that is asked must be one of the
// person's, in any order. With history an earlier family name will do.
func (t tracing) named(d *demographics, same func(asked, has string) bool) bool {
	if t.family != "" && !same(t.family, d.Family) && !(t.history && d.Formerly != "" && same(t.family, d.Formerly)) {
		return false
	}
	for _, asked := range t.given {
		if !slices.ContainsFunc(d.Given, func(has string) bool { return same(asked, has) }) {
			return false
		}
	}
	return true
}

func sameName(asked, has string) bool { return wildMatch(squeezed(asked), squeezed(has)) }

// nearName forgives one letter for every four.
func nearName(asked, has string) bool {
	a, b := []rune(squeezed(asked)), []rune(squeezed(has))
	return editDistance(a, b) <= max(len(a), len(b))/4
}

// matches compares with a wildcard, which stands for any letters.
func wildMatch(pattern, value string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == value
	}
	value, ok := strings.CutPrefix(value, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		var found bool
		_, value, found = strings.Cut(value, part)
		ok = ok && found
	}
	return ok && strings.HasSuffix(value, parts[len(parts)-1])
}

// squeezed is upper case without spaces.
func squeezed(s string) string { return strings.ToUpper(strings.ReplaceAll(s, " ", "")) }

func phoneDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// swapped is a date with day and month exchanged, as they are often mistaken.
func dayMonthSwapped(day string) string {
	if !wholeDay(day) {
		return ""
	}
	return day[:5] + day[8:] + "-" + day[5:7]
}

// distance is Levenshtein's. Queries are short: the listener bounds their length.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		corner := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := corner
			if x != y {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}
