package pds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// Classes of failure, for errors.Is.
var (
	ErrInvalid        = errors.New("not a valid request")                            // by our own check, or PDS's (400)
	ErrNotFound       = errors.New("PDS has no such patient")                        // said by PDS in FHIR, never guessed from a 404
	ErrInvalidated    = errors.New("the NHS number is invalidated and not replaced") // there is no record that may be used
	ErrTooManyMatches = errors.New("more patients match than may be returned")       // of [Matches.One]
	ErrAccessDenied   = errors.New("access denied")                                  // token, key, application or user
	ErrThrottled      = errors.New("too many requests")                              // 429
	ErrUnavailable    = errors.New("no usable answer")                               // connection, time, 408, 5xx
	ErrUnreadable     = errors.New("the answer cannot be relied on")                 // not FHIR, not whole, contradictory
	ErrTLS            = errors.New("no secure connection")                           // a certificate was refused, by either side
	ErrRefused        = errors.New("the gate refuses")                               // every [*Refusal]
	ErrMismatch       = errors.New("the practice's patient is not as PDS has them")  // every [Differences]
)

// Code is a code of PDS ("RESOURCE_NOT_FOUND") or of its token endpoint
// ("invalid_client"). It is an error, so that errors.Is(err, pds.TooManyRequests)
// asks whether the other side said so. Codes that are not listed here survive.
type Code string

func (c Code) Error() string { return string(c) }

// The codes of PDS, from its OpenAPI specification.
const (
	InvalidResourceID    Code = "INVALID_RESOURCE_ID" // not an NHS number
	UnsupportedService   Code = "UNSUPPORTED_SERVICE"
	MissingValue         Code = "MISSING_VALUE"
	InvalidValue         Code = "INVALID_VALUE"
	InvalidSearchData    Code = "INVALID_SEARCH_DATA"
	AdditionalProperties Code = "ADDITIONAL_PROPERTIES"
	AccessDenied         Code = "ACCESS_DENIED"
	InvalidMethod        Code = "INVALID_METHOD" // application-restricted access may not write
	ResourceNotFound     Code = "RESOURCE_NOT_FOUND"
	InvalidatedResource  Code = "INVALIDATED_RESOURCE"
	UnableToCallService  Code = "UNABLE_TO_CALL_SERVICE"
	TooManyRequests      Code = "TOO_MANY_REQUESTS"
	TooManyMatches       Code = "TOO_MANY_MATCHES"
	ServiceUnavailable   Code = "SERVICE_UNAVAILABLE"
	UnknownError         Code = "UNKNOWN_ERROR"
)

// Error is a failed operation. Its text holds no patient's data: it is made of the
// operation's name, the status, the codes, the request id and words of our own.
type Error struct {
	Op         string                 // "read the patient"
	StatusCode int                    // 0 when no answer came
	Codes      []Code                 // in the order of the outcome's issues
	RequestID  string                 // for the service desk: X-Request-ID, the same for every attempt, or the token endpoint's message_id
	Outcome    *fhir.OperationOutcome `json:"-"` // in PDS's own words, which may name the patient
	RetryAfter time.Duration          // how long the other side asked us to wait; 0 when it did not
	ClockSkew  time.Duration          // by how much our clock is ahead of the token endpoint's, when that is what it refused
	Err        error                  `json:"-"`

	service string // who answered: "PDS" when empty
	detail  string // what is wrong, in words of our own
	class   error
}

func (e *Error) Error() string {
	parts := []string{"pds: " + e.Op}
	if e.StatusCode != 0 {
		parts = append(parts, e.answered())
	}
	if e.class != nil {
		parts = append(parts, e.class.Error())
	}
	if e.detail != "" {
		parts = append(parts, e.detail)
	}
	if e.ClockSkew != 0 {
		parts = append(parts, skewWords(e.ClockSkew))
	}
	if cause := knownWords(e.Err); cause != "" {
		parts = append(parts, cause)
	}
	text := strings.Join(parts, ": ")
	if e.RequestID != "" {
		text += " [request " + e.RequestID + "]"
	}
	return text
}

func (e *Error) answered() string {
	who := e.service
	if who == "" {
		who = "PDS"
	}
	said := fmt.Sprintf("%s answered %d", who, e.StatusCode)
	for _, c := range e.Codes {
		said += " " + string(c)
	}
	return said
}

// knownWords is the text of a cause that is known to hold no patient's data. Of
// any other, a caller's own token source's for one, nothing is repeated.
func knownWords(err error) string {
	var ours *Error
	var failure *wire.Failure
	var parse *fhir.ParseError
	switch {
	case errors.As(err, &ours):
		return strings.TrimPrefix(ours.Error(), "pds: ")
	case errors.As(err, &failure):
		return failure.Error()
	case errors.As(err, &parse):
		return parse.Error()
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within the time allowed"
	}
	return ""
}

func skewWords(d time.Duration) string {
	if d < 0 {
		return fmt.Sprintf("this machine's clock is %v behind theirs", -d)
	}
	return fmt.Sprintf("this machine's clock is %v ahead of theirs", d)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is one of the codes or the class.
func (e *Error) Is(target error) bool {
	if c, ok := target.(Code); ok {
		return slices.ContainsFunc(e.Codes, func(said Code) bool { return strings.EqualFold(string(said), string(c)) })
	}
	return e.class != nil && target == e.class
}

// Temporary reports whether the same operation may succeed if tried again later.
func (e *Error) Temporary() bool {
	switch e.StatusCode {
	case 408, 429, 500, 502, 503, 504:
		return true
	case 0:
		var t interface{ Temporary() bool }
		return e.Err != nil && errors.As(e.Err, &t) && t.Temporary()
	}
	return false
}
