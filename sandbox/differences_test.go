package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// seen is what many answers showed.
type seen struct {
	orders                                     map[string]bool
	gzip, chunked, extensions, elements, total int
}

func look(t *testing.T, s *Server) seen {
	t.Helper()
	o := seen{orders: map[string]bool{}}
	for range 12 {
		a := recordOf(t, s, "A12345", "9000000017", everything)
		a.header.Set("Accept-Encoding", "gzip")
		r := a.send(t, s)
		if r.header.Get("Content-Encoding") == "gzip" {
			o.gzip++
		}
		if r.header.Get("Content-Length") == "" {
			o.chunked++
		}
		order := ""
		for _, x := range r.resources(t) {
			order += x["resourceType"].(string)
		}
		o.orders[order] = true
		o.extensions += bytes.Count(r.body, []byte("Unheard-Of"))
		o.elements += bytes.Count(r.body, []byte("unheardOf"))
		o.total++
	}
	return o
}

func TestDifferencesOneByOne(t *testing.T) {
	for _, name := range append([]string{"", "plain"}, Differences()...) {
		s := run(t, Config{Seed: 11, Plain: name == "plain", Off: slices.DeleteFunc([]string{name}, func(s string) bool { return s == "" || s == "plain" })})
		o := look(t, s)
		on := func(difference string) bool { return name != "plain" && name != difference }
		for difference, happened := range map[string]bool{
			"shuffle": len(o.orders) > 1, "extensions": o.extensions > 0, "elements": o.elements > 0, "gzip": o.gzip > 0, "chunked": o.chunked > 0,
		} {
			if happened != on(difference) {
				t.Errorf("with %q off: %s happened: got %v, want %v", name, difference, happened, on(difference))
			}
		}
		if on("gzip") && o.gzip == o.total || on("chunked") && o.chunked == o.total {
			t.Errorf("with %q off: got gzip %d and chunked %d of %d, want some without", name, o.gzip, o.chunked, o.total)
		}
		address, _ := lookup(t, s, "A12345", structuredRecord)
		if plain := strings.HasPrefix(address, "https://provider.sandbox.example/A12345/"); plain == on("roots") {
			t.Errorf("with %q off: got address %s", name, address)
		}
		systems := len(find(t, dial(t, s), "(&(nhsIDCode=A12345)(objectClass=nhsAs)(nhsAsSvcIA="+structuredRecord+"))"))
		if want := map[bool]int{true: 2, false: 1}[on("second-system")]; systems != want {
			t.Errorf("with %q off: got %d accredited systems, want %d", name, systems, want)
		}
		for _, q := range s.Requests() {
			if slices.Contains(q.Differences, name) || name == "plain" && len(q.Differences) > 0 {
				t.Errorf("with %q off: the history tells of %v", name, q.Differences)
			}
		}
	}
}

func TestEachCapabilityHasARootOfItsOwn(t *testing.T) {
	s := run(t, Config{})
	roots := map[string]bool{}
	for _, interaction := range []string{foundationMetadata, structuredRecord, "urn:nhs:names:services:gpconnect:documents:fhir:rest:read:binary-1"} {
		address, _ := lookup(t, s, "A12345", interaction)
		roots[host(address)] = true
		if !strings.HasSuffix(host(address), ".sandbox.example") {
			t.Errorf("got host %s, want a name under .sandbox.example", host(address))
		}
	}
	if len(roots) != 3 {
		t.Errorf("got hosts %v, want three", roots)
	}
}

func TestSameSeedSameAnswers(t *testing.T) {
	answers := func(seed uint64) (all [][]byte) {
		s := run(t, Config{Seed: seed})
		for range 4 {
			a := recordOf(t, s, "A12345", "9000000009", everything)
			body := a.send(t, s).body
			all = append(all, bytes.ReplaceAll(body, []byte(a.header["Ssp-TraceID"][0]), nil))
		}
		return all
	}
	one, two, other := answers(3), answers(3), answers(4)
	for i := range one {
		if !bytes.Equal(one[i], two[i]) {
			t.Errorf("answer %d: the same seed gave another", i)
		}
	}
	if bytes.Equal(one[0], other[0]) {
		t.Error("another seed gave the same answer")
	}
}

func TestDifferencesLoseNothing(t *testing.T) {
	plain, unkind := run(t, Config{Plain: true}), run(t, Config{Off: []string{"roots"}}) // documents' addresses alike
	for _, nhs := range plain.people.numbers {
		p := plain.people.byNumber[nhs]
		if p.load == nil || p.State != "ordinary" || p.Practice == "" {
			continue
		}
		a := resourcesOf(t, recordOf(t, plain, p.Practice, nhs, everything).send(t, plain).body)
		b := resourcesOf(t, recordOf(t, unkind, p.Practice, nhs, everything).send(t, unkind).body)
		if !slices.Equal(a, b) {
			t.Errorf("%s: got %d resources, want the %d of the plain answer", mask(nhs), len(b), len(a))
		}
	}
}

func TestDecorate(t *testing.T) {
	for _, raw := range []string{`{}`, `{ }`, `{"resourceType":"List"}`, `{"resourceType":"List","extension":[]}`, `{"extension": [ {"url":"a"} ],"resourceType":"List"}`,
		`{"resourceType":"Binary","content":""}`, `{"extension":{},"x":1}`, `[]`, `null`} {
		d, err := newDifferences(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		for n := range uint64(8) {
			c := &call{server: &Server{differences: d}, dice: d.dice(n)}
			out := c.decorate([]byte(raw), findSeam([]byte(raw)))
			if !json.Valid(out) {
				t.Errorf("%s became %s, which is not JSON", raw, out)
			}
			if _, err := decodeStrict(out); err != nil {
				t.Errorf("%s became %s: %v", raw, out, err)
			}
		}
	}
}
