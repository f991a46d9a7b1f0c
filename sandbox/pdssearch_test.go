package sandbox

import (
	"strings"
	"testing"
)

func TestPDSSearchFindsOne(t *testing.T) {
	s := run(t, Config{Plain: true})
	a := newApplication(t, s).logOn()
	for _, test := range []struct {
		name, query string
		nhs         string // "" is nobody
		score       float64
	}{
		{"family and birth date", "family=Thackeray&birthdate=eq1958-04-17", "9000000009", 1},
		{"a birth date alone is eq", "family=Thackeray&birthdate=1958-04-17", "9000000009", 1},
		{"case and spaces", "family=thack%20eray&birthdate=1958-04-17&address-postalcode=zz991aa", "9000000009", 1},
		{"everything", "family=Thackeray&given=Rosalind&given=May&gender=female&birthdate=ge1958-04-01&birthdate=le1958-04-30&address-postcode=ZZ99%201AA&general-practitioner=A12345&_max-results=1", "9000000009", 1},
		{"given names in any order", "family=Thackeray&given=May&birthdate=1958-04-17", "9000000009", 1},
		{"a given name that is another's", "family=Thackeray&given=Mae&birthdate=1958-04-17", "", 0},
		{"wildcards", "family=Th*ay&given=Ro*&birthdate=ge1958-07-01", "9000000092", 1},
		{"another gender", "family=Thackeray&gender=male&birthdate=1958-04-17", "", 0},
		{"another postcode", "family=Thackeray&birthdate=1958-04-17&address-postalcode=ZZ99%201AB", "", 0},
		{"another practice", "family=Thackeray&birthdate=1958-04-17&general-practitioner=B82617", "", 0},
		{"a day before", "family=Thackeray&birthdate=le1958-04-16", "", 0},
		{"misspelt", "family=Thakeray&birthdate=1958-04-17", "", 0},
		{"misspelt, fuzzy", "family=Thakeray&given=Rosalynd&birthdate=1958-04-17&_fuzzy-match=true", "9000000009", 0.8976},
		{"day and month exchanged, fuzzy", "family=Penhallow&given=Idris&birthdate=1991-02-11&_fuzzy-match=true", "9000000017", 0.8976},
		{"spelt right, fuzzy", "family=Penhallow&given=Idris&birthdate=1991-11-02&_fuzzy-match=true", "9000000017", 1},
		{"exact", "family=Penhallow&birthdate=1991-11-02&_exact-match=true", "9000000017", 1},
		{"an earlier name", "family=Marchpane&birthdate=1990-04-08", "", 0},
		{"an earlier name, history", "family=Marchpane&birthdate=1990-04-08&_history=true", "9000000270", 1},
		{"telephone and e-mail", "family=Winterslow&birthdate=1990-04-08&phone=01632%20960345&email=Ottoline@sandbox.example", "9000000270", 1},
		{"date of death", "family=Cadwallon&birthdate=1939-09-03&death-date=ge2024-01-01", "9000000238", 1},
		{"date of death of who is alive", "family=Lazenby-Orchard&birthdate=1952-05-25&death-date=ge2024-01-01", "", 0},
		{"restricted", "family=Lanyon&birthdate=1979-06-23", "9000000025", 1},
		{"restricted, by postcode", "family=Lanyon&birthdate=1979-06-23&address-postalcode=ZZ99%201AC", "", 0},
		{"restricted, by practice", "family=Lanyon&birthdate=1979-06-23&general-practitioner=A12345", "", 0},
		{"invalidated", "family=Ormskirk-Vane&birthdate=1984-01-09", "", 0},
	} {
		r := a.search(test.query)
		if r.status != 200 {
			t.Errorf("%s: got %d %s", test.name, r.status, r.body)
			continue
		}
		m := r.fields(t)
		want := map[bool]float64{true: 0, false: 1}[test.nhs == ""]
		if m["resourceType"] != "Bundle" || m["type"] != "searchset" || m["total"] != want {
			t.Errorf("%s: got %v with total %v, want a searchset of %v", test.name, m["resourceType"], m["total"], want)
		}
		if _, there := m["entry"]; there != (test.nhs != "") {
			t.Errorf("%s: entry there: %v", test.name, there)
		}
		nhs, _ := at(m, "entry", 0, "resource", "id").(string)
		score, _ := at(m, "entry", 0, "search", "score").(float64)
		if nhs != test.nhs || score != test.score {
			t.Errorf("%s: got another patient than the one wanted, or score %v instead of %v", test.name, score, test.score)
		}
		if q := last(t, s, "pds"); q.Rule != "" {
			t.Errorf("%s: history: got rule %q", test.name, q.Rule)
		}
	}
}

