package fhir

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestParseOutcomeFromXML(t *testing.T) {
	body := fixture(t, "outcome-provider.xml")
	o, ok := ParseOutcome("application/fhir+xml;charset=utf-8", body)
	if !ok {
		t.Fatal("got no outcome")
	}
	want := []OutcomeIssue{
		{
			Severity: "error", Code: "forbidden", Diagnostics: "The practice's system refused",
			Details: CodeableConcept{Text: "dissent & café", Coding: []Coding{{
				System: "https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1", Version: "1",
				Code: "NO_PATIENT_CONSENT", Display: "Patient has not provided consent to share data",
			}}},
			Location: []string{"/f:Parameters/f:parameter[1]"}, Expression: []string{"Parameters.parameter[0]"},
		},
		{Severity: "warning", Code: "not-supported", Diagnostics: "in the content, which is no FHIR"},
	}
	if !reflect.DeepEqual(o.Issue, want) {
		t.Errorf("got  %+v\nwant %+v", o.Issue, want)
	}
	if o.ID != "b5d0b2d0-8a3e-4f0e-8a8a-1f3b6f8f0c01" || o.Type != "OperationOutcome" || string(o.Raw) != string(body) || o.Index != -1 {
		t.Errorf("got id %q, type %q, %d bytes", o.ID, o.Type, len(o.Raw))
	}
	if len(o.Meta.Profile) != 1 || !strings.HasSuffix(o.Meta.Profile[0], "/GPConnect-OperationOutcome-1") {
		t.Errorf("got profiles %q", o.Meta.Profile)
	}
	if got, want := fmt.Sprintf("%v", o), fmt.Sprintf("OperationOutcome (%d bytes)", len(body)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The same outcome says the same in either format.
func TestParseOutcomeFromXMLAsFromJSON(t *testing.T) {
	x, ok1 := ParseOutcome("", fixture(t, "outcome-proxy.xml"))
	j, ok2 := ParseOutcome("", []byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient","details":{"coding":[{
		"system":"http://fhir.nhs.net/ValueSet/gpconnect-schedule-response-code-1-0","code":"502",
		"display":"ERROR_COMMUNICATING_TO_ENDPOINT_URL_https://practice.example/A12345"}]},
		"diagnostics":"ERROR_COMMUNICATING_TO_ENDPOINT_URL_https://practice.example/A12345"}]}`))
	if !ok1 || !ok2 {
		t.Fatalf("got %v from XML, %v from JSON", ok1, ok2)
	}
	x.Resource, j.Resource = Resource{}, Resource{}
	if !reflect.DeepEqual(x, j) {
		t.Errorf("from XML  %+v\nfrom JSON %+v", x.Issue, j.Issue)
	}
}

func TestParseOutcomeTakesWhatErrorsAreLike(t *testing.T) {
	const head, tail = `{"resourceType":"OperationOutcome","issue":[{"code":"x"`, `}]}`
	const xmlHead, xmlTail = `<OperationOutcome xmlns="http://hl7.org/fhir"><issue><code value="x"/>`, `</issue></OperationOutcome>`
	for name, c := range map[string]struct{ body, diagnostics string }{
		"a comma too many":                   {string(fixture(t, "outcome-comma.json")), `a "quoted" part ,] stays, a comma ,} too`},
		"a comma and white space":            {head + `,"diagnostics":"d" , ` + "\r\n\t" + `} , ] }`, "d"},
		"a comma after a backslash":          {head + `,"diagnostics":"\\",}]}`, `\`},
		"a comma after an odd quote":         {head + `,"diagnostics":"one \" ,] stays",}]}`, `one " ,] stays`},
		"Latin-1 in JSON":                    {head + ",\"diagnostics\":\"caf\xe9\"" + tail, "café"},
		"white space first":                  {strings.Repeat(" \r\n", 5000) + head + tail, ""},
		"a byte order mark and XML":          {"\xef\xbb\xbf" + xmlHead + `<diagnostics value="d"/>` + xmlTail, "d"},
		"Latin-1 that says so":               {`<?xml version="1.0" encoding="ISO-8859-1"?>` + xmlHead + "<diagnostics value=\"caf\xe9\"/>" + xmlTail, "café"},
		"UTF-8 that says Latin-1":            {`<?xml version="1.0" encoding="ISO-8859-1"?>` + xmlHead + "<diagnostics value=\"café\"/>" + xmlTail, "café"},
		"Latin-1 that does not say so":       {xmlHead + "<diagnostics value=\"caf\xe9\"/>" + xmlTail, "café"},
		"no name space":                      {`<OperationOutcome><issue><diagnostics value="d"/></issue></OperationOutcome>`, "d"},
		"a document type":                    {`<!DOCTYPE OperationOutcome [<!ELEMENT a (b)>]>` + xmlHead + xmlTail, ""},
		"something after the end":            {xmlHead + `<diagnostics value="d"/>` + xmlTail + "\n<!-- served by 3 -->", "d"},
		"elements and attributes unforeseen": {xmlHead + `<extension url="u"><valueCode value="c"/></extension><diagnostics id="1" value="d"><x/></diagnostics>` + xmlTail, "d"},
	} {
		o, ok := ParseOutcome("", []byte(c.body))
		if !ok || len(o.Issue) != 1 || o.Issue[0].Diagnostics != c.diagnostics {
			t.Errorf("%s: got %v, want the diagnostics %q", name, ok, c.diagnostics)
		}
		if ok && !strings.Contains(c.body, string(o.Raw)) {
			t.Errorf("%s: Raw is not as it came", name)
		}
	}
}

