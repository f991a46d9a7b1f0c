package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sdslookup"
)

type lookupOptions struct {
	ods          string
	capability   string
	interaction  string
	manufacturer string
	own          bool
	explain      bool
	output
}

func newLookupCmd(a *app) *cobra.Command {
	var o lookupOptions
	cmd := &cobra.Command{
		Use:   "lookup --ods <code>[,<code>…|@<file>]",
		Short: "Ask the directory where practices answer, and as whom",
		Long: `Asks the directory for the service root and the ASID of one practice or many, of
one capability or all. Many are asked side by side; ndjson and csv print them as
they come, text and json in the order asked. Whatever is not found says why, and
has an outcome that scripts can rely on; docs/directory.md lists them.`,
		Example: `  gpc lookup --ods A12345
  gpc lookup --ods A12345 --capability structured --explain
  gpc lookup --ods @practices.txt --capability appointments -f csv
  gpc lookup --ods A11111 --own --manufacturer YGCON`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.ods, "ods", "", "`ODS codes` with commas between, or @file with one a line")
	flags.StringVar(&o.capability, "capability", "", "one of: "+strings.Join(capabilityNames(), ", ")+" (all)")
	flags.StringVar(&o.interaction, "interaction", "", "an interaction `id` instead of a capability")
	flags.BoolVar(&o.own, "own", false, "the ASID of a consumer's own system instead of a practice's address")
	flags.StringVar(&o.manufacturer, "manufacturer", "", "with --own, the `ODS code` of the system's supplier")
	flags.BoolVar(&o.explain, "explain", false, "show each search, what became of each answer, and how long it took")
	o.addFlags(cmd, "text", "json", "ndjson", "csv")
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
	Outcome     string                `json:"outcome"` // see outcomeOf
	Address     string                `json:"address,omitempty"`
	ASID        string                `json:"asid,omitempty"`
	PartyKey    string                `json:"party_key,omitempty"`
	Error       string                `json:"error,omitempty"`
	Steps       []step                `json:"steps,omitempty"` // with --explain

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
	defer a.close(c)
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	began := time.Now()
	printed, err := o.askAll(ctx, a, c, asked)
	if err != nil {
		return err
	}
	if len(asked) > len(capabilities) {
		took := time.Since(began)
		a.words("%s in %v (%.0f lookups a second)", tally(asked), took.Round(time.Millisecond), float64(len(asked))/took.Seconds())
	}
	failed := o.verdict(asked)
	if !printed {
		data, err := o.render(asked, failed)
		if err != nil {
			return err
		}
		if len(data) > 0 {
			err = o.write(a, data)
		}
		if err != nil {
			return err
		}
	}
	return failed
}

// parse makes the list of questions; whatever is wrong is said before any is asked.
func (o *lookupOptions) parse() ([]*found, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.explain && o.format == "csv" {
		return nil, &usageError{"--explain does not fit csv", "leave one of them out, or take ndjson"}
	}
	codes, err := odsCodes(o.ods)
	if err != nil {
		return nil, err
	}
	asks, err := o.asks()
	if err != nil {
		return nil, err
	}
	if _, err := sdslookup.ParseODS(o.manufacturer); o.manufacturer != "" && err != nil {
		return nil, err
	}
	var asked []*found
	for _, ods := range codes {
		for _, ask := range asks {
			asked = append(asked, &found{ODS: ods, Capability: ask.Capability, Interaction: ask.Interaction})
		}
	}
	return asked, nil
}

// asks gives what is asked of each practice.
func (o *lookupOptions) asks() ([]found, error) {
	switch {
	case o.interaction != "" && o.capability != "":
		return nil, &usageError{"both --capability and --interaction", "give one of them"}
	case o.manufacturer != "" && !o.own:
		return nil, &usageError{"--manufacturer without --own", "a practice is looked up by its ODS code alone"}
	case o.interaction != "":
		id, err := sdslookup.ParseInteraction(o.interaction)
		if err != nil {
			return nil, &usageError{err.Error(), "an interaction ID is written as in " + string(client.GetStructuredRecord) + ", and its case counts"}
		}
		return []found{{Interaction: id}}, nil
	case o.own && o.capability == "":
		return []found{{Interaction: client.GetStructuredRecord}}, nil
	}
	var asks []found
	for _, c := range capabilities {
		if id, ok := c.Probe(); ok && (o.capability == "" || o.capability == string(c)) {
			asks = append(asks, found{Capability: c, Interaction: id})
		}
	}
	if len(asks) == 0 {
		return nil, &usageError{fmt.Sprintf("no capability %q", o.capability), "choose one of: " + strings.Join(capabilityNames(), ", ")}
	}
	return asks, nil
}
