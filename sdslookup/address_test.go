package sdslookup

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestAddressPolicy(t *testing.T) {
	tests := []struct {
		address string
		hosts   string // separated by spaces
		why     string // "" is admitted
	}{
		{"https://pcs.thirdparty.nhs.uk/T99999/STU3/1/gpconnect/structured", "", ""},
		{"https://gp.example/A12345/STU3/1/gpconnect/", "", ""},
		{"https://gp.example", "", ""},
		{"HTTPS://GP.Example/A", "", ""},
		{"https://gp.example/a//b/$x/%20/~user/@", "", ""},
		{"", "", "is empty"},
		{"not a url", "", "space or control"},
		{"http://gp.example/A", "", "not an https address"},
		{"//gp.example/A", "", "not an https address"},
		{"https:/gp.example/A", "", "not an https address"},
		{"ldaps://gp.example/A", "", "not an https address"},
		{" https://gp.example/A", "", "space or control"},
		{"https://gp.example/A\n", "", "space or control"},
		{"https://gp.example/A\x00", "", "space or control"},
		{"https://gp.example/A\x7f", "", "space or control"},
		{"https://gp.exämple/A", "", "not ASCII"},
		{"https://gp.example/A?x=1", "", "a query"},
		{"https://gp.example/A?", "", "a query"},
		{"https://gp.example?x", "", "a query"},
		{"https://gp.example/A#x", "", "a fragment"},
		{"https://user@gp.example/A", "", "user information"},
		{"https://user:secret@gp.example/A", "", "user information"},
		{"https://gp.example\\@evil.example/A", "", "no URL may have"},
		{"https://gp.example/a/../b", "", "dot segment"},
		{"https://gp.example/.", "", "dot segment"},
		{"https://gp.example/a/%2e%2E/b", "", "dot segment"},
		{"https://gp.example/a/.%2e", "", "dot segment"},
		{"https://gp.example/a%2fb", "", "escaped separator"},
		{"https://gp.example/a%5Cb", "", "escaped separator"},
		{"https://gp.example/a%00", "", "escaped separator or control"},
		{"https://gp.example/a%zz", "", "broken percent"},
		{"https://gp.example/a%4", "", "broken percent"},
		{"https:///A", "", "no proper host"},
		{"https://.example/A", "", "no proper host"},
		{"https://gp..example/A", "", "no proper host"},
		{"https://gp.example./A", "", "no proper host"},
		{"https://-gp.example/A", "", "no proper host"},
		{"https://gp_1.example/A", "", "no proper host"},
		{"https://gp%2eexample/A", "", "no proper host"},
		{"https://gp.example:/A", "", "broken port"},
		{"https://gp.example:0/A", "", "broken port"},
		{"https://gp.example:99999/A", "", "broken port"},
		{"https://gp.example:8443:1/A", "", "broken port"},
		{"https://gp.example:8443/A", "", "port that the allowed hosts do not name"},
		{"https://gp.example:443/A", "", "port that the allowed hosts do not name"},
		{"https://127.0.0.1/A", "", "IP address"},
		{"https://127.0.0.1:8443/A", "", "IP address"},
		{"https://[::1]/A", "", "IP address"},
		{"https://[::1/A", "", "broken IP literal"},
		{"https://[fe80::1%25eth0]/A", "", "broken IP literal"},
		{"https://127.1/A", "", "no proper host"},
		{"https://2130706433/A", "", "no proper host"},
		{"https://0x7f.0x1/A", "", "no proper host"},
		{"https://" + strings.Repeat("a.", 1100) + "example/", "", "longer than"},

		{"https://gp.nhs.uk/A", ".nhs.uk", ""},
		{"https://a.b.NHS.uk/A", ".nhs.UK", ""},
		{"https://nhs.uk/A", ".nhs.uk", "do not name"},
		{"https://evilnhs.uk/A", ".nhs.uk", "do not name"},
		{"https://gp.nhs.uk.evil.example/A", ".nhs.uk", "do not name"},
		{"https://gp.nhs.uk:8443/A", ".nhs.uk", "do not name"},
		{"https://gp.nhs.uk:8443/A", ".nhs.uk:8443", ""},
		{"https://gp.nhs.uk/A", ".nhs.uk:8443", "do not name"},
		{"https://host.example/A", "host.example", ""},
		{"https://sub.host.example/A", "host.example", "do not name"},
		{"https://host.example:8443/A", "host.example:8443 .nhs.uk", ""},
		{"https://host.example:8444/A", "host.example:8443 .nhs.uk", "do not name"},
		{"https://host.example:8444/A", "host.example:*", ""},
		{"https://host.example/A", "host.example:*", ""},
		{"https://127.0.0.1:41234/A", "127.0.0.1:*", ""},
		{"https://127.0.0.1/A", "127.0.0.1", ""},
		{"https://127.0.0.1:1/A", "127.0.0.1", "do not name"},
		{"https://127.0.0.2:41234/A", "127.0.0.1:*", "do not name"},
		{"https://[0:0::1]:8443/A", "[::1]:8443", ""},
		{"https://[::1]/A", "[::1]", ""},
	}
	for _, tt := range tests {
		p := AddressPolicy{Hosts: strings.Fields(tt.hosts)}
		if errs := p.validate(); errs != nil {
			t.Errorf("%q: got %v from a sound policy", tt.hosts, errs)
		}
		err := p.Check(tt.address)
		if tt.why == "" && err != nil || tt.why != "" && (!errors.Is(err, ErrAddressRefused) || !strings.Contains(err.Error(), tt.why)) {
			t.Errorf("%q with %q: got %v, want %q", tt.address, tt.hosts, err, tt.why)
		}
		want := NoServiceRoot
		if err != nil && strings.Contains(err.Error(), "allowed hosts do not name") {
			want = HostNotAllowed
		}
		if e := new(Error); errors.As(err, &e) && e.Reason != want {
			t.Errorf("%q with %q: got reason %q, want %q", tt.address, tt.hosts, e.Reason, want)
		}
	}
}

