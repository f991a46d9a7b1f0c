package client

import (
	"context"
	"fmt"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// TestFinal is the table of what is known of a write when it has failed.
func TestFinal(t *testing.T) {
	k := &call{row: Row{ID: BookAppointment, Write: true}}
	answered := func(status int, codes ...Code) *Error {
		e := k.fail(LayerProxy, nil)
		e.StatusCode, e.Codes = status, codes
		return e
	}
	for _, test := range []struct {
		name string
		err  *Error
		left bool // the connection stood
		want bool
	}{
		{"our own refusal", k.fail(LayerSelf, ErrInvalid), false, true},
		{"the auditor's veto", k.fail(LayerSelf, &vetoed{}), false, true},
		{"a rehearsal", k.fail(LayerSelf, ErrRehearsed), false, true},
		{"the directory", k.fail(LayerDirectory, context.DeadlineExceeded), true, true},
		{"the gate", k.fail(LayerPDS, ErrRefused), true, true},
		{"nobody listens", k.failed(&wire.Failure{Kind: wire.Refused}), false, true},
		{"no such name", k.failed(&wire.Failure{Kind: wire.Name}), false, true},
		{"their certificate", k.failed(&wire.Failure{Kind: wire.TheirCert}), false, true},
		{"no TLS", k.failed(&wire.Failure{Kind: wire.TLS}), false, true},
		{"dial timed out", k.failed(&wire.Failure{Kind: wire.Timeout}), false, true},
		{"cancelled while dialling", k.failed(&wire.Failure{Kind: wire.Cancelled}), false, true},
		{"our certificate, told at the first read", k.failed(&wire.Failure{Kind: wire.OurCert, Sent: true}), true, true},
		{"TLS broke", k.failed(&wire.Failure{Kind: wire.TLS, Sent: true}), true, false},
		{"timed out", k.failed(&wire.Failure{Kind: wire.Timeout, Sent: true}), true, false},
		{"deadline", k.failed(&wire.Failure{Kind: wire.Deadline, Sent: true}), true, false},
		{"deadline, and the headers may be under way", k.failed(&wire.Failure{Kind: wire.Deadline}), true, false},
		{"cancelled", k.failed(&wire.Failure{Kind: wire.Cancelled, Sent: true}), true, false},
		{"cut", k.failed(&wire.Failure{Kind: wire.Cut, Sent: true}), true, false},
		{"too large", k.failed(&wire.Failure{Kind: wire.TooLarge, Sent: true}), true, false},
		{"no HTTP", k.failed(&wire.Failure{Kind: wire.BadResponse, Sent: true}), true, false},
	} {
		if got := test.err.final(test.left); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	for status := 200; status < 600; status++ {
		want := status >= 400 && status < 500 && status != 408 && status != 444 && status != 499
		said := answered(status)
		said.Outcome = &fhir.OperationOutcome{}
		if got := said.final(true); got != want {
			t.Errorf("%d: got %v, want %v", status, got, want)
		}
		if got := answered(status).final(true); got != (want && status != 403) {
			t.Errorf("%d, not in FHIR: got %v, want %v", status, got, !got)
		}
	}
	if !answered(501, NotImplemented).final(true) {
		t.Error("the practice says that it has no bookings: got ambiguous, want final")
	}
	for status := range 600 {
		if e := answered(status); e.conflicts() != (status == 409 || status == 412) {
			t.Errorf("%d conflicts: got %v", status, e.conflicts())
		}
	}
	if s := fmt.Sprint(doubtful(&Doubt{Cause: answered(504), Readings: 3}, answered(504))); s == "" {
		t.Error("a doubt says nothing")
	}
}
