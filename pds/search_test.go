package pds_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/pds"
)

func found(score any, edit ...func(object)) object {
	return object{"fullUrl": "https://pds.example/Patient/x", "search": object{"score": score}, "resource": patient(edit...)}
}

func searchset(entries ...any) object {
	b := object{"resourceType": "Bundle", "type": "searchset", "total": len(entries), "timestamp": "2031-05-06T12:00:00Z"}
	if len(entries) > 0 {
		b["entry"] = list(entries)
	}
	return b
}

// TestQueries: how each member of a query is asked.
func TestQueries(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, searchset()} })
	client := newClient(t, p, c)
	for want, q := range map[string]pds.Query{
		"birthdate=eq" + born + "&family=" + family: {Family: family, Born: pds.On(born)},
		"birthdate=ge1961-01-01&birthdate=le1961-12-31&family=Qu*&given=Ze*&given=Ann": {
			Family: "Qu*", Given: []string{"Ze*", "Ann"}, Born: pds.DateRange{From: "1961-01-01", To: "1961-12-31"}},
		"_history=true&address-postalcode=ZE3 9JZ&birthdate=ge1961-01-01&family=O'Quill & Feather+Söhne&gender=female": {
			Family: "O'Quill & Feather+Söhne", Gender: "female", Postcode: postcode, History: true, Born: pds.DateRange{From: "1961-01-01"}},
		"_exact-match=true&_max-results=1&birthdate=le1961-12-31&death-date=eq2030-01-01&email=z@quill.example&family=Quill&general-practitioner=B82617&phone=01632960587": {
			Family: "Quill", Born: pds.DateRange{To: "1961-12-31"}, Died: pds.On("2030-01-01"), Email: "z@quill.example", Phone: "01632960587", Practice: "b82617", Exact: true, MostMatches: 1},
		"_fuzzy-match=true&birthdate=eq" + born + "&gender=other&given=Zebulon&address-postalcode=ZE3 9JZ": {
			Given: []string{given}, Gender: "other", Postcode: postcode, Born: pds.On(born), Fuzzy: true},
	} {
		if _, err := client.Search(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		requests := p.requests()
		path, query, _ := strings.Cut(requests[len(requests)-1].uri, "?")
		if !strings.HasSuffix(path, "/FHIR/R4/Patient") || strings.Contains(query, "+") {
			t.Errorf("got path %s, or a plus sign for a space", path)
		}
		got, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		asked := url.Values{}
		for _, pair := range strings.Split(strings.ReplaceAll(want, " & ", " \x00 "), "&") {
			name, value, _ := strings.Cut(strings.ReplaceAll(pair, "\x00", "&"), "=")
			asked.Add(name, value)
		}
		if got.Encode() != asked.Encode() {
			t.Errorf("got\n%v, want\n%v", got, asked)
		}
		expectClean(t, q)
	}
}

// TestQueriesRefused: what PDS would refuse is not sent, and what is wrong is named
// without being quoted.
func TestQueriesRefused(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, searchset()} })
	client := newClient(t, p, c)
	full := func(edit func(*pds.Query)) pds.Query {
		q := pds.Query{Family: family, Given: []string{given}, Born: pds.On(born)}
		edit(&q)
		return q
	}
	for _, test := range []struct {
		want string
		q    pds.Query
	}{
		{"family name and a date of birth", pds.Query{}},
		{"family name and a date of birth", full(func(q *pds.Query) { q.Family = "" })},
		{"family name and a date of birth", full(func(q *pds.Query) { q.Born = pds.DateRange{} })},
		{"family name and a date of birth", pds.Query{Email: "canary@example.com"}},
		{"fuzzy search needs", full(func(q *pds.Query) { q.Fuzzy, q.Given = true, nil })},
		{"fuzzy search needs", full(func(q *pds.Query) { q.Fuzzy, q.Born = true, pds.DateRange{} })},
		{"fuzzy search needs", full(func(q *pds.Query) { q.Fuzzy, q.Family, q.Gender = true, "", "male" })},
		{"family name holds a wildcard", full(func(q *pds.Query) { q.Fuzzy, q.Family = true, "Quill*" })},
		{"given name holds a wildcard", full(func(q *pds.Query) { q.Exact, q.Given = true, []string{"Zeb*"} })},
		{"postcode holds a wildcard", full(func(q *pds.Query) { q.Exact, q.Postcode = true, "ZE*" })},
		{"family name has fewer than two", full(func(q *pds.Query) { q.Family = "Q*" })},
		{"given name has fewer than two", full(func(q *pds.Query) { q.Given = []string{"*"} })},
		{"given name has fewer than two", full(func(q *pds.Query) { q.Given = []string{"Ö*"} })},
		{"postcode has fewer than two", full(func(q *pds.Query) { q.Postcode = "Z *" })},
		{"take no wildcard", full(func(q *pds.Query) { q.Phone = "0163*" })},
		{"given name is empty", full(func(q *pds.Query) { q.Given = []string{""} })},
		{"gender", full(func(q *pds.Query) { q.Gender = "canary" })},
		{"ODS code", full(func(q *pds.Query) { q.Practice = "canary practice" })},
		{"date of birth", full(func(q *pds.Query) { q.Born = pds.On("03/02/1961") })},
		{"date of birth", full(func(q *pds.Query) { q.Born = pds.On("1961-02") })},
		{"date of birth", full(func(q *pds.Query) { q.Born = pds.On("1961-02-30") })},
		{"dates of birth end before", full(func(q *pds.Query) { q.Born = pds.DateRange{From: "1962-01-01", To: "1961-01-01"} })},
		{"date of death", full(func(q *pds.Query) { q.Died = pds.On("canary") })},
		{"1 to 50", full(func(q *pds.Query) { q.MostMatches = 51 })},
	} {
		_, err := client.Search(t.Context(), test.q)
		if expectError(t, err, pds.ErrInvalid); !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want it to speak of %q", err, test.want)
		}
	}
	if len(p.requests()) != 0 {
		t.Errorf("got %d requests, want none", len(p.requests()))
	}
}

