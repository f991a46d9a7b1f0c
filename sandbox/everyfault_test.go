package sandbox

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// TestEveryFaultEverywhere switches every fault on at every place where it can be: the next
// request there meets it, the history says so, and it is counted. Without it all is well again.
// What hangs is left to TestHangingServiceEndsWithServerOrClient and TestCloseLeavesNothing,
// what strikes writes alone to TestLostWrites.
func TestEveryFaultEverywhere(t *testing.T) {
	values := map[string][]string{"delay": {":1ms"}, "status": {":503", ":429:7"}, "error": {":X_1"}, "drop": {":before-commit", ":after-commit"}, "slow": {":1ms"}}
	s := run(t, Config{})
	asks := askers(t, s)
	for _, where := range slices.Sorted(maps.Keys(possible())) {
		ask := asks[where]
		for _, what := range possible()[where] {
			if what == "hang" || what == "commit-late" {
				continue
			}
			some := values[what]
			if some == nil {
				some = []string{""}
			}
			if where == "ldap" && what == "status" {
				some = []string{":51"}
			}
			for _, value := range some {
				text := where + ":" + what + value
				if err := s.Inject(text); err != nil {
					t.Fatal(err)
				}
				outcome := ask()
				if want := outcomes(where, what); !slices.Contains(want, outcome) {
					t.Errorf("%s: got %s, want %v", text, outcome, want)
				}
				if on := s.faults.on(); len(on) != 1 || on[0].Seen == 0 || on[0].Struck != on[0].Seen {
					t.Errorf("%s: it is counted as %+v", text, on)
				}
				if !slices.ContainsFunc(s.Requests(), func(q Request) bool { return q.Where == where && q.Fault == text }) {
					t.Errorf("%s: the history does not say so", text)
				}
				s.ClearFaults()
				s.Reset()
			}
		}
		if outcome := ask(); outcome != "200" {
			t.Errorf("%s: with all faults off: got %s", where, outcome)
		}
	}
}

// outcomes are what a client may see of a fault.
func outcomes(where, what string) []string {
	switch what {
	case "delay", "slow", "garble", "wrong-patient":
		if where != "ldap" || what != "garble" {
			return []string{"200"}
		}
	case "html":
		return []string{"200 a page"}
	case "gzip-bomb":
		return []string{"200 a bomb"}
	case "status":
		return []string{"503", "429", "51"}
	case "error":
		return []string{"400", "403"}
	case "redirect":
		return []string{"307", "10"}
	case "move": // at the proxy it comes before the call that it strikes
		return map[string][]string{"proxy": {"400"}, "ldap": {"200"}, "sds": {"200"}}[where]
	case "drop":
		if where == "provider" {
			return []string{"502"}
		}
	}
	return []string{"no answer"}
}

// glimpse is an answer as a client sees it that unfolds nothing: a bomb is known by its size.
func glimpse(client *http.Client, req *http.Request) string {
	resp, err := client.Do(req)
	if err != nil {
		return "no answer"
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return "no answer"
	case resp.Header.Get("Content-Encoding") == "gzip" && len(body) > 256<<10:
		return fmt.Sprint(resp.StatusCode, " a bomb")
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
		return fmt.Sprint(resp.StatusCode, " a page")
	}
	return fmt.Sprint(resp.StatusCode)
}

// askers ask each place for something it grants, and give back an HTTP status, 200 for a search
// of the directory that succeeds, or that there was no answer.
func askers(t *testing.T, s *Server) map[string]func() string {
	a := newApplication(t, s).logOn()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: trust(t, s), DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	through := func() string { return glimpse(client, recordOf(t, s, "A12345", "9000000017", "").request(t)) }
	api := func(method, target string, header http.Header, body func() string) func() string {
		return func() string {
			req, err := http.NewRequest(method, target, strings.NewReader(body()))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = header.Clone()
			return glimpse(client, req)
		}
	}
	nothing := func() string { return "" }
	return map[string]func() string{
		"proxy": through, "provider": through,
		"pds":   api("GET", s.PDSURL()+"/Patient/9000000009", http.Header{"Authorization": {"Bearer " + a.token}, "X-Request-Id": {newUUID()}}, nothing),
		"token": api("POST", s.TokenURL(), formHeader, func() string { return formOf(signed(t, s, "sandbox-1", rightClaims(s))).Encode() }),
		"sds":   api("GET", s.SDSURL()+"/Endpoint?"+url.Values{"organization": {ods("A12345")}, "identifier": {interaction(structuredRecord)}}.Encode(), http.Header{"Apikey": {apiKey}}, nothing),
		"ldap": func() string {
			c, err := ldap.DialURL(s.LDAPURL(), ldap.DialWithTLSConfig(trust(t, s)))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetTimeout(5 * time.Second)
			_, err = c.Search(ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(nhsIDCode=A12345)", nil, nil))
			var result *ldap.Error
			switch {
			case err == nil:
				return "200"
			case errors.As(err, &result) && result.ResultCode < 200:
				return fmt.Sprint(result.ResultCode)
			}
			return "no answer"
		},
	}
}