func TestPDSSearchTellsLess(t *testing.T) {
	a := newApplication(t, run(t, Config{Plain: true})).logOn()
	whole, found := a.read("9000000254").fields(t), a.search("family=Balquhidder&birthdate=1977-11-30").fields(t)
	if codeOfExtension(whole, "PDS-RemovalFromRegistration") != "SCT" {
		t.Error("read: got no removal from registration")
	}
	if at(found, "entry", 0, "resource", "extension") != nil {
		t.Error("search: got an extension; a search never tells of a removal")
	}
	whole, found = a.read("9000000270").fields(t), a.search("family=Winterslow&birthdate=1990-04-08").fields(t)
	if whole["telecom"] == nil || at(found, "entry", 0, "resource", "telecom") != nil {
		t.Error("telecom belongs to a read and not to a search")
	}
	found = a.search("family=Lanyon&birthdate=1979-06-23").fields(t)
	if at(found, "entry", 0, "resource", "address") != nil || at(found, "entry", 0, "resource", "generalPractitioner") != nil {
		t.Error("search: got where a restricted person may be found")
	}
}

func TestPDSSearchFindsTooMany(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s).logOn()
	r := a.search("family=Thack*&birthdate=ge1958-01-01&birthdate=le1958-12-31")
	if code, _ := r.coded(t); r.status != 200 || code != "TOO_MANY_MATCHES" {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if m := r.fields(t); at(m, "issue", 0, "severity") != "information" || at(m, "issue", 0, "code") != "multiple-matches" {
		t.Errorf("got %s", r.body)
	}
	if q := last(t, s, "pds"); q.Rule != "" || q.Status != 200 {
		t.Errorf("history: got %d, rule %q", q.Status, q.Rule)
	}
}

func TestPDSSearchRefuses(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s).logOn()
	for _, test := range []struct {
		name, query string
		status      int
		code        string
	}{
		{"nothing", "", 400, "INVALID_SEARCH_DATA"},
		{"no birth date", "family=Thackeray&gender=female", 400, "MISSING_VALUE"},
		{"no family name", "birthdate=1958-04-17", 400, "MISSING_VALUE"},
		{"given name alone", "given=Rosalind&birthdate=1958-04-17", 400, "MISSING_VALUE"},
		{"a birth date that is none", "family=Thackeray&birthdate=1958-02-30", 400, "INVALID_VALUE"},
		{"a prefix that is none", "family=Thackeray&birthdate=gt1958-02-03", 400, "INVALID_VALUE"},
		{"a range that ends first", "family=Thackeray&birthdate=ge1959-01-01&birthdate=le1958-01-01", 400, "INVALID_SEARCH_DATA"},
		{"a gender that is none", "family=Thackeray&birthdate=1958-04-17&gender=f", 400, "INVALID_VALUE"},
		{"a flag that is none", "family=Thackeray&birthdate=1958-04-17&_history=yes", 400, "INVALID_VALUE"},
		{"an empty value", "family=&birthdate=1958-04-17", 400, "INVALID_VALUE"},
		{"fuzzy and exact", "family=Thackeray&birthdate=1958-04-17&_fuzzy-match=true&_exact-match=true", 400, "INVALID_SEARCH_DATA"},
		{"a wildcard after one character", "family=T*&birthdate=1958-04-17", 400, "INVALID_SEARCH_DATA"},
		{"a wildcard in a fuzzy search", "family=Th*&given=R&birthdate=1958-04-17&_fuzzy-match=true", 400, "INVALID_SEARCH_DATA"},
		{"a parameter nobody knows", "family=Thackeray&birthdate=1958-04-17&name=x", 400, "ADDITIONAL_PROPERTIES"},
		{"no number of results", "family=Thackeray&birthdate=1958-04-17&_max-results=0", 400, "INVALID_VALUE"},
		{"more than one result", "family=Thackeray&birthdate=1958-04-17&_max-results=2", 403, "INVALID_VALUE"},
	} {
		r := a.search(test.query)
		if code, _ := r.coded(t); r.status != test.status || code != test.code {
			t.Errorf("%s: got %d %s, want %d %s", test.name, r.status, code, test.status, test.code)
		}
		q := last(t, s, "pds")
		if q.Rule == "" || strings.Contains(q.Rule, "Thackeray") || strings.Contains(q.Rule, "1958") {
			t.Errorf("%s: history: got rule %q, want one without the person's data", test.name, q.Rule)
		}
	}
	if q := "?" + "%zz"; a.do("GET", s.PDSURL()+"/Patient"+q, a.header(), "").status != 400 {
		t.Error("a query that cannot be read: want 400")
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"abc", "abc", 0}, {"abc", "axc", 1}, {"abc", "ac", 1}, {"kitten", "sitting", 3}} {
		if got := editDistance([]rune(test.a), []rune(test.b)); got != test.want {
			t.Errorf("%s, %s: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestWildMatch(t *testing.T) {
	for pattern, want := range map[string]bool{"ABCDE": true, "AB*": true, "AB*E": true, "*E": true, "A*C*E": true, "ABCDE*": true,
		"ABCD": false, "AB*F": false, "A*X*E": false, "ABC*CDE": false, "": false} {
		if got := wildMatch(pattern, "ABCDE"); got != want {
			t.Errorf("%s: got %v, want %v", pattern, got, want)
		}
	}
}
