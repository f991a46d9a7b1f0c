package main

import (
	"context"
	"sync"

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
		ctx = sdslookup.WithTrace(ctx, f.trace())
	}
	if o.own {
		f.ASID, f.err = c.directory.OwnASID(ctx, sdslookup.OwnQuery{ODS: f.ODS, Interaction: f.Interaction, Manufacturer: o.manufacturer})
	} else {
		var endpoint sdslookup.Endpoint
		endpoint, f.err = c.directory.Endpoint(ctx, f.ODS, f.Interaction)
		f.Address, f.ASID, f.PartyKey = endpoint.Address, endpoint.ASID, endpoint.PartyKey
	}
	f.Outcome = outcomeOf(f.err)
	if f.err != nil {
		f.Error = f.err.Error()
	}
}
