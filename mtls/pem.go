package mtls

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"software.sslmate.com/src/go-pkcs12"
)

// openPEM reads certificate and key, which may stand in one file, and puts the chain in order.
func (p *parts) openPEM(m Material) []*Problem {
	chainName, keyName := m.name("chain"), m.name("key")
	if len(m.Chain) == 0 {
		problems := []*Problem{{chainName, "is missing", "name the file with the Spine-issued certificate", nil}}
		if len(m.Key) == 0 {
			problems = append(problems, &Problem{keyName, "is missing", "name the file with the certificate's key", nil})
		}
		return problems
	}
	certs, problems := readCertificates(m.Chain, chainName)
	keyPEM := m.Key
	if len(keyPEM) == 0 {
		keyPEM, keyName = m.Chain, chainName
	}
	key, problem := readKey(keyPEM, m.KeyPassword, keyName)
	if problem != nil {
		problems = append(problems, problem)
	}
	if len(problems) > 0 {
		return problems
	}
	p.key = key
	leaf := matching(certs, key)
	if leaf == nil {
		return []*Problem{{keyName, "does not belong to the certificate in " + chainName, "the two files must come from one request (CSR); look for the other half of either", nil}}
	}
	p.chain, p.unused = inOrder(leaf, certs)
	return nil
}

func (p *parts) openP12(m Material) []*Problem {
	name := m.name("p12")
	key, leaf, more, err := pkcs12.DecodeChain(m.P12, string(m.KeyPassword))
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && len(m.KeyPassword) == 0:
		return []*Problem{{name, "has a password, and none is given", "give it", nil}}
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return []*Problem{{name, "does not open with the given password", "check the password", nil}}
	case err != nil:
		return []*Problem{{name, "cannot be read as PKCS#12 with a certificate and its key", "export it again, with the key", err}}
	case !belongs(leaf, key):
		return []*Problem{{name, "holds a key and a certificate that do not belong together", "export it again", nil}}
	}
	p.key = key
	p.chain, p.unused = inOrder(leaf, more)
	return nil
}

// readCertificates returns every certificate of a PEM file, in its order.
func readCertificates(data []byte, name string) ([]*x509.Certificate, []*Problem) {
	var certs []*x509.Certificate
	var problems []*Problem
	blocks := 0
	for rest := data; ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		blocks++
		if b.Type != "CERTIFICATE" && b.Type != "X509 CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			problems = append(problems, &Problem{name, fmt.Sprintf("has a certificate that cannot be read, block %d", blocks), "get the file again", err})
			continue
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 && len(problems) == 0 {
		problems = append(problems, &Problem{name, "has no certificate in it" + lookalike(data, blocks), "a PEM file is expected, with BEGIN CERTIFICATE in it", nil})
	}
	return certs, problems
}

// lookalike guesses what a file is that is not PEM.
func lookalike(data []byte, blocks int) string {
	switch {
	case blocks > 0:
		return ""
	case bytes.Contains(data, []byte("-----BEGIN")):
		return " (its PEM blocks are damaged)"
	case len(data) > 1 && data[0] == 0x30 && data[1] >= 0x80:
		return " (it looks like DER or PKCS#12)"
	}
	return ""
}

// matching finds the certificate of a key. In a file it should come first, but often does not; of several
// (a renewal with the same key) the one that lasts longest is meant.
func matching(certs []*x509.Certificate, key crypto.PrivateKey) *x509.Certificate {
	var best *x509.Certificate
	for _, c := range certs {
		if belongs(c, key) && (best == nil || c.NotAfter.After(best.NotAfter)) {
			best = c
		}
	}
	return best
}

func belongs(c *x509.Certificate, key crypto.PrivateKey) bool {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return false
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}
