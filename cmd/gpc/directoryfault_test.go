package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestDirectoryFaults: whatever goes wrong with a directory is told from "not
// there", with a class of its own and a cure; and once it is well, so is the
// next lookup.
func TestDirectoryFaults(t *testing.T) {
	ldap, fhir, server := sandboxDirectories(t)
	for _, test := range []struct {
		fault   string
		code    int
		outcome string
		says    string
	}{
		{"ldap:hang", 5, "no answer", "check sds.ldap"},
		{"ldap:delay:20ms", 0, "found", ""},
		{"ldap:drop:before-commit", 5, "no answer", "closed the connection"},
		{"ldap:drop:before-commit@1", 0, "found", ""}, // mended by asking again
		{"ldap:truncate", 5, "no answer", ""},
		{"ldap:garble", 5, "no answer", "no LDAP message"},
		{"ldap:redirect", 5, "no answer", "result 10"},
		{"ldap:status:3", 5, "no answer", "result 3"},
		{"ldap:status:4", 6, "ambiguous", "more records than a lookup may have"},
		{"ldap:status:32", 5, "no answer", "no such branch"},
		{"ldap:status:50", 4, "refused", "may search it"},
		{"ldap:status:51", 5, "no answer", "result 51"},
		{"ldap:slow:1ms", 0, "found", ""},
		{"sds:hang", 5, "no answer", "check sds.fhir"},
		{"sds:delay:20ms", 0, "found", ""},
		{"sds:drop:before-commit", 5, "no answer", ""},
		{"sds:truncate", 5, "no answer", ""},
		{"sds:garble", 5, "no answer", ""},
		{"sds:html", 5, "no answer", "not FHIR"},
		{"sds:redirect", 5, "no answer", "status 30"},
		{"sds:gzip-bomb", 5, "no answer", ""},
		{"sds:status:400", 5, "no answer", "does not answer the question"},
		{"sds:status:403", 4, "refused", "sds.api_key_env"},
		{"sds:status:429:5", 5, "no answer", "asked too often"},
		{"sds:status:500", 5, "no answer", "in trouble, or its data are"},
		{"sds:slow:1ms", 0, "found", ""},
	} {
		t.Run(test.fault, func(t *testing.T) {
			w := ldap
			if strings.HasPrefix(test.fault, "sds:") {
				w = fhir
			}
			if err := server.Inject(test.fault); err != nil {
				t.Fatal(err)
			}
			defer server.ClearFaults()
			args := []string{"--ods", "A12345", "--capability", "structured"}
			if strings.HasSuffix(test.fault, ":hang") {
				args = append(args, "--timeout", "300ms")
			}
			r, answers := w.lookup(t, args...)
			if r.code != test.code || len(answers) != 1 || answers[0].Outcome != test.outcome || !strings.Contains(r.stderr, test.says) {
				t.Errorf("got exit code %d, %+v\n%s\nwant %d, %q and %q", r.code, answers, r.stderr, test.code, test.outcome, test.says)
			}
			server.ClearFaults()
			if r := w.gpc(t, "lookup", "--ods", "A12345"); r.code != 0 {
				t.Errorf("after recovery: got exit code %d: %s", r.code, r.stderr)
			}
		})
	}
}

// TestDirectoryOverFHIR: the key, the roots and the address of the service.
func TestDirectoryOverFHIR(t *testing.T) {
	_, fhir, server := sandboxDirectories(t)
	for _, test := range []struct {
		name    string
		changes map[string]string
		key     string
		code    int
		says    string
	}{
		{"as it should be", nil, "sandbox-api-key", 0, "A12345"},
		{"remembering", map[string]string{"sds.cache": `"15m"`}, "sandbox-api-key", 0, "A12345"},
		{"another key", nil, "not-the-key", 4, "it does not accept the API key, ACCESS_DENIED (status 401)"},
		{"no key", map[string]string{"sds.api_key_env": ""}, "", 4, "sds.api_key_env names the variable"},
		{"the machine's roots", map[string]string{"sds.fhir_ca": ""}, "sandbox-api-key", 4, "sds.fhir_ca names others"},
		{"another path", map[string]string{"sds.fhir": fmt.Sprintf("%q", server.APIURL()+"/elsewhere")}, "sandbox-api-key", 5, "there is no such service"},
		{"nobody there", map[string]string{"sds.fhir": `"https://` + closed(t) + `/FHIR/R4"`}, "sandbox-api-key", 5, "check sds.fhir and the network"},
		{"another host", map[string]string{"sds.allow_hosts": `[".nhs.uk"]`}, "sandbox-api-key", 6, "name its host in sds.allow_hosts"},
		{"two directories", map[string]string{"sds.ldap": `["ldaps://directory.example"]`}, "sandbox-api-key", 2, "several directories"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := fhir.with(t, test.changes)
			w.env = map[string]string{"SDS_KEY": test.key}
			r := w.gpc(t, "lookup", "--ods", "A12345", "--capability", "structured")
			if r.code != test.code || !strings.Contains(r.stdout+r.stderr, test.says) {
				t.Errorf("got exit code %d\n%s%s\nwant %d and %q", r.code, r.stdout, r.stderr, test.code, test.says)
			}
			if test.key != "" && strings.Contains(r.stdout+r.stderr, test.key) {
				t.Error("the key is told")
			}
		})
	}
}

// TestPinnedPartyKey: where two records differ in their party key, the profile
// can name one.
func TestPinnedPartyKey(t *testing.T) {
	for _, p := range places(t) {
		key := map[string]string{"OpenLDAP": "Z00004-0000004", "a file": "Z00004-1"}[p.name]
		if key == "" {
			key = "Z00004-6000004"
		}
		ask := func(pinned string) ending {
			w := p.world.with(t, map[string]string{"sds.party_keys": fmt.Sprintf("{ Z00004 = %q }", pinned)})
			return w.gpc(t, "lookup", "--ods", "Z00004", "--capability", "appointments")
		}
		if r := ask(strings.ToLower(key)); r.code != 6 || !strings.Contains(r.stderr, "more than one answer") {
			t.Errorf("%s, both have the key: got %+v", p.name, r)
		}
		if r := ask("OTHER-1"); r.code != 3 || !strings.Contains(r.stderr, "no record with the pinned party key") || !strings.Contains(r.stderr, "sds.party_keys") {
			t.Errorf("%s, neither has it: got %+v", p.name, r)
		}
	}
}
