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

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/profile"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// rehearsal are the flags of commands that can show what they would send.
type rehearsal struct{ dryRun, curl bool }

func (r *rehearsal) addFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&r.dryRun, "dry-run", false, "ask the directory, show what would be sent, send nothing to the proxy")
	cmd.Flags().BoolVar(&r.curl, "curl", false, "ask the directory, print the curl command that sends the same, send nothing")
}

// addWriteFlags is addFlags for writes, of which no curl command is given: it would send
// what no journal knows of.
func (r *rehearsal) addWriteFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&r.dryRun, "dry-run", false, "read what must be read, show what would be written, write nothing")
}

func (r *rehearsal) asked() bool { return r.dryRun || r.curl }

// show runs op with the door closed and prints what would have left: the
// directory's searches, which are real, the request and the decoded token; or
// the request as a curl command.
func (r *rehearsal) show(ctx context.Context, a *app, c *connection, o *output, op func(context.Context) error) error {
	var b bytes.Buffer
	var sent client.Interaction
	if r.curl {
		ctx = client.WithRehearsal(ctx, func(r client.Rehearsal) { printCurl(&b, c.profile, r) })
	} else {
		ctx = sdslookup.WithTrace(ctx, &sdslookup.Trace{Searched: func(s sdslookup.Search) { printSearch(&b, s); b.WriteByte('\n') }})
		ctx = client.WithRehearsal(ctx, func(r client.Rehearsal) { printRehearsal(&b, r) })
	}
	err := op(ctx)
	if e := new(client.Error); errors.As(err, &e) {
		sent = e.Interaction
	}
	if !errors.Is(err, client.ErrRehearsed) {
		return err
	}
	if row, ok := client.RowOf(sent); ok && row.Write {
		a.words("dry run: what had to be read was read, nothing was written")
	} else {
		a.words("dry run: the directory was asked, nothing was sent to the proxy")
	}
	if r.curl && c.builtIn {
		a.words("the command cannot be sent: the built-in sandbox, its proxy and its keys ended with gpc")
		a.words("to do: run `gpc sandbox --dir box` in another shell, set the GPC_CONFIG that it prints, and ask again")
	}
	return o.write(a, b.Bytes())
}

// printCurl writes a command that can be pasted: the token in it is good for
// five minutes, and of keys and their passwords only the paths and the
// variables' names are there.
func printCurl(b *bytes.Buffer, p *profile.Profile, r client.Rehearsal) {
	fmt.Fprintf(b, "curl --path-as-is --noproxy '*' --http1.1 --tlsv1.2 --request %s", r.Request.Method)
	if p.TLSVersion == "1.2" {
		b.WriteString(" --tls-max 1.2")
	}
	for _, file := range []struct{ flag, path string }{{"cert", p.Cert}, {"key", p.Key}, {"cert-type P12 --cert", p.P12}, {"cacert", p.CA}, {"crlfile", p.CRL}} {
		if file.path != "" {
			fmt.Fprintf(b, " \\\n  --%s %s", file.flag, quoteShell(p.Path(file.path)))
		}
	}
	if p.KeyPassword != "" {
		fmt.Fprintf(b, " \\\n  --pass \"$%s\"", p.KeyPassword)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Request.Header)) {
		for _, value := range r.Request.Header[name] {
			fmt.Fprintf(b, " \\\n  --header %s", quoteShell(name+": "+value))
		}
	}
	if len(r.Body) > 0 {
		fmt.Fprintf(b, " \\\n  --data-raw %s", quoteShell(string(r.Body))) // which has no meaning for @
	}
	fmt.Fprintf(b, " \\\n  %s\n", quoteShell(r.URL()))
}

func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func printSearch(b *bytes.Buffer, s sdslookup.Search) {
	fmt.Fprintf(b, "directory  %s\n  base     %s\n  filter   %s\n  asks for %s\n", s.Server, s.Base, s.Filter, strings.Join(s.Attributes, " "))
	for _, c := range s.Candidates {
		fmt.Fprintf(b, "  answer   %s: %s\n", candidate(c), c.Why)
	}
	if len(s.Candidates) == 0 {
		b.WriteString("  answer   none\n")
	}
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
