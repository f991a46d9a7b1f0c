package sandbox

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"
)

const (
	documentSearch = "documents:fhir:rest:search:documentreference-1"
	documentRead   = "documents:fhir:rest:read:binary-1"
)

func documentQueryOf(more ...string) string {
	q := url.Values{}
	for name, values := range documentIncludes() {
		q[name] = values
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Add(more[i], more[i+1])
	}
	return "?" + q.Encode()
}

func TestDocuments(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	found := c.do("documents:fhir:rest:search:patient-1", "/Patient?identifier="+url.QueryEscape(nhsSystem+"|9000000009"), nil)
	a := c.attempt(documentSearch, "/Patient/"+found.resources(t)[0]["id"].(string)+"/DocumentReference"+documentQueryOf(), nil)
	r := a.send(t, s)
	if r.status != 200 || r.fields(t)["id"] != a.header["Ssp-TraceID"][0] {
		t.Fatalf("got %d, want 200 with the trace id as the Bundle's: %.300s", r.status, r.body)
	}
	kinds := map[string]int{}
	for _, m := range r.resources(t) {
		kinds[m["resourceType"].(string)]++
		if m["resourceType"] != "DocumentReference" {
			continue
		}
		attachment := attachments(lenient(mustJSON(t, m)))[0]
		address, there := attachment["url"].(string)
		if !there {
			if attachment["title"] == nil {
				t.Error("an attachment without address does not say why")
			}
			continue
		}
		if want := a.address + "/Binary/"; !strings.HasPrefix(address, want) {
			t.Errorf("got address %s, want it under %s", address, want)
		}
		b := c.do(documentRead, strings.TrimPrefix(address, a.address), nil).fields(t)
		content, err := base64.StdEncoding.DecodeString(b["content"].(string))
		if err != nil || len(content) != sizeOf(attachment) || b["contentType"] != attachment["contentType"] || b["resourceType"] != "Binary" {
			t.Errorf("%s: got %d octets of %v and %v, want %d of %v", address, len(content), b["contentType"], err, sizeOf(attachment), attachment["contentType"])
		}
	}
	if kinds["Patient"] != 1 || kinds["DocumentReference"] != 3 || kinds["Organization"] != 2 {
		t.Errorf("got %v, want a patient, three documents, and two organisations that they name", kinds)
	}
}

func mustJSON(t testing.TB, fields map[string]any) []byte {
	t.Helper()
	return jsonAnswer(200, fields, "").body
}

