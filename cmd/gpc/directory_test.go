package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const nobodysInteraction = "urn:nhs:names:services:gpconnect:fhir:rest:search:nothing-1"

// place is a directory that the table of cases is put to. What it cannot tell
// apart it says in words of its own: insteadOf maps an outcome to those.
type place struct {
	name      string
	world     world
	ordinary  string            // a practice with all capabilities
	insteadOf map[string]string // what it answers where others know more
	asids     [2]string         // of CONS1, by YGCON and by YGOTH
}

func places(t *testing.T) []place {
	ldap, fhir, _ := sandboxDirectories(t)
	all := []place{
		{"sandbox LDAP", ldap, "A12345", nil, [2]string{"400000000018", "400000000026"}},
		{"sandbox FHIR", fhir, "A12345", map[string]string{"unknown ODS code": "not found", "not enabled for this interaction": "not found"}, [2]string{"400000000018", "400000000026"}},
		{"a file", staticDirectory(t), "A12345", nil, [2]string{"400000000018", "400000000026"}},
	}
	if os.Getenv("GPC_SLAPD") != "" || os.Getenv("CI") == "true" {
		return append(all, place{"OpenLDAP", realDirectory(t), "A80001", map[string]string{"unknown ODS code": "not found"}, [2]string{"400000000100", "400000000101"}})
	}
	t.Log("without OpenLDAP: GPC_SLAPD and GPC_SLAPD_PKI are not set")
	return all
}

// TestDirectories puts one table of questions to every kind of directory, and
// wants the same exit codes, outcomes and words.
func TestDirectories(t *testing.T) {
	for _, p := range places(t) {
		for _, test := range []struct {
			name    string
			args    []string // after gpc lookup
			code    int
			outcome string // of the first answer; "" is no answer at all
			says    string // on stdout or stderr
		}{
			{"ordinary", []string{"--ods", p.ordinary}, 0, "found", "https://"},
			{"lower case and space", []string{"--ods", " " + strings.ToLower(p.ordinary) + " "}, 0, "found", p.ordinary},
			{"one capability", []string{"--ods", p.ordinary, "--capability", "structured"}, 0, "found", "/structured"},
			{"another interaction", []string{"--ods", p.ordinary, "--interaction", nobodysInteraction}, 3, "not enabled for this interaction", "not in the directory"},
			{"interaction in another case", []string{"--ods", p.ordinary, "--interaction", "urn:nhs:names:services:gpconnect:fhir:rest:search:SLOT-1"}, 3, "not enabled for this interaction", ""},
			{"unknown", []string{"--ods", "X99999", "--capability", "appointments"}, 3, "unknown ODS code", "practices close and merge"},
			{"two AS records", []string{"--ods", "Z00001", "--capability", "appointments"}, 6, "ambiguous", "step AS"},
			{"an AS record alone", []string{"--ods", "Z00002", "--capability", "appointments"}, 3, "not enabled for this interaction", "step MHS"},
			{"an MHS record alone", []string{"--ods", "Z00003", "--capability", "appointments"}, 3, "no AS record", "records of the practice are not complete"},
			{"two MHS records", []string{"--ods", "Z00004", "--capability", "appointments"}, 6, "ambiguous", "step MHS"},
			{"two addresses in one record", []string{"--ods", "Z00005", "--capability", "appointments"}, 6, "ambiguous", "/second"},
			{"party keys in different case", []string{"--ods", "Z00006", "--capability", "appointments"}, 0, "found", "Z00006"},
			{"an address that is none", []string{"--ods", "Z00007", "--capability", "appointments"}, 6, "not a service root", "space or control character"},
			{"an address without TLS", []string{"--ods", "Z00008", "--capability", "appointments"}, 6, "not a service root", "no setting makes it right"},
			{"a consumer", []string{"--ods", "CONS1", "--capability", "appointments"}, 3, "not enabled for this interaction", ""},
			{"the own ASID", []string{"--ods", "CONS1", "--own", "--capability", "appointments", "--manufacturer", "YGCON"}, 0, "found", p.asids[0]},
			{"the other system's", []string{"--ods", "cons1", "--own", "--capability", "appointments", "--manufacturer", "ygoth"}, 0, "found", p.asids[1]},
			{"of any manufacturer", []string{"--ods", "CONS1", "--own", "--capability", "appointments"}, 6, "ambiguous", "--manufacturer"},
			{"of another", []string{"--ods", "CONS1", "--own", "--capability", "appointments", "--manufacturer", "YGNOT"}, 3, "no AS record", "supplier"},
			{"a filter in the code", []string{"--ods", "A*)(objectClass=*"}, 2, "", "not an ODS code"},
			{"NUL in the code", []string{"--ods", p.ordinary + "\x00"}, 2, "", "not an ODS code"},
			{"a filter in the interaction", []string{"--ods", p.ordinary, "--interaction", "urn:nhs:names:services:*)(x=*"}, 2, "", "its case counts"},
			{"a filter in the manufacturer", []string{"--ods", "CONS1", "--own", "--manufacturer", "*"}, 2, "", "not an ODS code"},
			{"an NHS number for a code", []string{"--ods", "9000000009"}, 2, "", "ten digits"},
		} {
			t.Run(p.name+"/"+test.name, func(t *testing.T) {
				r, answers := p.world.lookup(t, test.args...)
				if r.code != test.code || !strings.Contains(r.stdout+r.stderr, test.says) {
					t.Errorf("got exit code %d and\n%s%s\nwant %d and %q", r.code, r.stdout, r.stderr, test.code, test.says)
				}
				want := test.outcome
				if own, ok := p.insteadOf[want]; ok {
					want = own
				}
				switch {
				case want == "" && len(answers) != 0 || want != "" && len(answers) == 0:
					t.Errorf("got %d answers, want outcome %q", len(answers), want)
				case want != "" && answers[0].Outcome != want:
					t.Errorf("got outcome %q, want %q (%s)", answers[0].Outcome, want, answers[0].Error)
				}
				if strings.Contains(r.stderr, "9000000009") {
					t.Error("stderr repeats an NHS number")
				}
			})
		}
	}
}

