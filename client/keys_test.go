package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sandbox"
)

// boxTLS is the client's configuration for a sandbox.
func boxTLS(t testing.TB, box *sandbox.Server) *tls.Config {
	t.Helper()
	files := box.Files()
	config, err := mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// tapKeys makes a server's key pair on loopback and adds it to the roots of
// the sandbox's client configuration.
func tapKeys(t *testing.T, box *sandbox.Server) (*tls.Config, tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tap"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	config := boxTLS(t, box)
	config.RootCAs.AddCert(leaf)
	return config, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
