package profile

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

const two = `
[profiles.int]
proxy = "https://proxy.example"
[profiles.int.originators.A11111]
asid = "200000000359"
name = "Example"
[profiles.int.originators.B22222]
asid = "200000000360"
name = "Other"
[profiles.live]
`

func parse(t *testing.T, data string) *File {
	t.Helper()
	f, err := Parse(Source{Name: "gpc.toml", Data: []byte(data), Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist }})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// problem expects err to be one, with words in what and cure.
func problem(t *testing.T, name string, err error, what, cure string) {
	t.Helper()
	var p *Problem
	switch {
	case !errors.As(err, &p):
		t.Errorf("%s: got %v, want a *Problem", name, err)
	case !strings.Contains(p.Error(), what) || !strings.Contains(p.Cure, cure):
		t.Errorf("%s: got %q and %q, want them to speak of %q and %q", name, p.Error(), p.Cure, what, cure)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, test := range map[string]struct{ data, what string }{
		"unknown key":     {"default = \"x\"\n\nprofile = 3\n", `gpc.toml:3: unknown key "profile"`},
		"unknown section": {"[profiles.int.sds]\nldap = []\nldpa = []\n", `gpc.toml:3: unknown key "profiles.int.sds.ldpa"`},
		"wrong type":      {"[profiles.int]\nproxy = 3\n", "gpc.toml:2:"},
		"no TOML":         {"[profiles", "gpc.toml:1:"},
		"twice":           {"default = \"a\"\ndefault = \"b\"\n", "gpc.toml"},
	} {
		_, err := Parse(Source{Name: "gpc.toml", Data: []byte(test.data)})
		problem(t, name, err, test.what, "")
	}
}

func TestSelect(t *testing.T) {
	_, err := parse(t, two).Select("")
	problem(t, "several, no default", err, "several profiles", "int, live")
	_, err = parse(t, two).Select("nope")
	problem(t, "unknown", err, `no profile "nope"`, "int, live")
	_, err = parse(t, "").Select("")
	problem(t, "none", err, "no profile", "config init")
	_, err = parse(t, "default = \"gone\"\n[profiles.int]\n").Select("")
	problem(t, "a default that is not there", err, `no profile "gone"`, "int")
	for name, data := range map[string]string{"": "[profiles.only]\n", "live": two} {
		if p, err := parse(t, data).Select(name); err != nil || (name != "" && p.Name != name) {
			t.Errorf("%q: got %v, %v", name, p, err)
		}
	}
}

func TestOrganisation(t *testing.T) {
	p, err := parse(t, two).Select("int")
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Organisation("")
	problem(t, "several, none named", err, "several originators", "A11111, B22222")
	_, err = p.Organisation("C33333")
	problem(t, "unknown", err, `no originator "C33333"`, "A11111, B22222")
	if o, err := p.Organisation(" b22222 "); err != nil || o.ODS != "B22222" || o.ASID != "200000000360" || o.Name != "Other" {
		t.Errorf("got %+v, %v", o, err)
	}
	p.Originator = "A11111"
	if o, err := p.Organisation(""); err != nil || o.ODS != "A11111" {
		t.Errorf("the profile's own: got %+v, %v", o, err)
	}
}

func TestReader(t *testing.T) {
	var asked string
	read := Reader("conf", func(path string) ([]byte, error) { asked = path; return nil, nil })
	absolute, err := filepath.Abs("key.pem")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"key.pem": filepath.Join("conf", "key.pem"), absolute: absolute} {
		if _, err := read(path); err != nil || asked != want {
			t.Errorf("%s: got %s, want %s", path, asked, want)
		}
	}
}
