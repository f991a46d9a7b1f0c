package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"sync"
	"time"
)

// consumerFQDN is the name in the client's certificate, against which the consumer's ASIDs
// are registered.
const consumerFQDN = "consumer.sandbox.example"

// An authority is the sandbox's own certification authority with what it issued: root, sub
// CA, one certificate for all servers, one for the client. All are made anew at each start,
// live for 90 days, and say in their names that they are a sandbox's.
type authority struct {
	root, sub *identity
	roots     *x509.CertPool // root alone

	leaf    *tls.Certificate                 // of all servers
	rsaLeaf func() (*tls.Certificate, error) // theirs for clients that take RSA alone

	consumer *identity
	revoked  func() (*identity, error) // the consumer's too, and withdrawn: see withdrawn
	serial   *big.Int                  // of revoked
}

// newAuthority makes the keys. host is added to the server's names when it is another than
// loopback; where that is every address, this machine's are.
func newAuthority(host string) (*authority, error) {
	root, err := enrol(certificate("gpc sandbox root CA", true), nil)
	if err != nil {
		return nil, err
	}
	sub, err := enrol(certificate("gpc sandbox sub CA", true), root)
	if err != nil {
		return nil, err
	}
	server := certificate("server.sandbox.example", false)
	server.DNSNames = []string{"localhost", "server.sandbox.example"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if ip := net.ParseIP(host); ip == nil {
		server.DNSNames = append(server.DNSNames, host)
	} else if ip.IsUnspecified() {
		server.DNSNames, server.IPAddresses = ofThisMachine(server.DNSNames, server.IPAddresses)
	} else if !ip.IsLoopback() {
		server.IPAddresses = append(server.IPAddresses, ip)
	}
	leaf, err := enrol(server, sub)
	if err != nil {
		return nil, err
	}
	client := certificate(consumerFQDN, false)
	client.DNSNames = []string{consumerFQDN}
	consumer, err := enrol(client, sub)
	if err != nil {
		return nil, err
	}
	a := &authority{
		root: root, sub: sub, roots: x509.NewCertPool(), leaf: leaf.chained(sub), consumer: consumer, serial: new(big.Int).Add(consumer.cert.SerialNumber, big.NewInt(1)),
	}
	a.roots.AddCert(root.cert)
	a.rsaLeaf = sync.OnceValues(func() (*tls.Certificate, error) {
		key, err := serverRSAKey()
		if err != nil {
			return nil, err
		}
		leaf, err := sign(server, key, sub)
		if err != nil {
			return nil, err
		}
		return leaf.chained(sub), nil
	})
	a.revoked = sync.OnceValues(func() (*identity, error) {
		client.SerialNumber = a.serial
		return enrol(client, sub)
	})
	return a, nil
}

// ofThisMachine adds what others may call this machine, for a server that listens everywhere.
func ofThisMachine(names []string, ips []net.IP) ([]string, []net.IP) {
	if name, err := os.Hostname(); err == nil && name != "" {
		names = append(names, name)
	}
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			ips = append(ips, n.IP)
		}
	}
	return names, ips
}

// serverRSAKey is made when the first client arrives that takes no other kind of key, as that
// takes a hundred times as long as everything else at start; it is the process's.
var serverRSAKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("sandbox: making the RSA key: %w", err)
	}
	return key, nil
})

// certificateFor is the servers' certificate for a client: RSA for one that offers nothing
// else, as some do that hold to the published list of ciphers.
func (a *authority) certificateFor(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if hello.SupportsCertificate(a.leaf) == nil {
		return a.leaf, nil
	}
	if leaf, err := a.rsaLeaf(); err == nil && hello.SupportsCertificate(leaf) == nil {
		return leaf, nil
	}
	return a.leaf, nil
}

// withdrawn says whether a certificate has been revoked. One has: revoked.pem, so that a
// client can see what that is like.
func (a *authority) withdrawn(c *x509.Certificate) bool { return c.SerialNumber.Cmp(a.serial) == 0 }

// server is the TLS configuration of a listener that asks for no client certificate.
func (a *authority) server() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: a.certificateFor,
		NextProtos:     []string{"http/1.1"},
		CipherSuites: []uint16{ // of TLS 1.2: the approved ones that Go has
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
		},
	}
}

// mutual demands a client certificate of this very sandbox that has not been revoked.
func (a *authority) mutual() *tls.Config {
	c := a.server()
	c.ClientAuth = tls.RequireAndVerifyClientCert
	c.ClientCAs = a.roots
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) > 0 && a.withdrawn(s.PeerCertificates[0]) {
			return errors.New("the client certificate has been revoked")
		}
		return nil
	}
	return c
}

// An identity is a certificate with its key.
type identity struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// chained is the identity as TLS shows it, with its issuer behind it.
func (i *identity) chained(by *identity) *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{i.cert.Raw, by.cert.Raw}, PrivateKey: i.key, Leaf: i.cert}
}

// chainPEM is an identity's certificate with the sub CA behind it.
func (a *authority) chainPEM(i *identity) []byte {
	return append(encodePEM("CERTIFICATE", i.cert.Raw), encodePEM("CERTIFICATE", a.sub.cert.Raw)...)
}

// keyPEM is an identity's key, PKCS#8.
func (i *identity) keyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		return nil, fmt.Errorf("sandbox: encoding a key: %w", err)
	}
	return encodePEM("PRIVATE KEY", der), nil
}

func certificate(name string, ca bool) *x509.Certificate {
	now := time.Now() // the other side's TLS uses its own clock, never Config.Now
	c := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name, Organization: []string{"gpc sandbox, not the NHS"}},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(90 * 24 * time.Hour),
		BasicConstraintsValid: true,
		IsCA:                  ca,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ca {
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		c.ExtKeyUsage = nil
	}
	return c
}

// enrol makes a key and signs c for it with the issuer's key, or with its own when there is
// no issuer.
func enrol(c *x509.Certificate, by *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("sandbox: making a key: %w", err)
	}
	return sign(c, key, by)
}

func sign(template *x509.Certificate, key crypto.Signer, by *identity) (*identity, error) {
	c := *template
	if c.SerialNumber == nil {
		var err error
		if c.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
			return nil, fmt.Errorf("sandbox: making a serial number: %w", err)
		}
	}
	if by == nil {
		by = &identity{cert: &c, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, &c, by.cert, key.Public(), by.key)
	if err != nil {
		return nil, fmt.Errorf("sandbox: signing a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("sandbox: reading a certificate back: %w", err)
	}
	return &identity{cert: cert, key: key}, nil
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
