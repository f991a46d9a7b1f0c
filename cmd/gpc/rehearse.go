package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// rehearse runs op with the door closed and prints what would have left: the
// directory's searches, which are real, the request and the decoded token.
func (a *app) rehearse(ctx context.Context, o *output, op func(context.Context) error) error {
	var b bytes.Buffer
	ctx = sdslookup.WithTrace(ctx, &sdslookup.Trace{Searched: func(s sdslookup.Search) { printSearch(&b, s) }})
	ctx = client.WithRehearsal(ctx, func(r client.Rehearsal) { printRehearsal(&b, r) })
	err := op(ctx)
	if !errors.Is(err, client.ErrRehearsed) {
		return err
	}
	a.words("dry run: the directory was asked, nothing was sent to the proxy")
	return o.write(a, b.Bytes())
}

func printSearch(b *bytes.Buffer, s sdslookup.Search) {
	fmt.Fprintf(b, "directory  %s\n  base     %s\n  filter   %s\n  asks for %s\n", s.Server, s.Base, s.Filter, strings.Join(s.Attributes, " "))
	for _, c := range s.Candidates {
		fmt.Fprintf(b, "  answer   %s: %s\n", candidate(c), c.Why)
	}
	b.WriteByte('\n')
}

// candidate is what one answer of the directory says.
func candidate(c sdslookup.Candidate) string {
	var said []string
	for _, v := range []string{c.Address, c.PartyKey, c.ASID} {
		if v != "" {
			said = append(said, v)
		}
	}
	if len(said) == 0 {
		return c.Record
	}
	return strings.Join(said, "  ")
}

func printRehearsal(b *bytes.Buffer, r client.Rehearsal) {
	fmt.Fprintf(b, "request    %s %s\n", r.Request.Method, r.URL())
	for _, name := range slices.Sorted(maps.Keys(r.Request.Header)) {
		for _, value := range r.Request.Header[name] {
			fmt.Fprintf(b, "  %s: %s\n", name, value)
		}
	}
	if claims, err := json.MarshalIndent(r.Claims, "  ", "  "); err == nil {
		fmt.Fprintf(b, "\ntoken      {\"alg\":\"none\",\"typ\":\"JWT\"}\n  %s\n", claims)
	}
	if len(r.Body) > 0 {
		b.WriteString("\nbody\n  ")
		if err := json.Indent(b, r.Body, "  ", "  "); err != nil {
			b.Write(r.Body)
		}
		b.WriteByte('\n')
	}
}
