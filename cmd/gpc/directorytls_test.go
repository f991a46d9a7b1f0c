package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// issuer is an authority of this test's own.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	issued      int64
}

func newIssuer(t *testing.T, name string) *issuer {
	t.Helper()
	a := new(issuer)
	c := a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	})
	a.certificate, a.key = c.Leaf, c.PrivateKey.(*ecdsa.PrivateKey)
	return a
}

// leaf is a certificate for name, and for 127.0.0.1 where it is a server's.
func (a *issuer) leaf(t *testing.T, name string, ips ...net.IP) tls.Certificate {
	t.Helper()
	return a.sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: ips, KeyUsage: x509.KeyUsageDigitalSignature})
}

func (a *issuer) sign(t *testing.T, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.issued++
	template.SerialNumber = big.NewInt(a.issued)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().AddDate(0, 2, 0)
	parent, by := a.certificate, a.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// revoke is the authority's list, in PEM.
func (a *issuer) revoke(t *testing.T, certificates ...tls.Certificate) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().AddDate(0, 1, 0)}
	for _, c := range certificates {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.Leaf.SerialNumber, RevocationTime: time.Now()})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.certificate, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

func (a *issuer) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// front shows another certificate before the sandbox's directory, and asks for
// one of clients'. It gives its ldaps URL.
func front(t *testing.T, shown tls.Certificate, clients *issuer, url string, inside *tls.Config) string {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(clients.certificate)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{shown}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer in.Close()
				if in.(*tls.Conn).Handshake() != nil {
					return
				}
				out, err := tls.Dial("tcp", strings.TrimPrefix(url, "ldaps://"), inside)
				if err != nil {
					return
				}
				wg.Go(func() { io.Copy(out, in); out.Close() })
				io.Copy(in, out)
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return "ldaps://" + l.Addr().String()
}

