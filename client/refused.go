package client

import (
	"context"
	"errors"
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
