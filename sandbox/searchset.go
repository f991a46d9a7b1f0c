package sandbox

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

const searchsetProfile = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-Searchset-Bundle-1"

// searchset is the answer to a search: a Bundle that has no entry at all when nothing was
// found. id is "" for bundles without one; extension may be nil.
func (c *call) searchset(id string, found []map[string]any, extension []any) answer {
	entries := make([]resource, len(found))
	for i, fields := range found {
		entries[i] = asResource(fields)
	}
	return c.searchsetOf(id, entries, extension)
}

// searchsetOf is a searchset of what is written already. It may reorder entries.
func (c *call) searchsetOf(id string, entries []resource, extension []any) answer {
	if len(entries) > 1 && c.differ("shuffle") {
		c.dice.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	}
	head := map[string]any{"resourceType": "Bundle", "type": "searchset", "meta": map[string]any{"profile": []any{searchsetProfile}}}
	if id != "" {
		head["id"] = id
	}
	if extension != nil {
		head["meta"].(map[string]any)["extension"] = extension
	}
	a := jsonAnswer(http.StatusOK, head, "")
	if len(entries) == 0 {
		return a
	}
	b := bytes.NewBuffer(bytes.TrimSuffix(a.body, []byte("}")))
	b.WriteString(`,"entry":[`)
	for i, r := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"resource":`)
		b.Write(c.decorate(r.raw, r.seam))
		b.WriteByte('}')
	}
	b.WriteString("]}")
	a.body = b.Bytes()
	return a
}

// single is the answer to a read: the resource, and its version as ETag.
func (c *call) single(fields map[string]any) answer {
	return c.plain(http.StatusOK, fields).tagged(fields)
}

// tagged is an answer with a resource's version as ETag.
func (a answer) tagged(fields map[string]any) answer {
	if version := versionOf(fields); version != "" {
		a.header.Set("ETag", `W/"`+version+`"`)
	}
	return a
}

// plain is a resource without an ETag.
func (c *call) plain(status int, fields map[string]any) answer {
	a := jsonAnswer(status, fields, "")
	a.body = c.decorate(a.body, findSeam(a.body))
	return a
}

// written is the answer to a write: the resource, or nothing but headers when the request
// prefers that. Its version is in meta alone; at times, as some practices do it, in an ETag, too.
func (c *call) written(status int, fields map[string]any) answer {
	a := answer{status: status, header: http.Header{}}
	if !c.minimal() {
		a = c.plain(status, fields)
	}
	if c.dice.IntN(2) == 0 && c.differ("write-etag") {
		return a.tagged(fields)
	}
	return a
}

// minimal says whether the request prefers an answer without a body.
func (c *call) minimal() bool {
	for part := range strings.SplitSeq(strings.Join(c.header.Values("Prefer"), ","), ",") {
		if strings.EqualFold(strings.ReplaceAll(part, " ", ""), "return=minimal") {
			return true
		}
	}
	return false
}

func versionOf(fields map[string]any) string {
	meta, _ := fields["meta"].(map[string]any)
	version, _ := meta["versionId"].(string)
	return version
}

// identifier reads the search parameter of that name, which must be there once: a system the
// search knows and a value. Parameters that are not known are ignored.
func (c *call) identifier(systems ...string) (system, value string, refused *answer) {
	refuse := func(code, text string) *answer { a := refuse(code, text); return &a }
	values := c.query["identifier"]
	if len(values) != 1 {
		return "", "", refuse("BAD_REQUEST", "the parameter identifier is not there once")
	}
	system, value, ok := strings.Cut(values[0], "|")
	switch {
	case !ok || system == "" || value == "":
		return "", "", refuse("INVALID_PARAMETER", "identifier is not a system, a vertical bar and a value")
	case len(systems) > 0 && !slices.Contains(systems, system):
		code := "INVALID_IDENTIFIER_SYSTEM"
		if c.row.root == documents {
			code = "INVALID_PARAMETER" // access document, find a patient
		}
		return "", "", refuse(code, "identifier: the system is not "+strings.Join(systems, " or "))
	}
	return system, value, nil
}
