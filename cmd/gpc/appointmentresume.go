package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

type appointmentResumeOptions struct {
	nhs     string
	list    bool
	wait    bool
	outcome string
	output
}

func newAppointmentResumeCmd(a *app) *cobra.Command {
	var o appointmentResumeOptions
	cmd := &cobra.Command{
		Use:   "resume [<intent>…]",
		Short: "Find out what became of writes whose outcome is not known",
		Long: `Looks at the practices for each write in the journal whose outcome is not known,
of this or any other process, and writes down what it finds. It never sends a
write. What is there was done; what is not there may come yet, until the
practice's own time for it is over: from then on a look decides. The exit code
is 7 while something is not known.`,
		Example: `  gpc appointment resume
  gpc appointment resume --wait -f json
  gpc appointment resume 5f497ba2-43b9-4987-abbb-72e7a4660548 --outcome not-done`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.list, "list", false, "show what is not known, and look for nothing")
	flags.BoolVar(&o.wait, "wait", false, "wait until a look decides, and look again")
	flags.StringVar(&o.outcome, "outcome", "", "what you have found out in another way: done or not-done; needs one intent")
	flags.StringVar(&o.nhs, "nhs", "", "NHS `number` of the patient, for a registration; - reads it from stdin")
	o.output.addFlags(cmd, "text", "json", "ndjson")
	return cmd
}

// resumed is a write and what is known of it by now.
type resumed struct {
	Intent      client.Intent       `json:"intent"`
	Outcome     *client.Outcome     `json:"outcome,omitempty"`
	Decides     client.UKTime       `json:"decides,omitzero"` // from when on a look decides
	Problem     string              `json:"problem,omitempty"`
	Appointment *client.Appointment `json:"appointment,omitempty"`

	err error
}

func (o *appointmentResumeOptions) run(ctx context.Context, a *app, ids []string) error {
	number, err := o.parse(a, ids)
	if err != nil {
		return err
	}
	c, err := a.connectToWrite(ctx)
	if err != nil {
		return err
	}
	defer a.close(c)
	if o.outcome != "" {
		return o.byHand(ctx, a, c, ids[0])
	}
	all, err := unsettled(ctx, c, ids)
	if err == nil {
		err = oneRegistration(all, number)
	}
	if err != nil {
		return err
	}
	if !o.list {
		for _, r := range all {
			r.look(ctx, a, c, number)
		}
	}
	if o.wait && !o.list {
		if err := waitToDecide(ctx, a, all); err != nil {
			return err
		}
		for _, r := range all {
			if r.Outcome == nil {
				r.look(ctx, a, c, number)
			}
		}
	}
	return o.report(a, all)
}

func (o *appointmentResumeOptions) parse(a *app, ids []string) (number fhir.NHSNumber, err error) {
	wrong := []error{o.output.check()}
	switch {
	case o.outcome != "" && o.outcome != string(client.Done) && o.outcome != string(client.NotDone):
		wrong = append(wrong, &usageError{fmt.Sprintf("no outcome %q", o.outcome), "it is done or not-done"})
	case o.outcome != "" && len(ids) != 1:
		wrong = append(wrong, &usageError{"--outcome without one intent", "name the intent; `gpc appointment resume --list` lists them"})
	case o.outcome != "" && (o.list || o.wait), o.list && o.wait:
		wrong = append(wrong, &usageError{"--list, --wait and --outcome exclude each other", "give one of them"})
	}
	if o.nhs != "" {
		number, err = a.numberOf(o.nhs)
		wrong = append(wrong, err)
	}
	return number, errors.Join(wrong...)
}

// look asks the practice once, as the organisation that made the write.
func (r *resumed) look(ctx context.Context, a *app, c *connection, n fhir.NHSNumber) {
	if r.Outcome != nil {
		return
	}
	if r.Intent.Interaction != client.RegisterPatient {
		n = fhir.NHSNumber{} // the write may be about somebody else
	}
	r.err = r.settle(ctx, a, c, n)
	r.Problem = ""
	if r.err != nil {
		r.Problem = r.err.Error()
	}
	var doubt *client.Doubt
	if errors.As(r.err, &doubt) {
		r.Decides = client.InUK(doubt.Decides)
	}
}

func (r *resumed) settle(ctx context.Context, a *app, c *connection, n fhir.NHSNumber) error {
	organisation, err := c.profile.Organisation(r.Intent.Organisation)
	if err != nil {
		return err
	}
	encounter, err := c.client.Encounter(organisation, c.profile.Practitioner())
	if err != nil {
		return err
	}
	encounter.Remark("not traced: a write is being settled")
	ctx, cancel := context.WithTimeout(ctx, a.flags.timeout)
	defer cancel()
	found, err := encounter.Settle(ctx, r.Intent, n)
	if err != nil {
		return err
	}
	r.Outcome, r.Appointment, r.Decides = &found.Outcome, found.Appointment, client.UKTime{}
	return nil
}

// waitToDecide waits until a look decides about every write that was looked for and not there.
func waitToDecide(ctx context.Context, a *app, all []*resumed) error {
	var last client.UKTime
	for _, r := range all {
		if isUnknown(r.err) && r.Decides.After(last.Time) {
			last = r.Decides
		}
	}
	pause := last.Sub(a.now())
	if last.IsZero() || pause <= 0 {
		return nil
	}
	a.words("waiting until %s", clockOn(last))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause + 10*time.Millisecond):
		return nil
	}
}

// byHand writes down what somebody has found out.
func (o *appointmentResumeOptions) byHand(ctx context.Context, a *app, c *connection, id string) error {
	known, err := unsettled(ctx, c, []string{id})
	if err != nil {
		return err
	}
	r := known[0]
	if r.Outcome == nil {
		if err := c.client.SettleByHand(ctx, id, client.OutcomeState(o.outcome)); err != nil {
			return err
		}
		if r, err = settledBefore(ctx, c, id); err != nil {
			return err
		}
	}
	if string(r.Outcome.State) != o.outcome {
		return &usageError{"the journal has it as " + string(r.Outcome.State) + " already", "nothing was changed"}
	}
	return o.report(a, []*resumed{r})
}

// report prints what is known, and is an error while something is not.
func (o *appointmentResumeOptions) report(a *app, all []*resumed) error {
	if err := o.print(a, all); err != nil {
		return err
	}
	unknown := 0
	for _, r := range all {
		if r.Outcome != nil {
			r.sayWhatIsLeft(a)
			continue
		}
		unknown++
		if r.err != nil {
			a.say(r.err)
		}
	}
	if unknown > 0 {
		return &stillUnknown{unknown}
	}
	return nil
}

// sayWhatIsLeft says of a booking that was made in another's place that the other stands.
func (r *resumed) sayWhatIsLeft(a *app) {
	if old := r.Intent.Replaces; old != "" && r.Outcome.State == client.Done {
		a.words("it was booked in the place of appointment %s, which stands unless somebody has cancelled it", shown(old))
		a.words("to do: `gpc appointment cancel --ods %s %s --reason …`", r.Intent.ODS, shown(old))
	}
}
