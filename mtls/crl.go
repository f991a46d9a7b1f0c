package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Revoked is why a handshake ended: the certificate is on the configured revocation list.
type Revoked struct {
	Subject string // common name
	Serial  string // hexadecimal
}

func (r *Revoked) Error() string {
	return fmt.Sprintf("the certificate of %q, serial %s, is revoked", r.Subject, r.Serial)
}

// revocations are revocation lists by their issuer's raw subject.
type revocations map[string][]*revocationList

type revocationList struct {
	list    *x509.RevocationList
	serials map[string]bool
}

func (p *parts) openRevocations(m Material) []*Problem {
	if len(m.CRL) == 0 {
		return nil
	}
	name := m.name("crl")
	lists, err := readLists(m.CRL)
	if err != nil {
		return []*Problem{{name, "cannot be read as a revocation list", "a CRL in PEM or DER is expected", err}}
	}
	p.lists = make(revocations)
	for _, l := range lists {
		r := &revocationList{l, make(map[string]bool, len(l.RevokedCertificateEntries))}
		for _, e := range l.RevokedCertificateEntries {
			r.serials[string(e.SerialNumber.Bytes())] = true
		}
		p.lists[string(l.RawIssuer)] = append(p.lists[string(l.RawIssuer)], r)
	}
	return p.checkOwn(m)
}

// checkOwn refuses to start with a certificate of our own that is revoked.
func (p *parts) checkOwn(m Material) []*Problem {
	for i, c := range p.chain {
		candidates := p.roots
		if i+1 < len(p.chain) {
			candidates = p.chain[i+1 : i+2]
		}
		for _, issuer := range candidates {
			var r *Revoked
			if errors.As(p.lists.check(c, issuer), &r) {
				return []*Problem{{m.identityName(), "is revoked", "ask for a new certificate", r}}
			}
		}
	}
	return nil
}

func readLists(data []byte) ([]*x509.RevocationList, error) {
	var lists []*x509.RevocationList
	found := false
	for rest := data; ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if b.Type != "X509 CRL" {
			continue
		}
		found = true
		l, err := x509.ParseRevocationList(b.Bytes)
		if err != nil {
			return nil, err
		}
		lists = append(lists, l)
	}
	if found {
		return lists, nil
	}
	l, err := x509.ParseRevocationList(data)
	if err != nil {
		return nil, err
	}
	return []*x509.RevocationList{l}, nil
}

// verify is a tls.Config's VerifyConnection: one chain from the server's certificate to a root must be
// free of revoked certificates. A certificate whose issuer has no list is taken as it is.
func (r revocations) verify(cs tls.ConnectionState) error {
	var err error
	for _, chain := range cs.VerifiedChains {
		if err = r.checkChain(chain); err == nil {
			return nil
		}
	}
	if err == nil {
		err = errors.New("the server's certificate was not verified")
	}
	// As crypto/tls itself says it, so that nobody takes it for anything else.
	return &tls.CertificateVerificationError{UnverifiedCertificates: cs.PeerCertificates, Err: err}
}

func (r revocations) checkChain(chain []*x509.Certificate) error {
	for i := 0; i+1 < len(chain); i++ {
		if err := r.check(chain[i], chain[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// check looks a certificate up in its issuer's lists. A list that bears the issuer's name but not its
// signature is no reason to trust anybody.
func (r revocations) check(c, issuer *x509.Certificate) error {
	if string(c.RawIssuer) != string(issuer.RawSubject) {
		return nil
	}
	for _, l := range r[string(c.RawIssuer)] {
		if err := l.list.CheckSignatureFrom(issuer); err != nil {
			return fmt.Errorf("the revocation list of %q is not signed by it: %w", issuer.Subject.CommonName, err)
		}
		if l.serials[string(c.SerialNumber.Bytes())] {
			return &Revoked{c.Subject.CommonName, fmt.Sprintf("%X", c.SerialNumber)}
		}
	}
	return nil
}

func (r revocations) warnings(name string, now time.Time) []*Warning {
	var out []*Warning
	for _, lists := range r {
		for _, l := range lists {
			if next := l.list.NextUpdate; !next.IsZero() && now.After(next) {
				out = append(out, &Warning{name, "was due to be renewed on " + next.UTC().Format("2 January 2006"), "fetch the present list"})
			}
		}
	}
	return out
}
