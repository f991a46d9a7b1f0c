package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// topics are what `gpc help <topic>` explains that is no command's alone.
var topics = [...]struct{ name, short, text string }{
	{"exit-codes", "What gpc's exit codes mean", exitCodesTopic},
	{"configuration", "Files, profiles and environment variables", configurationTopic},
	{"privacy", "Where a patient's data goes, and where it never does", privacyTopic},
	{"writes", "Why nothing is booked twice, and what an unknown outcome is", writesTopic},
}

const exitCodesTopic = `  0    done
  1    unexpected; please report
  2    not sent: flags, configuration, invalid number, unreadable certificate
  3    not there: practice, capability, patient, slot
  4    refused: consent, access, certificate, token, the gate
  5    no usable answer: timeout, connection, 5xx, directory down; some of many
       practices did not answer (what came is on stdout)
  6    answered, but not to be relied on: wrong patient, demographics differ,
       unreadable record, ambiguous directory, refused address
  7    outcome of a write unknown; how to settle it is printed
  130  interrupted

A pipe whose reader has left ends gpc with 141, after its journals are closed.
Each line on stderr begins with "gpc:"; where something can be done about a
failure, a line "gpc: to do:" says what. "gpc explain" knows the Spine's codes.`

const configurationTopic = `One file, gpc/gpc.toml in your configuration folder, holds profiles: an
environment, an endpoint, who asks. "gpc config init" writes one with every key
explained, "gpc config show" prints the profile in force, "gpc config check"
tries it without a network, "gpc doctor" with one.

  GPC_CONFIG      another file                (--config)
  GPC_PROFILE     which profile of it         (--profile)
  NO_COLOR        no colour on a terminal

A flag goes before the environment, the environment before the file; an empty
variable counts as unset. Keys named …_env hold the name of a variable in which
a secret is, so that no secret stands in the file. Paths are relative to the
file. The profile "sandbox" is built in and needs no file.`

const privacyTopic = `stdout has what was asked for: records, names, numbers. Nothing else has:

  - stderr, errors and exit codes name no patient. -v quotes the other side's
    own words there, and those may.
  - a terminal is shown both values where a patient's details differ; a pipe is
    told only which field it is.
  - "--nhs -" reads the NHS number from stdin, so that it stands in no list of
    processes and in no shell's history.
  - -o and --ics write a new file that only you can read, and never over one.
  - the journal of calls has a keyed pseudonym instead of the number; "gpc audit
    query --nhs -" finds a patient again with the journal's key.
  - --dry-run, --curl and "doctor -f json" name key files, never keys.`

const writesTopic = `A booking, an amendment, a cancellation and a registration are sent once. What
is meant stands in a journal before the first byte leaves ([journal] dir, or a
folder of your state). When the answer is lost, gpc reads back what became of
it: at once, after seconds, and after the practice's own time. Until it is
known the exit code is 7, the same patient is not booked again at that practice,
and "gpc appointment resume" lists what is open and settles it.

On a terminal gpc asks before it writes; --yes answers, and is needed where
stdin is read as data. A script without a terminal is not asked. --dry-run shows
what would be written.`

// addTopics adds them as cobra's help topics: commands that do nothing.
func addTopics(root *cobra.Command) {
	for _, topic := range topics {
		root.AddCommand(&cobra.Command{Use: topic.name, Short: topic.short, Long: topic.text})
	}
}

// newHelpCmd explains a command or a topic, and refuses what is neither.
func newHelpCmd(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command | topic]",
		Short: "Explain a command or a topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			named, rest, err := root.Find(args)
			if err != nil || named == nil || len(rest) > 0 {
				var names []string
				for _, topic := range topics {
					names = append(names, topic.name)
				}
				return &usageError{
					what: "there is no command or topic " + unlessNumber(strings.Join(args, " ")),
					cure: "`gpc help` lists the commands; topics are: " + strings.Join(names, ", "),
				}
			}
			return named.Help()
		},
	}
}
