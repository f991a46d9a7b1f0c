package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// serve answers each TLS connection with the common name of the client's certificate.
func serve(t testing.TB, c *tls.Config) string {
	t.Helper()
	c.Time = func() time.Time { return noon }
	l, err := tls.Listen("tcp", "127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s := conn.(*tls.Conn)
			s.SetDeadline(time.Now().Add(5 * time.Second))
			if s.Handshake() == nil {
				name := "nobody"
				if certs := s.ConnectionState().PeerCertificates; len(certs) > 0 {
					name = certs[0].Subject.CommonName
				}
				io.WriteString(s, name)
			}
			s.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func (s spine) proxy() *tls.Config {
	clients := x509.NewCertPool()
	clients.AddCert(s.root.cert)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{s.server.cert.Raw, s.sub.cert.Raw}, PrivateKey: s.server.key}},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
	}
}

// call connects and returns what the server says.
func call(addr string, c *tls.Config) (string, error) {
	c = c.Clone()
	c.Time = func() time.Time { return noon }
	raw, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return "", err
	}
	raw.SetDeadline(time.Now().Add(5 * time.Second))
	conn := tls.Client(raw, c)
	defer conn.Close()
	said, err := io.ReadAll(conn)
	return string(said), err
}

func TestHandshake(t *testing.T) {
	s, other := newSpine(t), newSpine(t)
	stranger := issue(t, "Stranger", nil, authority)
	second := issue(t, "Second Sub CA", s.root, authority)
	elsewhere := issue(t, "proxy.test", second)
	bySecond := func(c *tls.Config) {
		c.Certificates = []tls.Certificate{{Certificate: [][]byte{elsewhere.cert.Raw, second.cert.Raw}, PrivateKey: elsewhere.key}}
	}
	onlyOldSuites := func(c *tls.Config) {
		c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
	}
	tests := []struct {
		name   string
		client func(*Material)
		server func(*tls.Config)
		want   string // what the server says, or a part of the error
		ok     bool
	}{
		{"mutual", nil, nil, "consumer.test", true},
		{"mutual, TLS 1.2", nil, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, "consumer.test", true},
		{"pinned", func(m *Material) { m.Pin12 = true }, nil, "consumer.test", true},
		{"pinned, server has 1.3 only", func(m *Material) { m.Pin12 = true }, func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }, "protocol version", false},
		{"server has 1.1 only", nil, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11; c.MinVersion = tls.VersionTLS10 }, "protocol version", false},
		{"server has old suites only", nil, onlyOldSuites, "handshake failure", false},
		{"server of another family", func(m *Material) { m.Roots = other.root.pem() }, nil, "unknown authority", false},
		{"server with another name", func(m *Material) { m.ServerName = "elsewhere.test" }, nil, "not elsewhere.test", false},
		{"revoked server", func(m *Material) { m.CRL = s.sub.revoke(t, s.server) }, nil, `the certificate of "proxy.test", serial `, false},
		{"revoked sub CA", func(m *Material) { m.CRL = s.root.revoke(t, second) }, bySecond, `the certificate of "Second Sub CA"`, false},
		{"nobody of this family revoked", func(m *Material) { m.CRL = stranger.revoke(t, s.server) }, nil, "consumer.test", true},
		{"list by an impostor", func(m *Material) { m.CRL = other.sub.revoke(t, s.server) }, nil, "is not signed by it", false},
		{"without the intermediate, which the server has", func(m *Material) { m.Chain = s.client.pem() }, func(c *tls.Config) { c.ClientCAs.AddCert(s.sub.cert) }, "consumer.test", true},
		{"client of another family", func(m *Material) {
			m.Chain, m.Key = append(other.client.pem(), other.sub.pem()...), other.client.keyPEM(t)
		}, nil, "certificate", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, server := s.material(t), s.proxy()
			m.ServerName = "proxy.test"
			if tt.client != nil {
				tt.client(&m)
			}
			if tt.server != nil {
				tt.server(server)
			}
			c, err := m.Config(noon)
			if err != nil {
				t.Fatal(err)
			}
			said, err := call(serve(t, server), c)
			switch {
			case tt.ok && (err != nil || said != tt.want):
				t.Errorf("got %q, %v; want %q", said, err, tt.want)
			case !tt.ok && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %q, %v; want an error with %q", said, err, tt.want)
			}
		})
	}
}