func TestDocumentSearch(t *testing.T) {
	s := run(t, Config{})
	c := from(t, s, "A12345")
	id := c.patientID("9000000009")
	for _, test := range []struct {
		name, path string
		status     int
		code       string
		found      int
	}{
		{"all", id + "/DocumentReference" + documentQueryOf(), 200, "", 3},
		{"from a day on", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-12"), 200, "", 2},
		{"up to a day", id + "/DocumentReference" + documentQueryOf("created", "le2026-03-12"), 200, "", 2},
		{"one day", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-12", "created", "le2026-03-12"), 200, "", 1},
		{"with a time", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-13T00:00:00+00:00"), 200, "", 1},
		{"nothing so late", id + "/DocumentReference" + documentQueryOf("created", "ge2031-01-01"), 200, "", 0},
		{"of an author", id + "/DocumentReference" + documentQueryOf("author", odsSystem+"|XZ101"), 200, "", 2},
		{"of another author", id + "/DocumentReference" + documentQueryOf("author", odsSystem+"|XZ199"), 200, "", 0},
		{"with a word", id + "/DocumentReference" + documentQueryOf("description", "EYE"), 200, "", 1},
		{"with a word of the type", id + "/DocumentReference" + documentQueryOf("description", "correspondence"), 200, "", 1},
		{"without includes", id + "/DocumentReference", 422, "INVALID_PARAMETER", 0},
		{"without one of them", id + "/DocumentReference" + strings.Replace(documentQueryOf(), "custodian", "x", 1), 422, "INVALID_PARAMETER", 0},
		{"two ge", id + "/DocumentReference" + documentQueryOf("created", "ge2026-03-12", "created", "ge2026-03-13"), 422, "INVALID_PARAMETER", 0},
		{"another prefix", id + "/DocumentReference" + documentQueryOf("created", "eq2026-03-12"), 422, "INVALID_PARAMETER", 0},
		{"no date", id + "/DocumentReference" + documentQueryOf("created", "geyesterday"), 422, "INVALID_PARAMETER", 0},
		{"a practitioner as author", id + "/DocumentReference" + documentQueryOf("author", "https://fhir.nhs.uk/Id/sds-user-id|1"), 422, "INVALID_PARAMETER", 0},
		{"two authors", id + "/DocumentReference" + documentQueryOf("author", odsSystem+"|XZ101", "author", odsSystem+"|XZ102"), 422, "INVALID_PARAMETER", 0},
		{"unknown patient", "nobody/DocumentReference" + documentQueryOf(), 404, "PATIENT_NOT_FOUND", 0},
		{"who dissents", c.patientID("9000000041") + "/DocumentReference" + documentQueryOf(), 403, "NO_PATIENT_CONSENT", 0},
		{"without documents", c.patientID("9000000017") + "/DocumentReference" + documentQueryOf(), 200, "", 0},
	} {
		r := c.do(documentSearch, "/Patient/"+test.path, nil)
		r.refused(t, test.name, test.status, test.code)
		if r.status == 200 && test.status == 200 {
			if got := len(found(r.resources(t)).of("DocumentReference")); got != test.found {
				t.Errorf("%s: got %d documents, want %d", test.name, got, test.found)
			}
		}
	}
	search := "documents:fhir:rest:search:patient-1"
	c.do(search, "/Patient?identifier="+url.QueryEscape("https://example.com|9000000009"), nil).refused(t, "another system", 422, "INVALID_PARAMETER")
	c.do(search, "/Patient", nil).refused(t, "no identifier", 400, "BAD_REQUEST")
	c.do(documentRead, "/Binary/nothing", nil).refused(t, "an unknown document", 404, "NO_RECORD_FOUND")
}

func TestDocumentsOfTheDead(t *testing.T) {
	clock := newClock(time.Date(2025, 12, 20, 9, 0, 0, 0, time.UTC)) // twenty days after 9000000068 died
	s := run(t, Config{Plain: true, Now: clock.now})
	c := from(t, s, "A12345")
	path := "/Patient?identifier=" + url.QueryEscape(nhsSystem+"|9000000068")
	r := c.do("documents:fhir:rest:search:patient-1", path, nil)
	if len(r.resources(t)) != 1 {
		t.Fatal("within the time: got nobody, want the patient")
	}
	search := "/Patient/" + r.resources(t)[0]["id"].(string) + "/DocumentReference" + documentQueryOf()
	c.do(documentSearch, search, nil).refused(t, "within the time", 200, "")
	if got := len(c.do("fhir:rest:search:patient-1", path, nil).resources(t)); got != 0 {
		t.Errorf("foundations: got %d, want nobody", got)
	}
	clock.advance(10 * 24 * time.Hour)
	if got := len(c.do("documents:fhir:rest:search:patient-1", path, nil).resources(t)); got != 0 {
		t.Errorf("after the time: got %d, want nobody", got)
	}
	c.do(documentSearch, search, nil).refused(t, "after the time", 404, "PATIENT_NOT_FOUND")
}

func TestDocumentContent(t *testing.T) {
	for kind, begins := range map[string]string{"application/pdf": "%PDF-", "image/tiff": "II*\x00", "text/plain": "This", "text/rtf": `{\rtf`, "": "This"} {
		for _, size := range []int{0, 1000, 70_001} {
			b := documentContent(kind, size)
			if !bytes.HasPrefix(b, []byte(begins)) || size > 300 && len(b) != size {
				t.Errorf("%s of %d: got %d octets that begin with %q", kind, size, len(b), b[:min(5, len(b))])
			}
		}
	}
}

func TestDocumentsOfOwnData(t *testing.T) {
	bundle := strings.Replace(bundleFor("9000000130"), `{"resource":{}}`,
		`{"resource":{"resourceType":"DocumentReference","id":"d1","subject":{"reference":"Patient/1"},"content":[{"attachment":{"contentType":"text/plain","url":"https://elsewhere.example/Binary/7","size":100}}]}}`, 1)
	s := run(t, Config{Data: ownData(t, map[string]string{"a.json": bundle})})
	c := from(t, s, "C11204")
	a := c.attempt(documentSearch, "/Patient/"+c.patientID("9000000130")+"/DocumentReference"+documentQueryOf(), nil)
	docs := found(a.send(t, s).resources(t)).of("DocumentReference")
	if len(docs) != 1 {
		t.Fatalf("got %d documents, want one", len(docs))
	}
	if got, want := attachments(lenient(mustJSON(t, docs[0])))[0]["url"], a.address+"/Binary/d1"; got != want {
		t.Errorf("got %v, want %s", got, want)
	}
	c.do(documentRead, "/Binary/d1", nil).refused(t, "reading it", 200, "")
}

// TestOwnDataPatients: people of one's own are found, read and booked at any practice.
func TestOwnDataPatients(t *testing.T) {
	bare := strings.Replace(bundleFor("9000000408"), `"id":"1",`, "", 1) // a Patient without id
	s := run(t, Config{Data: ownData(t, map[string]string{"a.json": bundleFor("9000000130"), "b.json": bare})})
	for _, ods := range []string{"A12345", "E17702"} {
		c := from(t, s, ods)
		if got := c.patientID("9000000130"); got != "1" {
			t.Errorf("%s: got id %s, want the file's", ods, got)
		}
		id := c.patientID("9000000408")
		c.do("fhir:rest:read:patient-1", "/Patient/"+id, nil).refused(t, ods+": reading", 200, "")
		c.book("9000000408")
		c.do("fhir:operation:gpc.migratestructuredrecord-1", "/Patient/$gpc.migratestructuredrecord",
			parametersOf("9000000130", `{"name":"includeFullRecord","part":[{"name":"includeSensitiveInformation","valueBoolean":false}]}`)).refused(t, ods+": migrating", 200, "")
	}
}

// TestPatientIDsAreKnownFromTheRecords: an id that was remembered from an earlier run is found
// without a search.
func TestPatientIDsAreKnownFromTheRecords(t *testing.T) {
	id := from(t, run(t, Config{}), "A12345").patientID("9000000319")
	s := run(t, Config{Data: ownData(t, map[string]string{"a.json": bundleFor("9000000130")})})
	c := from(t, s, "A12345")
	c.do("fhir:rest:read:patient-1", "/Patient/"+id, nil).refused(t, "embedded", 200, "")
	c.do("fhir:rest:read:patient-1", "/Patient/1", nil).refused(t, "of a file", 200, "")
}
