package fhir

import (
	"errors"
	"fmt"
)

// Reasons why a document is refused; the Err of a [ParseError].
var (
	ErrEmpty          = errors.New("empty document")
	ErrTruncated      = errors.New("ends before its end")
	ErrMarkup         = errors.New("markup (HTML or XML), not JSON")
	ErrSyntax         = errors.New("not well-formed JSON")
	ErrDuplicateName  = errors.New("an object has the same member twice")
	ErrInvalidUTF8    = errors.New("invalid UTF-8")
	ErrTrailingData   = errors.New("data after the end of the document")
	ErrNotAnObject    = errors.New("not a JSON object")
	ErrEntryNotAList  = errors.New("the entry of the Bundle is not a list")
	ErrTooLarge       = errors.New("larger than the limit")
	ErrTooDeep        = errors.New("nested deeper than the limit")
	ErrTooManyEntries = errors.New("more entries than the limit")
	ErrTooManyValues  = errors.New("more than the limit")
)

// ParseError says why a document was refused and where. It quotes nothing of the document.
type ParseError struct {
	Offset int64  // bytes from the start of the document, a byte order mark included
	Reason string // the text of Err, with the limit where one was met
	Err    error  // one of the Err... values of this package
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("byte %d: %s", e.Offset, e.Reason)
}

func (e *ParseError) Unwrap() error { return e.Err }

func refuse(offset int64, err error) *ParseError {
	return &ParseError{Offset: offset, Reason: err.Error(), Err: err}
}

// refuseBeyond is refuse for a limit, which the reason names.
func refuseBeyond(offset int64, err error, limit int64, unit string) *ParseError {
	return &ParseError{Offset: offset, Reason: fmt.Sprintf("%v of %d %s", err, limit, unit), Err: err}
}

// NotBundleError says that a document is sound JSON but another resource than a Bundle:
// an OperationOutcome, most of the time.
type NotBundleError struct {
	Type string // its resourceType; "" when it has none
	Raw  []byte // the document as it came
}

func (e *NotBundleError) Error() string {
	return "not a Bundle but " + describeType(e.Type)
}

// TypeError says that a resource was read through the view of another type.
type TypeError struct{ Want, Got string }

func (e *TypeError) Error() string {
	return fmt.Sprintf("not a %s but %s", e.Want, describeType(e.Got))
}

// describeType names a resourceType for a message, unless it is nothing like one: the
// text is the provider's and might be anything.
func describeType(t string) string {
	if t == "" {
		return "something without a resourceType"
	}
	if len(t) > 40 {
		return "something of an unknown type"
	}
	for _, c := range []byte(t) {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "something of an unknown type"
		}
	}
	return t
}
