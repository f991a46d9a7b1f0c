package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// Kind is what a line tells.
type Kind string

const (
	Begin   Kind = "begin"   // an attempt is about to be sent
	End     Kind = "end"     // how that attempt ended
	Refused Kind = "refused" // a call of which nothing was sent: by us, by a gate, for want of an address

	Header    Kind = "header"    // the first line of a file
	Recovered Kind = "recovered" // the bytes before this line are what a crash left of a line
	Resumed   Kind = "resumed"   // the journal could not be written for a while
)

// format is what the header calls this form of the journal.
const format = "gpc-audit-1"

// Entry is a line of the journal. Begin, End and Refused have the members
// down to Duration, as far as they are known; the others have Kind and Time
// and what is said to be theirs.
type Entry struct {
	Seq  uint64 `json:"seq,omitzero"`
	Prev string `json:"prev,omitzero"` // hash of the line before

	Kind  Kind      `json:"kind"`
	Trace string    `json:"trace,omitzero"` // Ssp-TraceID; two lines with the same are one attempt
	Time  time.Time `json:"time"`           // when the journal was told, UTC

	Op          string `json:"op,omitzero"`
	Interaction string `json:"interaction,omitzero"`
	Practice    string `json:"practice,omitzero"` // ODS code
	From        string `json:"from,omitzero"`     // Ssp-From
	To          string `json:"to,omitzero"`       // Ssp-To
	Patient     string `json:"patient,omitzero"`  // see Key.Pseudonym

	Organisation Organisation `json:"organisation,omitzero"` // that asked
	User         User         `json:"user,omitzero"`
	Device       Device       `json:"device,omitzero"`

	Reason  string   `json:"reason,omitzero"`   // reason_for_request
	Scope   string   `json:"scope,omitzero"`    // requested_scope
	Remarks []string `json:"remarks,omitempty"` // what was done on the user's word: left out, overridden
	Attempt int      `json:"attempt,omitzero"`

	Result   string   `json:"result,omitzero"` // of End and Refused: Answered, or a class of error
	Status   int      `json:"status,omitzero"` // HTTP; 0 when no answer came
	Bytes    int      `json:"bytes,omitzero"`  // of the answer
	Layer    string   `json:"layer,omitzero"`  // who failed
	Codes    []string `json:"codes,omitzero"`  // the other side's
	Duration float64  `json:"duration_ms,omitzero"`

	Format     string `json:"format,omitzero"`      // of Header
	TornBytes  int64  `json:"torn_bytes,omitzero"`  // of Recovered, with the mark that ends them
	TornSHA256 string `json:"torn_sha256,omitzero"` // of Recovered: of those bytes
	Unbegun    int    `json:"unbegun,omitzero"`     // of Resumed: calls that were stopped because they could not be recorded
	Unended    int    `json:"unended,omitzero"`     // of Resumed: lines of kind end or refused that were given up

	Hash string `json:"hash,omitzero"`
}

// Organisation is who asked.
type Organisation struct {
	ODS  string `json:"ods,omitzero"`
	Name string `json:"name,omitzero"`
}

// User is the person who asked, as the token has it.
type User struct {
	ID               string `json:"id,omitzero"`
	Name             string `json:"name,omitzero"`
	SDSUserID        string `json:"sds_user_id,omitzero"`
	SDSRoleProfileID string `json:"sds_role_profile_id,omitzero"`
	LocalSystem      string `json:"local_system,omitzero"`
	LocalID          string `json:"local_id,omitzero"`
}

// Device is the consumer's system, as the token has it.
type Device struct {
	System  string `json:"system,omitzero"`
	ID      string `json:"id,omitzero"`
	Model   string `json:"model,omitzero"`
	Version string `json:"version,omitzero"`
}

// Answered is the Result of an attempt that brought the answer asked for.
const Answered = "answered"

// results names the classes of error. Their order matters: an error may be of
// several, and the first says most.
var results = [...]struct {
	class error
	name  string
}{
	{context.Canceled, "cancelled"},
	{context.DeadlineExceeded, "deadline"},
	{client.ErrVetoed, "vetoed"},
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
func entryOf(kind Kind, e client.Event, key Key, now time.Time) Entry {
	entry := Entry{
		Kind: kind, Trace: e.TraceID, Time: now.UTC(),
		Op: e.Op, Interaction: string(e.Interaction), Practice: e.ODS, From: e.From, To: e.To,
		Patient:      key.Pseudonym(e.Patient),
		Organisation: Organisation{ODS: e.For.ODS, Name: e.For.Name},
		User: User{
			ID: e.By.ID, Name: nameOf(e.By), SDSUserID: e.By.SDSUserID, SDSRoleProfileID: e.By.SDSRoleProfileID,
			LocalSystem: e.By.LocalSystem, LocalID: e.By.LocalID,
		},
		Device: Device(e.Device),
		Reason: e.Reason, Scope: string(e.Scope), Attempt: e.Attempt, Remarks: e.Remarks,
	}
	if kind != Begin {
		entry.Result, entry.Status, entry.Bytes, entry.Layer = resultOf(e.Err), e.Status, e.Bytes, string(e.Layer)
		entry.Codes = codesOf(e.Codes)
		entry.Duration = float64(e.Duration.Microseconds()) / 1000
	}
	return entry
}

func nameOf(p client.Practitioner) string {
	words := append(append([]string(nil), p.Prefix...), p.Given...)
	return strings.TrimSpace(strings.Join(append(words, p.Family), " "))
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
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-' && r != '.':
			return false
		}
	}
	return s != "" && len(s) <= 64 && digits < 6
}

// body is the entry as the chain takes it: JSON, without seq, prev and hash.
func (e Entry) body() ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("audit: a line of kind %s cannot be put into JSON", e.Kind)
	}
	if len(b) > maxLine-1<<10 {
		return nil, fmt.Errorf("audit: a line of kind %s would have %d bytes, which is more than a line may have", e.Kind, len(b))
	}
	return b, nil
}