// TestDirectoryCertificates: the profile's p12, key_password_env, ca and crl, and
// what is said of certificates that are not to be used or trusted.
func TestDirectoryCertificates(t *testing.T) {
	ldap, _, server := sandboxDirectories(t)
	files := server.Files()
	own, err := tls.X509KeyPair(files["client.pem"], files["client.key"])
	if err != nil {
		t.Fatal(err)
	}
	inside := &tls.Config{RootCAs: x509.NewCertPool(), Certificates: []tls.Certificate{own}}
	inside.RootCAs.AppendCertsFromPEM(files["ca.pem"])

	spine, others := newIssuer(t, "Test Root"), newIssuer(t, "Another Root")
	here := net.IPv4(127, 0, 0, 1)
	sound, withdrawn := spine.leaf(t, "directory.test", here), spine.leaf(t, "old.directory.test", here)
	client, oldClient := spine.leaf(t, "consumer.test"), spine.leaf(t, "old.consumer.test")
	at := func(shown tls.Certificate) string {
		return fmt.Sprintf("[%q]", front(t, shown, spine, server.LDAPURL(), inside))
	}
	dir := filepath.Dir(ldap.config)
	for name, data := range map[string][]byte{
		"spine.pem": spine.pem(), "others.pem": others.pem(),
		"client.p12": bundle(t, client, spine), "old.p12": bundle(t, oldClient, spine), "stranger.p12": bundle(t, others.leaf(t, "stranger.test"), others),
		"spine.crl": spine.revoke(t, withdrawn, oldClient), "forged.crl": forged(t, spine), "broken.crl": []byte("nothing of the kind"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := ldap.with(t, map[string]string{
		"cert": "", "key": "", "p12": `"client.p12"`, "key_password_env": `"P12_PASSWORD"`, "ca": `"spine.pem"`, "sds.ldap": at(sound),
	})
	base.env = map[string]string{"P12_PASSWORD": password}
	for _, test := range []struct {
		name    string
		changes map[string]string
		env     map[string]string
		code    int
		says    []string
	}{
		{"p12 with its password", nil, nil, 0, []string{"A12345"}},
		{"and a list", map[string]string{"crl": `"spine.crl"`}, nil, 0, []string{"A12345"}},
		{"password not set", nil, map[string]string{}, 2, []string{"key_password_env names the variable P12_PASSWORD, which is not set"}},
		{"another password", nil, map[string]string{"P12_PASSWORD": "other"}, 2, []string{"client.p12 does not open with the given password"}},
		{"p12 beside a certificate", map[string]string{"cert": `"client.pem"`}, nil, 2, []string{"client.p12 is given beside"}},
		{"revoked server", map[string]string{"sds.ldap": at(withdrawn), "crl": `"spine.crl"`}, nil, 4, []string{`"old.directory.test"`, "is revoked", "do not go round it"}},
		{"revoked server, no list", map[string]string{"sds.ldap": at(withdrawn)}, nil, 0, []string{"A12345"}},
		{"revoked client", map[string]string{"p12": `"old.p12"`, "crl": `"spine.crl"`}, nil, 2, []string{"old.p12 is revoked", "ask for a new certificate"}},
		{"a list that is forged", map[string]string{"crl": `"forged.crl"`}, nil, 4, []string{`the revocation list of "Test Root" is not signed by it`}},
		{"a list that is none", map[string]string{"crl": `"broken.crl"`}, nil, 2, []string{"broken.crl cannot be read as a revocation list"}},
		{"server of another authority", map[string]string{"sds.ldap": at(others.leaf(t, "directory.test", here))}, nil, 4, []string{"the directory's certificate is not to be trusted", "cert, key and ca"}},
		{"server of another name", map[string]string{"sds.ldap": at(spine.leaf(t, "directory.test"))}, nil, 4, []string{"the directory's certificate is not to be trusted"}},
		{"roots of others", map[string]string{"ca": `"others.pem"`}, nil, 4, []string{"the directory's certificate is not to be trusted"}},
		{"client of another authority", map[string]string{"p12": `"stranger.p12"`}, nil, 4, []string{"the directory refused the connection, most likely our certificate"}},
		{"first server revoked, second sound", map[string]string{"sds.ldap": strings.Replace(at(withdrawn), "]", ", ", 1) + at(sound)[1:], "crl": `"spine.crl"`}, nil, 0, []string{"A12345"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := base.with(t, test.changes)
			if test.env != nil {
				w.env = test.env
			}
			r := w.gpc(t, "lookup", "--ods", "A12345", "--capability", "structured")
			if r.code != test.code {
				t.Errorf("got exit code %d, want %d\n%s%s", r.code, test.code, r.stdout, r.stderr)
			}
			for _, want := range test.says {
				if !strings.Contains(r.stdout+r.stderr, want) {
					t.Errorf("got\n%s%s\nwant %q", r.stdout, r.stderr, want)
				}
			}
			if strings.Contains(r.stdout+r.stderr, password) {
				t.Error("the password is told")
			}
		})
	}
}

const password = "correct-horse"

func bundle(t *testing.T, c tls.Certificate, by *issuer) []byte {
	t.Helper()
	data, err := pkcs12.Modern.Encode(c.PrivateKey, c.Leaf, []*x509.Certificate{by.certificate}, password)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// forged bears the authority's name, and somebody else's signature.
func forged(t *testing.T, a *issuer) []byte {
	t.Helper()
	return newIssuer(t, a.certificate.Subject.CommonName).revoke(t)
}

// TestRealCertificates: OpenLDAP demands a certificate, and what it thinks of
// ours is said.
func TestRealCertificates(t *testing.T) {
	base := realDirectory(t)
	pki := os.Getenv("GPC_SLAPD_PKI")
	file := func(name string) string { return fmt.Sprintf("%q", filepath.Join(pki, name)) }
	client := func(name string) map[string]string {
		return map[string]string{"cert": file(name + ".pem"), "key": file(strings.TrimSuffix(name, "-chain") + ".key")}
	}
	for _, test := range []struct {
		name    string
		changes map[string]string
		code    int
		says    string
	}{
		{"good", nil, 0, "A80001"},
		{"good, with a list", map[string]string{"crl": file("ca.crl")}, 0, "A80001"},
		{"good, TLS 1.2", map[string]string{"tls": `"1.2"`}, 0, "A80001"},
		{"under a sub CA", client("subclient-chain"), 0, "A80001"},
		{"of a sub CA that is missing", client("subclient"), 4, "append the sub CA's certificate"},
		{"foreign", client("stranger"), 4, "the directory refused the connection"},
		{"expired", client("expired"), 2, "expired on 2 January 2020"},
		{"revoked", map[string]string{"cert": file("revoked.pem"), "key": file("revoked.key"), "crl": file("ca.crl")}, 2, "is revoked"},
		{"absent", map[string]string{"cert": "", "key": ""}, 2, "has no cert"},
		{"roots of others", map[string]string{"ca": file("otherca.pem")}, 4, "the directory's certificate is not to be trusted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := base.with(t, test.changes).gpc(t, "lookup", "--ods", "A80001", "--capability", "structured")
			if r.code != test.code || !strings.Contains(r.stdout+r.stderr, test.says) {
				t.Errorf("got exit code %d and\n%s%s\nwant %d and %q", r.code, r.stdout, r.stderr, test.code, test.says)
			}
		})
	}
}
