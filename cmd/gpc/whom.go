package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// whom are the flags of commands about a patient at a practice.
type whom struct {
	ods, nhs string
	gateFlags
}

func (w *whom) addFlags(cmd *cobra.Command) {
	w.addODS(cmd)
	cmd.Flags().StringVar(&w.nhs, "nhs", "", "NHS `number`; - reads it from stdin")
	w.gateFlags.addFlags(cmd)
}

func (w *whom) addODS(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.ods, "ods", "", "`ODS code` of the practice")
}

// number reads the NHS number, and refuses what cannot be meant.
func (w *whom) number(a *app) (fhir.NHSNumber, error) {
	wrong := []error{w.checkODS(), w.gateFlags.check(w.ods)}
	if w.nhs == "" {
		wrong = append(wrong, &usageError{"no NHS number", "give it with --nhs, or --nhs - to read it from stdin"})
		return fhir.NHSNumber{}, errors.Join(wrong...)
	}
	number, err := a.numberOf(w.nhs)
	return number, errors.Join(append(wrong, err)...)
}

// numberOf is the NHS number that a flag gives; - is that it stands on stdin.
func (a *app) numberOf(flag string) (fhir.NHSNumber, error) {
	if flag != "-" {
		return fhir.ParseNHSNumber(flag)
	}
	line, err := a.secret()
	if err != nil {
		return fhir.NHSNumber{}, err
	}
	if line == "" {
		return fhir.NHSNumber{}, &usageError{"no NHS number on stdin", "--nhs - reads its first line"}
	}
	return fhir.ParseNHSNumber(line)
}

// readsStdin says whether one of several inputs is on stdin, and refuses two.
func readsStdin(inputs ...bool) (bool, error) {
	taken := false
	for _, is := range inputs {
		if is && taken {
			return true, errTwiceStdin()
		}
		taken = taken || is
	}
	return taken, nil
}

func errTwiceStdin() error {
	return &usageError{"stdin is wanted twice", "read one of them from a file"}
}

func (w *whom) checkODS() error {
	if w.ods == "" {
		return nil // the trace may find it
	}
	code, err := sdslookup.ParseODS(w.ods)
	if err == nil {
		w.ods = code
	}
	return err
}

// fromStdin says whether the number is read from there.
func (w *whom) fromStdin() bool { return w.nhs == "-" }

// at traces the patient, where the profile has PDS, and names the practice.
func (w *whom) at(ctx context.Context, a *app, c *connection, number fhir.NHSNumber) (*located, *client.Practice, error) {
	found, err := a.locate(ctx, c, &w.gateFlags, number, w.ods, client.FindPatient)
	if err != nil {
		return nil, nil, err
	}
	practice, err := found.encounter.Practice(found.ods)
	return found, practice, err
}

// numberIfGiven is number for commands that can do without one.
func (w *whom) numberIfGiven(a *app) (fhir.NHSNumber, error) {
	if w.nhs != "" {
		return w.number(a)
	}
	err := errors.Join(w.checkODS(), w.gateFlags.check(w.ods))
	if len(w.overrides) > 0 || w.noTrace {
		err = errors.Join(err, &usageError{"--override and --no-trace are about a trace, and without --nhs there is none", "give the NHS number, or leave them out"})
	}
	return fhir.NHSNumber{}, err
}

// needsODS is for ids, which mean something at one practice alone.
func (w *whom) needsODS() error {
	if w.ods == "" {
		return &usageError{"no practice", "give its ODS code with --ods; an id means nothing at another"}
	}
	return nil
}

// atKnown is at for commands that name what they want by an id: with an NHS number the
// patient is traced and the gate holds; without one there is nobody to trace.
func (w *whom) atKnown(ctx context.Context, a *app, c *connection, number fhir.NHSNumber) (fhir.NHSNumber, *client.Practice, error) {
	if !number.IsZero() {
		found, practice, err := w.at(ctx, a, c, number)
		if err != nil {
			return number, nil, err
		}
		return found.number, practice, nil
	}
	encounter, err := a.encounter(c)
	if err != nil {
		return number, nil, err
	}
	encounter.Remark("not traced: asked for by id")
	practice, err := encounter.Practice(w.ods)
	return number, practice, err
}

// oneID wants one id behind the command's name.
func oneID(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{"one id is wanted", "as in: " + strings.TrimSpace(strings.Split(cmd.Example, "\n")[0])}
	}
	return nil
}
