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
	"time"
)

// identification watches whether the server asked for a client certificate and what it was given. Go gives
// none, without a word, when no configured chain leads to an authority that the server names, for
// instance because the intermediate is missing from the file. And a server need not say why it turns a
// certificate down: OpenLDAP with GnuTLS just closes the connection.
type identification struct {
	mu           sync.Mutex
	asked, given bool
	doubt        error // why the certificate was held back, or is likely to be turned down
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
	var doubt, err error
	if base.GetClientCertificate != nil {
		if chosen, err = base.GetClientCertificate(r); err == nil && chosen != nil && len(chosen.Certificate) > 0 {
			doubt = r.SupportsCertificate(chosen)
		}
	} else {
		for i := range base.Certificates {
			if doubt = r.SupportsCertificate(&base.Certificates[i]); doubt == nil {
				chosen = &base.Certificates[i]
				break
			}
		}
	}
	given := err == nil && chosen != nil && len(chosen.Certificate) > 0
	if given && doubt == nil {
		doubt = expired(chosen)
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	id.asked, id.given, id.doubt = true, given, doubt
	return chosen, err
}

func expired(c *tls.Certificate) error {
	leaf := c.Leaf
	if leaf == nil {
		var err error
		if leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return err
		}
	}
	if time.Now().After(leaf.NotAfter) {
		return fmt.Errorf("it expired on %s", leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return nil
}

// refused: the server said no, or hung up on a client that had nothing, or nothing good, to show.
func (id *identification) refused(err error) bool {
	id.mu.Lock()
	defer id.mu.Unlock()
	return isAlert(err) || isHangUp(err) && id.asked && (!id.given || id.doubt != nil)
}

// explain puts a sentence before what the handshake or the first exchange failed with.
func (id *identification) explain(err error) error {
	id.mu.Lock()
	defer id.mu.Unlock()
	says := ""
	switch {
	case isTheirs(err):
		says = "the directory's certificate is not to be trusted"
	case id.asked && !id.given && id.doubt != nil:
		says = "the directory asked for a client certificate and none was sent, since ours does not lead to an authority it names (is an intermediate missing from the file?)"
	case id.asked && !id.given:
		says = "the directory asked for a client certificate and there is none to send"
	case isAlert(err), isHangUp(err) && id.doubt != nil:
		says = "the directory refused the connection, most likely our certificate"
		if id.doubt != nil {
			says += fmt.Sprintf(" (%v)", id.doubt)
		}
	case id.asked && isHangUp(err):
		says = "the directory ended the connection when it had seen our certificate"
	default:
		return err
	}
	return fmt.Errorf("%s: %w", says, err)
}

// class tells a refusal, which waiting does not mend, from a network that did not carry the handshake
// through.
func (id *identification) class(err error) error {
	var network *net.OpError
	switch {
	case id.refused(err):
		return ErrTLS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, os.ErrDeadlineExceeded):
		return ErrUnavailable
	case isHangUp(err), errors.Is(err, net.ErrClosed), errors.As(err, &network):
		return ErrUnavailable
	}
	return ErrTLS
}

// isAlert: the peer ended the handshake with an alert, its way of saying no.
func isAlert(err error) bool {
	var e *net.OpError
	return errors.As(err, &e) && e.Op == "remote error"
}

// isHangUp: the peer ended the connection without a word.
func isHangUp(err error) bool {
	for _, end := range []error{errHungUp, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// isTheirs: we did not trust the server.
func isTheirs(err error) bool {
	var e *tls.CertificateVerificationError
	var h x509.HostnameError
	return errors.As(err, &e) || errors.As(err, &h)
}
