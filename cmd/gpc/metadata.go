package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/fhir"
)

type metadataOptions struct {
	ods string
	rehearsal
	output
}

func newMetadataCmd(a *app) *cobra.Command {
	var o metadataOptions
	cmd := &cobra.Command{
		Use:     "metadata --ods <code>",
		Short:   "Read what a practice's system says it can do",
		Example: `  gpc metadata --ods A12345`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	cmd.Flags().StringVar(&o.ods, "ods", "", "`ODS code` of the practice")
	o.rehearsal.addFlags(cmd)
	o.output.addFlags(cmd, "text", "fhir")
	return cmd
}

func (o *metadataOptions) run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.ods == "" {
		return &usageError{"no practice", "give its ODS code with --ods"}
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	encounter, err := a.encounter(c)
	if err != nil {
		return err
	}
	practice, err := encounter.Practice(o.ods)
	if err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := practice.Metadata(ctx)
			return err
		})
	}
	statement, err := practice.Metadata(ctx)
	if err != nil {
		return err
	}
	if o.format == "fhir" {
		return o.write(a, statement.Raw)
	}
	return o.write(a, describeCapability(practice.ODS(), statement))
}

func describeCapability(ods string, s *fhir.CapabilityStatement) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s says of itself (a claim, not a promise):\n", ods)
	fmt.Fprintf(&b, "  GP Connect  %s\n", orDash(s.Version))
	fmt.Fprintf(&b, "  software    %s\n", orDash(strings.TrimSpace(s.Software.Name+" "+s.Software.Version)))
	fmt.Fprintf(&b, "  FHIR        %s\n", orDash(s.FHIRVersion))
	for _, rest := range s.Rest {
		for _, r := range rest.Resource {
			var able []string
			for _, i := range r.Interaction {
				able = append(able, string(i.Code))
			}
			fmt.Fprintf(&b, "  %-20s %s\n", r.Type, strings.Join(able, " "))
		}
		for _, op := range rest.Operation {
			fmt.Fprintf(&b, "  $%s\n", strings.TrimPrefix(op.Name, "$"))
		}
	}
	return b.Bytes()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
