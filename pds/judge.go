package pds

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// judge says which error an answer of PDS amounts to; nil for one that can be
// read. A status other than 200 is never decoded as the answer.
func judge(a *wire.Answer, now time.Time) *Error {
	if a.Status == http.StatusOK {
		return nil
	}
	e := &Error{StatusCode: a.Status, RetryAfter: retryAfter(a.Header.Get("Retry-After"), now)}
	if outcome, ok := fhir.ParseOutcome(a.Header.Get("Content-Type"), a.Body); ok {
		e.Outcome, e.Codes = outcome, codesOf(outcome)
	}
	e.class = classOf(a.Status, e)
	if e.Outcome == nil {
		e.detail = "not in FHIR but " + string(fhir.Sniff(a.Body)) + ", so not from PDS itself"
	}
	return e
}

// classOf goes by the status, and where a status means several things by the code.
// A 404 that is not FHIR is a wrong address or a gateway's page: it says nothing
// about the patient, and must not be taken for "no such patient".
func classOf(status int, e *Error) error {
	switch {
	case e.Is(InvalidatedResource):
		return ErrInvalidated
	case e.Is(ResourceNotFound) && status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusBadRequest:
		return ErrInvalid
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrAccessDenied
	case status == http.StatusTooManyRequests:
		return ErrThrottled
	case status == http.StatusRequestTimeout, status >= 500:
		return ErrUnavailable
	}
	return ErrUnreadable
}

// codesOf are the Spine codes of the issues, one an issue.
func codesOf(o *fhir.OperationOutcome) []Code {
	var codes []Code
	for _, issue := range o.Issue {
		for _, coding := range issue.Details.Coding {
			if coding.Code != "" {
				codes = append(codes, spineCode(coding.Code))
				break
			}
		}
	}
	return codes
}

// spineCode takes what is spelled like a code and nothing else: an error prints it.
func spineCode(s string) Code {
	s = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(s)), " ", "_")
	if !isCode(s) {
		return UnknownError
	}
	return Code(s)
}

func isCode(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 60
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3): seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		return time.Duration(min(max(seconds, 0), 24*3600)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// failed is an exchange without a whole answer.
func failed(err error) *Error {
	e := &Error{Err: err, class: ErrUnavailable}
	var f *wire.Failure
	if !errors.As(err, &f) {
		if errors.Is(err, context.Canceled) {
			e.class = nil
		}
		return e
	}
	switch f.Kind {
	case wire.OurCert, wire.TheirCert, wire.TLS:
		e.class = ErrTLS
	case wire.TooLarge, wire.BadResponse:
		e.class = ErrUnreadable
	case wire.Cancelled:
		e.class = nil
	}
	return e
}
