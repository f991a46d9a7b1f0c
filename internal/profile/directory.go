package profile

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// Directory is a profile's, made ready: of whichever kind, remembering or not.
type Directory interface {
	sdslookup.Directory
	sdslookup.Registry
}

// Directory gives the directory that the profile names, and what closes it.
func (p *Profile) Directory(config *tls.Config) (d Directory, close func() error, err error) {
	close = func() error { return nil }
	switch kinds := p.kinds(); {
	case len(kinds) == 0:
		return nil, close, p.missing("sds.ldap, sds.fhir or sds.static")
	case len(kinds) > 1:
		return nil, close, p.problem(fmt.Sprintf("profile %q has several directories: %v", p.Name, kinds), "keep one of them")
	case p.SDS.FHIR != "":
		d, close, err = p.fhirDirectory()
	case p.SDS.Static != "":
		d, err = p.staticDirectory()
	default:
		d, close, err = p.ldapDirectory(config)
	}
	if err != nil {
		return nil, close, err
	}
	d, err = p.remembering(d)
	return d, close, err
}

func (p *Profile) kinds() (kinds []string) {
	if len(p.SDS.LDAP) > 0 {
		kinds = append(kinds, "sds.ldap")
	}
	if p.SDS.FHIR != "" {
		kinds = append(kinds, "sds.fhir")
	}
	if p.SDS.Static != "" {
		kinds = append(kinds, "sds.static")
	}
	return kinds
}

func (p *Profile) allow() sdslookup.AddressPolicy {
	return sdslookup.AddressPolicy{Hosts: p.SDS.AllowHosts}
}

func (p *Profile) ldapDirectory(config *tls.Config) (Directory, func() error, error) {
	d, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: p.SDS.LDAP, TLS: config, Allow: p.allow(), PartyKeys: p.SDS.PartyKeys})
	if err != nil {
		return nil, nil, p.problem(fmt.Sprintf("profile %q, sds: %v", p.Name, err), "correct sds.ldap and sds.allow_hosts")
	}
	return d, d.Close, nil
}

func (p *Profile) fhirDirectory() (Directory, func() error, error) {
	key := p.env(p.SDS.APIKeyEnv)
	if p.SDS.APIKeyEnv != "" && key == "" {
		return nil, nil, p.unset("sds.api_key_env", p.SDS.APIKeyEnv)
	}
	trust, err := p.internetRoots("sds.fhir_ca", p.SDS.FHIRCA)
	if err != nil {
		return nil, nil, err
	}
	d, err := sdslookup.NewFHIR(sdslookup.FHIRConfig{URL: p.SDS.FHIR, Key: sdslookup.APIKey(key), TLS: trust, Allow: p.allow(), PartyKeys: p.SDS.PartyKeys})
	if err != nil {
		return nil, nil, p.problem(fmt.Sprintf("profile %q, sds: %v", p.Name, err), "correct sds.fhir and sds.allow_hosts")
	}
	return d, d.Close, nil
}

func (p *Profile) staticDirectory() (Directory, error) {
	data, err := p.readFile("sds.static", p.SDS.Static)
	if err != nil {
		return nil, err
	}
	config := sdslookup.StaticConfig{Allow: p.allow(), PartyKeys: p.SDS.PartyKeys}
	if err := decode(p.SDS.Static, data, &config); err != nil {
		return nil, err
	}
	d, err := sdslookup.NewStatic(config)
	if err != nil {
		return nil, &Problem{File: p.SDS.Static, What: err.Error(), Cure: "correct the file of practices"}
	}
	return d, nil
}

// remembering puts the memory that sds.cache asks for in front of d. An
// encounter remembers by itself.
func (p *Profile) remembering(d Directory) (Directory, error) {
	if p.SDS.Cache == "" || p.SDS.Cache == "encounter" {
		return d, nil
	}
	ttl, err := time.ParseDuration(p.SDS.Cache)
	if err != nil || ttl <= 0 {
		return nil, p.problem(fmt.Sprintf("sds.cache = %q is no length of time", p.SDS.Cache), `"encounter" looks up afresh for each, as the specification has it; "15m" remembers longer`)
	}
	return sdslookup.Cached(d, sdslookup.Policy{Environment: p.Name + " " + p.Proxy, TTL: ttl})
}
