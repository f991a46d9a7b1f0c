package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

type viewOptions struct {
	expectation
	output
}

func newViewCmd(a *app) *cobra.Command {
	var o viewOptions
	cmd := &cobra.Command{
		Use:   "view <file|->",
		Short: "Read a saved record, without any network",
		Long: `Renders a structured record that was saved with -f fhir, or came from elsewhere,
in the same formats as gpc record. What was asked for is not known then: a list
that is there counts as asked for, one that is not as not asked for.`,
		Example: `  gpc view record.json
  gpc view record.json -f html -o record.html`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"view takes one file", "name it, or - for stdin"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return o.run(a, args[0]) },
	}
	o.expectation.addFlags(cmd)
	o.output.addFlags(cmd, recordFormats...)
	return cmd
}

func (o *viewOptions) run(a *app, file string) error {
	if err := o.output.check(); err != nil {
		return err
	}
	if err := o.expectation.check(); err != nil {
		return err
	}
	data, err := readInput(a, file)
	if err != nil {
		return err
	}
	rec, err := readRecord(data)
	if err != nil {
		return &unreadableError{err}
	}
	if err := o.hold(a, rec); err != nil {
		return err
	}
	out, err := o.render(a, rec)
	if err != nil {
		return err
	}
	return o.write(a, out)
}

// largestRecord bounds what is read: the largest records have a few million bytes.
const largestRecord = 64 << 20

// readInput reads a file, or stdin for "-".
func readInput(a *app, file string) ([]byte, error) {
	in := a.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, noInput(err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, largestRecord+1))
	switch {
	case err != nil:
		return nil, noInput(err)
	case len(data) > largestRecord:
		return nil, &unreadableError{fmt.Errorf("%w of %d MiB", fhir.ErrTooLarge, largestRecord>>20)}
	}
	return data, nil
}

func noInput(err error) error {
	return &usageError{fmt.Sprintf("the file cannot be read: %v", err), "name a file that can be read, or - for stdin"}
}

func readRecord(data []byte) (*record.Record, error) {
	bundle, err := fhir.ParseBundle(data, fhir.Limits{})
	var other *fhir.NotBundleError
	switch {
	case errors.As(err, &other):
		return nil, fmt.Errorf("%w%s", err, codesOf(data))
	case err != nil:
		return nil, err
	}
	return record.View(bundle)
}

// codesOf are the codes of an error answer, as far as they are known.
func codesOf(data []byte) string {
	outcome, ok := fhir.ParseOutcome("", data)
	if !ok {
		return ""
	}
	var codes []string
	for _, issue := range outcome.Issue {
		for _, c := range issue.Details.Coding {
			if entry, ok := client.Explain(c.Code); ok {
				codes = append(codes, string(entry.Code))
			}
		}
	}
	if len(codes) == 0 {
		return ""
	}
	return ", which says " + strings.Join(slices.Compact(codes), ", ")
}

// unreadableError is a saved record that cannot be relied on.
type unreadableError struct{ err error }

func (e *unreadableError) Error() string {
	return "this is no record that can be shown: " + e.err.Error()
}
func (e *unreadableError) Unwrap() error { return e.err }
