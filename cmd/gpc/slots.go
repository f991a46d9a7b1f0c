package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sdslookup"
)

type slotsOptions struct {
	ods string
	slotFilter
	atOnce int
	rehearsal
	output
}

// slotFilter are the flags of every search for slots.
type slotFilter struct {
	windowFlags
	anyType, anyOrganisation bool
}

func (f *slotFilter) addFlags(cmd *cobra.Command) {
	f.windowFlags.addFlags(cmd)
	cmd.Flags().BoolVar(&f.anyType, "any-type", false, "do not say of what type the asking organisation is; finds fewer slots")
	cmd.Flags().BoolVar(&f.anyOrganisation, "any-organisation", false, "do not say which organisation asks; finds fewer slots")
}

func (f *slotFilter) query(a *app) (client.SlotQuery, error) {
	q, err := f.windowFlags.query(a.now())
	q.AnyType, q.AnyOrganisation = f.anyType, f.anyOrganisation
	return q, err
}

func newSlotsCmd(a *app) *cobra.Command {
	var o slotsOptions
	cmd := &cobra.Command{
		Use:   "slots --ods <code>[,<code>…|@<file>] [--from <day>] [--to <day>]",
		Short: "Search for free slots at one practice or many",
		Long: `Asks practices for the slots that the organisation may book, of today and the 13
days after it where nothing else is said; a longer time takes several requests
to each. Many practices are asked side by side, and a failure of one does not
hold up the rest: it is said on stderr and in the exit code, which is 5 when
some did not answer. With many practices --timeout is for each of them.

text is grouped by day and place; json is a flat list in the order asked, and
what gpc appointment book --slots reads; ndjson and csv come as practices
answer.`,
		Example: `  gpc slots --ods A12345
  gpc slots --ods A12345,B82617 --from 2026-12-01 --to 2026-12-05
  gpc slots --ods @practices.txt --to +2d --at-once 16 -f csv
  gpc slots --ods A12345 -f ndjson | head -n 1 | gpc appointment book --slots - --nhs 9000000009 --yes`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.ods, "ods", "", "`ODS codes` with commas between, or @file with one a line")
	o.slotFilter.addFlags(cmd)
	flags.IntVar(&o.atOnce, "at-once", 8, "`practices` to ask side by side")
	o.rehearsal.addFlags(cmd)
	o.output.addFlags(cmd, "text", "json", "ndjson", "csv")
	return cmd
}

func (o *slotsOptions) run(ctx context.Context, a *app) error {
	codes, query, err := o.parse(a)
	if err != nil {
		return err
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
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error { return searchOne(ctx, encounter, codes[0], query) })
	}
	return o.search(ctx, a, encounter, codes, query)
}

// searchOne is for a rehearsal.
func searchOne(ctx context.Context, e *client.Encounter, ods string, q client.SlotQuery) error {
	practice, err := e.Practice(ods)
	if err != nil {
		return err
	}
	_, err = practice.SearchSlots(ctx, q)
	return err
}

// parse checks every flag before anything is sent.
func (o *slotsOptions) parse(a *app) ([]string, client.SlotQuery, error) {
	codes, wrongCodes := odsCodes(o.ods)
	query, wrongTime := o.query(a)
	err := errors.Join(wrongCodes, wrongTime, o.output.check())
	switch {
	case o.atOnce < 1 || o.atOnce > 256:
		err = errors.Join(err, &usageError{"--at-once is not from 1 to 256", "8 is kind to the practices"})
	case o.asked() && len(codes) > 1:
		err = errors.Join(err, &usageError{"a rehearsal of many practices", "name one with --ods"})
	}
	return codes, query, err
}

// odsCodes reads the ODS codes of a flag, or of the file that it names, each once.
func odsCodes(list string) ([]string, error) {
	if file, ok := strings.CutPrefix(list, "@"); ok {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, &usageError{fmt.Sprintf("the list of practices cannot be read: %v", err), "name a file with one ODS code a line"}
		}
		list = string(data)
	}
	fields := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
	if len(fields) == 0 {
		return nil, &usageError{"no practice", "give its ODS code with --ods"}
	}
	var codes []string
	var wrong []error
	seen := map[string]bool{}
	for _, field := range fields {
		code, err := sdslookup.ParseODS(field)
		if err != nil {
			wrong = append(wrong, err)
		}
		if !seen[code] {
			codes, seen[code] = append(codes, code), true
		}
	}
	return codes, errors.Join(wrong...)
}
