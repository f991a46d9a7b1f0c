//go:build unix

package matrix

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/mtls"
)

// TestCertificates: whatever is wrong with either side's certificate, nothing
// reaches the practice, nothing is tried again, and the error says whose it is.
func TestCertificates(t *testing.T) {
	_, pki := tools(t)
	server, at := direct(t)
	theirs, ours := client.ErrCertificate, client.ErrClientCertificate
	nothing := func(class error) want { return want{read: class, write: class} }
	good := func(t *testing.T) *tls.Config { return material(t, pki, mtls.Files{}) }
	as := func(name string) func(*testing.T) *tls.Config {
		return func(t *testing.T) *tls.Config { return credentials(t, pki, name, "ca") }
	}
	for _, test := range []struct {
		name      string
		server    func(*testing.T) *front
		client    func(*testing.T) *tls.Config
		want      want
		clientCut bool // it is the client's certificate that is refused
	}{
		{"both good", plain(pki), good, want{reads: 1, writes: 1}, false},
		{"server: expired", issued(pki, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }), good, nothing(theirs), false},
		{"server: not yet valid", issued(pki, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(24 * time.Hour) }), good, nothing(theirs), false},
		{"server: another name", issued(pki, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"elsewhere.example"} }), good, nothing(theirs), false},
		{"server: another authority", plain(pki), func(t *testing.T) *tls.Config { return credentials(t, pki, "client", "otherca") }, nothing(theirs), false},
		{"server: revoked", plain(pki, "SERVER=revokedserver"), func(t *testing.T) *tls.Config {
			return material(t, pki, mtls.Files{CRL: filepath.Join(pki, "ca.crl")})
		}, nothing(theirs), false},
		{"server: TLS 1.1 alone", old(pki), good, nothing(client.ErrNoAnswer), false},
		{"client: none", plain(pki), as(""), nothing(ours), true},
		{"client: another authority", plain(pki), as("stranger"), nothing(ours), true},
		{"client: expired", plain(pki), as("expired"), nothing(ours), true},
		{"client: revoked", plain(pki), as("revoked"), nothing(ours), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			nginx := test.server(t)
			config := test.client(t)
			gets, posts := arrived(server, "provider", "GET"), arrived(server, "provider", "POST")
			read, readErr := call(t, nginx.url(), config, at, ample, false)
			write, writeErr := call(t, nginx.url(), config, at, ample, true)
			test.want.hold(t, test.name, ample, readErr, writeErr, [2]time.Duration{read, write},
				arrived(server, "provider", "GET")-gets, arrived(server, "provider", "POST")-posts)
			if test.clientCut != matches(readErr, ours) {
				t.Errorf("said to be the client's certificate: got %v, want %v", !test.clientCut, test.clientCut)
			}
		})
	}
}

// material are credentials as package mtls makes them.
func material(t *testing.T, pki string, files mtls.Files) *tls.Config {
	t.Helper()
	files.Chain, files.Key, files.Roots = filepath.Join(pki, "client.pem"), filepath.Join(pki, "client.key"), filepath.Join(pki, "ca.pem")
	source, err := mtls.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return source.TLS()
}

func plain(pki string, variables ...string) func(*testing.T) *front {
	return func(t *testing.T) *front { return startNginx(t, pki, nil, variables...) }
}

// old speaks nothing newer than TLS 1.1.
func old(pki string) func(*testing.T) *front {
	return func(t *testing.T) *front {
		return startNginx(t, pki, func(script string) string {
			script = strings.Replace(script, "ssl_protocols TLSv1.2;", "ssl_protocols TLSv1.1;", 1)
			return strings.Replace(script, "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256", "ALL:@SECLEVEL=0", 1)
		})
	}
}

// issued has a server certificate of the same authority, altered.
func issued(pki string, change func(*x509.Certificate)) func(*testing.T) *front {
	return func(t *testing.T) *front {
		dir := t.TempDir()
		for _, name := range []string{"ca.pem", "ca.crl"} {
			data, err := os.ReadFile(filepath.Join(pki, name))
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir, name, data)
		}
		authority, err := tls.LoadX509KeyPair(filepath.Join(pki, "ca.pem"), filepath.Join(pki, "ca.key"))
		if err != nil {
			t.Fatal(err)
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
			NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		change(c)
		der, err := x509.CreateCertificate(rand.Reader, c, authority.Leaf, key.Public(), authority.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, "server.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		write(t, dir, "server.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
		return startNginx(t, dir, ecdsaToo)
	}
}

// ecdsaToo lets the script's nginx offer the approved suites of an ECDSA key.
func ecdsaToo(script string) string {
	const rsa = "ECDHE-RSA-AES256-GCM-SHA384:"
	return strings.Replace(script, rsa, "ECDHE-ECDSA-AES256-GCM-SHA384:"+rsa, 1)
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
