// Package mtls makes a TLS configuration for the Spine from a certificate, its key and the Spine's
// authorities, and says in words what is wrong with them before anything is sent.
//
//	cfg, err := mtls.Material{Chain: pem, Key: key, Roots: authorities}.Config(time.Now())
//
// The Spine asks for TLS 1.2 with forward secrecy and mutual authentication (GP Connect, security
// guidance). Only the given roots are trusted, never those of the machine: a Spine certificate comes from
// the Spine's own authorities, and reading the machine's takes longer than everything else at start.
//
// Load does the same from files and hands new connections what is in the files by then.
package mtls

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"
)

// Material is what an endpoint was given for talking to the Spine. Either Chain and Key are set, or P12.
type Material struct {
	Chain       []byte // PEM: the certificate and the intermediates behind it; text around the blocks is skipped
	Key         []byte // PEM: PKCS#8, PKCS#1 or SEC 1, encrypted or not; nil when it stands in Chain
	KeyPassword []byte // of Key or P12
	P12         []byte // PKCS#12: certificate, key and intermediates in one
	Roots       []byte // PEM: the authorities to trust
	CRL         []byte // PEM or DER, optional: revoked server certificates are refused

	ServerName string // to expect in the server's certificate; "" is the host that is dialled
	Pin12      bool   // nothing newer than TLS 1.2

	// Names says what to call the parts in errors, usually their file names. Its keys are "chain", "key",
	// "p12", "roots" and "crl".
	Names map[string]string
}

// suites are the approved ones for TLS 1.2 that Go implements: AESGCM+EECDH (for RSA and ECDSA servers)
// and AES256+EECDH. TLS 1.3 chooses its own.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
}

// Config checks everything at the time now and returns a client configuration. The error joins a *Problem
// for each thing that is wrong.
func (m Material) Config(now time.Time) (*tls.Config, error) {
	p, problems := m.open(now)
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	return p.config(m), nil
}

// Warnings says what does not stand in the way now but may later, or with some servers. It is empty
// where Config fails.
func (m Material) Warnings(now time.Time) []*Warning {
	p, problems := m.open(now)
	if len(problems) > 0 {
		return nil
	}
	return p.warnings(m, now)
}

// parts is Material taken apart.
type parts struct {
	chain  []*x509.Certificate // the leaf first, then what leads on from it
	unused []*x509.Certificate // certificates of the file that lead nowhere
	key    crypto.PrivateKey
	roots  []*x509.Certificate
	lists  revocations
}

func (m Material) open(now time.Time) (*parts, []*Problem) {
	p := new(parts)
	problems := p.openIdentity(m)
	if len(p.chain) > 0 {
		problems = append(problems, checkPeriod(p.chain[0], m.identityName(), now)...)
	}
	problems = append(problems, p.openRoots(m, now)...)
	problems = append(problems, p.openRevocations(m)...)
	return p, problems
}

func (p *parts) openIdentity(m Material) []*Problem {
	if len(m.P12) > 0 {
		if len(m.Chain) > 0 || len(m.Key) > 0 {
			return []*Problem{{m.name("p12"), "is given beside a certificate or key in PEM", "give one or the other", nil}}
		}
		return p.openP12(m)
	}
	return p.openPEM(m)
}

func (p *parts) openRoots(m Material, now time.Time) []*Problem {
	name := m.name("roots")
	if len(m.Roots) == 0 {
		return []*Problem{{name, "is missing", "name the file with the Spine's root and sub CA; the machine's own authorities are not used", nil}}
	}
	certs, problems := readCertificates(m.Roots, name)
	p.roots = certs
	if len(problems) > 0 || anyCurrent(certs, now) {
		return problems
	}
	return []*Problem{{name, "has only authorities that are expired or not yet valid", "get the present Spine root and sub CA; check this machine's clock", nil}}
}

func anyCurrent(certs []*x509.Certificate, now time.Time) bool {
	for _, c := range certs {
		if !now.Before(c.NotBefore) && !now.After(c.NotAfter) {
			return true
		}
	}
	return false
}

func (p *parts) config(m Material) *tls.Config {
	id := p.certificate()
	c := &tls.Config{
		RootCAs:      p.pool(),
		ServerName:   m.ServerName,
		MinVersion:   tls.VersionTLS12,
		CipherSuites: suites,
		Certificates: []tls.Certificate{*id},
		// Left to itself, Go sends no certificate at all when the chain does not name an authority that the
		// server asked for. The server knows better whether it can do with what we have.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return id, nil },
	}
	if m.Pin12 {
		c.MaxVersion = tls.VersionTLS12
	}
	if len(p.lists) > 0 {
		c.VerifyConnection = p.lists.verify
	}
	return c
}

func (p *parts) certificate() *tls.Certificate {
	c := &tls.Certificate{PrivateKey: p.key, Leaf: p.chain[0]}
	for _, cert := range p.chain {
		c.Certificate = append(c.Certificate, cert.Raw)
	}
	return c
}

func (p *parts) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range p.roots {
		pool.AddCert(c)
	}
	return pool
}

// name is what to call a part of the material in an error.
func (m Material) name(part string) string {
	if n := m.Names[part]; n != "" {
		return n
	}
	return map[string]string{
		"chain": "the client certificate", "key": "the private key", "p12": "the PKCS#12 file",
		"roots": "the file of authorities", "crl": "the revocation list",
	}[part]
}

func (m Material) identityName() string {
	if len(m.P12) > 0 {
		return m.name("p12")
	}
	return m.name("chain")
}

func joined(problems []*Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}
