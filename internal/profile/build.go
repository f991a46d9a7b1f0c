package profile

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// TLS reads certificate, key and roots, and checks them.
func (p *Profile) TLS(now time.Time) (*tls.Config, []*mtls.Warning, error) {
	m, err := p.material()
	if err != nil {
		return nil, nil, err
	}
	config, err := m.Config(now)
	if err != nil {
		return nil, nil, err
	}
	return config, m.Warnings(now), nil
}

func (p *Profile) material() (mtls.Material, error) {
	m := mtls.Material{
		Pin12:       p.TLSVersion == "1.2",
		KeyPassword: []byte(p.env(p.KeyPassword)),
		Names:       map[string]string{"chain": p.Cert, "key": p.Key, "p12": p.P12, "roots": p.CA, "crl": p.CRL},
	}
	files := []struct {
		key, path string
		into      *[]byte
		needed    bool
	}{
		{"cert", p.Cert, &m.Chain, p.P12 == ""}, {"key", p.Key, &m.Key, p.P12 == ""}, {"p12", p.P12, &m.P12, false},
		{"ca", p.CA, &m.Roots, true}, {"crl", p.CRL, &m.CRL, false},
	}
	var wrong []error
	for _, file := range files {
		if file.path == "" && !file.needed {
			continue
		}
		data, err := p.readFile(file.key, file.path)
		wrong, *file.into = append(wrong, err), data
	}
	if p.TLSVersion != "" && p.TLSVersion != "1.2" {
		wrong = append(wrong, p.problem(fmt.Sprintf("tls = %q is not known", p.TLSVersion), `"1.2" pins TLS to that version; leave it out for 1.2 and newer`))
	}
	if p.KeyPassword != "" && p.env(p.KeyPassword) == "" {
		wrong = append(wrong, p.unset("key_password_env", p.KeyPassword))
	}
	return m, errors.Join(wrong...)
}

// env reads a variable that the profile names; none is named by "".
func (p *Profile) env(name string) string {
	if name == "" || p.file.source.Getenv == nil {
		return ""
	}
	return p.file.source.Getenv(name)
}

func (p *Profile) readFile(key, path string) ([]byte, error) {
	if path == "" {
		return nil, p.missing(key)
	}
	data, err := p.file.source.Read(path)
	if err != nil {
		reason := err
		if e := new(fs.PathError); errors.As(err, &e) {
			reason = e.Err
		}
		return nil, p.problem(fmt.Sprintf("%s = %q cannot be read: %v", key, path, reason),
			"correct the path (it is relative to the configuration file) or the file's permissions")
	}
	return data, nil
}

func (p *Profile) problem(what, cure string) *Problem {
	return &Problem{File: p.file.source.Name, What: what, Cure: cure}
}

func (p *Profile) missing(key string) *Problem {
	return p.problem(fmt.Sprintf("profile %q has no %s", p.Name, key), "add the key; `gpc config init` writes a file with every key explained")
}

func (p *Profile) unset(key, name string) *Problem {
	return p.problem(fmt.Sprintf("%s names the variable %s, which is not set", key, name), "set it; a secret never stands in the file")
}

// Client gives the SDK's configuration, without Auditor and hooks.
func (p *Profile) Client(config *tls.Config, directory sdslookup.Directory, timeout time.Duration) client.Config {
	return client.Config{
		ProxyURL: p.Proxy, TLS: config, Directory: directory, Issuer: p.Issuer, Timeout: timeout,
		Device: client.Device{System: p.Device.System, ID: p.Device.ID, Model: p.Device.Model, Version: p.Device.Version},
	}
}

// Organisation gives the originator of ODS code as, or, when it is empty, the
// one that the profile names, or its only one.
func (p *Profile) Organisation(as string) (client.Organisation, error) {
	codes := slices.Sorted(maps.Keys(p.Originators))
	ods := strings.ToUpper(strings.TrimSpace(as))
	if ods == "" {
		ods = p.Originator
	}
	if ods == "" && len(codes) == 1 {
		ods = codes[0]
	}
	o, ok := p.Originators[ods]
	switch {
	case len(codes) == 0:
		return client.Organisation{}, p.missing("originators")
	case ods == "":
		return client.Organisation{}, &Problem{
			File: p.file.source.Name, What: fmt.Sprintf("profile %q has several originators and names none", p.Name),
			Cure: "say who asks with --as, or set originator: " + strings.Join(codes, ", "),
		}
	case !ok:
		return client.Organisation{}, &Problem{
			File: p.file.source.Name, What: fmt.Sprintf("profile %q has no originator %q", p.Name, ods),
			Cure: "it has: " + strings.Join(codes, ", "),
		}
	}
	return client.Organisation{ODS: ods, Name: o.Name, ASID: o.ASID, Manufacturer: o.Manufacturer, Type: o.Type, Phone: o.Phone}, nil
}

// Practitioner gives the profile's user.
func (p *Profile) Practitioner() client.Practitioner {
	u := p.User
	return client.Practitioner{
		ID: u.ID, Family: u.Family, Given: u.Given, Prefix: u.Prefix,
		SDSUserID: u.SDSUserID, SDSRoleProfileID: u.SDSRoleProfileID, LocalSystem: u.LocalSystem,
	}
}
