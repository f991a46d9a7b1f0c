package pds

import (
	"slices"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Reason is why the gate refuses. It is an error, so that
// errors.Is(err, pds.Sensitive) asks for it.
type Reason string

const (
	NotTraced     Reason = "not-traced"     // there is no trace of this patient, and nobody to ask for one
	Stale         Reason = "stale"          // the trace is older than a day (or from the future)
	Superseded    Reason = "superseded"     // the number has been replaced; Refusal.Trace has the one to use
	Invalidated   Reason = "invalidated"    // the number may not be used and has not been replaced
	NotFound      Reason = "not-found"      // PDS has no such patient
	NotVerified   Reason = "not-verified"   // the number is not known to be this person's
	Sensitive     Reason = "sensitive"      // the record is restricted, or not said to be unrestricted
	Deceased      Reason = "deceased"       // the patient has died
	NoPractice    Reason = "no-practice"    // the patient is registered nowhere at present
	OtherPractice Reason = "other-practice" // a record is asked for where the patient is not registered
	Mismatch      Reason = "mismatch"       // what the practice sent differs from PDS
)

func (r Reason) Error() string { return r.words() }

func (r Reason) words() string {
	switch r {
	case NotTraced:
		return "the patient has not been traced"
	case Stale:
		return "the trace is older than 24 hours, or from the future"
	case Superseded:
		return "the NHS number has been superseded by another"
	case Invalidated:
		return "the NHS number has been invalidated"
	case NotFound:
		return "PDS has no such patient"
	case NotVerified:
		return "the NHS number is not verified"
	case Sensitive:
		return "the patient's record is restricted at PDS, or not said to be unrestricted"
	case Deceased:
		return "the patient has died"
	case NoPractice:
		return "the patient is registered with no practice at present"
	case OtherPractice:
		return "the patient is registered with another practice than the one asked"
	case Mismatch:
		return ErrMismatch.Error()
	}
	return "refused"
}

// MayBeOverridden says whether an [Override] can exist for the reason: only where
// PDS may lag behind what the user knows, or the user has a purpose that the rule
// allows for. What protects the patient's privacy (Sensitive) or identity
// (NotVerified, Superseded, Invalidated, NotFound, NotTraced) has none, nor has
// Stale, because a stale trace cannot say that any of the others still holds.
//
// Consumers are tested for refusing all of them (GP Connect, "GPC-CORE" tests):
// whether a product offers an override is a matter of its own safety case.
func (r Reason) MayBeOverridden() bool {
	return slices.Contains([]Reason{Deceased, NoPractice, OtherPractice, Mismatch}, r)
}

// Refusal is the gate's no. Its text says what and why, without the patient's data;
// nothing was sent to the practice.
type Refusal struct {
	Reason  Reason
	ODS     string // the practice that was to be asked; "" for none yet
	Booking bool
	Trace   *Trace `json:"-"` // by which it refuses; nil where there is none
	Err     error  `json:"-"` // PDS's answer, or the audit's
}

func (r *Refusal) Error() string {
	text := "pds: the gate refuses: " + r.Reason.words()
	if r.ODS != "" {
		text += " (" + r.ODS + ")"
	}
	if cause := knownWords(r.Err); cause != "" {
		text += ": " + cause
	} else if r.Err != nil {
		text += ": the override could not be audited"
	}
	if r.Trace != nil && r.Trace.RequestID != "" {
		text += " [request " + r.Trace.RequestID + "]"
	}
	return text
}

// Why is the reason in one word, for an audit.
func (r *Refusal) Why() string { return string(r.Reason) }

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// Is reports whether target is ErrRefused or the reason.
func (r *Refusal) Is(target error) bool { return target == ErrRefused || target == r.Reason }

// Override lets a call pass in spite of one reason. It belongs to one gate, which
// belongs to one encounter: nothing is overridden for good.
type Override struct {
	Reason Reason
	Why    string // the user's justification, for the audit; required
}

// Overridden is told when an override has let something pass. It holds no name and
// no date; the patient's number masks itself wherever it is printed.
type Overridden struct {
	Override
	ODS         string // of the practice that is asked; "" of a Mismatch
	Booking     bool
	Patient     fhir.NHSNumber
	Differences Differences // of a Mismatch
	RequestID   string      // of the trace
	At          time.Time
}
