package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sdslookup"
)

type lookupOptions struct {
	ods         string
	capability  string
	interaction string
	explain     bool
	output
}

func newLookupCmd(a *app) *cobra.Command {
	var o lookupOptions
	cmd := &cobra.Command{
		Use:   "lookup --ods <code>",
		Short: "Ask the directory where a practice answers, and as whom",
		Example: `  gpc lookup --ods A12345
  gpc lookup --ods A12345 --capability structured --explain`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.ods, "ods", "", "`ODS code` of the practice")
	flags.StringVar(&o.capability, "capability", "", "one of: "+strings.Join(capabilityNames(), ", ")+" (all)")
	flags.StringVar(&o.interaction, "interaction", "", "an interaction `id` instead of a capability")
	flags.BoolVar(&o.explain, "explain", false, "show each search and what became of each answer")
	o.addFlags(cmd, "text", "json")
	return cmd
}

var capabilities = [...]client.Capability{client.Foundations, client.Appointments, client.Structured, client.Documents, client.HTML}

func capabilityNames() (names []string) {
	for _, c := range capabilities {
		names = append(names, string(c))
	}
	return names
}

// found is one line of the answer.
type found struct {
	ODS         string                `json:"ods"`
	Capability  client.Capability     `json:"capability,omitempty"`
	Interaction sdslookup.Interaction `json:"interaction"`
	Address     string                `json:"address,omitempty"`
	ASID        string                `json:"asid,omitempty"`
	PartyKey    string                `json:"party_key,omitempty"`
	Error       string                `json:"error,omitempty"`

	err error
}

func (o *lookupOptions) run(ctx context.Context, a *app) error {
	asked, err := o.parse()
	if err != nil {
		return err
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	var explained bytes.Buffer
	if o.explain {
		ctx = sdslookup.WithTrace(ctx, &sdslookup.Trace{Searched: func(s sdslookup.Search) { printSearch(&explained, s) }})
	}
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	missing := 0
	for i := range asked {
		asked[i].ask(ctx, c.directory)
		switch err := asked[i].err; {
		case err == nil:
		case len(asked) > 1 && errors.Is(err, sdslookup.ErrNotFound):
			missing++ // of several capabilities some may be missing; of all, none
		default:
			if o.explain {
				_, _ = a.stderr.Write(explained.Bytes())
			}
			return err
		}
	}
	if missing == len(asked) {
		return asked[0].err
	}
	data, err := o.render(asked, explained.Bytes())
	if err != nil {
		return err
	}
	return o.write(a, data)
}

func (o *lookupOptions) parse() ([]found, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.ods == "" {
		return nil, &usageError{"no practice", "give its ODS code with --ods"}
	}
	ods, err := sdslookup.ParseODS(o.ods)
	if err != nil {
		return nil, err
	}
	switch {
	case o.interaction != "" && o.capability != "":
		return nil, &usageError{"both --capability and --interaction", "give one of them"}
	case o.interaction != "":
		id, err := sdslookup.ParseInteraction(o.interaction)
		return []found{{ODS: ods, Interaction: id}}, err
	}
	var asked []found
	for _, c := range capabilities {
		if id, ok := c.Probe(); ok && (o.capability == "" || o.capability == string(c)) {
			asked = append(asked, found{ODS: ods, Capability: c, Interaction: id})
		}
	}
	if len(asked) == 0 {
		return nil, &usageError{fmt.Sprintf("no capability %q", o.capability), "choose one of: " + strings.Join(capabilityNames(), ", ")}
	}
	return asked, nil
}

func (f *found) ask(ctx context.Context, d sdslookup.Directory) {
	endpoint, err := d.Endpoint(ctx, f.ODS, f.Interaction)
	if err != nil {
		f.err, f.Error = err, err.Error()
		return
	}
	f.Address, f.ASID, f.PartyKey = endpoint.Address, endpoint.ASID, endpoint.PartyKey
}

func (o *lookupOptions) render(asked []found, explained []byte) ([]byte, error) {
	if o.format == "json" {
		data, err := json.MarshalIndent(asked, "", "  ")
		return append(data, '\n'), err
	}
	var b bytes.Buffer
	b.Write(explained)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ODS\tCAPABILITY\tASID\tPARTY KEY\tADDRESS")
	for _, f := range asked {
		what := string(f.Capability)
		if what == "" {
			what = string(f.Interaction)
		}
		if f.err != nil {
			fmt.Fprintf(w, "%s\t%s\t-\t-\t- (%s)\n", f.ODS, what, reason(f.err))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.ODS, what, f.ASID, f.PartyKey, f.Address)
	}
	err := w.Flush()
	return b.Bytes(), err
}

// reason is the short form of a directory's "no".
func reason(err error) string {
	var e *sdslookup.Error
	if errors.As(err, &e) && e.Reason != "" {
		return string(e.Reason)
	}
	return "not in the directory"
}
