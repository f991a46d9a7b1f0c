package mtls

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// inOrder walks from the leaf from issuer to issuer; what it does not meet is unused. A root at the end
// is left out, since the other side must have it anyway.
func inOrder(leaf *x509.Certificate, certs []*x509.Certificate) (chain, unused []*x509.Certificate) {
	chain = []*x509.Certificate{leaf}
	left := slices.DeleteFunc(slices.Clone(certs), leaf.Equal)
	for {
		last := chain[len(chain)-1]
		i := slices.IndexFunc(left, func(c *x509.Certificate) bool { return issued(c, last) })
		if i < 0 || selfIssued(last) {
			break
		}
		chain = append(chain, left[i])
		left = slices.Delete(left, i, i+1)
	}
	if n := len(chain); n > 1 && selfIssued(chain[n-1]) {
		chain = chain[:n-1]
	}
	return chain, left
}

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

func issued(parent, child *x509.Certificate) bool {
	return bytes.Equal(parent.RawSubject, child.RawIssuer) && child.CheckSignatureFrom(parent) == nil
}

func (p *parts) warnings(m Material, now time.Time) []*Warning {
	var out []*Warning
	name := m.identityName()
	warn := func(file, what, cure string) { out = append(out, &Warning{file, what, cure}) }
	leaf := p.chain[0]
	if left := leaf.NotAfter.Sub(now); left < 30*24*time.Hour {
		warn(name, fmt.Sprintf("expires in %d days", int(left.Hours()/24)), "ask for a new certificate now")
	}
	if what := p.gap(); what != "" {
		warn(name, what, "append the sub CA's certificate to the file; without it some servers do not accept the certificate")
	}
	if len(leaf.ExtKeyUsage) > 0 && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny) {
		warn(name, "is not meant for a client (extended key usage)", "ask for an endpoint certificate")
	}
	if k, ok := leaf.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < 2048 {
		warn(name, fmt.Sprintf("has a key of %d bits", k.N.BitLen()), "ask for one of 2048 bits or more")
	}
	if n := len(p.unused); n > 0 {
		warn(name, fmt.Sprintf("holds %d certificates that do not belong to its chain", n), "take them out")
	}
	for _, c := range p.roots {
		if now.After(c.NotAfter) {
			warn(m.name("roots"), fmt.Sprintf("holds the authority %q, which has expired", c.Subject.CommonName), "take it out")
		}
	}
	return append(out, p.lists.warnings(m.name("crl"), now)...)
}

// gap says what is missing between the certificate and a root, "" when nothing is, or when the roots are
// another family's and nothing can be said.
func (p *parts) gap() string {
	last := p.chain[len(p.chain)-1]
	if selfIssued(last) {
		return ""
	}
	for _, r := range p.roots {
		if issued(r, last) {
			if selfIssued(r) {
				return ""
			}
			return fmt.Sprintf("comes without its intermediate %q, which is only among the authorities", r.Subject.CommonName)
		}
	}
	return fmt.Sprintf("comes without the certificate of its issuer %q, which is not among the authorities either", last.Issuer.CommonName)
}
