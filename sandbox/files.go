package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const environmentFile = ".env"

// A handout is one of the files that the sandbox hands to its consumers.
type handout struct {
	name string
	slow bool // takes long enough to be made only when it is wanted
	make func(*Server) ([]byte, error)
}

func handouts() []handout {
	of := func(read func(*Server) []byte) func(*Server) ([]byte, error) {
		return func(s *Server) ([]byte, error) { return read(s), nil }
	}
	return []handout{
		{environmentFile, false, of(func(s *Server) []byte { return s.environment("") })},
		{"README.md", false, of((*Server).readme)},
		{"ca.p12", true, (*Server).trustStore},
		{"ca.pem", false, of(func(s *Server) []byte { return encodePEM("CERTIFICATE", s.keys.root.cert.Raw) })},
		{"client.key", false, func(s *Server) ([]byte, error) { return s.keys.consumer.keyPEM() }},
		{"client.p12", true, (*Server).keyStore},
		{"client.pem", false, of(func(s *Server) []byte { return s.keys.chainPEM(s.keys.consumer) })},
		{"gpc.toml", false, of((*Server).configuration)},
		{"pds.key", true, func(*Server) ([]byte, error) { return assertionKeyPEM() }},
		{"revoked.key", true, ofRevoked(func(s *Server, i *identity) ([]byte, error) { return i.keyPEM() })},
		{"revoked.pem", true, ofRevoked(func(s *Server, i *identity) ([]byte, error) { return s.keys.chainPEM(i), nil })},
	}
}

// ofRevoked makes a file of the certificate that was revoked.
func ofRevoked(file func(*Server, *identity) ([]byte, error)) func(*Server) ([]byte, error) {
	return func(s *Server) ([]byte, error) {
		i, err := s.keys.revoked()
		if err != nil {
			return nil, err
		}
		return file(s, i)
	}
}

// Files are what a consumer needs to use this very server, as far as they cost nothing to
// make: "ca.pem", "client.pem" (leaf, then sub CA), "client.key", "gpc.toml" (a configuration
// whose only profile is "sandbox" and whose paths are relative to itself), ".env" (every
// address and identifier) and "README.md". File has the others too.
func (s *Server) Files() map[string][]byte {
	files := map[string][]byte{}
	for _, h := range handouts() {
		if h.slow {
			continue
		}
		if b, err := h.make(s); err == nil {
			files[h.name] = b
		}
	}
	return files
}

// File is one of Files, or one that takes a moment to make: "pds.key", the RSA key that
// assertions for PDS are signed with; "client.p12" and "ca.p12", certificate and CA as PKCS#12
// (the password is in ".env"); "revoked.pem" and "revoked.key", a client certificate that is
// refused because it was revoked. The error of any other name is fs.ErrNotExist.
func (s *Server) File(name string) ([]byte, error) {
	for _, h := range handouts() {
		if h.name == name {
			return h.make(s)
		}
	}
	return nil, fmt.Errorf("sandbox: there is no file %q: %w", name, fs.ErrNotExist)
}

// Write puts the named files into dir, or all that File has, which takes as long as making
// an RSA key. The folder is made if need be, with mode 0700; files have 0600. The paths in
// ".env" are absolute then, for whoever reads it from another folder.
func (s *Server) Write(dir string, names ...string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("sandbox: making the folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("sandbox: closing the folder to others: %w", err)
	}
	whole, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("sandbox: naming the folder: %w", err)
	}
	if len(names) == 0 {
		for _, h := range handouts() {
			names = append(names, h.name)
		}
	}
	for _, name := range names {
		content, err := s.File(name)
		if err != nil {
			return err
		}
		if name == environmentFile {
			content = s.environment(whole)
		}
		if err := writeFile(filepath.Join(dir, name), content); err != nil {
			return fmt.Errorf("sandbox: writing %s: %w", name, err)
		}
	}
	return nil
}

// writeFile replaces what lies there, so that an older file's wider mode does not stay.
func writeFile(path string, content []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
