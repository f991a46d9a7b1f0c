package sdslookup

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The classes of failure; errors.Is finds them in every error of this package.
var (
	ErrNotFound       = errors.New("not in the directory")                   // the directory answered and had nothing; Error.Reason says more
	ErrAmbiguous      = errors.New("the directory has more than one answer") // Error.Candidates lists them; a party key can be pinned
	ErrAddressRefused = errors.New("the directory's address is refused")     // see AddressPolicy
	ErrUnavailable    = errors.New("the directory did not answer")           // timeout, connection, referral, server trouble
	ErrNotKnown       = errors.New("this directory does not hold that")      // asking another one may help
	ErrInvalid        = errors.New("not a valid question")                   // nothing was sent
	ErrTLS            = errors.New("no secure connection to the directory")  // a certificate was refused, by either side
	ErrRefused        = errors.New("the directory does not let us ask")      // an API key or a client that it does not accept
)

// Step is the part of a lookup that an error or a Search belongs to.
type Step string

const (
	StepMHS          Step = "MHS"          // address and party key, by ODS code and interaction
	StepAS           Step = "AS"           // ASID, by ODS code and party key
	StepOwn          Step = "own AS"       // a consumer's own ASID
	StepOrganisation Step = "organisation" // the organisation itself; asked on a miss
	StepServices     Step = "services"     // whether the organisation has any record; asked on a miss
)

// Reason tells one ErrNotFound from another, where the directory lets one, and one ErrAddressRefused.
type Reason string

const (
	NotToldApart Reason = "" // the directory holds no organisations, or did not answer that question
	UnknownODS   Reason = "unknown ODS code"
	Closed       Reason = "closed" // Error.Organisation has the date and the successors
	NotEnabled   Reason = "not enabled for this interaction"
	NoASID       Reason = "no AS record" // an address but no AS record with its party key: an error in the directory's data
	Incomplete   Reason = "incomplete record"
	NotPinned    Reason = "no record with the pinned party key"

	NoServiceRoot  Reason = "not a service root" // whatever the policy, for instance plain http
	HostNotAllowed Reason = "host not allowed"   // by the AddressPolicy
)

// Error is every error of this package. Its fields hold nothing about a patient.
type Error struct {
	Kind         error // one of the Err… values, or context.Canceled
	Step         Step
	ODS          string
	Interaction  Interaction
	Server       string
	Reason       Reason        // with ErrNotFound and ErrAddressRefused
	Organisation *Organisation // with Closed
	Candidates   []Candidate
	Err          error

	permanent bool // an ErrUnavailable that trying again does not mend
}

func (e *Error) Is(target error) bool { return target == e.Kind }
func (e *Error) Unwrap() error        { return e.Err }

// Temporary says whether the same question may be answered later.
func (e *Error) Temporary() bool { return e.Kind == ErrUnavailable && !e.permanent }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("sds: ")
	b.WriteString(e.sentence())
	var where []string
	if e.Interaction != "" {
		where = append(where, string(e.Interaction))
	}
	if e.Step != "" {
		where = append(where, "step "+string(e.Step))
	}
	if e.Server != "" {
		where = append(where, e.Server)
	}
	if len(where) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(where, ", "))
	}
	switch {
	case e.Err == context.DeadlineExceeded:
		b.WriteString(": no answer within the time allowed")
	case e.Err != nil && e.Err != e.Kind:
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

func (e *Error) sentence() string {
	subject := ""
	if e.ODS != "" {
		subject = e.ODS + ": "
	}
	switch {
	case e.Kind == ErrInvalid:
		return "not asked"
	case e.Kind == nil:
		return subject + "failed"
	case e.Kind == context.Canceled:
		return subject + "given up by the caller"
	case e.Kind == ErrAmbiguous && len(e.Candidates) > 0:
		return fmt.Sprintf("%s%v: %s", subject, e.Kind, listed(e.Candidates))
	case e.Kind == ErrNotFound && e.Reason == Closed && e.Organisation != nil:
		return subject + closedSentence(*e.Organisation)
	case e.Kind == ErrNotFound && e.Reason != "":
		return fmt.Sprintf("%s%v: %s", subject, e.Kind, e.Reason)
	}
	return subject + e.Kind.Error()
}

func closedSentence(o Organisation) string {
	s := "closed on " + o.Closed.Format("2006-01-02")
	if len(o.Successors) > 0 {
		s += ", succeeded by " + strings.Join(o.Successors, ", ")
	}
	return s
}

// listed names the first few candidates by what tells them apart.
func listed(cs []Candidate) string {
	const most = 5
	var parts []string
	for i, c := range cs {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(cs)-most))
			break
		}
		var bits []string
		for _, s := range []string{c.Address, c.ASID, c.PartyKey} {
			if s != "" {
				bits = append(bits, fmt.Sprintf("%q", s))
			}
		}
		parts = append(parts, strings.Join(bits, " "))
	}
	return strings.Join(parts, "; ")
}
