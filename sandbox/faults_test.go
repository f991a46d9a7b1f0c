package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

func TestFaultGrammar(t *testing.T) {
	for _, good := range []string{"proxy:hang", "provider:status:503", "provider:error:NO_PATIENT_CONSENT", "proxy:drop:before-commit", "provider:drop:after-commit",
		"provider:wrong-patient", "ldap:status:51", "ldap:delay:5ms@3", "proxy:delay:1s", "provider:truncate@1", "provider:garble", "proxy:html", "provider:redirect", "provider:commit-late:2", "proxy:commit-late:0.5@2",
		"provider:error:ACCESS DENIED", "token:error:invalid_request", "proxy:slow", "ldap:slow:10ms", "provider:gzip-bomb", "ldap:move@1", "proxy:move"} {
		if _, err := parseFault(good); err != nil {
			t.Errorf("%s: got %v, want it accepted", good, err)
		}
	}
	for _, bad := range []string{"", "hang", "proxy", "proxy:", "proxy:explode", "nowhere:hang", "ldap:wrong-patient", "ldap:html", "proxy:wrong-patient", "proxy:hang:now",
		"proxy:status", "proxy:status:abc", "proxy:status:99", "ldap:status:404", "proxy:error", "proxy:drop", "proxy:drop:later", "proxy:delay:fast", "proxy:delay:-1s",
		"proxy:hang@0", "proxy:hang@", "proxy:hang@x", "ldap:commit-late:1", "proxy:commit-late", "proxy:commit-late:soon", "proxy:commit-late:NaN", "proxy:commit-late:3601", "proxy:status:503:", "proxy:status:503:-1", "ldap:status:51:1", "proxy:slow:", "proxy:hang@99999999999999999999", "PROXY:hang", " proxy:hang", "proxy:hang@1@2", "proxy:commit-late:-1", "proxy:slow:now", "proxy:slow:0s",
		"provider:move", "ldap:gzip-bomb", "proxy:move:far",
		"pds:error:X&pds:hang", "provider:error:<b>", "provider:error:A:B", "proxy:error: ", "sds:error:\n", "provider:error:É", "provider:error:" + strings.Repeat("X", 101)} {
		if _, err := parseFault(bad); err == nil {
			t.Errorf("%s: got it accepted, want an error", bad)
		}
	}
	_, err := parseFault("proxy:explode")
	for _, want := range []string{"proxy:explode", "ldap:hang", "provider:wrong-patient", "drop:before-commit", "@N"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to list %s", err, want)
		}
	}
}

func TestFaultsOfAnswers(t *testing.T) {
	s := run(t, Config{Plain: true})
	for _, test := range []struct {
		fault  string
		status int
		want   string // in the body
	}{
		{"provider:error:NO_PATIENT_CONSENT", 403, `"NO_PATIENT_CONSENT"`},
		{"provider:error:ACCESS_DENIED", 403, `"ACCESS DENIED"`},
		{"provider:error:NO_ORGANISATION_CONSENT", 403, `"NO_ORGANISATION_CONSENT"`},
		{"provider:error:AUTHOR_CREDENTIALS_ERROR", 401, `"AUTHOR_CREDENTIALS_ERROR"`},
		{"provider:error:MSG_RESOURCE_ID_FAIL", 405, `"forbidden"`},
		{"provider:error:NEVER_HEARD_OF", 400, `"NEVER_HEARD_OF"`},
		{"provider:status:503", 503, ""},
		{"provider:html", 200, "<html>"},
		{"provider:redirect", 307, ""},
		{"provider:drop:before-commit", 502, "ERROR_COMMUNICATING_TO_ENDPOINT_URL_"},
		{"proxy:error:FOT_CHECK_FAILED_MESSAGESENDER", 403, `"FOT_CHECK_FAILED_MESSAGESENDER"`},
		{"proxy:error:ERROR_COMMUNICATING_TO_ENDPOINT_URL", 502, "transient"},
		{"proxy:status:504", 504, ""},
		{"proxy:html", 200, "<html>"},
		{"proxy:redirect", 307, ""},
	} {
		if err := s.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		r := recordOf(t, s, "A12345", "9000000009", everything).send(t, s)
		if r.status != test.status || !strings.Contains(string(r.body), test.want) {
			t.Errorf("%s: got %d %.80s, want %d with %s", test.fault, r.status, r.body, test.status, test.want)
		}
		where, _, _ := strings.Cut(test.fault, ":")
		for _, q := range s.Requests()[len(s.Requests())-2:] {
			if q.Where == where && (q.Fault != test.fault || q.Rule != "") {
				t.Errorf("%s: history: got fault %q, rule %q; want the fault and no rule", test.fault, q.Fault, q.Rule)
			}
		}
		s.ClearFaults()
	}
	if r := recordOf(t, s, "A12345", "9000000009", everything).send(t, s); r.status != 200 {
		t.Errorf("after ClearFaults: got %d, want 200", r.status)
	}
}

