package pds

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// Query is a search by demographics. A search that is not fuzzy needs a family name
// and a date of birth; a fuzzy one needs given and family name and date of birth, or
// date of birth, gender and postcode with either name.
//
// Names and postcode may hold the wildcard * after two characters or more, unless
// the search is fuzzy or exact.
type Query struct {
	Family      string
	Given       []string // each given name by itself
	Gender      string   // male, female, other, unknown
	Born, Died  DateRange
	Postcode    string // restricted patients are never found by it
	Practice    string // ODS code of the registered practice; restricted patients are never found by it
	Email       string
	Phone       string
	Fuzzy       bool // names that sound alike or are transposed; always looks into history
	Exact       bool // matches with a score of 1 alone
	History     bool // previous names and addresses too
	MostMatches int  // 0 is PDS's default; with application-restricted access no more than 1; with others up to 50
}

// DateRange is a day, or all days from one to another; either end may be open. Days
// are written 2006-01-02.
type DateRange struct{ From, To fhir.Date }

// On is a single day.
func On(day fhir.Date) DateRange { return DateRange{day, day} }

func (r DateRange) isZero() bool { return r == DateRange{} }

// check says everything that is wrong with the query at once. It names members and
// never quotes them.
func (q Query) check() error {
	wrong := append(q.checkMinimum(), q.checkWildcards()...)
	switch q.Gender {
	case "", "male", "female", "other", "unknown":
	default:
		wrong = append(wrong, errors.New("the gender is none of male, female, other, unknown"))
	}
	if slices.Contains(q.Given, "") {
		wrong = append(wrong, errors.New("a given name is empty"))
	}
	if q.Practice != "" && !isODS(q.Practice) {
		wrong = append(wrong, errors.New("the practice is not an ODS code"))
	}
	for _, r := range [...]struct {
		what string
		r    DateRange
	}{{"birth", q.Born}, {"death", q.Died}} {
		if err := r.r.check(r.what); err != nil {
			wrong = append(wrong, err)
		}
	}
	if q.MostMatches < 0 || q.MostMatches > 50 {
		wrong = append(wrong, errors.New("the number of matches is not from 1 to 50"))
	}
	return errors.Join(wrong...)
}

func (q Query) checkMinimum() []error {
	family, given, born := q.Family != "", len(q.Given) > 0, !q.Born.isZero()
	if !q.Fuzzy {
		if !family || !born {
			return []error{errors.New("a search needs a family name and a date of birth")}
		}
		return nil
	}
	place := q.Gender != "" && q.Postcode != ""
	if !born || !(family && given) && !(place && (family || given)) {
		return []error{errors.New("a fuzzy search needs given and family name and date of birth, or date of birth, gender and postcode with either name")}
	}
	return nil
}

func (q Query) checkWildcards() (wrong []error) {
	allowed := map[string][]string{"family name": {q.Family}, "given name": q.Given, "postcode": {q.Postcode}}
	for _, what := range [...]string{"family name", "given name", "postcode"} {
		for _, value := range allowed[what] {
			at := strings.IndexByte(value, '*')
			switch {
			case at < 0:
			case q.Fuzzy || q.Exact:
				wrong = append(wrong, fmt.Errorf("the %s holds a wildcard, which goes with neither a fuzzy nor an exact search", what))
			case len([]rune(strings.TrimSpace(value[:at]))) < 2:
				wrong = append(wrong, fmt.Errorf("the %s has fewer than two characters before its wildcard", what))
			}
		}
	}
	if strings.Contains(q.Email+q.Phone, "*") {
		wrong = append(wrong, errors.New("e-mail address and telephone number take no wildcard"))
	}
	return wrong
}

func (r DateRange) check(what string) error {
	for _, d := range [...]fhir.Date{r.From, r.To} {
		if d != "" && d.Precision() != fhir.Day {
			return fmt.Errorf("the date of %s is not a day as in 1958-04-17", what)
		}
	}
	if r.From != "" && r.To != "" && r.From > r.To {
		return fmt.Errorf("the dates of %s end before they begin", what)
	}
	return nil
}

// encode is the query as RFC 3986 has it: a space is %20.
func (q Query) encode() string {
	v := url.Values{}
	for _, p := range [...]struct{ name, value string }{
		{"family", q.Family}, {"gender", q.Gender}, {"address-postalcode", q.Postcode},
		{"general-practitioner", strings.ToUpper(q.Practice)}, {"email", q.Email}, {"phone", q.Phone},
	} {
		if p.value != "" {
			v.Set(p.name, p.value)
		}
	}
	for _, g := range q.Given {
		v.Add("given", g)
	}
	q.Born.add(v, "birthdate")
	q.Died.add(v, "death-date")
	for _, p := range [...]struct {
		name string
		set  bool
	}{{"_fuzzy-match", q.Fuzzy}, {"_exact-match", q.Exact}, {"_history", q.History}} {
		if p.set {
			v.Set(p.name, "true")
		}
	}
	if q.MostMatches > 0 {
		v.Set("_max-results", strconv.Itoa(q.MostMatches))
	}
	return strings.ReplaceAll(v.Encode(), "+", "%20")
}

func (r DateRange) add(v url.Values, name string) {
	if r.From != "" && r.From == r.To {
		v.Add(name, "eq"+string(r.From))
		return
	}
	if r.From != "" {
		v.Add(name, "ge"+string(r.From))
	}
	if r.To != "" {
		v.Add(name, "le"+string(r.To))
	}
}
