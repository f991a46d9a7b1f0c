package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/audit"
	"github.com/gpconnect-go/gpc/fhir"
)

func newAuditCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Verify and query the journal of calls",
		Long: `The journal has a line before each attempt and one after it, chained by hashes.
Where the configuration has [audit] file, nothing is sent that is not in it.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAuditVerifyCmd(a), newAuditQueryCmd(a))
	return cmd
}

// auditFile is the journal named on the command line, or the configuration's.
func (a *app) auditFile(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	file, err := a.configFile()
	if err != nil {
		return "", err
	}
	p, err := file.Select(first(a.flags.profile, a.getenv("GPC_PROFILE")))
	if err != nil {
		return "", err
	}
	if p.AuditFile() == "" {
		return "", &usageError{"the configuration keeps no journal of calls", "name the file, or set [audit] file"}
	}
	return p.AuditFile(), nil
}

func atMostOneFile(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{"one journal at a time", fmt.Sprintf("as in: %s audit.jsonl", cmd.CommandPath())}
	}
	return nil
}

func newAuditVerifyCmd(a *app) *cobra.Command {
	var head string
	cmd := &cobra.Command{
		Use:   "verify [<file>]",
		Short: "Hold every line of the journal against the one before it",
		Long: `Holds every line of the journal against the one before it, and prints the head:
the number and the hash of the last line. That lines were cut off at the end
shows only against a head from before: keep it where who can write the journal
cannot, and give it with --head.`,
		Example: `  gpc audit verify
  gpc audit verify --head 1024:51d0…`,
		Args: atMostOneFile,
		RunE: func(_ *cobra.Command, args []string) error { return auditVerify(a, args, head) },
	}
	cmd.Flags().StringVar(&head, "head", "", "`number:hash` of a line that is known to have been written, as verify prints it")
	return cmd
}

func auditVerify(a *app, args []string, head string) error {
	var known []audit.Head
	if head != "" {
		h, err := audit.ParseHead(head)
		if err != nil {
			return &usageError{"--head is not the head of a journal", "give it as `gpc audit verify` printed it, a number, a colon and 64 hex digits"}
		}
		known = append(known, h)
	}
	path, err := a.auditFile(args)
	if err != nil {
		return err
	}
	report, err := audit.VerifyFile(path, known...)
	if broken := new(audit.Broken); errors.As(err, &broken) {
		return &brokenJournal{err}
	}
	if err != nil {
		return &usageError{fmt.Sprintf("the journal cannot be read: %v", err), "name a journal that can be read"}
	}
	for _, r := range report.Recovered {
		a.words("before line %d stand %d bytes that a crash left of a line", r.Seq, r.Bytes)
	}
	if report.Resumed > 0 {
		a.words("times that the journal could not be written: %d; the lines after say what was stopped", report.Resumed)
	}
	_, err = fmt.Fprintf(a.stdout, "%d lines are as they were written: %d attempts begun, %d ended, %d of unknown end, %d refused before sending, %d withheld after they came\nhead %s\n",
		report.Lines, report.Begun, report.Ended, report.Unknown, report.Refused, report.Withheld, report.Head)
	return err
}

// brokenJournal is a journal that is not what was written.
type brokenJournal struct{ err error }

func (e *brokenJournal) Error() string {
	return "the journal is not what was written: " + e.err.Error()
}
func (e *brokenJournal) Unwrap() error { return e.err }

type auditQueryOptions struct {
	filter         audit.Filter
	kind, from, to string
	nhs            string
	output
}

func newAuditQueryCmd(a *app) *cobra.Command {
	var o auditQueryOptions
	cmd := &cobra.Command{
		Use:   "query [<file>]",
		Short: "Find calls in the journal",
		Long: `Prints the lines of the journal that fit, one each; with -v also what identifies
