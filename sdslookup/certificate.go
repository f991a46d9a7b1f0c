package sdslookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// identification watches whether the server asked for a client certificate and whether one was given: Go
// gives none, without a word, when no configured chain leads to an authority that the server names, for
// instance because the intermediate is missing from the file.
type identification struct {
	mu           sync.Mutex
	asked, given bool
	why          error // why the last configured certificate was passed over
}

// observe returns a configuration for one connection to host.
func (id *identification) observe(base *tls.Config, host string) *tls.Config {
	c := base.Clone()
	if c.ServerName == "" {
		c.ServerName = host
	}
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
	c.GetClientCertificate = func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return id.choose(base, r)
	}
	return c
}

// choose does what crypto/tls does by itself, and remembers the outcome.
func (id *identification) choose(base *tls.Config, r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	chosen := new(tls.Certificate)
	var why, err error
	if base.GetClientCertificate != nil {
		chosen, err = base.GetClientCertificate(r)
	} else {
		for i := range base.Certificates {
			if why = r.SupportsCertificate(&base.Certificates[i]); why == nil {
				chosen = &base.Certificates[i]
				break
			}
		}
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	id.asked, id.why = true, why
	id.given = err == nil && chosen != nil && len(chosen.Certificate) > 0
	return chosen, err
}

// missing says that the server wanted a certificate and was given none.
func (id *identification) missing() bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	return id.asked && !id.given
}

// explain puts a sentence before what the handshake or the first exchange failed with.
func (id *identification) explain(err error) error {
	id.mu.Lock()
	defer id.mu.Unlock()
	switch {
	case id.asked && !id.given && id.why != nil:
		return fmt.Errorf("the directory asked for a client certificate and none was sent, since ours does not lead to an authority it names; is an intermediate missing from the file? %w", err)
	case id.asked && !id.given:
		return fmt.Errorf("the directory asked for a client certificate and there is none to send: %w", err)
	case isAlert(err):
		return fmt.Errorf("the directory refused the connection, most likely our certificate: %w", err)
	case isTheirs(err):
		return fmt.Errorf("the directory's certificate is not to be trusted: %w", err)
	case id.asked && errors.Is(err, syscall.ECONNRESET):
		return fmt.Errorf("the directory ended the connection after it saw our certificate: %w", err)
	}
	return err
}

// handshakeClass tells a refusal, which waiting does not mend, from a network that did not carry the
// handshake through.
func handshakeClass(err error) error {
	var network *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, os.ErrDeadlineExceeded):
		return ErrUnavailable
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return ErrUnavailable
	case errors.As(err, &network) && !isAlert(err):
		return ErrUnavailable
	}
	return ErrTLS
}

// isAlert: the peer ended the handshake with an alert, its way of saying no.
func isAlert(err error) bool {
	var e *net.OpError
	return errors.As(err, &e) && e.Op == "remote error"
}

// isTheirs: we did not trust the server.
func isTheirs(err error) bool {
	var e *tls.CertificateVerificationError
	var h x509.HostnameError
	return errors.As(err, &e) || errors.As(err, &h)
}
