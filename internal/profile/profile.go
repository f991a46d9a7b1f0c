// Package profile turns a configuration file into what the SDK's constructors
// want. It reads no environment and opens no file by itself: the caller says
// which bytes, and how to read the files that they name.
package profile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// File is a whole configuration file.
type File struct {
	Default  string              `toml:"default,omitempty"`
	Audit    Audit               `toml:"audit,omitempty"`
	Journal  Intents             `toml:"journal,omitempty"`
	Settling Settling            `toml:"settling,omitempty"`
	Profiles map[string]*Profile `toml:"profiles"`

	source Source
}

// Source is where a configuration comes from and how what it names is read.
type Source struct {
	Name   string                            // of the file, for errors and for what is relative to it
	Data   []byte                            // TOML
	Read   func(path string) ([]byte, error) // opens the files that it names, by the paths that stand in it
	Getenv func(string) string               // for the secrets that it names by variable
}

// Profile is one installation's configuration: an environment of Spine, the
// certificate, who may ask, who sits at the screen.
type Profile struct {
	Proxy       string                 `toml:"proxy"`
	Cert        string                 `toml:"cert,omitempty"`
	Key         string                 `toml:"key,omitempty"`
	P12         string                 `toml:"p12,omitempty"` // instead of cert and key
	KeyPassword string                 `toml:"key_password_env,omitempty"`
	CA          string                 `toml:"ca"`
	CRL         string                 `toml:"crl,omitempty"`
	TLSVersion  string                 `toml:"tls,omitempty"` // "1.2" pins it
	Issuer      string                 `toml:"issuer"`
	Originator  string                 `toml:"originator,omitempty"`
	SDS         SDS                    `toml:"sds"`
	PDS         PDS                    `toml:"pds,omitempty"`
	Originators map[string]*Originator `toml:"originators"`
	User        User                   `toml:"user"`
	Device      Device                 `toml:"device"`

	Name string `toml:"-"`
	file *File
}

// SDS is where practices are looked up.
type SDS struct {
	LDAP       []string          `toml:"ldap,omitempty"`
	FHIR       string            `toml:"fhir,omitempty"`
	FHIRCA     string            `toml:"fhir_ca,omitempty"` // instead of the machine's authorities
	APIKeyEnv  string            `toml:"api_key_env,omitempty"`
	Static     string            `toml:"static,omitempty"`
	Cache      string            `toml:"cache,omitempty"` // "encounter", or a duration
	AllowHosts []string          `toml:"allow_hosts,omitempty"`
	PartyKeys  map[string]string `toml:"party_keys,omitempty"` // pinned, by ODS code
}

// Originator is an organisation that may ask; its key in the file is its ODS code.
type Originator struct {
	ASID         string `toml:"asid,omitempty"`
	Manufacturer string `toml:"manufacturer,omitempty"` // of the own system, to look the asid up by
	Name         string `toml:"name"`
	Type         string `toml:"type,omitempty"`
	Phone        string `toml:"phone,omitempty"`
}

// User is the person at the screen.
type User struct {
	ID               string   `toml:"id"`
	Family           string   `toml:"family"`
	Given            []string `toml:"given,omitempty"`
	Prefix           []string `toml:"prefix,omitempty"`
	SDSUserID        string   `toml:"sds_user_id,omitempty"`
	SDSRoleProfileID string   `toml:"sds_role_profile_id,omitempty"`
	LocalSystem      string   `toml:"local_system"`
}

// Device is the consumer's system.
type Device struct {
	System  string `toml:"system"`
	ID      string `toml:"id"`
	Model   string `toml:"model"`
	Version string `toml:"version"`
}

// Problem is what is wrong with a configuration, and what to do about it.
type Problem struct {
	File string // the configuration file, or the file it names
	What string
	Cure string
}

func (p *Problem) Error() string { return p.File + ": " + p.What }

// Parse decodes strictly: a key it does not know is an error that names file
// and line.
func Parse(source Source) (*File, error) {
	f := &File{source: source}
	if err := decode(source.Name, source.Data, f); err != nil {
		return nil, err
	}
	for key, p := range f.Profiles {
		p.Name, p.file = key, f
	}
	return f, nil
}

func decode(name string, data []byte, into any) error {
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(into); err != nil {
		return decodeProblem(name, err)
	}
	return nil
}

func decodeProblem(name string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		var all []error
		for _, e := range unknown.Errors {
			line, _ := e.Position()
			all = append(all, &Problem{
				File: fmt.Sprintf("%s:%d", name, line),
				What: fmt.Sprintf("unknown key %q", strings.Join(e.Key(), ".")),
				Cure: "correct its name or take it out; `gpc config init` writes a file with every key",
			})
		}
		return errors.Join(all...)
	}
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		line, column := syntax.Position()
		return &Problem{
			File: fmt.Sprintf("%s:%d:%d", name, line, column),
			What: cmp.Or(otherType(syntax), strings.TrimPrefix(syntax.Error(), "toml: ")),
			Cure: "mend the file there; `gpc config init` writes one to compare with",
		}
	}
	return &Problem{File: name, What: strings.TrimPrefix(err.Error(), "toml: "), Cure: "mend the file"}
}

// otherType says what a value is to be that is of another type; "" where that is not what is wrong.
func otherType(e *toml.DecodeError) string {
	_, wanted, ok := strings.Cut(e.Error(), " of type ")
	words := map[string]string{"string": "text in quotes", "[]string": "a list of texts", "bool": "true or false"}[wanted]
	if !ok || words == "" {
		return ""
	}
	return fmt.Sprintf("%q is to be %s", strings.Join(e.Key(), "."), words)
}

// Select gives the profile of that name; with an empty name the file's
// default, or its only one.
func (f *File) Select(name string) (*Profile, error) {
	names := slices.Sorted(maps.Keys(f.Profiles))
	switch {
	case name == "" && f.Default != "":
		name = f.Default
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "" && len(names) == 0:
		return nil, &Problem{File: f.source.Name, What: "there is no profile in it", Cure: "`gpc config init` writes a file to begin with"}
	case name == "":
		return nil, &Problem{
			File: f.source.Name, What: "several profiles and no default",
			Cure: "choose one with --profile or GPC_PROFILE, or set default: " + strings.Join(names, ", "),
		}
	}
	p, ok := f.Profiles[name]
	if !ok {
		return nil, &Problem{File: f.source.Name, What: fmt.Sprintf("no profile %q", name), Cure: "it has: " + strings.Join(names, ", ") + "; sandbox is built in"}
	}
	return p, nil
}

// Shown is the profile as TOML, with all that its file says for every profile. There are no
// secrets in it: a file names the variables that have them.
func (p *Profile) Shown() ([]byte, error) {
	file := *p.file
	file.Profiles = map[string]*Profile{p.Name: p}
	return toml.Marshal(file)
}

// Path is where a file that the profile names lies: what is relative is
// relative to the configuration.
func (p *Profile) Path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(p.file.source.Name), file)
}

// Reader opens the files that a configuration in folder dir names: a relative
// path is relative to the configuration.
func Reader(dir string, open func(string) ([]byte, error)) func(string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return open(path)
	}
}