the audit token of each attempt. -f ndjson has every member.`,
		Example: `  gpc audit query --trace 546a659c-f76d-4023-876c-957f7ce5eb79
  gpc audit query --nhs - --from 2026-11-01 < number`,
		Args: atMostOneFile,
		RunE: func(_ *cobra.Command, args []string) error { return o.run(a, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.filter.Trace, "trace", "", "trace `id`")
	flags.StringVar(&o.filter.ODS, "ods", "", "`ODS code` of the practice")
	flags.StringVar(&o.filter.Organisation, "for", "", "`ODS code` of the organisation that asked")
	flags.StringVar(&o.filter.User, "user", "", "`id` of the user who asked")
	flags.StringVar(&o.nhs, "nhs", "", "NHS `number`; - reads it from stdin; needs the journal's key")
	flags.StringVar(&o.kind, "kind", "", "begin, end, refused, withheld")
	flags.StringVar(&o.from, "from", "", "from this `time` on, as 2026-11-20 or 2026-11-20T09:00:00Z")
	flags.StringVar(&o.to, "to", "", "before this `time`")
	o.addFlags(cmd, "text", "ndjson")
	return cmd
}

func (o *auditQueryOptions) run(a *app, args []string) error {
	if err := o.parse(a); err != nil {
		return err
	}
	path, err := a.auditFile(args)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := newLines(&b)
	if o.format == "text" {
		fmt.Fprint(w, "TIME\tKIND\tOPERATION\tPRACTICE\tBY\tRESULT\tTRACE")
		if a.flags.verbose {
			fmt.Fprint(w, "\tTOKEN")
		}
		fmt.Fprintln(w)
	}
	var trouble error
	for e, err := range audit.Query(path, o.filter) {
		if err != nil {
			trouble = err
			continue
		}
		if o.format == "ndjson" {
			data, err := json.Marshal(e)
			if err != nil {
				return err
			}
			b.Write(append(data, '\n'))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s", e.Time.Format(time.RFC3339), e.Kind, e.Op, e.Practice, askerOf(e), e.Result, e.Trace)
		if a.flags.verbose && e.Token != (audit.Token{}) {
			fmt.Fprintf(w, "\tiss %s, sub %s, aud %s, iat %d, exp %d, %s, %s", e.Token.Issuer, e.User.ID, e.Token.Audience, e.Token.Issued, e.Token.Expires, e.Scope, e.Reason)
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := o.write(a, b.Bytes()); err != nil {
		return err
	}
	if broken := new(audit.Broken); errors.As(trouble, &broken) {
		return &brokenJournal{trouble}
	}
	if trouble != nil {
		return &usageError{fmt.Sprintf("the journal cannot be searched: %v", trouble), "check the file and the key of the configuration"}
	}
	return nil
}

// askerOf is the user and the organisation that asked; lines that are about the
// journal itself have neither.
func askerOf(e audit.Entry) string {
	if e.User.ID == "" {
		return ""
	}
	return e.User.ID + " of " + e.Organisation.ODS
}

func (o *auditQueryOptions) parse(a *app) error {
	wrong := []error{o.check()}
	o.filter.Kind = audit.Kind(o.kind)
	kinds := []audit.Kind{audit.Begin, audit.End, audit.Refused, audit.Withheld, audit.Header, audit.Recovered, audit.Resumed}
	if o.kind != "" && !slices.Contains(kinds, o.filter.Kind) {
		wrong = append(wrong, &usageError{fmt.Sprintf("no kind %q", o.kind), "choose one of: begin, end, refused, withheld"})
	}
	for _, side := range []struct {
		flag, text string
		into       *time.Time
	}{{"from", o.from, &o.filter.From}, {"to", o.to, &o.filter.To}} {
		if side.text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, side.text)
		if err != nil {
			t, err = time.ParseInLocation(time.DateOnly, side.text, fhir.London())
		}
		if err != nil {
			wrong = append(wrong, &usageError{fmt.Sprintf("--%s: %q is no time", side.flag, side.text), "write it as 2026-11-20 or 2026-11-20T09:00:00Z"})
		}
		*side.into = t
	}
	if o.nhs != "" {
		wrong = append(wrong, o.patient(a))
	}
	return errors.Join(wrong...)
}

// patient turns the number into what stands for it in the journal.
func (o *auditQueryOptions) patient(a *app) error {
	number, err := a.numberOf(o.nhs)
	if err != nil {
		return err
	}
	file, err := a.configFile()
	if err != nil {
		return err
	}
	p, err := file.Select(first(a.flags.profile, a.getenv("GPC_PROFILE")))
	if err != nil {
		return err
	}
	key, _, err := p.AuditKey()
	o.filter.Patient = key.Pseudonym(number)
	return err
}
