package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gpconnect-go/gpc/client"
)

func (o *appointmentResumeOptions) print(a *app, all []*resumed) error {
	var b bytes.Buffer
	switch o.format {
	case "json":
		return o.writeJSON(a, all)
	case "ndjson":
		for _, r := range all {
			data, err := json.Marshal(r)
			if err != nil {
				return err
			}
			b.Write(append(data, '\n'))
		}
		return o.write(a, b.Bytes())
	}
	if len(all) == 0 {
		a.words("every write is settled")
		return nil
	}
	for _, r := range all {
		fmt.Fprintf(&b, "%s\n  %s at %s, begun at %s\n  %s\n", r.Intent.ID, r.what(), r.Intent.ODS, clockOn(client.InUK(r.Intent.At)), r.how())
	}
	return o.write(a, b.Bytes())
}

// what is as in cancel appointment 1001.
func (r *resumed) what() string {
	row, _ := client.RowOf(r.Intent.Interaction)
	name := strings.ToLower(strings.NewReplacer(" an appointment", " appointment", " a patient", " patient").Replace(row.Name))
	return joinWords(" ", name, r.Intent.Appointment)
}

// how is the outcome in words.
func (r *resumed) how() string {
	switch {
	case r.Outcome == nil && r.Decides.IsZero():
		return "not known"
	case r.Outcome == nil:
		return "not known; a look decides from " + clockOn(r.Decides)
	}
	by := map[client.OutcomeBy]string{client.ByAnswer: "as it was answered", client.ByReading: "as was seen there", client.ByPerson: "as somebody says"}[r.Outcome.By]
	state := map[client.OutcomeState]string{client.Done: "done", client.NotDone: "not done"}[r.Outcome.State]
	if id := r.Outcome.Appointment; id != "" && r.Intent.Appointment == "" {
		state += ": appointment " + shown(id)
	}
	return joinWords(", ", state, by)
}
