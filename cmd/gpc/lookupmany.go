package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// sideBySide is how many lookups are under way at once. They share one
// connection.
const sideBySide = 32

// askAll asks every question, many at once. Where the format can be written a
// line at a time and goes to stdout, it is written as the answers come, and
// printed is true.
func (o *lookupOptions) askAll(ctx context.Context, a *app, c *connection, asked []*found) (printed bool, err error) {
	answers := make(chan *found, len(asked))
	questions := make(chan *found, len(asked))
	var workers sync.WaitGroup
	for range min(sideBySide, len(asked)) {
		workers.Go(func() {
			for f := range questions {
				o.ask(ctx, c, f)
				answers <- f
			}
		})
	}
	for _, f := range asked {
		questions <- f
	}
	close(questions)
	defer workers.Wait()
	printed = o.file == "" && (o.format == "ndjson" || o.format == "csv")
	progress := newProgress(a, len(asked))
	defer progress.end()
	for i := range asked {
		f := <-answers
		progress.at(i + 1)
		if printed && err == nil {
			var line []byte
			if line, err = o.line(f, i == 0); err == nil {
				_, err = a.stdout.Write(line)
			}
		}
	}
	return printed, err
}

// ask puts one question.
func (o *lookupOptions) ask(ctx context.Context, c *connection, f *found) {
	if o.explain {
		ctx = sdslookup.WithTrace(ctx, &sdslookup.Trace{Searched: func(s sdslookup.Search) {
			printSearch(&f.explained, s)
			fmt.Fprintf(&f.explained, "  took     %v\n\n", s.Took.Round(time.Microsecond))
		}})
	}
	if o.own {
		f.ASID, f.err = c.directory.OwnASID(ctx, sdslookup.OwnQuery{ODS: f.ODS, Interaction: f.Interaction, Manufacturer: o.manufacturer})
	} else {
		var endpoint sdslookup.Endpoint
		endpoint, f.err = c.directory.Endpoint(ctx, f.ODS, f.Interaction)
		f.Address, f.ASID, f.PartyKey = endpoint.Address, endpoint.ASID, endpoint.PartyKey
	}
	if f.err != nil {
		f.Error = f.err.Error()
	}
}

// line is one answer as ndjson or csv.
func (o *lookupOptions) line(f *found, first bool) ([]byte, error) {
	if o.format == "ndjson" {
		data, err := json.Marshal(f)
		return append(data, '\n'), err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if first {
		_ = w.Write([]string{"ods", "capability", "interaction", "address", "asid", "party_key", "error"})
	}
	_ = w.Write([]string{f.ODS, string(f.Capability), string(f.Interaction), f.Address, f.ASID, f.PartyKey, f.Error})
	w.Flush()
	return b.Bytes(), w.Error()
}

func (o *lookupOptions) render(asked []*found) ([]byte, error) {
	var b bytes.Buffer
	switch o.format {
	case "json":
		data, err := json.MarshalIndent(asked, "", "  ")
		return append(data, '\n'), err
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
		b.Write(f.explained.Bytes())
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ODS\tCAPABILITY\tASID\tPARTY KEY\tADDRESS")
	for _, f := range asked {
		what := string(f.Capability)
		if what == "" {
			what = string(f.Interaction)
		}
		address := f.Address
		if f.err != nil {
			address = "(" + reason(f.err) + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.ODS, what, orDash(f.ASID), orDash(f.PartyKey), orDash(address))
	}
	err := w.Flush()
	return b.Bytes(), err
}

// reason is the short form of a directory's "no".
func reason(err error) string {
	var e *sdslookup.Error
	switch {
	case !errors.As(err, &e):
		return err.Error()
	case e.Reason != "":
		return string(e.Reason)
	case e.Kind != nil:
		return e.Kind.Error()
	}
	return err.Error()
}

// tally counts the answers by what became of them.
func tally(asked []*found) string {
	counts := map[int]int{}
	for _, f := range asked {
		if f.err == nil {
			counts[exitDone]++
			continue
		}
		counts[exitCode(f.err)]++
	}
	parts := []string{fmt.Sprintf("%d asked", len(asked)), fmt.Sprintf("%d found", counts[exitDone])}
	for _, kind := range []struct {
		code int
		name string
	}{{exitNotThere, "not there"}, {exitUnreliable, "ambiguous or refused"}, {exitRefused, "not trusted"}, {exitNoAnswer, "without an answer"}, {exitUnexpected, "failed otherwise"}} {
		if n := counts[kind.code]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind.name))
		}
	}
	return strings.Join(parts, ", ")
}
