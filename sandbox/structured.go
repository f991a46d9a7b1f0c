package sandbox

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

const structuredProfile = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"

// getStructuredRecord judges the Parameters, finds the patient, and answers with the part of
// the record that was asked for.
func getStructuredRecord(c *call) answer {
	zone := london()
	q, err := parseQuery(c.body, c.server.cfg.Now().In(zone).Format(time.DateOnly))
	var wrong *broken
	if errors.As(err, &wrong) {
		return refuse(wrong.code, wrong.text)
	}
	q.disable(c.practice.Disabled)
	p, code := c.server.people.find(q.nhs, c.practice.ODS)
	if code != "" {
		return refuse(code, "the patient is not available here").blameless()
	}
	if c.somebodyElse {
		p = c.server.people.another(p)
	}
	if p.file != "" {
		return c.fileAnswer(p.file)
	}
	record, err := p.load()
	if err != nil {
		return failed()
	}
	chosen := slices.Clone(record.choose(q, zone))
	for i, r := range chosen {
		if r.kind == "DocumentReference" {
			chosen[i] = c.addressed(r)
		}
	}
	return c.recordAnswer(chosen, q.warnings)
}

func failed() answer {
	return refuse("INTERNAL_SERVER_ERROR", "the record cannot be read").blameless()
}

// fileAnswer serves a bundle of one's own: as it stands, but for the differences.
func (c *call) fileAnswer(path string) answer {
	raw, err := os.ReadFile(path)
	if err != nil {
		return failed()
	}
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {fhirJSON}}, body: c.different(raw)}
}

// recordAnswer writes the Bundle. Its id is the request's trace id.
func (c *call) recordAnswer(chosen []resource, warnings []any) answer {
	if len(warnings) > 0 {
		chosen = append(chosen, asResource(providerOutcome(warnings...)))
	}
	if c.differ("shuffle") {
		c.dice.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	}
	size := 1024
	for _, r := range chosen {
		size += len(r.raw) + 256
	}
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	b.Grow(size)
	b.WriteString(`{"resourceType":"Bundle","id":` + strconv.Quote(c.trace) + `,"meta":{"profile":["` + structuredProfile + `"]},"type":"collection","entry":[`)
	for i, r := range chosen {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"resource":`)
		b.Write(c.decorate(r.raw, r.seam))
		b.WriteByte('}')
	}
	b.WriteString("]}")
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {fhirJSON}}, body: b.Bytes(), lent: b}
}

// buffers are lent to records, of which each would be a quarter of a megabyte of garbage.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// asResource makes an entry of fields.
func asResource(fields map[string]any) resource {
	raw := jsonAnswer(0, fields, "").body
	kind, _ := fields["resourceType"].(string)
	return resource{kind: kind, raw: raw, seam: findSeam(raw), fields: fields}
}
