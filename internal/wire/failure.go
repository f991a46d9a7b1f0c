package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Kind is what failed on the way.
type Kind string

const (
	Cancelled   Kind = "cancelled"    // the caller's context was cancelled
	Deadline    Kind = "deadline"     // the caller's deadline passed
	Timeout     Kind = "timeout"      // a limit of ours passed
	Name        Kind = "name"         // the host's name could not be resolved
	Refused     Kind = "refused"      // nobody listens there, or no route
	TheirCert   Kind = "their-cert"   // we do not trust the server's certificate
	OurCert     Kind = "our-cert"     // the server does not accept our certificate, or wants one
	TLS         Kind = "tls"          // no common protocol, or not TLS at all
	Cut         Kind = "cut"          // the connection ended before the answer did
	TooLarge    Kind = "too-large"    // the answer is beyond the limit
	BadResponse Kind = "bad-response" // what came is not HTTP, or not what its headers say
)

// Failure is an exchange that gave no whole answer. Its text is made of known
// words alone: neither URL nor header nor body is in it.
type Failure struct {
	Kind Kind
	Sent bool // some of the request left, so the other side may have acted on it
	Err  error
}

func (f *Failure) Error() string { return sentence(f.Kind, f.Err) }

// Unwrap gives the context's error for Cancelled and Deadline, so that
// errors.Is(err, context.Canceled) holds, and the cause otherwise.
func (f *Failure) Unwrap() error { return f.Err }

// Temporary reports whether the same exchange may succeed later.
func (f *Failure) Temporary() bool {
	switch f.Kind {
	case Timeout, Refused, Cut, Deadline:
		return true
	}
	return false
}

// Classify puts an error of a dial or a handshake into words. It was not sent.
func Classify(ctx context.Context, err error) *Failure { return failure(ctx, err, false) }

func failure(ctx context.Context, err error, sent bool) *Failure {
	kind, cause := classify(ctx, err)
	return &Failure{Kind: kind, Sent: sent, Err: cause}
}

func classify(ctx context.Context, err error) (Kind, error) {
	if s, ok := isStalled(ctx); ok {
		return Timeout, s
	}
	if end := ctx.Err(); end != nil {
		if errors.Is(end, context.DeadlineExceeded) {
			return Deadline, context.DeadlineExceeded
		}
		return Cancelled, context.Canceled
	}
	err = bare(err)
	if kind, ok := tlsKind(err); ok {
		return kind, err
	}
	return netKind(err), err
}

// bare takes off the wrappers that print the URL.
func bare(err error) error {
	for u := new(url.Error); errors.As(err, &u); {
		err = u.Err
	}
	return err
}

func tlsKind(err error) (Kind, bool) {
	var verify *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &verify), errors.As(err, &unknown), errors.As(err, &invalid), errors.As(err, &host):
		return TheirCert, true
	case errors.As(err, &record):
		return TLS, true
	case errors.As(err, &alert):
		return alertKind(alert), true
	case strings.Contains(err.Error(), "remote error: tls: "):
		return remoteAlertKind(err.Error()), true
	case strings.HasPrefix(err.Error(), "tls: "):
		return TLS, true
	}
	return "", false
}

// alertKind reads the alerts of RFC 8446, section 6, that speak of our
// certificate. 40, handshake_failure, is what TLS 1.2 servers say when they
// got none; it may mean that there is no common cipher, too.
func alertKind(a tls.AlertError) Kind {
	switch a {
	case 40, 42, 43, 44, 45, 46, 48, 49, 116:
		return OurCert
	}
	return TLS
}

// remoteAlertKind: net/http hands an alert on as an unexported type, so that
// its words are all there is. With TLS 1.3 a missing client certificate is
// told by such an alert at the first read, not in the handshake.
func remoteAlertKind(text string) Kind {
	for _, word := range []string{"certificate", "access denied", "handshake failure"} {
		if strings.Contains(text, word) {
			return OurCert
		}
	}
	return TLS
}

func netKind(err error) Kind {
	var large *tooLarge
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &large):
		return TooLarge
	case errors.As(err, &dns):
		return Name
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return Timeout
	case errors.As(err, &op) && op.Op == "dial":
		return Refused
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.As(err, &op):
		return Cut
	case strings.Contains(err.Error(), "malformed"):
		return BadResponse
	case strings.Contains(err.Error(), "server closed idle connection"), strings.Contains(err.Error(), "connection broken"):
		return Cut
	}
	return BadResponse
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func sentence(kind Kind, cause error) string {
	switch kind {
	case Cancelled:
		return "cancelled"
	case Deadline:
		return "no answer within the time allowed"
	case Timeout:
		var s *stalled
		if errors.As(cause, &s) {
			return s.Error()
		}
		return "no answer in time"
	case Name:
		return "its name cannot be resolved"
	case Refused:
		return "no connection: nobody answers there"
	case TheirCert:
		return "its certificate is not trusted: " + certWords(cause)
	case OurCert:
		return "it does not accept our certificate, or got none: " + alertWords(cause)
	case TLS:
		return "no TLS connection: " + alertWords(cause)
	case Cut:
		return "the connection ended before the answer did"
	case TooLarge:
		return cause.Error()
	}
	return "what came back is not a readable HTTP answer"
}

func certWords(err error) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &host):
		return "it is for another name"
	case errors.As(err, &unknown):
		return "it is signed by nobody in the configured roots"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired or is not yet valid"
	case errors.As(err, &invalid):
		return "it is not valid for this use"
	}
	return "it is revoked, or the list that would say so is not its authority's"
}

// alertWords keeps what crypto/tls says: fixed words, without data of ours.
func alertWords(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "tls: "); i >= 0 {
		return text[i+len("tls: "):]
	}
	return "the other side does not speak TLS as we do"
}
