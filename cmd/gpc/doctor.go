package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/mtls"
)

type doctorOptions struct {
	ods string
	output
}

func newDoctorCmd(a *app) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor [--ods <code>]",
		Short: "Try every hop to a practice, and name the one that fails",
		Long: `Checks, one after the other, what a call needs: the configuration, the
certificate and its key, the directory (name, TCP, TLS, a search), the own ASID,
the proxy (name, TCP, TLS with an exchange), the clock, and with --ods the
practice's addresses and its metadata through the proxy. No patient is asked
about, and nothing secret is printed: -f json is made to be sent to a service
desk.`,
		Example: `  gpc doctor --ods A12345
  gpc doctor --ods A12345 -f json -o doctor.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	cmd.Flags().StringVar(&o.ods, "ods", "", "`ODS code` of a practice to try as well")
	o.addFlags(cmd, "text", "json")
	return cmd
}

// finding is what the doctor saw at one hop.
type finding struct {
	Hop    string `json:"hop"`
	Result result `json:"result"`
	Took   int64  `json:"took_ms"`
	Saw    string `json:"saw"`
	Cure   string `json:"cure,omitempty"`

	// Answer is what the other side said in its own words. Nothing the doctor
	// asks is about a patient.
	Answer []string `json:"answer,omitempty"`

	err error
}

type result string

const (
	fine    result = "ok"
	warned  result = "warning"
	failed  result = "failed"
	absent  result = "not there"
	skipped result = "not tried"
)

// examination is a run of the doctor.
type examination struct {
	a        *app
	ctx      context.Context
	findings []finding
	broken   bool // a hop failed that those after it need
}

// branch looks at hops of which none that comes after it need be hindered by one
// that fails, and reports whether all went well.
func (x *examination) branch(hops func()) bool {
	before := x.broken
	hops()
	well := !x.broken
	x.broken = before
	return well
}

// try looks at one hop; f says what it saw. A hop that fails ends its branch.
func (x *examination) try(hop string, f func() (saw string, err error)) bool {
	if x.broken || x.ctx.Err() != nil {
		saw := "an earlier hop failed"
		if !x.broken {
			saw = "no time was left; --timeout allows more"
		}
		x.findings = append(x.findings, finding{Hop: hop, Result: skipped, Saw: saw})
		x.broken = true
		return false
	}
	began := time.Now()
	saw, err := f()
	x.found(hop, began, saw, err)
	return err == nil
}

// found adds what was seen at a hop.
func (x *examination) found(hop string, began time.Time, saw string, err error) {
	found := finding{Hop: hop, Result: fine, Saw: saw, Took: time.Since(began).Milliseconds(), err: err}
	if err != nil {
		found.Result, found.Saw, found.Cure, found.Answer = failed, first(saw, words(err)), cureFor(err), withoutNumbers(spoken(err))
		if meaning := meaningOf(err); meaning != "" {
			found.Saw += "; that is: " + meaning
		}
		x.broken = true
	}
	x.findings = append(x.findings, found)
}

// withoutNumbers masks NHS numbers in the other side's words: nobody was asked
// about a patient, but what the doctor writes is sent to a service desk.
func withoutNumbers(said []string) []string {
	for i, s := range said {
		masked := []byte(s)
		for from := 0; from < len(s); {
			to := from
			for to < len(s) && s[to] >= '0' && s[to] <= '9' {
				to++
			}
			if _, err := fhir.ParseNHSNumber(s[from:to]); err == nil {
				copy(masked[from:], "******")
			}
			from = max(to, from+1)
		}
		said[i] = string(masked)
	}
	return said
}

// remark adds a finding that does not end the way.
func (x *examination) remark(hop, saw, cure string, err error) {
	x.findings = append(x.findings, finding{Hop: hop, Result: warned, Saw: saw, Cure: cure, err: err})
}

func (o *doctorOptions) run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	x := &examination{a: a, ctx: ctx}
	x.examine(ctx, o.ods)
	data, err := x.render(o.format, a.width(o.file))
	if err != nil {
		return err
	}
	if err := o.write(a, data); err != nil {
		return err
	}
	for _, f := range x.findings {
		if f.Result == failed {
			return &foundError{hop: f.Hop, err: f.err}
		}
	}
	return nil
}

// foundError is the hop that failed; its exit code is that of the failure.
type foundError struct {
	hop string
	err error
}

func (e *foundError) Error() string { return "failed at: " + e.hop }
func (e *foundError) Unwrap() error { return e.err }

func (x *examination) render(format string, width int) ([]byte, error) {
	if format == "json" {
		data, err := json.MarshalIndent(map[string]any{"version": version(), "at": x.a.now().UTC().Format(time.RFC3339), "findings": x.findings}, "", "  ")
		return append(data, '\n'), err
	}
	var b bytes.Buffer
	for _, f := range x.findings {
		mark := map[result]string{fine: "ok  ", warned: "warn", failed: "FAIL", absent: "--  ", skipped: "--  "}[f.Result]
		begins := fmt.Sprintf("%s  %-24s %5d ms  ", mark, f.Hop, f.Took)
		fmt.Fprintln(&b, begins+fold(strings.ReplaceAll(f.Saw, "\n", "; "), width, len(begins)))
		for _, said := range f.Answer {
			fmt.Fprintln(&b, "      said:  "+fold(said, width, 13))
		}
		if f.Cure != "" {
			fmt.Fprintln(&b, "      to do: "+foldSaid(f.Cure, width, 13))
		}
	}
	return b.Bytes(), nil
}

// words are an error's, each of several on a line of its own.
func words(err error) string {
	var all []string
	for _, e := range flatten(err) {
		if p := new(mtls.Problem); errors.As(e, &p) {
			all = append(all, p.File+" "+p.What) // its text ends with the cure
			continue
		}
		all = append(all, e.Error())
	}
	return strings.Join(all, "\n")
}