func TestAddressPolicyEntries(t *testing.T) {
	for _, entry := range []string{"", ".", "*", "*.nhs.uk", "https://gp.example", "gp.example/", "gp.example:", "gp.example:0", "gp.example:x", "::1", "[gp.example]", "[::1", "1.2.3", "gp example"} {
		if errs := (AddressPolicy{Hosts: []string{entry}}).validate(); len(errs) != 1 {
			t.Errorf("%q: got %v, want one error", entry, errs)
		}
	}
}

// FuzzAddress: what is admitted is, to net/url, a plain https URL on the host that was checked, and goes out
// unchanged.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"https://gp.example/A/STU3/1", "https://127.0.0.1:8443/x", "https://[::1]:1/", "https://a/%2e%2e", "https://u@h/", "https://h\\x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		for _, p := range []AddressPolicy{{}, {Hosts: []string{".example", "127.0.0.1:*", "[::1]"}}} {
			if p.Check(address) != nil {
				continue
			}
			u, err := url.Parse(address)
			if err != nil || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery || u.Opaque != "" {
				t.Fatalf("%q is admitted; net/url has %#v, %v", address, u, err)
			}
			if _, err := netip.ParseAddr(u.Hostname()); err == nil && len(p.Hosts) == 0 {
				t.Errorf("%q is admitted without being named", address)
			}
			host := strings.ToLower(u.Hostname())
			if len(p.Hosts) > 0 && !strings.HasSuffix(host, ".example") && host != "127.0.0.1" && netip.MustParseAddr(host) != netip.IPv6Loopback() {
				t.Errorf("%q is admitted though its host %q is not named", address, host)
			}
			if rest := u.EscapedPath(); strings.Contains(u.Path, "/../") || !strings.HasSuffix(address, rest) {
				t.Errorf("%q has the path %q", address, u.Path)
			}
		}
	})
}
