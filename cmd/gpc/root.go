package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// globals are the flags of every command.
type globals struct {
	profile string
	config  string
	as      string
	timeout time.Duration
	verbose bool
}

// commands makes each command by its name.
var commands = map[string]func(*app) *cobra.Command{
	"record":      newRecordCmd,
	"view":        newViewCmd,
	"trace":       newTraceCmd,
	"lookup":      newLookupCmd,
	"metadata":    newMetadataCmd,
	"sandbox":     newSandboxCmd,
	"config":      newConfigCmd,
	"version":     newVersionCmd,
	"explain":     newExplainCmd,
	"call":        newCallCmd,
	"doctor":      newDoctorCmd,
	"audit":       newAuditCmd,
	"slots":       newSlotsCmd,
	"appointment": newAppointmentCmd,
	"patient":     newPatientCmd,
}

// addCommands makes the commands that args may mean: starting is dearer with
// every command and flag that is made. Where args name none, as in a request
// for help, it makes them all.
func addCommands(root *cobra.Command, a *app, args []string) {
	names := slices.Sorted(maps.Keys(commands))
	meant := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(args, name) })
	words := leadingWords(root, args)
	if len(words) == 0 || !slices.Contains(meant, words[0]) || asksForHelp(args) {
		meant = names
	}
	for _, name := range meant {
		root.AddCommand(commands[name](a))
	}
	if len(meant) == len(commands) {
		addTopics(root)
		root.SetHelpCommand(newHelpCmd(root))
		if slices.ContainsFunc(args, completes) {
			addCompletions(root)
		}
	}
}

func asksForHelp(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		return arg == "help" || completes(arg)
	})
}

func completes(arg string) bool {
	return arg == "completion" || strings.HasPrefix(arg, "__complete")
}

func newRootCmd(a *app, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "gpc",
		Short: "Ask GP practices through GP Connect",
		Long: `gpc looks a GP practice up in the Spine Directory Service, calls it through the
Spine Secure Proxy, and prints what it answers: records, free slots,
appointments.

Data goes to stdout, words to stderr. Without a practice to ask, begin with the
built-in one: gpc --profile sandbox record --ods A12345 --nhs 9000000009`,
		SuggestionsMinimumDistance: 2,

		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			// An unset variable of a script must not make a call about a patient one about nobody.
			if f := cmd.Flags().Lookup("nhs"); f != nil && f.Changed && f.Value.String() == "" {
				return &usageError{"no NHS number", "--nhs is given and empty; leave it out, or see where the number is lost"}
			}
			if a.interruptible != nil && cmd.Name() != "version" && cmd.Name() != "explain" {
				a.interruptible()
			}
			return nil
		},
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if unknown := noSuchCommand(cmd, args); unknown != nil {
			return unknown // and so the flags are not its own
		}
		return &usageError{what: err.Error(), cure: fmt.Sprintf("`%s --help` lists the flags", cmd.CommandPath())}
	})
	flags := root.PersistentFlags()
	flags.StringVar(&a.flags.profile, "profile", "", "which `profile` of the configuration; \"sandbox\" is built in (GPC_PROFILE)")
	flags.StringVar(&a.flags.config, "config", "", "configuration `file` (GPC_CONFIG)")
	flags.StringVar(&a.flags.as, "as", "", "`ODS code` of the organisation that asks, one of the profile's originators")
	flags.DurationVar(&a.flags.timeout, "timeout", 60*time.Second, "for the whole operation, or each step of one that writes, as in 30s")
	flags.BoolVarP(&a.flags.verbose, "verbose", "v", false, "say more on stderr; may quote the other side's words, and so a patient")
	addCommands(root, a, args)
	if a.columns > 0 {
		root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", fmt.Sprintf(".FlagUsagesWrapped %d ", a.columns)))
	}
	root.SetArgs(args)
	return root
}

// knownCommand refuses what is no command, with those of a similar name.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	e := &usageError{what: "there is no command " + unlessNumber(args[0]), cure: "`gpc help` lists the commands"}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		e.cure = "perhaps you meant: " + strings.Join(near, ", ")
	}
	return e
}

// unlessNumber quotes a word, but not one that may be somebody's number.
func unlessNumber(word string) string {
	if strings.ContainsAny(word, "0123456789") {
		return "that has digits"
	}
	return strconv.Quote(word)
}

// noSuchCommand is the error of a word that is none of the commands below cmd; nil where
// args name none.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	depth := len(strings.Fields(cmd.CommandPath())) - 1
	words := leadingWords(cmd.Root(), args)
	if !cmd.HasSubCommands() || len(words) <= depth {
		return nil
	}
	return knownCommand(cmd, words[depth:])
}

// leadingWords are the arguments without the flags of every command and their values, up to
// the first flag that is a command's own: what follows that may be its value.
func leadingWords(root *cobra.Command, args []string) (words []string) {
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			words = append(words, args[i])
			continue
		}
		name, _, whole := strings.Cut(strings.TrimPrefix(args[i], "--"), "=")
		f := root.PersistentFlags().Lookup(name)
		switch {
		case args[i] == "-v":
		case f == nil:
			return words
		case f.NoOptDefVal == "" && !whole:
			i++ // its value
		}
	}
	return words
}

// usageError is a command that was not called as it can be.
type usageError struct{ what, cure string }

func (e *usageError) Error() string { return e.what }

// words writes a line to stderr, as every line there begins; on a terminal it is as many as
// are needed.
func (a *app) words(format string, args ...any) {
	const begins = "gpc: "
	text := fmt.Sprintf(format, args...)
	if len(begins)+utf8.RuneCountInString(text) > a.errColumns {
		text = foldSaid(text, a.errColumns, len(begins))
	}
	fmt.Fprintln(a.stderr, begins+text)
}