func TestFaultsOfConnections(t *testing.T) {
	s := run(t, Config{})
	for _, fault := range []string{"proxy:drop:before-commit", "proxy:drop:after-commit", "proxy:truncate", "provider:truncate"} {
		if err := s.Inject(fault); err != nil {
			t.Fatal(err)
		}
		before := len(s.Requests())
		_, err := recordOf(t, s, "A12345", "9000000009", everything).try(t, s)
		if err == nil || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v, want an end before its time", fault, err)
		}
		asked := 0
		for _, q := range s.Requests()[before:] {
			if q.Where == "provider" {
				asked++
			}
		}
		if want := map[bool]int{true: 0, false: 1}[fault == "proxy:drop:before-commit"]; asked != want {
			t.Errorf("%s: the practice was asked %d times, want %d", fault, asked, want)
		}
		s.ClearFaults()
	}
}

func TestGarbledAnswerIsNoJSON(t *testing.T) {
	s := run(t, Config{Plain: true, Faults: []string{"provider:garble"}})
	r := recordOf(t, s, "A12345", "9000000009", everything).send(t, s)
	if _, err := decodeStrict(r.body); err == nil || r.status != 200 {
		t.Errorf("got status %d and JSON, want 200 and none", r.status)
	}
}

func TestWrongPatient(t *testing.T) {
	s := run(t, Config{Faults: []string{"provider:wrong-patient"}})
	number := func(nhs string) string {
		for _, r := range recordOf(t, s, "A12345", nhs, everything).send(t, s).resources(t) {
			if r["resourceType"] == "Patient" {
				return nhsNumberOf(r)
			}
		}
		return ""
	}
	for _, asked := range []string{"9000000009", "9000000017"} {
		if got := number(asked); got == "" || got == asked {
			t.Errorf("got the patient who was asked for, or none; want another")
		}
	}
}

func TestFaultStrikesTheNthRequest(t *testing.T) {
	s := run(t, Config{Faults: []string{"provider:status:500@2", "provider:status:503@3"}})
	for i, want := range []int{200, 500, 503, 200} {
		if r := metadata(t, s).send(t, s); r.status != want {
			t.Errorf("request %d: got %d, want %d", i+1, r.status, want)
		}
	}
}

func TestDelayThenAnswer(t *testing.T) {
	s := run(t, Config{Faults: []string{"provider:delay:30ms", "provider:status:503"}})
	began := time.Now()
	r := metadata(t, s).send(t, s)
	if took := time.Since(began); r.status != 503 || took < 30*time.Millisecond {
		t.Errorf("got %d after %v, want 503 after 30ms or more", r.status, took)
	}
	if got := s.Requests()[len(s.Requests())-1].Fault; got != "provider:delay:30ms, provider:status:503" {
		t.Errorf("history: got %q, want both", got)
	}
}

func TestHangEndsWhenTheClientLeaves(t *testing.T) {
	for _, fault := range []string{"proxy:hang", "provider:hang"} {
		s := run(t, Config{Faults: []string{fault}})
		a := recordOf(t, s, "A12345", "9000000009", everything)
		ctx, cancel := context.WithCancel(context.Background())
		where, _, _ := strings.Cut(fault, ":")
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust(t, s), DisableKeepAlives: true}}
		ended := make(chan error, 1)
		go func() {
			req, err := http.NewRequestWithContext(ctx, a.method, a.proxy+"/"+a.address+a.path, strings.NewReader(a.body))
			if err == nil {
				req.Header = a.header.Clone()
				req.Header.Set("Authorization", a.encode(segment(t, a.token), segment(t, a.claims)))
				_, err = client.Do(req)
			}
			ended <- err
		}()
		waiting := func() int {
			n := 0
			s.history.mu.Lock()
			defer s.history.mu.Unlock()
			for _, r := range s.history.list {
				if r.request.Where == where && !r.settled {
					n++
				}
			}
			return n
		}
		waitFor(t, func() bool { return waiting() == 1 })
		cancel()
		if err := <-ended; err == nil {
			t.Errorf("%s: got an answer, want none", fault)
		}
		waitFor(t, func() bool { return waiting() == 0 })
	}
}

func TestFaultsOfTheDirectory(t *testing.T) {
	s := run(t, Config{})
	search := func(c *ldap.Conn) (int, error) {
		r, err := c.Search(ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(uniqueIdentifier=200000000359)", nil, nil))
		if err != nil {
			return 0, err
		}
		return len(r.Entries), nil
	}
	for _, test := range []struct {
		fault string
		is    func(error) bool
	}{
		{"ldap:status:51", func(err error) bool { return ldap.IsErrorWithCode(err, ldap.LDAPResultBusy) }},
		{"ldap:redirect", func(err error) bool { return ldap.IsErrorWithCode(err, ldap.LDAPResultReferral) }},
		{"ldap:drop:before-commit", func(err error) bool { return err != nil }},
		{"ldap:truncate", func(err error) bool { return err != nil }},
		{"ldap:garble", func(err error) bool { return err != nil }},
		{"ldap:delay:5ms", func(err error) bool { return err == nil }},
	} {
		if err := s.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		c := dial(t, s)
		c.SetTimeout(5 * time.Second)
		if _, err := search(c); !test.is(err) {
			t.Errorf("%s: got %v", test.fault, err)
		}
		s.ClearFaults()
	}
	s.Inject("ldap:hang@1")
	c := dial(t, s)
	c.SetTimeout(50 * time.Millisecond)
	if _, err := search(c); err == nil {
		t.Error("ldap:hang: got an answer, want none")
	}
	if n, err := search(dial(t, s)); n != 1 || err != nil {
		t.Errorf("after all: got %d, %v; want one entry", n, err)
	}
}
