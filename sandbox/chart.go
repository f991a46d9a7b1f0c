package sandbox

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// A chart is a person's whole record, ready to be selected from.
type chart struct {
	resources []resource
	at        map[string]int    // by Type/id
	back      map[string][]link // who refers to Type/id: link.to is the index of the referrer
	patient   int

	mu     sync.Mutex
	recall map[string][]resource // what was chosen lately, by query
}

// A resource is one entry of the record.
type resource struct {
	kind, id string
	raw      []byte // compact
	seam     seam
	fields   map[string]any
	links    []link
}

// A link is a reference: from where in the resource, and to what.
type link struct {
	via    string // the member of the resource, or the end of the extension's URL
	target string // Type/id
	from   int    // index of the resource that has it
}

// readChart reads a Bundle. An entry without a resource is passed over.
func readChart(raw []byte) (*chart, error) {
	doc, err := cut(raw)
	if err != nil {
		return nil, err
	}
	c := newChart()
	for _, e := range doc.entries {
		from, to := resourceWithin(e)
		if to == 0 {
			continue
		}
		if err := c.addCompact(e[from:to]); err != nil {
			return nil, err
		}
	}
	if c.patient < 0 {
		return nil, errors.New("no Patient in the record")
	}
	return c, nil
}

func newChart() *chart {
	return &chart{at: map[string]int{}, back: map[string][]link{}, patient: -1}
}

// addCompact adds a resource without the spaces between its tokens.
func (c *chart) addCompact(raw []byte) error {
	value := jsontext.Value(slices.Clone(raw))
	if err := value.Compact(); err != nil {
		return err
	}
	c.add(value)
	return nil
}

func (c *chart) add(raw []byte) {
	r := resource{raw: raw, seam: findSeam(raw), fields: lenient(raw)}
	r.kind, _ = r.fields["resourceType"].(string)
	r.id, _ = r.fields["id"].(string)
	index := len(c.resources)
	for name, value := range r.fields {
		collect(name, value, func(via, target string) {
			l := link{via: via, target: target, from: index}
			r.links = append(r.links, l)
			c.back[target] = append(c.back[target], l)
		})
	}
	slices.SortStableFunc(r.links, func(a, b link) int { return strings.Compare(a.via+a.target, b.via+b.target) })
	if r.kind == "Patient" {
		c.patient = index
	}
	if r.id != "" {
		c.at[r.kind+"/"+r.id] = index
	}
	c.resources = append(c.resources, r)
}

// collect finds every reference within a value.
func collect(via string, value any, found func(via, target string)) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			collect(via, item, found)
		}
	case map[string]any:
		if url, ok := v["url"].(string); ok && (via == "extension" || strings.HasPrefix(via, "Extension")) {
			if at := strings.LastIndexByte(url, '/'); at >= 0 {
				via = url[at+1:]
			}
		}
		if target, ok := v["reference"].(string); ok && !strings.HasPrefix(target, "#") {
			found(via, target)
		}
		for _, item := range v {
			collect(via, item, found)
		}
	}
}

// listCode is a List's code and whether it is one of the secondary lists'.
func (r resource) listCode() (code string, secondary bool) {
	if r.kind != "List" {
		return "", false
	}
	concept, _ := r.fields["code"].(map[string]any)
	codings, _ := concept["coding"].([]any)
	for _, c := range codings {
		coding, _ := c.(map[string]any)
		system, _ := coding["system"].(string)
		code, _ := coding["code"].(string)
		if strings.HasSuffix(system, "GPConnect-SecondaryListValues-1") {
			return code, true
		}
		if system == "http://snomed.info/sct" {
			return code, false
		}
	}
	return "", false
}

// entryTargets are the references of a List's entries, "" for one that has only a display.
func (r resource) entryTargets() []string {
	entries, _ := r.fields["entry"].([]any)
	targets := make([]string, len(entries))
	for i, e := range entries {
		entry, _ := e.(map[string]any)
		item, _ := entry["item"].(map[string]any)
		targets[i], _ = item["reference"].(string)
	}
	return targets
}

// extension is the first extension of a resource whose URL ends so.
func (r resource) extension(ending string) map[string]any {
	list, _ := r.fields["extension"].([]any)
	for _, e := range list {
		ext, _ := e.(map[string]any)
		if url, _ := ext["url"].(string); strings.HasSuffix(url, ending) {
			return ext
		}
	}
	return nil
}

// text is a string member.
func (r resource) text(name string) string {
	s, _ := r.fields[name].(string)
	return s
}
