package sandbox

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func TestAsXML(t *testing.T) {
	for _, test := range []struct{ name, from, want string }{
		{"primitives", `{"resourceType":"Patient","id":"1","active":true,"birthDate":"1958-04-17"}`,
			`<Patient xmlns="http://hl7.org/fhir"><id value="1"/><active value="true"/><birthDate value="1958-04-17"/></Patient>`},
		{"numbers as they are", `{"resourceType":"X","n":5.10}`, `<X xmlns="http://hl7.org/fhir"><n value="5.10"/></X>`},
		{"a list", `{"resourceType":"Patient","name":[{"given":["A","B"],"family":"C"}]}`,
			`<Patient xmlns="http://hl7.org/fhir"><name><family value="C"/><given value="A"/><given value="B"/></name></Patient>`},
		{"an extension", `{"resourceType":"Slot","extension":[{"valueCode":"Video","url":"https://example.com/x","id":"e"}]}`,
			`<Slot xmlns="http://hl7.org/fhir"><extension url="https://example.com/x" id="e"><valueCode value="Video"/></extension></Slot>`},
		{"what stands beside a primitive", `{"resourceType":"X","given":["A",null],"_given":[null,{"extension":[{"url":"u","valueString":"v"}]}]}`,
			`<X xmlns="http://hl7.org/fhir"><given value="A"/><given><extension url="u"><valueString value="v"/></extension></given></X>`},
		{"a primitive with what stands beside it", `{"resourceType":"X","_on":{"id":"i"},"on":"2026"}`, `<X xmlns="http://hl7.org/fhir"><on id="i" value="2026"/></X>`},
		{"only what stands beside it", `{"resourceType":"X","_on":{"extension":[{"url":"u","valueCode":"unknown"}]}}`,
			`<X xmlns="http://hl7.org/fhir"><on><extension url="u"><valueCode value="unknown"/></extension></on></X>`},
		{"a contained resource", `{"resourceType":"Appointment","contained":[{"resourceType":"Organization","id":"1","name":"N"}]}`,
			`<Appointment xmlns="http://hl7.org/fhir"><contained><Organization><id value="1"/><name value="N"/></Organization></contained></Appointment>`},
		{"a bundle", `{"type":"searchset","resourceType":"Bundle","entry":[{"resource":{"resourceType":"Slot","id":"1"}}]}`,
			`<Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/><entry><resource><Slot><id value="1"/></Slot></resource></entry></Bundle>`},
		{"markup", `{"resourceType":"X","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a<br/></div>"},"comment":"<b>\"&'\n"}`,
			`<X xmlns="http://hl7.org/fhir"><text><div xmlns="http://www.w3.org/1999/xhtml">a<br/></div></text><comment value="&lt;b&gt;&#34;&amp;&#39;&#xA;"/></X>`},
		{"order", `{"issue":[{"diagnostics":"d","severity":"error","details":{"coding":[{"code":"c","system":"s"}]},"code":"invalid"}],"meta":{"profile":["p"],"versionId":"1"},"resourceType":"OperationOutcome"}`,
			`<OperationOutcome xmlns="http://hl7.org/fhir"><meta><versionId value="1"/><profile value="p"/></meta><issue><severity value="error"/><code value="invalid"/>` +
				`<details><coding><system value="s"/><code value="c"/></coding></details><diagnostics value="d"/></issue></OperationOutcome>`},
	} {
		got, err := asXML([]byte(test.from))
		if err != nil || string(got) != test.want {
			t.Errorf("%s:\n got %s %v\nwant %s", test.name, got, err, test.want)
		}
	}
	for _, bad := range []string{``, `[]`, `{"resourceType":`, `"x"`} {
		if got, err := asXML([]byte(bad)); err == nil {
			t.Errorf("%q: got %s, want an error", bad, got)
		}
	}
}

