package client

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

// Layer is who failed.
type Layer string

const (
	LayerSelf      Layer = "gpc"       // nothing was sent
	LayerDirectory Layer = "directory" // SDS
	LayerPDS       Layer = "pds"       // the gate
	LayerProxy     Layer = "proxy"     // the SSP, or the way to it
	LayerProvider  Layer = "provider"  // the practice's system
)

// Code is a Spine error or warning code, with underscores where some write
// spaces. It is an error, so that errors.Is(err, client.NoPatientConsent)
// asks whether the other side said so. Codes that are not listed here survive.
type Code string

func (c Code) Error() string { return string(c) }

// The codes a consumer acts on; [Catalogue] has all that are known.
const (
	InvalidNHSNumber           Code = "INVALID_NHS_NUMBER"
	InvalidParameter           Code = "INVALID_PARAMETER"
	InvalidResource            Code = "INVALID_RESOURCE"
	BadRequest                 Code = "BAD_REQUEST"
	NoPatientConsent           Code = "NO_PATIENT_CONSENT"
	NoOrganisationConsent      Code = "NO_ORGANISATION_CONSENT"
	AccessDenied               Code = "ACCESS_DENIED"
	NoRelationship             Code = "NO_RELATIONSHIP"
	PatientNotFound            Code = "PATIENT_NOT_FOUND"
	OrganisationNotFound       Code = "ORGANISATION_NOT_FOUND"
	PractitionerNotFound       Code = "PRACTITIONER_NOT_FOUND"
	NoRecordFound              Code = "NO_RECORD_FOUND"
	DuplicateRejected          Code = "DUPLICATE_REJECTED"
	FHIRConstraintViolation    Code = "FHIR_CONSTRAINT_VIOLATION"
	InternalServerError        Code = "INTERNAL_SERVER_ERROR"
	NotImplemented             Code = "NOT_IMPLEMENTED"
	SenderCheckFailed          Code = "ASID_CHECK_FAILED"
	ReceiverCheckFailed        Code = "PARTYKEY_INTERACTION_CHECK_FAILED"
	SharingCheckFailed         Code = "FOT_CHECK_FAILED"
	EndpointVaries             Code = "ENDPOINT_VARIES_FROM_TARGETURL"
	ProviderCommunicationError Code = "ERROR_COMMUNICATING_TO_ENDPOINT_URL"
)

// Classes of failure, for errors.Is. One error can be of several: a sharing
// agreement that is missing is ErrNoSharingAgreement and ErrRefused.
var (
	ErrInvalid     = errors.New("invalid input or configuration; nothing was sent")
	ErrNotFound    = errors.New("not there")
	ErrRefused     = errors.New("refused")
	ErrNoAnswer    = errors.New("no usable answer")
	ErrCertificate = errors.New("a certificate was not accepted")
	ErrUnreadable  = errors.New("the answer cannot be relied on")
	ErrVetoed      = errors.New("the auditor did not allow the call")
	ErrRehearsed   = errors.New("a rehearsal: nothing was sent")

	ErrNotEnabled            = errors.New("the capability is not enabled at the practice")
	ErrDuplicate             = errors.New("there is one already")
	ErrVersionConflict       = errors.New("changed by somebody else in the meantime")
	ErrSenderNotAccredited   = errors.New("the sender is not accredited")
	ErrReceiverNotAccredited = errors.New("the receiver is not accredited for the interaction")
	ErrNoSharingAgreement    = errors.New("no sharing agreement")
	ErrEndpointVaries        = errors.New("the address is not the directory's")
	ErrProviderUnreachable   = errors.New("the practice's system cannot be reached")
	ErrClientCertificate     = errors.New("the client certificate was not accepted")
	ErrThrottled             = errors.New("too many requests")
)

