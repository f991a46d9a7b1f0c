package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// outcomeOf is what became of a question, in a word that scripts can rely on.
func outcomeOf(err error) string {
	var e *sdslookup.Error
	switch {
	case err == nil:
		return "found"
	case !errors.As(err, &e):
		return "failed"
	case errors.Is(err, sdslookup.ErrNotFound) && e.Reason == sdslookup.NotToldApart:
		return "not found"
	case e.Reason != "":
		return string(e.Reason)
	}
	for _, class := range []struct {
		of   error
		word string
	}{
		{sdslookup.ErrAmbiguous, "ambiguous"}, {sdslookup.ErrUnavailable, "no answer"}, {sdslookup.ErrTLS, "not trusted"},
		{sdslookup.ErrRefused, "refused"}, {sdslookup.ErrNotKnown, "not known here"}, {sdslookup.ErrInvalid, "not asked"},
	} {
		if errors.Is(err, class.of) {
			return class.word
		}
	}
	return "failed"
}

// tally counts the answers by what became of them.
func tally(asked []*found) string {
	counts := map[string]int{}
	for _, f := range asked {
		counts[f.Outcome]++
	}
	parts := []string{fmt.Sprintf("%d asked", len(asked)), fmt.Sprintf("%d found", counts["found"])}
	delete(counts, "found")
	for _, outcome := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[outcome], outcome))
	}
	return strings.Join(parts, ", ")
}

// line is one answer as ndjson or csv.
func (o *lookupOptions) line(f *found, first bool) ([]byte, error) {
	var b bytes.Buffer
	if o.format == "ndjson" {
		err := encode(&b, f, "")
		return b.Bytes(), err
	}
	w := csv.NewWriter(&b)
	if first {
		_ = w.Write([]string{"ods", "capability", "interaction", "outcome", "address", "asid", "party_key", "error"})
	}
	_ = w.Write([]string{f.ODS, string(f.Capability), string(f.Interaction), f.Outcome, f.Address, f.ASID, f.PartyKey, f.Error})
	w.Flush()
	return b.Bytes(), w.Error()
}

func (o *lookupOptions) render(asked []*found, failed error) ([]byte, error) {
	var b bytes.Buffer
	switch o.format {
	case "json":
		err := encode(&b, asked, "  ")
		return b.Bytes(), err
	case "ndjson", "csv":
		for i, f := range asked {
			line, err := o.line(f, i == 0)
			if err != nil {
				return nil, err
			}
			b.Write(line)
		}
		return b.Bytes(), nil
	}
	for _, f := range asked {
		for _, s := range f.Steps {
			s.print(&b)
		}
	}
	if failed != nil && alone(asked) {
		return b.Bytes(), nil // the error says it all
	}
	err := printTable(&b, asked)
	return b.Bytes(), err
}

// encode leaves the & of filters as it is.
func encode(b *bytes.Buffer, v any, indent string) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

func printTable(b *bytes.Buffer, asked []*found) error {
	w := newLines(b)
	fmt.Fprintln(w, "ODS\tCAPABILITY\tASID\tPARTY KEY\tADDRESS")
	for _, f := range asked {
		what := string(f.Capability)
		if what == "" {
			what = string(f.Interaction)
		}
		address := f.Address
		if f.err != nil {
			address = "(" + f.Outcome + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.ODS, what, orDash(f.ASID), orDash(f.PartyKey), orDash(address))
	}
	return w.Flush()
}