// TestExplain: the searches, with what became of each answer and how long each
// took, are shown whether or not the practice is found.
func TestExplain(t *testing.T) {
	for _, p := range places(t) {
		for _, ods := range []string{p.ordinary, "Z00001"} {
			args := []string{"lookup", "--ods", ods, "--capability", "appointments", "--explain"}
			text := p.world.gpc(t, args...).stdout
			for _, want := range []string{"  filter   ", ods, "  took     "} {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s: got\n%s\nwant %q", p.name, ods, text, want)
				}
			}
			_, answers := p.world.lookup(t, args[1:]...)
			steps := slices.DeleteFunc(answers[0].Steps, func(s step) bool { return s.Step == "connection" })
			if len(steps) != 2 || steps[0].Step != "MHS" || steps[1].Step != "AS" {
				t.Fatalf("%s, %s: got steps %+v, want MHS and AS", p.name, ods, steps)
			}
			taken := 0
			for _, c := range steps[1].Candidates {
				if c.Taken {
					taken++
				}
				if c.Why == "" || c.ASID == "" {
					t.Errorf("%s, %s: got candidate %+v, want an ASID and why", p.name, ods, c)
				}
			}
			if want := map[bool]int{true: 1}[ods == p.ordinary]; taken != want {
				t.Errorf("%s, %s: got %d taken, want %d", p.name, ods, taken, want)
			}
		}
	}
	if r := staticDirectory(t).gpc(t, "lookup", "--ods", "A12345", "--explain", "-f", "csv"); r.code != 2 || !strings.Contains(r.stderr, "does not fit csv") {
		t.Errorf("csv: got %+v", r)
	}
}

