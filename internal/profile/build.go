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

// TLS reads the certificate, the key and the roots, and checks them.
func (p *Profile) TLS(now time.Time) (*tls.Config, []*mtls.Warning, error) {
	m := mtls.Material{Names: map[string]string{"chain": p.Cert, "key": p.Key, "roots": p.CA}}
	var wrong []error
	for _, file := range []struct {
		key, path string
		into      *[]byte
	}{{"cert", p.Cert, &m.Chain}, {"key", p.Key, &m.Key}, {"ca", p.CA, &m.Roots}} {
		data, err := p.readFile(file.key, file.path)
		if err != nil {
			wrong = append(wrong, err)
		}
		*file.into = data
	}
	if len(wrong) > 0 {
		return nil, nil, errors.Join(wrong...)
	}
	config, err := m.Config(now)
	if err != nil {
		return nil, nil, err
	}
	return config, m.Warnings(now), nil
}

func (p *Profile) readFile(key, path string) ([]byte, error) {
	if path == "" {
		return nil, p.missing(key)
	}
	data, err := p.file.read(path)
	if err != nil {
		reason := err
		if e := new(fs.PathError); errors.As(err, &e) {
			reason = e.Err
		}
		return nil, &Problem{
			File: p.file.name, What: fmt.Sprintf("%s = %q cannot be read: %v", key, path, reason),
			Cure: "correct the path (it is relative to the configuration file) or the file's permissions",
		}
	}
	return data, nil
}

func (p *Profile) missing(key string) *Problem {
	return &Problem{
		File: p.file.name, What: fmt.Sprintf("profile %q has no %s", p.Name, key),
		Cure: "add the key; `gpc config init` writes a file with every key explained",
	}
}

// Directory gives the LDAP directory of the profile.
func (p *Profile) Directory(config *tls.Config) (*sdslookup.LDAP, error) {
	if len(p.SDS.LDAP) == 0 {
		return nil, p.missing("sds.ldap")
	}
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{
		Servers: p.SDS.LDAP, TLS: config,
		Allow: sdslookup.AddressPolicy{Hosts: p.SDS.AllowHosts},
	})
	if err != nil {
		return nil, &Problem{File: p.file.name, What: fmt.Sprintf("profile %q, sds: %v", p.Name, err), Cure: "correct sds.ldap and sds.allow_hosts"}
	}
	return directory, nil
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
			File: p.file.name, What: fmt.Sprintf("profile %q has several originators and names none", p.Name),
			Cure: "say who asks with --as, or set originator: " + strings.Join(codes, ", "),
		}
	case !ok:
		return client.Organisation{}, &Problem{
			File: p.file.name, What: fmt.Sprintf("profile %q has no originator %q", p.Name, ods),
			Cure: "it has: " + strings.Join(codes, ", "),
		}
	}
	return client.Organisation{ODS: ods, Name: o.Name, ASID: o.ASID, Type: o.Type, Phone: o.Phone}, nil
}

// Practitioner gives the profile's user.
func (p *Profile) Practitioner() client.Practitioner {
	u := p.User
	return client.Practitioner{
		ID: u.ID, Family: u.Family, Given: u.Given, Prefix: u.Prefix,
		SDSUserID: u.SDSUserID, SDSRoleProfileID: u.SDSRoleProfileID, LocalSystem: u.LocalSystem,
	}
}
