package audit

import (
	"context"
	"errors"
	"strings"

	"github.com/gpconnect-go/gpc/client"
)

// results names the classes of error. Their order matters: an error may be of
// several, and the first says most.
var results = [...]struct {
	class error
	name  string
}{
	{client.ErrOutcomeUnknown, "outcome-unknown"},
	{client.ErrUnsettled, "unsettled"},
	{context.Canceled, "cancelled"},
	{context.DeadlineExceeded, "deadline"},
	{client.ErrVetoed, "vetoed"},
	{client.ErrSlotTaken, "slot-taken"},
	{client.ErrDuplicate, "duplicate"},
	{client.ErrVersionConflict, "version-conflict"},
	{client.ErrThrottled, "throttled"},
	{client.ErrNotEnabled, "not-enabled"},
	{client.ErrSenderNotAccredited, "sender-not-accredited"},
	{client.ErrReceiverNotAccredited, "receiver-not-accredited"},
	{client.ErrNoSharingAgreement, "no-sharing-agreement"},
	{client.ErrEndpointVaries, "endpoint-varies"},
	{client.ErrProviderUnreachable, "provider-unreachable"},
	{client.ErrClientCertificate, "client-certificate"},
	{client.ErrCertificate, "certificate"},
	{client.ErrNotFound, "not-found"},
	{client.ErrInvalid, "invalid"},
	{client.ErrUnreadable, "unreadable"},
	{client.ErrNoAnswer, "no-answer"},
	{client.ErrRefused, "refused"},
}

// resultOf names err by its class. Its text stays out: nothing holds whoever
// wrote it to leave the patient out of it.
func resultOf(err error) string {
	if err == nil {
		return Answered
	}
	for _, r := range results {
		if errors.Is(err, r.class) {
			return r.name
		}
	}
	return "failed"
}

// entryOf is what the journal keeps of an event.
func (j *Journal) entryOf(kind Kind, e *client.Event) Entry {
	entry := Entry{
		Kind: kind, Trace: e.TraceID, Time: j.now().UTC(),
		Op: e.Op, Interaction: string(e.Interaction), Practice: e.ODS, From: e.From, To: e.To,
		Patient:      j.named.pseudonym(j.key, e.Patient),
		Organisation: Organisation{ODS: e.For.ODS, Name: e.For.Name},
		User: User{
			ID: e.By.ID, Name: nameOf(e.By), SDSUserID: e.By.SDSUserID, SDSRoleProfileID: e.By.SDSRoleProfileID,
			LocalSystem: e.By.LocalSystem, LocalID: e.By.LocalID,
		},
		Device: Device(e.Device), Token: Token(e.Token),
		Reason: e.Reason, Scope: string(e.Scope), Attempt: e.Attempt, Remarks: remarksOf(e.Remarks),
	}
	if kind != Begin {
		entry.Result, entry.Status, entry.Bytes, entry.Layer = resultOf(e.Err), e.Status, e.Bytes, string(e.Layer)
		entry.Codes = codesOf(e.Codes)
		entry.Duration = float64(e.Duration.Microseconds()) / 1000
	}
	return entry
}

// remarksOf keeps the user's words, but no number that a patient could have.
func remarksOf(remarks []string) []string {
	var kept []string
	for _, r := range remarks[:min(len(remarks), 16)] {
		if digitsIn(r) >= 10 {
			r = strings.Map(func(c rune) rune {
				if isDigit(c) {
					return '*'
				}
				return c
			}, r)
		}
		kept = append(kept, r[:min(len(r), 500)])
	}
	return kept
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

func digitsIn(s string) (n int) {
	for _, c := range s {
		if isDigit(c) {
			n++
		}
	}
	return n
}

func nameOf(p client.Practitioner) string {
	var b strings.Builder
	b.Grow(64)
	for _, words := range [...][]string{p.Prefix, p.Given, {p.Family}} {
		for _, w := range words {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
	}
	return strings.TrimSpace(b.String())
}

// codesOf keeps codes that look like codes. They are the other side's words,
// and one that is free text, or holds a long run of digits, may be about a
// patient.
func codesOf(codes []client.Code) []string {
	var kept []string
	for _, c := range codes[:min(len(codes), 16)] {
		if looksLikeCode(string(c)) {
			kept = append(kept, string(c))
		} else {
			kept = append(kept, "(not a code)")
		}
	}
	return kept
}

func looksLikeCode(s string) bool {
	for _, c := range s {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !isDigit(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 64 && digitsIn(s) < 6
}
