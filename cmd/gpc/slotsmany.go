package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/client"
)

// search asks the practices and prints what they have: a line at a time where the format
// allows it, or else in the order asked when all have answered.
func (o *slotsOptions) search(ctx context.Context, a *app, e *client.Encounter, codes []string, q client.SlotQuery) error {
	o.announce(a, codes, q)
	s := &slotSearch{o: o, a: a, total: len(codes), streams: o.file == "" && (o.format == "ndjson" || o.format == "csv")}
	terminal := *a
	terminal.progress = a.progress && !(s.streams && a.terminal) // lines are progress enough
	progress := newProgress(&terminal, len(codes))
	for found, err := range e.SearchSlots(ctx, slices.Values(codes), q, client.Sweep{Concurrent: o.atOnce}) {
		s.asked++
		progress.at(s.asked)
		if err := s.take(found, err); err != nil {
			progress.end()
			return err
		}
	}
	progress.end()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	slices.SortFunc(s.failures, func(x, y failure) int { return x.index - y.index })
	if len(codes) == 1 && len(s.failures) == 1 {
		return s.failures[0].err // one question: its error is the answer
	}
	s.sayFailures()
	if err := s.print(); err != nil {
		return err
	}
	return s.verdict()
}

// announce says how much is about to be asked, where it is more than one call.
func (o *slotsOptions) announce(a *app, codes []string, q client.SlotQuery) {
	each, err := q.Requests()
	if calls := each * len(codes); err == nil && calls > 1 {
		a.words("%s, %s to each: %s, %d at a time", plural(len(codes), "practice"), plural(each, "request"), plural(calls, "call"), min(o.atOnce, len(codes)))
	}
}

// slotSearch is a search on its way.
type slotSearch struct {
	o        *slotsOptions
	a        *app
	total    int
	streams  bool
	asked    int
	found    int // slots
	printed  bool
	answers  []answer
	failures []failure
}

// answer is what a practice had: only as much as its format needs, because there may be
// thousands of them.
type answer struct {
	index int
	lines []byte     // json, ndjson, csv
	rows  []slotLine // text
}

type failure struct {
	index int
	err   error
}

// take keeps or prints what a practice answered.
func (s *slotSearch) take(p client.PracticeSlots, failed error) error {
	if failed != nil {
		s.failures = append(s.failures, failure{p.Index, failed})
		return nil
	}
	s.found += len(p.Slots)
	got := answer{index: p.Index}
	if s.o.format == "text" {
		for i := range p.Slots {
			got.rows = append(got.rows, lineOf(&p.Slots[i], p.Index))
		}
	} else {
		var err error
		if got.lines, err = slotLines(s.o.format, p.Slots); err != nil {
			return err
		}
	}
	if !s.streams {
		s.answers = append(s.answers, got)
		return nil
	}
	var b bytes.Buffer
	if s.o.format == "csv" && !s.printed {
		b.Write(slotsCSVHead())
	}
	s.printed = true
	b.Write(got.lines)
	_, err := s.a.stdout.Write(b.Bytes())
	return err
}

// print writes what was not written as it came.
func (s *slotSearch) print() error {
	slices.SortFunc(s.answers, func(x, y answer) int { return x.index - y.index })
	if s.found == 0 && len(s.failures) < s.total {
		s.a.words("no free slot")
	}
	var b bytes.Buffer
	switch {
	case s.streams && s.o.format == "csv" && !s.printed:
		b.Write(slotsCSVHead())
	case s.streams:
		return nil
	case s.o.format == "text":
		var rows []slotLine
		for _, got := range s.answers {
			rows = append(rows, got.rows...)
		}
		slotTable(&b, s.a.width(s.o.file), rows)
	default:
		s.join(&b)
	}
	return s.o.write(s.a, b.Bytes())
}

// join puts the lines of all practices together as the format has it.
func (s *slotSearch) join(b *bytes.Buffer) {
	all := make([][]byte, 0, len(s.answers))
	for _, got := range s.answers {
		if len(got.lines) > 0 {
			all = append(all, got.lines)
		}
	}
	switch s.o.format {
	case "json":
		b.WriteByte('[')
		b.Write(bytes.Join(all, []byte(",")))
		b.WriteString("\n]\n")
	case "csv":
		b.Write(slotsCSVHead())
		fallthrough
	default:
		b.Write(bytes.Join(all, nil))
	}
}

// sayFailures lists the practices that gave nothing, and then, once, what can be done.
func (s *slotSearch) sayFailures() {
	var cures []string
	for _, f := range s.failures {
		s.a.words("%s", strings.ReplaceAll(f.err.Error(), "\n", "; "))
		if s.a.flags.verbose {
			s.a.quote(f.err)
		}
		if cure := cureFor(f.err); cure != "" && !slices.Contains(cures, cure) {
			cures = append(cures, cure)
		}
	}
	for _, cure := range cures {
		s.a.words("to do: %s", cure)
	}
}

// verdict is none where every practice answered.
func (s *slotSearch) verdict() error {
	if len(s.failures) == 0 {
		return nil
	}
	v := &someSlots{of: s.total, failed: len(s.failures)}
	for _, f := range s.failures {
		if v.gravest == nil || gravity(f.err) > gravity(v.gravest) {
			v.gravest = f.err
		}
	}
	return v
}

// someSlots is that not every practice gave its slots; what came is on stdout.
type someSlots struct {
	of, failed int
	gravest    error
}

func (e *someSlots) Error() string {
	return fmt.Sprintf("%d of %d practices gave no answer that can be used; what the others gave is whole", e.failed, e.of)
}

// Is makes it of the gravest failure's kind without repeating its words.
func (e *someSlots) Is(target error) bool { return errors.Is(e.gravest, target) }
