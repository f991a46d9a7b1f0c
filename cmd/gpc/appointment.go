package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

func newAppointmentCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "appointment",
		Short: "Book, list, show, amend, cancel and move appointments",
		Long: `What changes something at a practice is written to a journal before it is sent,
and is sent once. When its answer is lost, gpc looks whether it was done; where
that cannot be known yet, the exit code is 7, and gpc appointment resume finds
out later. --timeout bounds each step by itself: getting ready, the write, each
look for it; settling an answer that was lost therefore takes longer than it.

On a terminal every change is asked about; --yes leaves that out. Without a
terminal nothing is asked. An id is the practice's own and means nothing at
another. An id of - reads the appointment from stdin, as -f json printed it.`,
		Args: knownCommand, SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newAppointmentBookCmd(a), newAppointmentListCmd(a), newAppointmentShowCmd(a), newAppointmentAmendCmd(a),
		newAppointmentCancelCmd(a), newAppointmentRescheduleCmd(a), newAppointmentResumeCmd(a),
	)
	return cmd
}

// oneAppointment are the flags of commands about an appointment that there is.
type oneAppointment struct {
	whom
	id        string
	version   string // that the user has seen; "" is any
	fromInput bool   // the id came from stdin
	looks     bool   // nothing will be changed, so that any version will do
}

func (o *oneAppointment) addFlags(cmd *cobra.Command) {
	o.whom.addFlags(cmd)
	cmd.Flags().Lookup("nhs").Usage = "NHS `number` of the patient whose appointment it must be; then they are traced"
	cmd.Flags().StringVar(&o.version, "if-version", "", "`version` that you have seen; it must still be that one")
}

// parse takes the id, or reads the appointment from stdin, and checks the flags.
func (o *oneAppointment) parse(a *app, arg string) (fhir.NHSNumber, error) {
	if o.id = arg; arg == "-" {
		o.fromInput = true
		if o.whom.fromStdin() {
			return fhir.NHSNumber{}, errTwiceStdin()
		}
		if err := o.readInput(a); err != nil {
			return fhir.NHSNumber{}, err
		}
	}
	number, err := o.numberIfGiven(a)
	return number, errors.Join(err, o.needsODS())
}

// taken says whether stdin was read as data.
func (o *oneAppointment) taken() bool { return o.fromInput || o.whom.fromStdin() }

// readInput reads one appointment as list, show and book print it.
func (o *oneAppointment) readInput(a *app) error {
	data, err := readInput(a, "-")
	if err != nil {
		return err
	}
	var all []client.Appointment
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '[' {
		err = json.Unmarshal(data, &all)
	} else {
		all = make([]client.Appointment, 1)
		err = json.Unmarshal(data, &all[0])
	}
	switch {
	case err != nil || len(all) == 1 && all[0].ID == "":
		return &usageError{"stdin has no appointment", "give one as -f json printed it"}
	case len(all) != 1:
		return &usageError{fmt.Sprintf("stdin has %d appointments", len(all)), "give one"}
	case o.ods != "" && o.ods != all[0].ODS:
		return &usageError{"the appointment on stdin is of another practice than --ods", "leave --ods out"}
	}
	o.id, o.ods = all[0].ID, all[0].ODS
	if o.version == "" && !o.looks {
		o.version = all[0].Version
	}
	return nil
}

// get reads the appointment: it must be the patient's, where one was named, and of the
// version that the user has seen.
func (o *oneAppointment) get(ctx context.Context, p *client.Practice, n fhir.NHSNumber) (*client.Appointment, error) {
	found, err := p.ReadAppointment(ctx, o.id)
	if err != nil {
		return nil, err
	}
	if !n.IsZero() {
		who, err := p.FindPatient(ctx, n)
		if err != nil {
			return nil, err
		}
		if who.ID != found.Patient {
			return nil, &otherPatientError{}
		}
	}
	if o.version != "" && found.Version != o.version {
		return nil, &changedError{saw: o.version, is: found.Version}
	}
	return found, nil
}

// otherPatientError is an appointment of somebody else than the user said.
type otherPatientError struct{}

func (*otherPatientError) Error() string {
	return "the appointment is not that of the patient with this NHS number"
}

// Is makes it what a record of somebody else is.
func (*otherPatientError) Is(target error) bool { return target == record.ErrWrongPatient }

// changedError is an appointment that is not as the user has seen it.
type changedError struct{ saw, is string }

func (e *changedError) Error() string {
	return fmt.Sprintf("somebody has changed the appointment: you have seen version %s, and it is version %s now; nothing was sent", shown(e.saw), orDash(shown(e.is)))
}

// Is makes it what the practice would have said.
func (e *changedError) Is(target error) bool {
	return target == client.ErrVersionConflict || target == client.ErrRefused
}

// bookedElsewhere says that another organisation booked what is about to be changed: every
// consumer may, and whoever booked does not hear of it.
func (a *app) bookedElsewhere(c *connection, v *client.Appointment) {
	own, err := c.profile.Organisation(a.flags.as)
	if by := v.BookedBy; err == nil && by.ODS != "" && by.ODS != own.ODS {
		a.words("booked by another organisation: %s", joinWords(" ", by.Name, inBrackets(by.ODS), by.Phone))
	}
}
