package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

type callOptions struct {
	ods         string
	interaction string
	scope       string
	media       string
	body        string
	nhs         string
	gateFlags
	rehearsal
	output
}

func newCallCmd(a *app) *cobra.Command {
	var o callOptions
	cmd := &cobra.Command{
		Use:   "call <method> <path> --ods <code> --interaction <id>",
		Short: "Make any interaction, and print the answer's bytes",
		Long: `Looks the practice up for the interaction, puts path behind its service root and
calls it through the proxy, with everything that a call needs. An interaction of
GP Connect is held against its table; any other that the proxy carries can be
called as well, and its POST, PUT or DELETE is sent once (docs/calls.md has an
example).

With --nhs the patient is traced first and the gate asked, as for every other
command; the number in path and body is yours to put there. A booking that is
sent this way is in no journal of writes: gpc appointment book is safer.`,
		Example: `  gpc call GET /metadata --ods A12345 --interaction urn:nhs:names:services:gpconnect:fhir:rest:read:metadata-1
  gpc call POST '/Patient/$gpc.getstructuredrecord' --ods A12345 --body request.json \
    --interaction urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1
  gpc call POST /Prescription-Exemptions/1.0.0/search --ods T1450 --body request.json --media application/json --curl \
    --interaction urn:nhs:names:services:prescription-exemptions:custom:operation:search:prescription-exemptions`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return &usageError{"a call has a method and a path", "as in: `gpc call GET /metadata --ods … --interaction …`"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args[0], args[1]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.ods, "ods", "", "`ODS code` of the practice")
	flags.StringVar(&o.interaction, "interaction", "", "interaction `id`")
	flags.StringVar(&o.scope, "scope", "", "requested `scope` of the token, where the interaction is not GP Connect's (default \"patient/*.read\")")
	flags.StringVar(&o.media, "media", "", "media `type` that is sent and asked for, where the interaction is not GP Connect's (default FHIR's)")
	flags.StringVar(&o.body, "body", "", "`file` with the body; - reads it from stdin")
	flags.StringVar(&o.nhs, "nhs", "", "NHS `number` of whom it is about; - reads it from stdin")
	o.gateFlags.addFlags(cmd)
	o.rehearsal.addFlags(cmd)
	o.output.addFlags(cmd, "fhir")
	return cmd
}

func (o *callOptions) run(ctx context.Context, a *app, method, path string) error {
	request, err := o.parse(a, strings.ToUpper(method), path)
	if err != nil {
		return err
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	encounter, err := o.begin(ctx, a, c, request)
	if err != nil {
		return err
	}
	practice, err := encounter.Practice(o.ods)
	if err != nil {
		return err
	}
	if o.asked() {
		return o.show(ctx, a, c, &o.output, func(ctx context.Context) error {
			_, err := practice.Do(ctx, request)
			return err
		})
	}
	answer, err := practice.Do(ctx, request)
	if err != nil {
		return err
	}
	a.words("status %d, trace %s", answer.Status, answer.TraceID)
	return o.write(a, answer.Body)
}

// begin traces whom the call is about, where that is said. A call about a patient
// whom nobody has named is told apart in the journal.
func (o *callOptions) begin(ctx context.Context, a *app, c *connection, r client.Request) (*client.Encounter, error) {
	if !r.Patient.IsZero() {
		ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
		defer cancel()
		o.rehearsed, o.asIs = o.dryRun, true
		found, err := a.locate(ctx, c, &o.gateFlags, r.Patient, o.ods, r.Interaction)
		if err != nil {
			return nil, err
		}
		return found.encounter, nil
	}
	encounter, err := a.encounter(c)
	if err != nil {
		return nil, err
	}
	row, known := client.RowOf(r.Interaction)
	if !known {
		row = *r.Foreign
	}
	if strings.HasPrefix(string(row.Scope), "patient/") {
		a.words("nobody was traced; --nhs says whom the call is about and has the gate asked")
		encounter.Remark("not traced: gpc call")
	}
	return encounter, nil
}

func (o *callOptions) parse(a *app, method, path string) (client.Request, error) {
	request := client.Request{Interaction: client.Interaction(o.interaction), Path: path}
	wrong := []error{o.output.check()}
	if o.ods == "" {
		wrong = append(wrong, &usageError{"no practice", "give its ODS code with --ods"})
	}
	row, known := client.RowOf(request.Interaction)
	switch {
	case o.interaction == "":
		wrong = append(wrong, &usageError{"no interaction", "give its id with --interaction; docs/coverage.md lists GP Connect's"})
	case known && row.Method != method:
		wrong = append(wrong, &usageError{fmt.Sprintf("the method of this interaction is %s", row.Method), "call it with that"})
	case known && o.scope+o.media != "":
		wrong = append(wrong, &usageError{"scope and media type of this interaction are GP Connect's", "leave out --scope and --media"})
	case !known && !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}, method):
		wrong = append(wrong, &usageError{fmt.Sprintf("no method %q", method), "the proxy carries GET, POST, PUT and DELETE"})
	case !known:
		request.Foreign = &client.Row{Method: method, Scope: client.Scope(first(o.scope, string(client.PatientRead))), Write: method != http.MethodGet}
		request.Media = o.media
	}
	number, err := o.patient(a)
	request.Patient, wrong = number, append(wrong, err)
	if request.Body, err = o.readBody(a); err != nil {
		wrong = append(wrong, err)
	}
	return request, errors.Join(wrong...)
}

// patient reads whom the call is about; nobody is said by leaving it out.
func (o *callOptions) patient(a *app) (fhir.NHSNumber, error) {
	if o.nhs == "" && (o.noTrace || len(o.overrides) > 0) {
		return fhir.NHSNumber{}, &usageError{"--override and --no-trace are about a trace, and without --nhs there is none", "give the NHS number, or leave them out"}
	}
	if o.nhs == "" {
		return fhir.NHSNumber{}, nil
	}
	if o.nhs == "-" && o.body == "-" {
		return fhir.NHSNumber{}, &usageError{"both the number and the body are to be read from stdin", "name a file with --body"}
	}
	number, err := a.numberOf(o.nhs)
	return number, errors.Join(o.gateFlags.check(o.ods), err)
}

func (o *callOptions) readBody(a *app) (body []byte, err error) {
	switch o.body {
	case "":
		return nil, nil
	case "-":
		body, err = io.ReadAll(a.stdin)
	default:
		body, err = os.ReadFile(o.body)
	}
	if err != nil {
		return nil, &usageError{fmt.Sprintf("the body cannot be read: %v", err), "name a file that can be read, or - for stdin"}
	}
	return body, nil
}
