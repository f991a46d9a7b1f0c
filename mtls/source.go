package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"sync"
	"time"
)

// Files names the files of a Material. CRL and P12 or Chain and Key may be "".
type Files struct {
	Chain, Key, P12, Roots, CRL string
	KeyPassword                 []byte
	ServerName                  string
	Pin12                       bool
}

// Source hands new connections what is in the files by then. When the new content is not sound, for
// instance while only one of certificate and key has been replaced, the last sound one stays in use.
type Source struct {
	files Files

	mu     sync.Mutex
	stamps [5]stamp // of what was read last, sound or not
	parts  *parts
	base   *tls.Config
	err    error
}

// stamp tells one state of a file from another.
type stamp struct {
	modified time.Time
	size     int64
}

// Load reads the files and checks them as Material.Config does.
func Load(f Files) (*Source, error) {
	s := &Source{files: f}
	s.stamps = s.look()
	m, err := f.read()
	if err != nil {
		return nil, err
	}
	p, problems := m.open(time.Now())
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	s.parts, s.base = p, p.config(m)
	return s, nil
}

// TLS returns a configuration that presents the certificate, and consults the revocation lists, that are
// in the files when a connection is made. The authorities are those that Load read: they change with
// years of notice, and both generations may stand in the file.
func (s *Source) TLS() *tls.Config {
	c := s.base.Clone()
	c.Certificates = nil
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return s.current().certificate(), nil
	}
	if s.files.CRL != "" {
		c.VerifyConnection = func(cs tls.ConnectionState) error { return s.current().lists.verify(cs) }
	}
	return c
}

// Leaf is the certificate in use.
func (s *Source) Leaf() *x509.Certificate { return s.current().chain[0] }

// Err says why the newest content of the files is not in use, or nil.
func (s *Source) Err() error {
	s.current()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Warnings is Material's, for what is in use.
func (s *Source) Warnings(now time.Time) []*Warning {
	p := s.current()
	return p.warnings(Material{Names: s.files.names()}, now)
}

func (s *Source) current() *parts {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.look()
	if seen == s.stamps {
		return s.parts
	}
	s.stamps = seen
	m, err := s.files.read()
	if err != nil {
		s.err = err
		return s.parts
	}
	p, problems := m.open(time.Now())
	if s.err = joined(problems); s.err == nil {
		s.parts = p
	}
	return s.parts
}

func (s *Source) look() [5]stamp {
	var out [5]stamp
	for i, path := range s.files.paths() {
		if path == "" {
			continue
		}
		if info, err := os.Stat(path); err == nil {
			out[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return out
}

func (f Files) paths() [5]string { return [5]string{f.Chain, f.Key, f.P12, f.Roots, f.CRL} }

func (f Files) names() map[string]string {
	return map[string]string{"chain": f.Chain, "key": f.Key, "p12": f.P12, "roots": f.Roots, "crl": f.CRL}
}

// read reads every file, and names all that cannot be read at once.
func (f Files) read() (Material, error) {
	m := Material{KeyPassword: f.KeyPassword, ServerName: f.ServerName, Pin12: f.Pin12, Names: f.names()}
	var errs []error
	for i, to := range []*[]byte{&m.Chain, &m.Key, &m.P12, &m.Roots, &m.CRL} {
		path := f.paths()[i]
		if path == "" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, &Problem{path, "cannot be read", "check the path and who may read it", reason(err)})
		}
		*to = data
	}
	return m, errors.Join(errs...)
}

// reason leaves out the path, which the Problem has.
func reason(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