// TestManyPractices: of a long list every practice is accounted for, once.
func TestManyPractices(t *testing.T) {
	w := realDirectory(t)
	var list strings.Builder
	for i := range 300 {
		fmt.Fprintf(&list, "A80%03d\n", i+1)
	}
	list.WriteString("z00001 Z00002,Z00003\tZ00006\nX99999\nA80001\n") // the last one twice
	file := filepath.Join(t.TempDir(), "practices")
	if err := os.WriteFile(file, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r, answers := w.lookup(t, "--ods", "@"+file, "--capability", "appointments")
	counts, seen := map[string]int{}, map[string]bool{}
	for _, f := range answers {
		counts[f.Outcome]++
		if seen[f.ODS] {
			t.Errorf("%s is there twice", f.ODS)
		}
		seen[f.ODS] = true
		if (f.Outcome == "found") != (f.Address != "" && f.ASID != "" && f.PartyKey != "" && f.Error == "") {
			t.Errorf("got %+v", f)
		}
	}
	want := map[string]int{"found": 301, "ambiguous": 1, "not enabled for this interaction": 1, "no AS record": 1, "not found": 1}
	for outcome, n := range want {
		if counts[outcome] != n {
			t.Errorf("got %v, want %v", counts, want)
			break
		}
	}
	if r.code != 6 || len(answers) != 305 || !strings.Contains(r.stderr, "305 asked, 301 found, 1 ambiguous, 1 no AS record") {
		t.Errorf("got exit code %d, %d answers: %s", r.code, len(answers), r.stderr)
	}
	for _, format := range []string{"csv", "ndjson"} {
		lines := strings.Count(w.gpc(t, "lookup", "--ods", "@"+file, "--capability", "appointments", "-f", format).stdout, "\n")
		if want := map[string]int{"csv": 306, "ndjson": 305}[format]; lines != want {
			t.Errorf("%s: got %d lines, want %d", format, lines, want)
		}
	}
}

// staticDirectory is a file that says what the sandbox's awkward organisations
// are registered with.
func staticDirectory(t *testing.T) world {
	t.Helper()
	const slots = "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"
	var b strings.Builder
	practice := func(ods string, services ...[3]string) {
		fmt.Fprintf(&b, "[[practice]]\nods = %q\n", ods)
		for _, s := range services {
			fmt.Fprintf(&b, "[[practice.service]]\ninteractions = [%q]\naddress = %q\nasid = %q\nparty_key = %q\n", slots, s[0], s[1], s[2])
		}
	}
	const at = "https://awkward.example/"
	b.WriteString("[[practice]]\nods = \"A12345\"\n")
	for _, c := range capabilities {
		id, _ := c.Probe()
		fmt.Fprintf(&b, "[[practice.service]]\ninteractions = [%q]\naddress = \"https://gp.example/A12345/%s\"\nasid = \"200000000001\"\nparty_key = \"A12345-1\"\n", id, c)
	}
	practice("Z00001", [3]string{at + "1", "300000000011", "Z00001-1"}, [3]string{at + "1", "300000000012", "Z00001-1"})
	practice("Z00002")
	practice("Z00003", [3]string{at + "3", "", "Z00003-1"})
	practice("Z00004", [3]string{at + "4a", "300000000041", "Z00004-1"}, [3]string{at + "4b", "300000000041", "Z00004-1"})
	practice("Z00005", [3]string{at + "5/", "300000000051", "Z00005-1"}, [3]string{at + "second", "300000000051", "Z00005-1"})
	practice("Z00006", [3]string{at + "Z00006", "300000000061", "Z00006-A"}, [3]string{at + "Z00006", "300000000061", "z00006-a"})
	practice("Z00007", [3]string{"not a url", "300000000071", "Z00007-1"})
	practice("Z00008", [3]string{"http://awkward.example/8", "300000000081", "Z00008-1"})
	practice("CONS1")
	for i, maker := range []string{"YGCON", "YGOTH"} {
		fmt.Fprintf(&b, "[[system]]\nods = \"CONS1\"\nmanufacturer = %q\nasid = %q\ninteractions = [%q]\n", maker, []string{"400000000018", "400000000026"}[i], slots)
	}
	ldap, _, _ := sandboxDirectories(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(ldap.config), "practices.toml"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return ldap.with(t, map[string]string{"sds.ldap": "", "sds.static": `"practices.toml"`})
}
