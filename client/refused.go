package client

import (
	"context"
	"errors"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// Refused has the auditor told of a request that the caller's own gate refused
// before a practice was asked: where PDS, which was to name the practice, speaks
// against asking at all. ods is the practice that was to be asked, "" for none
// yet. What [Practice.Do] refuses it tells itself.
func (e *Encounter) Refused(ctx context.Context, r Request, ods string, err error) {
	k := (&Practice{encounter: e, ods: ods}).call(r)
	k.gated(err)
	k.tell(ctx, k.told(k.exchange(ctx, e.client.config.Now()), nil, 0))
}

// gated is a call that a gate did not let pass.
func (k *call) gated(err error) *Error {
	k.remark(err)
	k.verdict = k.fail(LayerPDS, err, gateClass(err)...)
	return k.verdict
}

// remark has the auditor told of a gate's reason, where it has a word for it.
func (k *call) remark(err error) {
	var reasoned interface{ Why() string }
	if errors.As(err, &reasoned) && reasoned.Why() != "" {
		k.remarks = append(k.remarks, "gate: "+reasoned.Why())
	}
}

// gateClass tells a gate that says no from one that could not find out. It may
// say so with this package's classes, or by an error that is Temporary, as an
// error of package pds is; every other is a refusal.
func gateClass(err error) []error {
	var passing interface{ Temporary() bool }
	var failure *wire.Failure
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &passing) && passing.Temporary():
		return []error{ErrNoAnswer}
	case errors.As(err, &failure):
		return wireClass(failure.Kind)
	}
	for _, class := range []error{ErrInvalid, ErrNotFound, ErrUnreadable, ErrNoAnswer, ErrCertificate} {
		if errors.Is(err, class) {
			return []error{class}
		}
	}
	return []error{ErrRefused}
}
