package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
)

func newExplainCmd(a *app) *cobra.Command {
	var o output
	cmd := &cobra.Command{
		Use:   "explain [<code>]",
		Short: "Say what a code or a message means and what to do",
		Long: `Explains a Spine code, a status of the proxy, or a whole message of the proxy as
it stands in a log. Without one it lists them all, a line each.`,
		Example: `  gpc explain NO_PATIENT_CONSENT
  gpc explain 495
  gpc explain "ACCESS DENIED"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{"one code at a time", "put a code of two words in quotes"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return explain(a, &o, args)
		},
	}
	o.addFlags(cmd, "text", "json")
	return cmd
}

func explain(a *app, o *output, args []string) error {
	known := client.Catalogue()
	if len(args) == 1 {
		e, ok := client.Explain(args[0])
		if !ok {
			return &usageError{fmt.Sprintf("no code %q is known", args[0]), "`gpc explain` lists those that are; one that is not listed is kept and shown as it came"}
		}
		known = []client.Entry{e}
	}
	if o.format == "json" {
		data, err := json.MarshalIndent(known, "", "  ")
		if err != nil {
			return err
		}
		return o.write(a, append(data, '\n'))
	}
	var b bytes.Buffer
	if len(args) == 1 {
		describeCode(&b, known[0])
		return o.write(a, b.Bytes())
	}
	w := newLines(&b)
	for _, e := range known {
		status := "-"
		if e.Status != 0 {
			status = strconv.Itoa(e.Status)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", strings.TrimPrefix(string(e.Code), "HTTP_"), status, e.Layer, e.Meaning)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return o.write(a, b.Bytes())
}

func describeCode(b *bytes.Buffer, e client.Entry) {
	b.WriteString(strings.TrimPrefix(string(e.Code), "HTTP_"))
	if e.Status != 0 && !strings.HasPrefix(string(e.Code), "HTTP_") {
		fmt.Fprintf(b, " (HTTP %d)", e.Status)
	}
	again := "no"
	if e.Retry {
		again = "yes, later; a write only after looking whether it was done"
	}
	fmt.Fprintf(b, "\n  who says it  %s\n  it means     %s\n  likely cause %s\n  what to do   %s\n  try again    %s\n", e.Layer, e.Meaning, e.Cause, e.Do, again)
}