// TestRevokedIsTyped: callers tell a revoked server from other failures.
func TestRevokedIsTyped(t *testing.T) {
	s := newSpine(t)
	m := s.material(t)
	m.ServerName, m.CRL = "proxy.test", s.sub.revoke(t, s.server)
	c, err := m.Config(noon)
	if err != nil {
		t.Fatal(err)
	}
	_, err = call(serve(t, s.proxy()), c)
	if r := new(Revoked); !errors.As(err, &r) || r.Subject != "proxy.test" {
		t.Errorf("got %v; want a *Revoked for proxy.test", err)
	}
}

// TestNewFilesServeNewConnections replaces certificate and key one after the other: no connection fails, and
// the new certificate is seen once both are there.
func TestNewFilesServeNewConnections(t *testing.T) {
	w := newInstallation(t)
	before, after := w.issue("before.test"), w.issue("after.test")
	w.write("client.pem", before.pem())
	w.write("client.key", before.keyPEM(t))
	source := w.load()
	addr := serve(t, w.server())
	expect := func(when, want string, sound bool) {
		t.Helper()
		for range 3 {
			if said, err := call(addr, source.TLS()); err != nil || said != want {
				t.Errorf("%s: got %q, %v; want %q", when, said, err, want)
			}
		}
		if err := source.Err(); (err == nil) != sound || source.Leaf().Subject.CommonName != want {
			t.Errorf("%s: Err is %v, Leaf %s", when, err, source.Leaf().Subject.CommonName)
		}
		soon := source.Warnings(source.Leaf().NotAfter.AddDate(0, 0, -9))
		if !slices.ContainsFunc(soon, func(w *Warning) bool { return strings.Contains(w.Error(), "expires in 9 days") }) {
			t.Errorf("%s: nine days before its end got %v, want a warning of that", when, soon)
		}
	}
	expect("at first", "before.test", true)
	w.write("client.pem", after.pem())
	expect("with the new certificate alone", "before.test", false)
	w.write("client.key", after.keyPEM(t))
	expect("with both", "after.test", true)
	if err := os.Remove(filepath.Join(w.dir, "client.key")); err != nil {
		t.Fatal(err)
	}
	expect("with the key gone", "after.test", false)
}

// TestRotationUnderLoad: connections are made all the while, and none fails.
func TestRotationUnderLoad(t *testing.T) {
	w := newInstallation(t)
	generations := []*entity{w.issue("generation 0"), w.issue("generation 1"), w.issue("generation 2"), w.issue("generation 3")}
	w.write("client.pem", generations[0].pem())
	w.write("client.key", generations[0].keyPEM(t))
	c := w.load().TLS()
	addr := serve(t, w.server())
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if said, err := call(addr, c); err != nil || !strings.HasPrefix(said, "generation ") {
					t.Errorf("got %q, %v", said, err)
					return
				}
			}
		})
	}
	for _, g := range generations[1:] {
		w.write("client.key", g.keyPEM(t)) // in the wrong order, too
		w.write("client.pem", g.pem())
		for said := ""; said != g.cert.Subject.CommonName; {
			var err error
			if said, err = call(addr, c); err != nil {
				t.Error(err)
				break
			}
		}
	}
	close(stop)
	wg.Wait()
}

// installation is a folder with the files of an endpoint, valid now: Load has no other clock.
type installation struct {
	t     *testing.T
	dir   string
	spine spine
}

func newInstallation(t *testing.T) *installation {
	w := &installation{t, t.TempDir(), newSpine(t)}
	root := issue(t, "Present Root", nil, authority, validNow)
	w.write("roots.pem", append(root.pem(), w.spine.root.pem()...))
	return w
}

func validNow(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, -1), time.Now().AddDate(0, 0, 90)
}

func (w *installation) issue(name string) *entity { return issue(w.t, name, w.spine.sub, validNow) }

func (w *installation) server() *tls.Config {
	c := w.spine.proxy()
	c.ClientAuth = tls.RequireAnyClientCert
	return c
}

func (w *installation) load() *Source {
	w.t.Helper()
	s, err := Load(Files{Chain: filepath.Join(w.dir, "client.pem"), Key: filepath.Join(w.dir, "client.key"), Roots: filepath.Join(w.dir, "roots.pem"), ServerName: "proxy.test"})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// write replaces a file at once, as a careful administrator does.
func (w *installation) write(name string, data []byte) {
	w.t.Helper()
	temp := filepath.Join(w.dir, name+".new")
	if err := os.WriteFile(temp, data, 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(temp, filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

func TestLoadNamesEveryFile(t *testing.T) {
	dir := t.TempDir()
	_, err := Load(Files{Chain: filepath.Join(dir, "a.pem"), Key: filepath.Join(dir, "b.pem"), Roots: filepath.Join(dir, "c.pem")})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, name := range []string{"a.pem", "b.pem", "c.pem"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("got %v; want %s named", err, name)
		}
	}
}
