package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/record"
)

// addCompletions lets a shell complete what there are only so many of: the values of some
// flags, and codes.
func addCompletions(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	few := map[string][]string{
		"capability": capabilityNames(), "gender": {"male", "female", "other", "unknown"}, "expect-gender": {"male", "female", "other", "unknown"},
		"include": record.AreaNames(), "kind": {"begin", "end", "refused", "withheld"}, "outcome": {"done", "not-done"},
		"override": {"deceased", "no-practice", "other-practice", "mismatch"}, "preset": {"summary", "paediatric", "full"},
		"problem-status": {"active", "inactive"}, "problem-significance": {"major", "minor"},
	}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		for flag, values := range few {
			if cmd.Flags().Lookup(flag) != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
		}
		switch cmd.CommandPath() {
		case "gpc explain":
			cmd.ValidArgsFunction = completeCodes
		case "gpc completion": // with a shell that it does not know, it must not print what is then sourced
			cmd.Args, cmd.RunE = knownCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
		for _, below := range cmd.Commands() {
			visit(below)
		}
	}
	visit(root)
}

func completeCodes(_ *cobra.Command, _ []string, begun string) (codes []cobra.Completion, _ cobra.ShellCompDirective) {
	for _, e := range client.Catalogue() {
		if code := strings.TrimPrefix(string(e.Code), "HTTP_"); strings.HasPrefix(code, strings.ToUpper(begun)) {
			codes = append(codes, code)
		}
	}
	return codes, cobra.ShellCompDirectiveNoFileComp
}