// Error is a failed operation. Its text holds no patient's data: it is made
// of the operation's name, the ODS code, the status, the codes and the trace
// id. What the other side wrote in its own words is in Outcome, and may name
// the patient.
type Error struct {
	Op          string // "get the structured record"
	Layer       Layer
	ODS         string
	Interaction Interaction
	TraceID     string        // of the last attempt; empty when none was made
	StatusCode  int           // 0 when no answer came
	Codes       []Code        // in the order of the outcome's issues
	RetryAfter  time.Duration // how long the other side asks to be left alone; 0 when it does not

	// In the other side's own words, which are not for a log.
	Outcome *fhir.OperationOutcome `json:"-"`
	Page    string                 `json:"-"` // title of a web page that came instead

	Err error `json:"-"`

	classes []error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.ODS != "" {
		fmt.Fprintf(&b, " at %s", e.ODS)
	}
	fmt.Fprintf(&b, ": %s", e.who())
	if e.Err != nil {
		cause := e.Err.Error()
		for _, said := range []string{"sds: ", "pds: "} { // who it was stands before it already
			cause = strings.TrimPrefix(cause, said)
		}
		fmt.Fprintf(&b, ": %s", cause)
	}
	if e.TraceID != "" {
		fmt.Fprintf(&b, " [trace %s]", e.TraceID)
	}
	return b.String()
}

// who says who failed and, where it answered, with what.
func (e *Error) who() string {
	name := map[Layer]string{
		LayerSelf: "not sent", LayerDirectory: "the directory", LayerPDS: "PDS",
		LayerProxy: "the proxy", LayerProvider: "the practice",
	}[e.Layer]
	if e.StatusCode >= 200 && e.StatusCode < 300 {
		return name + "'s answer cannot be used"
	}
	var said []string
	if e.StatusCode != 0 {
		said = append(said, fmt.Sprint(e.StatusCode))
	}
	for _, c := range e.Codes {
		said = append(said, string(c))
	}
	if len(said) == 0 {
		return name
	}
	if e.RetryAfter > 0 {
		said = append(said, fmt.Sprintf("and asks to wait %v", e.RetryAfter.Round(time.Second)))
	}
	return name + " answered " + strings.Join(said, " ")
}

// GoString keeps %#v from printing what is not for a log.
func (e *Error) GoString() string { return e.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is one of the codes or one of the classes.
func (e *Error) Is(target error) bool {
	if c, ok := target.(Code); ok {
		return slices.Contains(e.Codes, normalise(string(c)))
	}
	return slices.Contains(e.classes, target)
}

// Classes are those of the Err… values that the error is, the most general first.
func (e *Error) Classes() []error { return slices.Clone(e.classes) }

// Temporary reports whether the same operation may succeed if tried again
// later. For a write it does not say that trying again is safe.
func (e *Error) Temporary() bool {
	switch e.StatusCode {
	case 408, 429, 502, 503, 504, 599:
		return true
	case 0:
		var t interface{ Temporary() bool }
		return e.Err != nil && errors.As(e.Err, &t) && t.Temporary()
	}
	return false
}

// normalise gives the one spelling that codes are compared in: "ACCESS DENIED"
// and "ACCESS_DENIED" both occur, and so do two of the organisation's consent.
func normalise(code string) Code {
	c := strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(code)), " ", "_")
	if c == "NO_ORGANISATIONAL_CONSENT" {
		c = string(NoOrganisationConsent)
	}
	return Code(c)
}

// failed puts an exchange without a whole answer into words.
func (k *call) failed(err error) *Error {
	e := k.fail(LayerProxy, err)
	var f *wire.Failure
	if !errors.As(err, &f) {
		return e
	}
	e.classes = wireClass(f.Kind)
	if f.Kind == wire.Cancelled {
		e.Err = context.Canceled
	}
	return e
}

func wireClass(kind wire.Kind) []error {
	switch kind {
	case wire.OurCert:
		return []error{ErrClientCertificate, ErrCertificate, ErrRefused}
	case wire.TheirCert:
		return []error{ErrCertificate, ErrRefused}
	case wire.TooLarge, wire.BadResponse:
		return []error{ErrUnreadable}
	case wire.Cancelled:
		return nil
	}
	return []error{ErrNoAnswer}
}
