package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/profile"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/pds"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// The exit codes, which scripts rely on.
const (
	exitDone        = 0
	exitUnexpected  = 1
	exitNotSent     = 2
	exitNotThere    = 3
	exitRefused     = 4
	exitNoAnswer    = 5
	exitUnreliable  = 6
	exitUnknown     = 7
	exitInterrupted = 130
	exitNoReader    = 141 // whoever read stdout has left, as `head` does; a shell says it of SIGPIPE
)

// childError is a command run by `gpc sandbox` that ended with a code of its own.
type childError struct{ code int }

func (e *childError) Error() string { return fmt.Sprintf("the command ended with %d", e.code) }

// finish says on stderr what went wrong and how to mend it, and gives the
// exit code.
func (a *app) finish(ctx context.Context, err error) int {
	var child *childError
	switch {
	case err == nil, errors.Is(err, client.ErrRehearsed):
		return exitDone
	case errors.As(err, &child):
		return child.code
	case ctx.Err() != nil && !isUnknown(err):
		a.words("interrupted")
		return exitInterrupted
	}
	if nobodyReads(err) {
		return exitNoReader
	}
	var differences pds.Differences
	if errors.As(err, &differences) {
		for _, d := range differences {
			a.differs(string(d.Field), "PDS has", d.PDS, d.Provider)
		}
	}
	for _, problem := range flatten(err) {
		a.say(problem)
	}
	return exitCode(err)
}

// nobodyReads says whether stdout is a pipe that is read no more.
func nobodyReads(err error) bool {
	var failed *fs.PathError
	return errors.As(err, &failed) && failed.Path == os.Stdout.Name() && errors.Is(failed.Err, syscall.EPIPE)
}

// flatten takes joined errors apart, so that each problem is a line.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	return []error{err}
}

func (a *app) say(err error) {
	what := err.Error()
	found := new(foundError)
	if p := new(mtls.Problem); errors.As(err, &p) && !errors.As(err, &found) {
		what = p.File + " " + p.What // its text ends with the cure, which follows here
	}
	for line := range strings.Lines(what) {
		a.words("%s", strings.TrimRight(line, "\n"))
	}
	if meaning := meaningOf(err); meaning != "" && !errors.As(err, &found) {
		a.words("that is: %s", meaning)
	}
	a.sayHowToSettle(err)
	if cure := cureFor(err); cure != "" {
		a.words("to do: %s", cure)
	}
	if a.flags.verbose {
		a.quote(err)
	}
}

// quote prints the other side's own words, which may name the patient; only
// -v asks for them.
func (a *app) quote(err error) {
	for _, said := range spoken(err) {
		a.words("said: %s", said)
	}
}

// spoken are the other side's own words, a line each.
func spoken(err error) (said []string) {
	var e *client.Error
	if !errors.As(err, &e) {
		return nil
	}
	if e.Page != "" {
		said = append(said, "a page titled "+strconv.Quote(e.Page))
	}
	if e.Outcome == nil {
		return said
	}
	for _, issue := range e.Outcome.Issue {
		for _, c := range issue.Details.Coding {
			said = append(said, strconv.Quote(strings.TrimSpace(c.Code+" "+c.Display)))
		}
		for _, text := range []string{issue.Details.Text, issue.Diagnostics} {
			if text != "" {
				said = append(said, strconv.Quote(text))
			}
		}
	}
	return said
}

func exitCode(err error) int {
	var usage *usageError
	var none *noConfig
	var configuration *profile.Problem
	var certificate *mtls.Problem
	var unreadable *unreadableError
	var mismatch *mismatchError
	var journal *brokenJournal
	var question *record.QueryError
	var gone *goneError
	if code := pdsExit(err); code != 0 {
		return code
	}
	switch {
	case isUnknown(err):
		return exitUnknown
	case errors.As(err, &unreadable), errors.As(err, &mismatch), errors.As(err, &journal):
		return exitUnreliable
	case errors.As(err, &usage), errors.As(err, &question), errors.As(err, &none), errors.As(err, &configuration), errors.As(err, &certificate),
		errors.Is(err, client.ErrInvalid), errors.Is(err, sdslookup.ErrInvalid), errors.Is(err, fhir.ErrNHSNumber):
		return exitNotSent
	case errors.Is(err, client.ErrUnreadable), errors.Is(err, record.ErrWrongPatient),
		errors.Is(err, sdslookup.ErrAmbiguous), errors.Is(err, sdslookup.ErrAddressRefused):
		return exitUnreliable
	case errors.Is(err, client.ErrNotFound), errors.Is(err, sdslookup.ErrNotFound), errors.Is(err, sdslookup.ErrNotKnown),
		errors.Is(err, client.ErrSlotTaken), errors.As(err, &gone):
		return exitNotThere
	case errors.Is(err, client.ErrRefused), errors.Is(err, client.ErrCertificate), errors.Is(err, client.ErrVetoed),
		errors.Is(err, sdslookup.ErrTLS), errors.Is(err, sdslookup.ErrRefused):
		return exitRefused
	case errors.Is(err, client.ErrNoAnswer), errors.Is(err, sdslookup.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return exitNoAnswer
	}
	return exitUnexpected
}
