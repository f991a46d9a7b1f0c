package sdslookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCertificates: a refusal by either side is ErrTLS with a sentence that says which side, whatever the
// version. TLS 1.3 servers look at the client's certificate only after the handshake has ended.
func TestCertificates(t *testing.T) {
	f, other := newFamily(t), newFamily(t)
	old := template("directory.test")
	old.NotAfter = time.Now().Add(-time.Minute)
	expired := f.issue(t, old)
	elsewhere := template("elsewhere.test")
	elsewhere.IPAddresses = nil
	wrongName := f.issue(t, elsewhere)
	tests := []struct {
		name   string
		client func(*tls.Config)
		server func(*tls.Config)
		says   string // "" succeeds
	}{
		{"good", nil, nil, ""},
		{"server of another authority", nil, func(c *tls.Config) { c.Certificates = []tls.Certificate{other.server} }, "the directory's certificate is not to be trusted"},
		{"server expired", nil, func(c *tls.Config) { c.Certificates = []tls.Certificate{expired} }, "the directory's certificate is not to be trusted"},
		{"server with another name", nil, func(c *tls.Config) { c.Certificates = []tls.Certificate{wrongName} }, "the directory's certificate is not to be trusted"},
		{"another name is expected", func(c *tls.Config) { c.ServerName = "elsewhere.test" }, func(c *tls.Config) { c.Certificates = []tls.Certificate{wrongName} }, ""},
		{"no client certificate", func(c *tls.Config) { c.Certificates = nil }, nil, "asked for a client certificate and there is none to send"},
		{"client of another authority", func(c *tls.Config) { c.Certificates = []tls.Certificate{other.client} }, nil, "does not lead to an authority it names"},
		{"client of another authority, sent all the same", func(c *tls.Config) {
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &other.client, nil }
		}, nil, "the directory refused the connection, most likely our certificate"},
		{"the configuration says no", func(c *tls.Config) {
			c.VerifyConnection = func(tls.ConnectionState) error { return errors.New("the certificate is revoked") }
		}, nil, "the certificate is revoked"},
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, tt := range tests {
			t.Run(tls.VersionName(version)+"/"+tt.name, func(t *testing.T) {
				sc := f.serverTLS()
				sc.MaxVersion = version
				if tt.server != nil {
					tt.server(sc)
				}
				p := newPeer(t, sc, practices)
				d := directoryAt(t, f, func(c *LDAPConfig) {
					if tt.client != nil {
						tt.client(c.TLS)
					}
				}, p)
				expectTLS(t, within(t, 2*time.Second, ask(d, "A12345")), tt.says)
			})
		}
	}
}

func expectTLS(t *testing.T, err error, says string) {
	t.Helper()
	if says == "" {
		if err != nil {
			t.Errorf("got %v; want success", err)
		}
		return
	}
	var e *Error
	if !errors.As(err, &e) || e.Kind != ErrTLS || e.Temporary() || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v; want ErrTLS, not temporary, with %q", err, says)
	}
}

func TestOldTLS(t *testing.T) {
	f := newFamily(t)
	sc := f.serverTLS()
	sc.MinVersion, sc.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	d := directoryAt(t, f, nil, newPeer(t, sc, practices))
	expectTLS(t, within(t, 2*time.Second, ask(d, "A12345")), "protocol version")
}

func TestPlainTextServer(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	hello := func(c net.Conn) bool {
		fmt.Fprint(c, "220 ready when you are\r\n")
		c.Read(make([]byte, 1024))
		return false
	}
	p.onAccept.Store(&hello)
	d := directoryAt(t, f, nil, p)
	expectTLS(t, within(t, 2*time.Second, ask(d, "A12345")), "does not look like a TLS handshake")
}

// TestRealCertificates is the same against OpenLDAP, whose TLS is GnuTLS on Debian.
func TestRealCertificates(t *testing.T) {
	s := realDirectory(t)
	good := func() *tls.Config { return s.client(t, "client") }
	tests := []struct {
		name string
		tls  func() *tls.Config
		says string
	}{
		{"good", good, ""},
		{"under a sub CA, with the chain", func() *tls.Config { return s.client(t, "subclient-chain") }, ""},
		{"under a sub CA, without", func() *tls.Config { return s.client(t, "subclient") }, "is an intermediate missing from the file?"},
		{"foreign", func() *tls.Config { return always(s.client(t, "stranger")) }, "the directory refused the connection"},
		{"foreign, held back by Go", func() *tls.Config { return s.client(t, "stranger") }, "does not lead to an authority it names"},
		{"expired", func() *tls.Config { return s.client(t, "expired") }, "the directory refused the connection"},
		{"absent", func() *tls.Config { return s.client(t, "") }, "there is none to send"},
		{"another name", func() *tls.Config { c := good(); c.ServerName = "directory.example.nhs.uk"; return c }, "the directory's certificate is not to be trusted"},
		{"roots of others", func() *tls.Config {
			c := good()
			pem, err := os.ReadFile(filepath.Join(s.pki, "otherca.pem"))
			if err != nil {
				t.Fatal(err)
			}
			c.RootCAs = x509.NewCertPool()
			c.RootCAs.AppendCertsFromPEM(pem)
			return c
		}, "the directory's certificate is not to be trusted"},
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, tt := range tests {
			t.Run(tls.VersionName(version)+"/"+tt.name, func(t *testing.T) {
				d := s.directory(t, func(c *LDAPConfig) { c.TLS = tt.tls(); c.TLS.MaxVersion = version })
				err := within(t, 5*time.Second, func(ctx context.Context) error {
					_, err := d.Endpoint(ctx, "A80001", slotSearch)
					return err
				})
				expectTLS(t, err, tt.says)
			})
		}
	}
}

// always sends the certificate, whatever authorities the server names.
func always(c *tls.Config) *tls.Config {
	id := c.Certificates[0]
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &id, nil }
	return c
}
