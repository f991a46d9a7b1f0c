package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files are what a consumer needs to use this very server: "ca.pem", "client.pem" (leaf,
// then sub CA), "client.key", and "gpc.toml", a configuration whose only profile is
// "sandbox" and whose paths are relative to itself.
func (s *Server) Files() map[string][]byte {
	return map[string][]byte{
		"ca.pem":     slices.Clone(s.keys.rootPEM),
		"client.pem": slices.Clone(s.keys.chainPEM),
		"client.key": slices.Clone(s.keys.clientKey),
		"gpc.toml":   s.configuration(),
	}
}

// Write puts Files into dir, which it makes if need be, with mode 0700; files have 0600.
func (s *Server) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("sandbox: making the folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("sandbox: closing the folder to others: %w", err)
	}
	files := s.Files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(dir, name), files[name]); err != nil {
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

func (s *Server) configuration() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `# Written by the sandbox: it is good until the sandbox stops.
default = "sandbox"

[profiles.sandbox]
proxy      = %q
cert       = "client.pem"
key        = "client.key"
ca         = "ca.pem"
issuer     = "https://%s/"
originator = %q

[profiles.sandbox.sds]
ldap        = [%q]
allow_hosts = [".sandbox.example"]
`, s.ProxyURL(), consumerFQDN, consumers()[0].ods, s.LDAPURL())
	for _, c := range consumers() {
		fmt.Fprintf(&b, `
[profiles.sandbox.originators.%s]
asid  = %q
name  = %q
type  = %q
phone = %q
`, c.ods, c.asid, c.name, c.kind, c.phone)
	}
	b.WriteString(`
[profiles.sandbox.user]
id                  = "10019"
family              = "Tester"
given               = ["Sandy"]
prefix              = ["Dr"]
sds_user_id         = "UNK"
sds_role_profile_id = "UNK"
local_system        = "https://consumer.sandbox.example/Id/user"

[profiles.sandbox.device]
system  = "https://consumer.sandbox.example/Id/device"
id      = "sandbox-1"
model   = "gpc"
version = "1.0.0"
`)
	return []byte(b.String())
}