// TestXMLThereAndBack: what can be sent in XML comes back as it was.
func TestXMLThereAndBack(t *testing.T) {
	f := found{
		{"resourceType": "Schedule", "id": "1", "actor": []any{map[string]any{"reference": "Location/1"}}},
		{"resourceType": "Slot", "id": "2", "schedule": map[string]any{"reference": "Schedule/1"}, "start": "2026-11-23T09:00:00+00:00", "end": "2026-11-23T09:10:00+00:00"},
	}
	appointment := bookingFor(f, "p1", f[1])
	appointment["minutesDuration"] = json.Number("10")
	appointment["serviceType"] = []any{map[string]any{"text": "x & y"}}
	for _, sent := range []map[string]any{registering(newcomer()), appointment} {
		want := mustJSON(t, sent)
		written, err := asXML(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fromXML(written)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(lenient(got), lenient(want)) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	for _, bad := range []string{"", "x", "<Patient/>", `<Patient xmlns="http://hl7.org/fhir"><id value="1"/><id value="2"/></Patient>`, `<Patient xmlns="http://hl7.org/fhir">`,
		`<Patient xmlns="http://hl7.org/fhir"/><Patient xmlns="http://hl7.org/fhir"/>`, strings.Repeat(`<Patient xmlns="http://hl7.org/fhir">`, 300)} {
		if got, err := fromXML([]byte(bad)); err == nil {
			t.Errorf("%.60q: got %s, want an error", bad, got)
		}
	}
}

// wellFormedXML reads a body to its end, and says what its root is.
func wellFormedXML(t testing.TB, body []byte) (root string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return root
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
}

// TestXMLWhenAskedFor asks every kind of thing in every way.
func TestXMLWhenAskedFor(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "B82617")
	const accept = "application/fhir+xml"
	patients := "/Patient?identifier=" + url.QueryEscape(nhsSystem+"|9690937278")
	inXML := func(a *attempt) { a.header.Set("Accept", accept) }
	for _, test := range []struct {
		name, interaction, path string
		body                    any
		change                  func(*attempt)
		status                  int
		kind, root              string
	}{
		{"by Accept", "fhir:rest:search:patient-1", patients, nil, inXML, 200, fhirXML, "Bundle"},
		{"by _format", "fhir:rest:search:patient-1", patients + "&_format=application/fhir%2Bxml", nil, func(*attempt) {}, 200, fhirXML, "Bundle"},
		{"by a short _format", "fhir:rest:search:patient-1", patients + "&_format=xml", nil, func(*attempt) {}, 200, fhirXML, "Bundle"},
		{"_format before Accept", "fhir:rest:search:patient-1", patients + "&_format=json", nil, inXML, 200, fhirJSON, ""},
		{"the first that is known", "fhir:rest:search:patient-1", patients, nil, header("Accept", "text/html, application/fhir+xml, application/fhir+json"), 200, fhirXML, "Bundle"},
		{"a read", "fhir:rest:read:location-1", "/Location/1", nil, inXML, 200, fhirXML, "Location"},
		{"metadata", "fhir:rest:read:metadata-1", "/metadata", nil, inXML, 200, fhirXML, "CapabilityStatement"},
		{"an error", "fhir:rest:read:location-1", "/Location/x", nil, inXML, 404, fhirXML, "OperationOutcome"},
		{"a broken token", "fhir:rest:read:location-1", "/Location/1", nil, func(a *attempt) { inXML(a); delete(a.claims, "iss") }, 400, fhirXML, "OperationOutcome"},
		{"a record", "fhir:operation:gpc.getstructuredrecord-1", "/Patient/$gpc.getstructuredrecord", parametersOf("9690937286", everything), inXML, 200, fhirXML, "Bundle"},
		{"what is sent as XML", "fhir:operation:gpc.registerpatient-1", "/Patient/$gpc.registerpatient", string(must(asXML(mustJSON(t, registering(newcomer()))))),
			func(a *attempt) { a.header.Set("Content-Type", fhirXML); a.header.Del("Accept") }, 200, fhirXML, "Bundle"},
		{"what is sent as broken XML", "fhir:operation:gpc.registerpatient-1", "/Patient/$gpc.registerpatient", "<Parameters", header("Content-Type", fhirXML), 400, fhirJSON, ""},
	} {
		r := c.do(test.interaction, test.path, test.body, test.change)
		if r.status != test.status || r.header.Get("Content-Type") != test.kind {
			t.Errorf("%s: got %d %s, want %d %s: %.200s", test.name, r.status, r.header.Get("Content-Type"), test.status, test.kind, r.body)
			continue
		}
		if test.kind != fhirXML {
			r.fields(t)
		} else if root := wellFormedXML(t, r.body); root != test.root {
			t.Errorf("%s: got %s, want %s", test.name, root, test.root)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func FuzzFromXML(f *testing.F) {
	f.Add([]byte(`<Patient xmlns="http://hl7.org/fhir"><name><given value="A"/></name></Patient>`))
	f.Add([]byte(`<Parameters xmlns="http://hl7.org/fhir"><parameter><resource><Patient><id value="1"/></Patient></resource></parameter></Parameters>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := fromXML(raw)
		if err == nil && !json.Valid(out) {
			t.Errorf("got %s, which is not JSON", out)
		}
	})
}

func FuzzAsXML(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"1"}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) { asXML(raw) }) // it must end, and not fall over
}