func TestParseOutcomeRefuses(t *testing.T) {
	const head, tail = `<OperationOutcome xmlns="http://hl7.org/fhir"><issue><diagnostics value="`, `"/></issue></OperationOutcome>`
	var laughs strings.Builder
	for i := range 20 {
		fmt.Fprintf(&laughs, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	for name, body := range map[string]string{
		"nothing":              "",
		"a page":               string(fixture(t, "page-gateway.html")),
		"text":                 "upstream connect error",
		"another resource":     `<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>`,
		"half an outcome":      head + "d",
		"an end that is wrong": `<OperationOutcome><issue></OperationOutcome></issue>`,
		"an entity of its own": `<!DOCTYPE OperationOutcome [<!ENTITY l0 "ha">` + laughs.String() + `]>` + head + "&l20;" + tail,
		"an entity from a file": `<!DOCTYPE OperationOutcome [<!ENTITY e SYSTEM "file:///etc/hostname">]>` +
			head + "&e;" + tail,
		"deep XML":                `<OperationOutcome>` + strings.Repeat("<issue>", 200) + strings.Repeat("</issue>", 200) + `</OperationOutcome>`,
		"very deep XML":           strings.Repeat("<OperationOutcome>", 50_000),
		"deep JSON":               `{"resourceType":"OperationOutcome","issue":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
		"large XML":               head + strings.Repeat("d", 1<<18) + tail,
		"large JSON":              `{"resourceType":"OperationOutcome","id":"` + strings.Repeat("d", 1<<18) + `"}`,
		"a comma for a value":     `{"resourceType":"OperationOutcome","issue":,}`,
		"two commas":              `{"resourceType":"OperationOutcome","issue":[{},,]}`,
		"a comma after the end":   `{"resourceType":"OperationOutcome"},`,
		"a comma and no end":      `{"resourceType":"OperationOutcome","id":"`,
		"a comma and a backslash": `{"resourceType":"OperationOutcome","id":"\`,
	} {
		if o, ok := ParseOutcome("application/fhir+xml", []byte(body)); ok || o != nil {
			t.Errorf("%s: got an outcome", name)
		}
	}
}

// A trailing comma is forgiven in an error, never in a record.
func TestATrailingCommaIsForgivenInOutcomesOnly(t *testing.T) {
	body := fixture(t, "outcome-comma.json")
	if _, err := ParseResource(body, Limits{}); err == nil {
		t.Error("ParseResource took it")
	}
	if _, err := ParseBundle([]byte(`{"resourceType":"Bundle","entry":[],}`), Limits{}); err == nil {
		t.Error("ParseBundle took it")
	}
}

// The worst that an outcome can be made of costs a bounded amount.
func TestAnOutcomeOfManyIssuesIsBounded(t *testing.T) {
	for name, body := range map[string]string{
		"XML":  `<OperationOutcome>` + strings.Repeat(`<issue/>`, 1<<15-10) + `</OperationOutcome>`,
		"JSON": `{"resourceType":"OperationOutcome","issue":[` + strings.Repeat(`{},`, 87_000) + `{}]}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		o, ok := ParseOutcome("", []byte(body))
		runtime.ReadMemStats(&after)
		if !ok || len(o.Issue) < 30_000 {
			t.Errorf("%s: got %v, want all issues", name, ok)
		}
		if got, most := (after.TotalAlloc-before.TotalAlloc)>>20, uint64(120); got > most {
			t.Errorf("%s: got %d MiB allocated, want at most %d", name, got, most)
		}
	}
}

func TestSniff(t *testing.T) {
	for body, want := range map[string]BodyKind{
		"": EmptyBody, " \r\n\t": EmptyBody, "\xef\xbb\xbf": EmptyBody, "\xef\xbb\xbf ": EmptyBody,
		"{": JSONBody, "\xef\xbb\xbf\n {}": JSONBody, `[1]`: JSONBody,
		"<OperationOutcome/>": XMLBody, `<?xml version="1.0"?><f:a/>`: XMLBody, "<!-- html --><Bundle>": XMLBody, "<": XMLBody,
		"<?xml": XMLBody, "<!-- ": XMLBody, "<!DOCTYPE svg><svg/>": XMLBody, "<!": XMLBody, "<!doctype": XMLBody, "<htmlx>": XMLBody,
		"<html>": HTMLBody, " <HTML lang='en'>": HTMLBody, "<!doctype html>": HTMLBody, "<!DOCTYPE HTML\nPUBLIC \"\">": HTMLBody,
		"<h1>x": HTMLBody, "<?xml version='1.0'?>\n<!-- > -->\n<html xmlns='http://www.w3.org/1999/xhtml'>": HTMLBody, "<body": HTMLBody,
		"<!-->--><html>": HTMLBody,
		"Bad Gateway":    TextBody, `"text"`: TextBody, "é": TextBody, "caf\xe9 au lait": TextBody, "%PDF-1.4\n\x00": BinaryBody, "a\xe9": TextBody, "\x1f\x8b\x08": BinaryBody, "a\x00": BinaryBody,
		strings.Repeat("é", 3000): TextBody, "a" + strings.Repeat("é", 3000): TextBody, strings.Repeat(" ", 5000) + "{": JSONBody,
	} {
		if got := Sniff([]byte(body)); got != want {
			t.Errorf("%.40q: got %s, want %s", body, got, want)
		}
	}
}

func TestPageTitle(t *testing.T) {
	for page, want := range map[string]string{
		string(fixture(t, "page-gateway.html")): "502 Bad & broken Gateway",
		"<html><title>T":                        "",
		"<html><title></title><body><H1 class='a'>Not <b>here</b></H1>": "Not here",
		"<h2>Only\u202e\x1b[31m this</h2>":                              "Only [31m this",
		"<html><title>caf\xe9</title>":                                  "café",
		"<html><title>\u0130\u212a</title>":                             "\u0130\u212a",
		"<html>":                                                        "",
		"<title>a</title>":                                              "a",
		"<title":                                                        "",
		"<title></title":                                                "",
		"<html></title><title>late</title>":                             "late",
		"<html><title>" + strings.Repeat("long ", 100) + "</title>": strings.TrimSpace(strings.Repeat("long ", 40)),
		`{"title":"<title>x</title>"}`:                              "",
		"<OperationOutcome><title>x</title></OperationOutcome>":     "",
	} {
		if got := PageTitle([]byte(page)); got != want {
			t.Errorf("%.60q: got %q, want %q", page, got, want)
		}
	}
}
