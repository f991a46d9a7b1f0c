package sdslookup

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// family is an authority with a server and a client, made anew for each test.
type family struct {
	root           *x509.Certificate
	rootKey        *ecdsa.PrivateKey
	server, client tls.Certificate
}

var serial atomic.Int64

func newFamily(t testing.TB) *family {
	t.Helper()
	f := new(family)
	root := template(fmt.Sprintf("Test Root %d", serial.Add(1)))
	root.IsCA, root.BasicConstraintsValid, root.KeyUsage = true, true, x509.KeyUsageCertSign
	c := sign(t, root, nil, nil)
	f.root, f.rootKey = c.Leaf, c.PrivateKey.(*ecdsa.PrivateKey)
	f.server, f.client = f.issue(t, template("directory.test")), f.issue(t, template("consumer.test"))
	return f
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{name},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

func (f *family) issue(t testing.TB, tmpl *x509.Certificate) tls.Certificate {
	t.Helper()
	return sign(t, tmpl, f.root, f.rootKey)
}

func sign(t testing.TB, tmpl, parent *x509.Certificate, by *ecdsa.PrivateKey) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, by = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (f *family) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(f.root)
	return pool
}

func (f *family) serverTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{f.server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: f.roots()}
}

func (f *family) clientTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{f.client}, RootCAs: f.roots()}
}
