package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts a file into a folder of the test's own and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOwnPractices(t *testing.T) {
	path := write(t, "practices.json", `[
		{"ods":"Q70001","name":"Own Practice","asid":"918999900017","party_key":"Q70001-8219999","manufacturer":"YGOWN"},
		{"ods":"B82617","name":"Another Name","asid":"918999198738","party_key":"B82617-8219998","enabled":false}]`)
	s := run(t, Config{Practices: path})
	if r := toward(t, s, "Q70001", foundationMetadata, "GET", "/metadata", "organization/*.read").send(t, s); r.status != 200 {
		t.Errorf("a practice of one's own: got %d, want 200", r.status)
	}
	if r := toward(t, s, "B82617", foundationMetadata, "GET", "/metadata", "organization/*.read").send(t, s); r.status != 403 {
		t.Errorf("a practice that is replaced by one that is not enabled: got %d, want 403", r.status)
	}
	if r := toward(t, s, "A12345", foundationMetadata, "GET", "/metadata", "organization/*.read").send(t, s); r.status != 200 {
		t.Errorf("an embedded practice: got %d, want 200", r.status)
	}
}

func TestOwnPatients(t *testing.T) {
	dir := t.TempDir()
	record, err := embedded.ReadFile("data/people/no-known-allergies.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"mine.json": strings.ReplaceAll(string(record), "9000000084", "9000000130"),
		"patients.json": `[
			{"nhs":"9000000130","practice":"B82617","bundle":"mine.json","family":"Ownlea","given":["Vera"],"gender":"female","born":"1971-01-02","postcode":"ZZ99 5AA"},
			{"nhs":"9000000017","practice":"C11204","state":"sensitive","family":"Replaced","born":"1991-11-02"},
			{"nhs":"9000000009","practice":"A12345","bundle":"mine.json","confidentiality":"V","family":"Thackeray","born":"1958-04-17"}]`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := run(t, Config{Patients: filepath.Join(dir, "patients.json")})
	if r := recordOf(t, s, "B82617", "9000000130", everything).send(t, s); r.status != 200 {
		t.Errorf("record of a patient of one's own: got %d %s", r.status, r.body)
	}
	if r := recordOf(t, s, "A12345", "9000000017", everything).send(t, s); r.status != 404 {
		t.Errorf("record of a patient who was replaced: got %d, want 404", r.status)
	}
	a := newApplication(t, s).logOn()
	for nhs, want := range map[string]string{"9000000130": "Ownlea B82617 U", "9000000017": "Replaced <nil> R", "9000000009": "Thackeray <nil> V", "9690937286": "Featherstonehaugh GPCA0001 U", "9000000084": "Oyelaran-Pike B82617 U"} {
		p := a.read(nhs).fields(t)
		family := at(p, "name", 0, "family")
		got := fmt.Sprint(family, " ", at(p, "generalPractitioner", 0, "identifier", "value"), " ", at(p, "meta", "security", 0, "code"))
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOwnFilesAreRefused(t *testing.T) {
	for _, test := range []struct {
		name      string
		practices bool
		content   string
		want      string
	}{
		{"not to its end", true, "[\n{},\n", ":3: the list ends too early"},
		{"no JSON", true, "[\n{},\n{\"ods\" 1}]", ":3: it is not JSON"},
		{"no list", true, `{}`, ":1: a list of objects"},
		{"no object", true, "[\n1]", ":2: it is not an object"},
		{"a name that is spelled wrongly", true, "[\n{\"ods\":\"Q70001\",\n\"partykey\":\"x\"}]", `:2: the name "partykey" is not known`},
		{"no ODS code", true, `[{"asid":"918999900017","party_key":"x"}]`, ":1: ods is not an ODS code"},
		{"ASID too short", true, `[{"ods":"Q70001","asid":"9189","party_key":"x"}]`, ":1: asid is not twelve digits"},
		{"no party key", true, `[{"ods":"Q70001","asid":"918999900017"}]`, ":1: party_key is missing"},
		{"no day", true, `[{"ods":"Q70001","asid":"918999900017","party_key":"x","closed":"2025-03-31"}]`, ":1: closed is not a day"},
		{"no area", true, `[{"ods":"Q70001","asid":"918999900017","party_key":"x","disabled":["referrals"]}]`, `:1: disabled: "referrals"`},
		{"a member of another type", true, "[{\"ods\":\"Q70001\",\n\"enabled\":\"yes\"}]", ":2: enabled is of another type"},
		{"twice", true, "[{\"ods\":\"Q70001\",\"asid\":\"918999900017\",\"party_key\":\"x\"},\n{\"ods\":\"Q70001\",\"asid\":\"918999900025\",\"party_key\":\"y\"}]", ":2: practice Q70001 is there twice"},
		{"another's ASID", true, `[{"ods":"Q70001","asid":"918999100017","party_key":"x"}]`, ":1: practice Q70001 has the ASID of A12345"},
		{"the consumer's ASID", true, `[{"ods":"Q70001","asid":"200000000359","party_key":"x"}]`, ":1: practice Q70001 has the ASID of A11111"},
		{"no JSON", false, `nothing`, ":1: it is not JSON"},
		{"null", false, "[\nnull]", ":2: it is not an object"},
		{"a name that is spelled wrongly", false, `[{"nhs":"9000000130","familly":"x"}]`, `:1: the name "familly" is not known`},
		{"no NHS number", false, "[{\"nhs\":\"9000000130\"},\n{\"nhs\":\"9000000131\"}]", ":2: patient 2: the NHS number is not valid"},
		{"a number that is one", false, "[\n{\"nhs\":9000000130}]", ":2: nhs is of another type"},
		{"twice", false, "[{\"nhs\":\"9000000130\"},\n\n{\"nhs\":\"9000000130\"}]", ":3: patient 2: the NHS number is there twice"},
		{"a state nobody knows", false, `[{"nhs":"9000000130","state":"asleep"}]`, `"ordinary"`},
		{"no day", false, `[{"nhs":"9000000130","born":"2.1.1971"}]`, ":1: patient 1: born is not a day"},
		{"no gender", false, `[{"nhs":"9000000130","gender":"f"}]`, ":1: patient 1: gender is none of"},
		{"no practice", false, `[{"nhs":"9000000130","practice":"a12345"}]`, ":1: patient 1: practice is not an ODS code"},
		{"no such bundle", false, `[{"nhs":"9000000130","bundle":"record-9000000130.json"}]`, "record-******0130.json"},
		{"a bundle elsewhere", false, `[{"nhs":"9000000130","bundle":"../x.json"}]`, "not in the same folder"},
		{"a bundle that is none", false, `[{"nhs":"9000000130","bundle":"own.json"}]`, `:1: patient 1: the bundle "own.json" is not served: not a JSON object`},
	} {
		cfg := Config{Patients: write(t, "own.json", test.content)}
		if test.practices {
			cfg = Config{Practices: cfg.Patients}
		}
		s, err := Start(context.Background(), cfg)
		var wrong *FileError
		if err == nil {
			s.Close()
			t.Errorf("%s: got a server, want an error", test.name)
		} else if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "own.json:") || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "90000001") {
			t.Errorf("%s: got %q, want it to say %q and nothing of the patient", test.name, err, test.want)
		}
	}
	for _, cfg := range []Config{{Practices: "/nowhere/p.json"}, {Patients: "/nowhere/p.json"}} {
		if s, err := Start(context.Background(), cfg); err == nil {
			s.Close()
			t.Error("a file that is not there: got a server, want an error")
		}
	}
}

// TestDataFolderIsKnownToPDS: with its bundles' demographics.
func TestDataFolderIsKnownToPDS(t *testing.T) {
	bundle := func(patient, rest string) string {
		return `{"resourceType":"Bundle","type":"collection","entry":[` + rest + `{"resource":{"resourceType":"Patient","id":"1",` + patient + `}}]}`
	}
	number := func(nhs string) string {
		return `"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + nhs + `"}]`
	}
	organisation := func(id, ods string) string {
		return `{"fullUrl":"urn:uuid:7","resource":{"resourceType":"Organization","id":"` + id + `","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"` + ods + `"}]}},`
	}
	dir := ownData(t, map[string]string{
		"a.json": bundle(number("9000000130")+`,"name":[{"use":"old","family":"Before"},{"use":"official","family":"Ownlea","given":["Vera","Ann"],"prefix":["Mrs"]}],
			"gender":"female","birthDate":"1971-01-02","address":[{"line":["1 Lane"]},{"line":["2 Lane"],"postalCode":"ZZ99 5AA"}],"managingOrganization":{"reference":"Organization/o"}`, organisation("o", "C11204")),
		"b.json": bundle(number("9000000009")+`,"name":{"family":["Bent"],"given":"Scalar"},"deceasedDateTime":"2020-02-03T04:05:06Z","managingOrganization":{"reference":"urn:uuid:7"}`, organisation("o", "X00001")),
		"c.json": bundle(number("9000000300"), ""),
	})
	a := newApplication(t, run(t, Config{Data: dir, Plain: true})).logOn()
	for nhs, want := range map[string]string{
		"9000000130": "Ownlea|Vera|1971-01-02|female|ZZ99 5AA|C11204|<nil>",
		"9000000009": "Bent|Scalar|<nil>|<nil>|<nil>|B82617|2020-02-03T00:00:00+00:00",
		"9000000300": "<nil>|<nil>|<nil>|<nil>|<nil>|B82617|<nil>",
	} {
		p := a.read(nhs).fields(t)
		got := fmt.Sprintf("%v|%v|%v|%v|%v|%v|%v", at(p, "name", 0, "family"), at(p, "name", 0, "given", 0), at(p, "birthDate"), at(p, "gender"),
			at(p, "address", 0, "postalCode"), at(p, "generalPractitioner", 0, "identifier", "value"), at(p, "deceasedDateTime"))
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if r := a.search("family=Ownlea&birthdate=1971-01-02"); at(r.fields(t), "entry", 0, "resource", "id") != "9000000130" {
		t.Errorf("search: got %s", r.body)
	}
}

// TestOwnPracticeAnswersEveryInteraction: one about which practices.json says little has no
// staff, places or slots, and says so rather than break.
func TestOwnPracticeAnswersEveryInteraction(t *testing.T) {
	path := write(t, "practices.json", `[{"ods":"Q70001","name":"Own Practice","asid":"918999900017","party_key":"Q70001-8219999"}]`)
	s := run(t, Config{Practices: path})
	for _, r := range interactionTable() {
		p := strings.ReplaceAll(r.path, "{id}", "1")
		if strings.HasPrefix(p, "/Slot") {
			p += "?status=free&start=ge2026-01-01&end=le2026-01-07&_include=Slot:schedule"
		}
		a := toward(t, s, "Q70001", r.interaction, r.method, p, r.scope)
		if r.method != "GET" {
			a.body = `{"resourceType":"Parameters"}`
		}
		if got := a.send(t, s); got.status >= 500 {
			t.Errorf("%s: got %d %.300s", r.interaction, got.status, got.body)
		}
	}
	if html := page(t, s); !strings.Contains(html, "Own Practice") {
		t.Error("the status page does not show it")
	}
}
