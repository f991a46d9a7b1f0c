package mtls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync/atomic"
	"testing"
	"time"
)

// noon is when the tests happen.
var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// entity is a certificate with its key; authorities issue others.
type entity struct {
	cert *x509.Certificate
	key  crypto.Signer
}

var serial atomic.Int64

// issue makes an entity; by == nil makes it a root. change may alter the template.
func issue(t testing.TB, name string, by *entity, change ...func(*x509.Certificate)) *entity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    noon.AddDate(-1, 0, 0),
		NotAfter:     noon.AddDate(1, 0, 0),
		DNSNames:     []string{name},
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	for _, f := range change {
		f(tmpl)
	}
	e := &entity{key: key}
	parent, signer := tmpl, crypto.Signer(key)
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if e.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return e
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.DNSNames = true, true, nil
	c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
}

func (e *entity) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.cert.Raw})
}

func (e *entity) keyPEM(t testing.TB) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(e.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// revoke returns a list of e that names the given certificates.
func (e *entity) revoke(t testing.TB, revoked ...*entity) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon, NextUpdate: noon.AddDate(0, 0, 7)}
	for _, r := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: r.cert.SerialNumber, RevocationTime: noon})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, e.cert, e.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

// spine is a family of certificates as the Spine has it: root, sub CA, a server, a client.
type spine struct{ root, sub, server, client *entity }

func newSpine(t testing.TB) spine {
	t.Helper()
	root := issue(t, "Test Root", nil, authority)
	sub := issue(t, "Test Sub CA", root, authority)
	return spine{root, sub, issue(t, "proxy.test", sub), issue(t, "consumer.test", sub)}
}

func (s spine) material(t testing.TB) Material {
	return Material{
		Chain: append(s.client.pem(), s.sub.pem()...),
		Key:   s.client.keyPEM(t),
		Roots: append(s.root.pem(), s.sub.pem()...),
		Names: map[string]string{"chain": "client.pem", "key": "client.key", "roots": "roots.pem", "crl": "spine.crl", "p12": "client.p12"},
	}
}