// TestMatches: what a search may give.
func TestMatches(t *testing.T) {
	second := with("identifier", list{object{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": otherDigits, "extension": verification("01")}})
	nobody := searchset()
	delete(nobody, "total")
	many := outcome("TOO_MANY_MATCHES")
	many["issue"].(list)[0].(object)["severity"] = "information"
	for _, test := range []struct {
		name    string
		body    any
		found   int
		tooMany bool
		one     error
	}{
		{"one", searchset(found(1)), 1, false, nil},
		{"two", searchset(found(0.8), found("0.9", with("id", otherDigits), second)), 2, false, pds.ErrTooManyMatches},
		{"restricted", searchset(found(1, with("meta", security("R")), without("generalPractitioner"))), 1, false, nil},
		{"no hit, no entry", searchset(), 0, false, pds.ErrNotFound},
		{"no hit, no total", nobody, 0, false, pds.ErrNotFound},
		{"no hit, an empty list", object{"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": list{}}, 0, false, pds.ErrNotFound},
		{"too many", many, 0, true, pds.ErrTooManyMatches},
		{"too many, as an entry", searchset(object{"resource": many}), 0, true, pds.ErrTooManyMatches},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, test.body} })
			m, err := newClient(t, p, c).Search(t.Context(), pds.Query{Family: family, Born: pds.On(born)})
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Items) != test.found || m.TooMany != test.tooMany || m.RestrictedLeftOut || m.RequestID == "" || len(m.Raw) == 0 {
				t.Errorf("got %d matches, too many %v", len(m.Items), m.TooMany)
			}
			if _, err := m.One(); (err == nil) != (test.one == nil) {
				t.Errorf("got %v, want %v", err, test.one)
			} else if err != nil {
				expectError(t, err, test.one)
			}
			expectClean(t, m)
			expectClean(t, *m)
			for _, i := range m.Items {
				expectClean(t, i)
			}
			if test.name == "two" && (m.Items[0].Score != 0.9 || m.Items[0].NHSNumber != number(t, otherDigits)) {
				t.Error("the best match is not first, or has another's score")
			}
			if test.name == "restricted" && m.Items[0].Sensitivity != pds.Restricted {
				t.Error("the restriction is lost")
			}
		})
	}
}

// TestMatchesNotRelied: a search's answer is whole and of patients, or an error.
func TestMatchesNotRelied(t *testing.T) {
	counted := searchset()
	counted["total"] = 1
	whole := string(toJSON(t, searchset(found(1))))
	for name, body := range map[string]any{
		"truncated":          whole[:len(whole)-3],
		"a patient":          patient(),
		"another outcome":    outcome("UNKNOWN_ERROR"),
		"counted, not there": counted,
		"no number":          searchset(found(1, with("id", "9000000000"))),
		"another resource":   searchset(object{"resource": object{"resourceType": "Practitioner", "id": digits}}),
		"no resource":        searchset(object{"search": object{"score": 1}}),
		"unreadable label":   searchset(found(1, with("meta", "U"))),
	} {
		c := newClock()
		p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, body} })
		_, err := newClient(t, p, c).Search(t.Context(), pds.Query{Family: family, Born: pds.On(born)})
		if err == nil {
			t.Errorf("%s: taken for matches", name)
			continue
		}
		expectError(t, err, pds.ErrUnreadable)
	}
}

// TestRestrictedAreHidden: a miss by postcode or practice is not "no such patient".
func TestRestrictedAreHidden(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, nil, searchset()} })
	client := newClient(t, p, c)
	for _, q := range []pds.Query{{Family: family, Born: pds.On(born), Postcode: "ZE*"}, {Family: family, Born: pds.On(born), Practice: surgery}} {
		m, err := client.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.One(); !m.RestrictedLeftOut || !strings.Contains(err.Error(), "restricted") {
			t.Errorf("got %v, want it to say who was left out", err)
		}
	}
}
