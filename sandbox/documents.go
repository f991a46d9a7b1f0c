package sandbox

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// findPatientForDocuments is find a patient at the documents' service root: its Bundle has
// the request's trace id.
func findPatientForDocuments(c *call) answer {
	found, refused := c.soughtPatient()
	if refused != nil {
		return *refused
	}
	return c.searchset(c.trace, found, nil)
}

// documentIncludes are the five parameters that every search for documents must have.
func documentIncludes() map[string][]string {
	return map[string][]string{
		"_include":            {"DocumentReference:subject:Patient", "DocumentReference:custodian:Organization", "DocumentReference:author:Organization", "DocumentReference:author:Practitioner"},
		"_revinclude:recurse": {"PractitionerRole:practitioner"},
	}
}

// searchDocuments answers with a patient's documents, and with the patient, organisations and
// practitioners they name.
func searchDocuments(c *call) answer {
	p, code := c.documentsOf(c.id())
	if code != "" {
		return refuse(code, "the patient's documents are not available here").blameless()
	}
	q, wrong := readDocumentQuery(c.query)
	if wrong != "" {
		return refuse("INVALID_PARAMETER", wrong)
	}
	p = c.mistaken(p)
	record, err := c.server.chartOf(p.person)
	if err != nil {
		return failed()
	}
	found := []map[string]any{p.fields}
	named := map[int]bool{}
	var documents []map[string]any
	for _, r := range record.ofKind("DocumentReference") {
		if !q.matches(record, r) {
			continue
		}
		documents = append(documents, c.told(r, false))
		record.administrativeOf(r, named)
	}
	for i, r := range record.resources {
		if named[i] {
			found = append(found, r.fields)
		}
	}
	return c.searchset(c.trace, append(documents, found...), nil)
}

// documentsOf finds the patient with a logical id, or the code why their documents are not
// told.
func (c *call) documentsOf(id string) (patient, string) {
	nhs, known := c.number(id)
	p := c.server.people.byNumber[nhs]
	if !known || p == nil {
		return patient{}, "PATIENT_NOT_FOUND"
	}
	if code := c.documented(p); code != "" {
		return patient{}, code
	}
	found, err := c.server.patient(p, c.practice.ODS)
	if err != nil { // not on the practice's own list
		return patient{}, "PATIENT_NOT_FOUND"
	}
	return found, ""
}

// documented is the code why somebody's documents are not told: who dissents is refused, who
// died lately is not.
func (c *call) documented(p *person) string {
	switch {
	case p.State == "no-consent":
		return "NO_PATIENT_CONSENT"
	case p.State == "ordinary" || p.State == "deceased" && p.lately(c.server.cfg.Now()):
		return ""
	}
	return "PATIENT_NOT_FOUND"
}

// A documentQuery is what of the documents is asked for.
type documentQuery struct {
	from, until time.Time // by created, or by indexed where that is missing
	author      string    // ODS code
	keyword     string
}

func readDocumentQuery(query url.Values) (q documentQuery, wrong string) {
	for name, values := range documentIncludes() {
		for _, v := range values {
			if !slices.Contains(query[name], v) {
				return q, name + "=" + v + " is missing"
			}
		}
	}
	for _, created := range query["created"] {
		prefix, text := created[:min(2, len(created))], created[min(2, len(created)):]
		t, whole, ok := moment(text)
		switch {
		case !ok:
			return q, "created is neither a date nor a date and time"
		case prefix == "ge" && q.from.IsZero():
			q.from = t
		case prefix == "le" && q.until.IsZero():
			if q.until = t; whole {
				q.until = t.AddDate(0, 0, 1).Add(-time.Nanosecond)
			}
		default:
			return q, "created is not at most once with ge and once with le"
		}
	}
	if authors := query["author"]; len(authors) > 0 {
		system, value, _ := strings.Cut(authors[0], "|")
		if len(authors) > 1 || system != odsSystem || value == "" {
			return q, "author is not one organisation by its ODS code"
		}
		q.author = value
	}
	if len(query["description"]) > 1 {
		return q, "description is there more than once"
	}
	q.keyword = strings.ToLower(query.Get("description"))
	return q, ""
}

// moment reads a date, or a date and time with offset.
func moment(text string) (t time.Time, whole, ok bool) {
	if t, err := time.ParseInLocation(time.DateOnly, text, london()); err == nil {
		return t, true, true
	}
	t, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+"))
	return t, false, err == nil
}

// matches says whether a document is asked for.
func (q documentQuery) matches(record *chart, r resource) bool {
	if begins, ends, dated := documentTime(r); dated {
		if !q.from.IsZero() && ends.Before(q.from) || !q.until.IsZero() && begins.After(q.until) {
			return false
		}
	}
	if q.author != "" && !slices.ContainsFunc(r.links, func(l link) bool {
		at, ok := record.at[l.target]
		return ok && l.via == "author" && slices.Contains(identifiers(record.resources[at].fields)[odsSystem], q.author)
	}) {
		return false
	}
	kind, _ := r.fields["type"].(map[string]any)
	text, _ := kind["text"].(string)
	return strings.Contains(strings.ToLower(r.text("description")+" "+text+" "+strings.Join(displays(kind), " ")), q.keyword)
}

// documentTime is when a document was created, or indexed where that is not known: an
// instant, or the whole of a day, month or year.
func documentTime(r resource) (begins, ends time.Time, dated bool) {
	text := r.text("created")
	if text == "" {
		text = r.text("indexed")
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t, true
	}
	days := spanOf(text, london())
	first, _, ok1 := moment(days.first)
	last, _, ok2 := moment(days.last)
	return first, last.AddDate(0, 0, 1).Add(-time.Nanosecond), ok1 && ok2
}

func displays(concept map[string]any) (all []string) {
	codings, _ := concept["coding"].([]any)
	for _, x := range codings {
		coding, _ := x.(map[string]any)
		if s, ok := coding["display"].(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// told is a DocumentReference as this practice tells it: its attachments are where the
// documents' service root is for the caller. all says that the large ones have an address too.
func (c *call) told(r resource, all bool) map[string]any {
	fields := clone(r.fields)
	for i, a := range attachments(fields) {
		if _, there := a["url"]; !there && !(all && sizeOf(a) > 0) {
			continue
		}
		if all {
			delete(a, "title") // it said why there was none
		}
		a["url"] = c.root(documents) + "/Binary/" + binaryID(r.id, i)
	}
	return fields
}

// addressed is told in the resource's own octets, for records that are asked for often.
func (c *call) addressed(r resource) resource {
	for i, a := range attachments(r.fields) {
		if old, ok := a["url"].(string); ok {
			r.raw = bytes.Replace(r.raw, []byte(strconv.Quote(old)), []byte(strconv.Quote(c.root(documents)+"/Binary/"+binaryID(r.id, i))), 1)
			r.seam = findSeam(r.raw)
		}
	}
	return r
}

// attachments are those of a DocumentReference's contents.
func attachments(fields map[string]any) (all []map[string]any) {
	contents, _ := fields["content"].([]any)
	for _, x := range contents {
		content, _ := x.(map[string]any)
		if a, ok := content["attachment"].(map[string]any); ok {
			all = append(all, a)
		}
	}
	return all
}

// binaryID is the id of a document's i-th attachment.
func binaryID(document string, i int) string {
	if i == 0 {
		return document
	}
	return document + "-" + itoa(i+1)
}
