package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// consumerFQDN is the name in the client's certificate, against which the consumer's ASIDs
// are registered.
const consumerFQDN = "consumer.sandbox.example"

// An authority is the sandbox's own certification authority with what it issued: root, sub
// CA, one certificate for all servers, one for the client. All are made anew at each start,
// live a day, and say in their names that they are a sandbox's.
type authority struct {
	roots     *x509.CertPool
	rootPEM   []byte
	chainPEM  []byte // client leaf, then sub CA
	clientKey []byte // PEM, PKCS#8
	leaf      tls.Certificate

	consumer *identity           // the client's, of chainPEM and clientKey
	issuers  []*x509.Certificate // sub CA, then root
}

// newAuthority makes the keys. host is added to the server's names when it is another than
// loopback.
func newAuthority(host string) (*authority, error) {
	root, err := sign(certificate("gpc sandbox root CA", true), nil)
	if err != nil {
		return nil, err
	}
	sub, err := sign(certificate("gpc sandbox sub CA", true), root)
	if err != nil {
		return nil, err
	}
	server := certificate("server.sandbox.example", false)
	server.DNSNames = []string{"localhost", "server.sandbox.example"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if ip := net.ParseIP(host); ip == nil {
		server.DNSNames = append(server.DNSNames, host)
	} else if !ip.IsLoopback() && !ip.IsUnspecified() {
		server.IPAddresses = append(server.IPAddresses, ip)
	}
	leaf, err := sign(server, sub)
	if err != nil {
		return nil, err
	}
	client := certificate(consumerFQDN, false)
	client.DNSNames = []string{consumerFQDN}
	consumer, err := sign(client, sub)
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(consumer.key)
	if err != nil {
		return nil, err
	}
	a := &authority{
		roots:     x509.NewCertPool(),
		rootPEM:   encodePEM("CERTIFICATE", root.cert.Raw),
		chainPEM:  append(encodePEM("CERTIFICATE", consumer.cert.Raw), encodePEM("CERTIFICATE", sub.cert.Raw)...),
		clientKey: encodePEM("PRIVATE KEY", key),
		leaf:      tls.Certificate{Certificate: [][]byte{leaf.cert.Raw, sub.cert.Raw}, PrivateKey: leaf.key, Leaf: leaf.cert},
		consumer:  consumer,
		issuers:   []*x509.Certificate{sub.cert, root.cert},
	}
	a.roots.AddCert(root.cert)
	return a, nil
}

// server is the TLS configuration of a listener that asks for no client certificate.
func (a *authority) server() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{a.leaf},
		NextProtos:   []string{"http/1.1"},
		CipherSuites: []uint16{ // of TLS 1.2: the approved ones that go with an ECDSA key
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
		},
	}
}

// mutual demands a client certificate of this very sandbox.
func (a *authority) mutual() *tls.Config {
	c := a.server()
	c.ClientAuth = tls.RequireAndVerifyClientCert
	c.ClientCAs = a.roots
	return c
}

type identity struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
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

// sign signs c with the issuer's key, or with its own when there is no issuer.
func sign(c *x509.Certificate, by *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("sandbox: making a key: %w", err)
	}
	if c.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return nil, fmt.Errorf("sandbox: making a serial number: %w", err)
	}
	if by == nil {
		by = &identity{cert: c, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.cert, &key.PublicKey, by.key)
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
