package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

func TestProblems(t *testing.T) {
	s, other := newSpine(t), newSpine(t)
	old := issue(t, "old.test", s.sub, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
	early := issue(t, "early.test", s.sub, func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Hour) })
	deadRoot := issue(t, "Dead Root", nil, authority, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
	p12, err := pkcs12.Modern.Encode(s.client.key, s.client.cert, nil, "secret")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*Material)
		want   []string // a part of each problem, in order
	}{
		{"all is well", func(m *Material) {}, nil},
		{"nothing at all", func(m *Material) { *m = Material{} }, []string{"the client certificate is missing", "the private key is missing", "the file of authorities is missing"}},
		{"no certificate", func(m *Material) { m.Chain = nil }, []string{"client.pem is missing"}},
		{"no key", func(m *Material) { m.Key = nil }, []string{"client.pem has no private key in it"}},
		{"key in the certificate's file", func(m *Material) { m.Chain = append(m.Key, m.Chain...); m.Key = nil }, nil},
		{"no roots", func(m *Material) { m.Roots = nil }, []string{"roots.pem is missing"}},
		{"key of another certificate", func(m *Material) { m.Key = other.client.keyPEM(t) }, []string{"client.key does not belong to the certificate in client.pem"}},
		{"key and certificate exchanged", func(m *Material) { m.Chain, m.Key = m.Key, m.Chain }, []string{"client.pem has no certificate in it", "client.key has no private key in it"}},
		{"two keys", func(m *Material) { m.Key = append(m.Key, other.client.keyPEM(t)...) }, []string{"client.key has more than one private key"}},
		{"DER", func(m *Material) { m.Chain = s.client.cert.Raw }, []string{"client.pem has no certificate in it (it looks like DER or PKCS#12)"}},
		{"damaged PEM", func(m *Material) { m.Roots = m.Roots[:80] }, []string{"roots.pem has no certificate in it (its PEM blocks are damaged)"}},
		{"damaged certificate", func(m *Material) {
			m.Roots = []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
		}, []string{"roots.pem has a certificate that cannot be read, block 1"}},
		{"expired, and no roots", func(m *Material) { m.Chain, m.Key, m.Roots = old.pem(), old.keyPEM(t), nil }, []string{"client.pem expired on 1 June 2026 11:00 UTC", "roots.pem is missing"}},
		{"not yet valid", func(m *Material) { m.Chain, m.Key = early.pem(), early.keyPEM(t) }, []string{"client.pem is not valid before 1 June 2026 13:00 UTC"}},
		{"only dead roots", func(m *Material) { m.Roots = deadRoot.pem() }, []string{"roots.pem has only authorities that are expired"}},
		{"leaf last", func(m *Material) { m.Chain = append(s.sub.pem(), s.client.pem()...) }, nil},
		{"no list", func(m *Material) { m.CRL = []byte("hello") }, []string{"spine.crl cannot be read"}},
		{"own certificate revoked", func(m *Material) { m.CRL = s.sub.revoke(t, s.client) }, []string{"client.pem is revoked"}},
		{"another certificate revoked", func(m *Material) { m.CRL = s.sub.revoke(t, s.server) }, nil},
		{"P12", func(m *Material) { m.Chain, m.Key, m.P12, m.KeyPassword = nil, nil, p12, []byte("secret") }, nil},
		{"P12 and PEM", func(m *Material) { m.P12 = p12 }, []string{"client.p12 is given beside"}},
		{"P12 without password", func(m *Material) { m.Chain, m.Key, m.P12 = nil, nil, p12 }, []string{"client.p12 has a password"}},
		{"P12 with another password", func(m *Material) { m.Chain, m.Key, m.P12, m.KeyPassword = nil, nil, p12, []byte("guess") }, []string{"client.p12 does not open"}},
		{"P12 that is none", func(m *Material) { m.Chain, m.Key, m.P12 = nil, nil, []byte("hello") }, []string{"client.p12 cannot be read"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := s.material(t)
			tt.change(&m)
			c, err := m.Config(noon)
			if len(tt.want) == 0 {
				if err != nil || len(c.Certificates) != 1 || !c.Certificates[0].Leaf.Equal(s.client.cert) {
					t.Fatalf("got %v; want the client's certificate", err)
				}
				return
			}
			lines := strings.Split(err.Error(), "\n")
			if c != nil || len(lines) != len(tt.want) {
				t.Fatalf("got %d problems, want %d: %v", len(lines), len(tt.want), err)
			}
			for i, want := range tt.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("problem %d: got %q, want %q in it", i, lines[i], want)
				}
			}
			if p := new(Problem); !errors.As(err, &p) || p.File == "" || p.Cure == "" {
				t.Errorf("got %#v; want a *Problem with a file and a cure", p)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	s := newSpine(t)
	soon := issue(t, "soon.test", s.sub, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(0, 0, 9) })
	server := issue(t, "server.test", s.sub, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	deadRoot := issue(t, "Dead Root", nil, authority, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
	tests := []struct {
		name   string
		change func(*Material)
		want   string // in the only warning; "" none
	}{
		{"all is well", func(m *Material) {}, ""},
		{"intermediate only among the authorities", func(m *Material) { m.Chain = s.client.pem() }, `client.pem comes without its intermediate "Test Sub CA"`},
		{"intermediate nowhere", func(m *Material) { m.Chain, m.Roots = s.client.pem(), s.root.pem() }, `client.pem comes without the certificate of its issuer "Test Sub CA"`},
		{"expires soon", func(m *Material) { m.Chain, m.Key = append(soon.pem(), s.sub.pem()...), soon.keyPEM(t) }, "client.pem expires in 9 days"},
		{"server's certificate", func(m *Material) { m.Chain, m.Key = append(server.pem(), s.sub.pem()...), server.keyPEM(t) }, "client.pem is not meant for a client"},
		{"stray certificate", func(m *Material) { m.Chain = append(m.Chain, s.server.pem()...) }, "client.pem holds 1 certificates that do not belong"},
		{"root sent along", func(m *Material) { m.Chain = append(m.Chain, s.root.pem()...) }, ""},
		{"dead root beside a good one", func(m *Material) { m.Roots = append(m.Roots, deadRoot.pem()...) }, `roots.pem holds the authority "Dead Root"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := s.material(t)
			tt.change(&m)
			got := m.Warnings(noon)
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0].Error(), tt.want)) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
	m := s.material(t)
	m.CRL = s.sub.revoke(t)
	if got := m.Warnings(noon.AddDate(0, 0, 8)); len(got) != 1 || !strings.Contains(got[0].Error(), "spine.crl was due to be renewed on 8 June 2026") {
		t.Errorf("old list: got %v", got)
	}
}

func TestConfigIsStrict(t *testing.T) {
	m := newSpine(t).material(t)
	m.ServerName = "proxy.test"
	c, err := m.Config(noon)
	if err != nil {
		t.Fatal(err)
	}
	if c.MinVersion != tls.VersionTLS12 || c.MaxVersion != 0 || c.RootCAs == nil || c.InsecureSkipVerify || c.ServerName != "proxy.test" || len(c.CipherSuites) != 5 {
		t.Errorf("got %+v", c)
	}
	for _, suite := range tls.InsecureCipherSuites() {
		for _, ours := range c.CipherSuites {
			if ours == suite.ID {
				t.Errorf("%s is among the suites", suite.Name)
			}
		}
	}
	m.Pin12 = true
	if c, err = m.Config(noon); err != nil || c.MaxVersion != tls.VersionTLS12 {
		t.Errorf("pinned: got %v, %v", c.MaxVersion, err)
	}
}
