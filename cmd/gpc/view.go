package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

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
		Long: `Renders a structured record that was saved with -f fhir, or came from elsewhere, in
the same formats as gpc record. What was asked for is not known then: a list that
is there counts as asked for, one that is not as not asked for.`,
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
	bundle, err := fhir.ParseBundle(data, fhir.Limits{})
	if err != nil {
		return &unreadableError{err}
	}
	rec, err := record.View(bundle)
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

// readInput reads a file, or stdin for "-".
func readInput(a *app, file string) (data []byte, err error) {
	if file == "-" {
		data, err = io.ReadAll(a.stdin)
	} else {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, &usageError{fmt.Sprintf("the file cannot be read: %v", err), "name a file that can be read, or - for stdin"}
	}
	return data, nil
}

// unreadableError is a saved record that cannot be relied on.
type unreadableError struct{ err error }

func (e *unreadableError) Error() string {
	return "this is no record that can be shown: " + e.err.Error()
}
func (e *unreadableError) Unwrap() error { return e.err }
