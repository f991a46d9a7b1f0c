package audit

import (
	"fmt"
	"time"
)

// Kind is what a line tells.
type Kind string

const (
	Begin   Kind = "begin"   // an attempt is about to be sent
	End     Kind = "end"     // how that attempt ended
	Refused Kind = "refused" // a call of which nothing was sent: by us, by a gate, for want of an address
	// Withheld is an answer that came, has its End, and was not given to who asked: about
	// somebody else, with other demographics, unreadable.
	Withheld Kind = "withheld"

	Header    Kind = "header"    // the first line of a file
	Recovered Kind = "recovered" // the bytes before this line are what a crash left of a line
	Resumed   Kind = "resumed"   // the journal could not be written for a while
)

// format is what the header calls this form of the journal.
const format = "gpc-audit-1"

// Entry is a line of the journal. Begin, End, Refused and Withheld have the members
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

	Token   Token    `json:"token,omitzero"`    // of an attempt
	Reason  string   `json:"reason,omitzero"`   // reason_for_request
	Scope   string   `json:"scope,omitzero"`    // requested_scope
	Remarks []string `json:"remarks,omitempty"` // what was done on the user's word, and that word: left out, overridden
	Attempt int      `json:"attempt,omitzero"`

	Result   string   `json:"result,omitzero"` // of all but Begin: Answered, or a class of error
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

// Token is what identifies the audit token, with User and Device, Reason and
// Scope, which are items of it too; its sub is the user's ID. The token itself is
// not kept.
type Token struct {
	Issuer   string `json:"iss,omitzero"`
	Audience string `json:"aud,omitzero"`
	Issued   int64  `json:"iat,omitzero"` // seconds since 1970
	Expires  int64  `json:"exp,omitzero"`
}

// Answered is the Result of an attempt that brought the answer asked for.
const Answered = "answered"

// body is the entry as the chain takes it: JSON, without seq, prev and hash.
func (e Entry) body() ([]byte, error) { return e.appendBody(nil) }

// appendBody writes the body into buf, which is empty.
func (e *Entry) appendBody(buf []byte) ([]byte, error) {
	b := e.encode(buf)
	if len(b) > maxLine-1<<10 {
		return b, fmt.Errorf("audit: a line of kind %s would have %d bytes, which is more than a line may have", e.Kind, len(b))
	}
	return b, nil
}
