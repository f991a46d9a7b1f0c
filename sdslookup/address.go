package sdslookup

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// AddressPolicy says which service roots are fit to be called. The zero value admits any DNS name over
// https without a port.
//
// An entry of Hosts is a suffix (".nhs.uk" admits every name below nhs.uk), a name ("host.example"), or
// an IP literal ("127.0.0.1", "[::1]"), each with an optional port ("host.example:8443", or ":*" for any).
// With entries, only what one of them names is admitted; without a port an entry admits none.
type AddressPolicy struct {
	Hosts []string
}

// Check says what is wrong with a service root. It never changes one: the proxy compares the address
// with the directory's byte for byte. The error is an *Error of kind ErrAddressRefused.
func (p AddressPolicy) Check(address string) error {
	why, reason := p.refusal(address)
	if why == "" {
		return nil
	}
	return &Error{Kind: ErrAddressRefused, Reason: reason, Err: fmt.Errorf("%s %s", quote(address), why)}
}

// refusal completes a sentence that begins with the address; "" admits it.
func (p AddressPolicy) refusal(address string) (why string, reason Reason) {
	host, port, why := hostOf(address)
	if why != "" {
		return why, NoServiceRoot
	}
	return p.refusedHost(host, port), HostNotAllowed
}

// hostOf returns host and port of a service root, or what is wrong with it whoever's it is.
func hostOf(address string) (host, port, why string) {
	if address == "" {
		return "", "", "is empty"
	}
	if len(address) > 2048 {
		return "", "", "is longer than 2048 bytes"
	}
	if why := refusedBytes(address); why != "" {
		return "", "", why
	}
	const scheme = "https://"
	if len(address) < len(scheme) || !strings.EqualFold(address[:len(scheme)], scheme) {
		return "", "", "is not an https address"
	}
	authority, path, _ := strings.Cut(address[len(scheme):], "/")
	if strings.Contains(authority, "@") {
		return "", "", "has user information"
	}
	if why := refusedPath(path); why != "" {
		return "", "", why
	}
	host, port, err := splitAuthority(authority)
	switch {
	case err != nil:
		return "", "", err.Error()
	case !isLiteral(host) && !isDNSName(host):
		return "", "", "has no proper host name"
	}
	return host, port, ""
}

// refusedBytes looks for what may not stand anywhere in a service root.
func refusedBytes(address string) string {
	for i := range len(address) {
		switch c := address[i]; {
		case c <= ' ' || c == 0x7f:
			return "has a space or control character"
		case c > 0x7f:
			return "has a character that is not ASCII"
		case c == '?':
			return "has a query"
		case c == '#':
			return "has a fragment"
		case strings.IndexByte("\"<>\\^`{|}", c) >= 0:
			return "has a character that no URL may have"
		}
	}
	return ""
}

// refusedPath looks for dot segments, plain or percent-encoded, and for escapes that hide a separator.
func refusedPath(path string) string {
	for segment := range strings.SplitSeq(path, "/") {
		plain := make([]byte, 0, len(segment))
		for i := 0; i < len(segment); i++ {
			c := segment[i]
			if c == '%' {
				if i+2 >= len(segment) || hexDigit(segment[i+1]) < 0 || hexDigit(segment[i+2]) < 0 {
					return "has a broken percent escape"
				}
				c = byte(hexDigit(segment[i+1])<<4 | hexDigit(segment[i+2]))
				i += 2
				if c < ' ' || c == 0x7f || c == '/' || c == '\\' {
					return "has an escaped separator or control character"
				}
			}
			plain = append(plain, c)
		}
		if s := string(plain); s == "." || s == ".." {
			return "has a dot segment"
		}
	}
	return ""
}

func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// splitAuthority returns the host in lower case, without brackets, and the port's digits ("" for none).
func splitAuthority(authority string) (host, port string, err error) {
	rest := ""
	if inner, ok := strings.CutPrefix(authority, "["); ok {
		if host, rest, ok = strings.Cut(inner, "]"); !ok {
			return "", "", errors.New("has a broken IP literal")
		}
		if a, err := netip.ParseAddr(host); err != nil || a.Zone() != "" || !a.Is6() {
			return "", "", errors.New("has a broken IP literal")
		}
	} else if i := strings.IndexByte(authority, ':'); i >= 0 {
		host, rest = authority[:i], authority[i:]
	} else {
		host = authority
	}
	if rest != "" {
		if port = strings.TrimPrefix(rest, ":"); port == rest || !isPort(port) {
			return "", "", errors.New("has a broken port")
		}
	}
	return strings.ToLower(host), port, nil
}

func isPort(s string) bool {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) || n > 65535 {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return s != "" && s[0] != '0' && n <= 65535
}

func (p AddressPolicy) refusedHost(host, port string) string {
	for _, entry := range p.Hosts {
		if admits(entry, host, port) {
			return ""
		}
	}
	switch {
	case len(p.Hosts) > 0:
		return "is on a host or port that the allowed hosts do not name"
	case isLiteral(host):
		return "is on an IP address that the allowed hosts do not name"
	case port != "":
		return "is on a port that the allowed hosts do not name"
	}
	return ""
}

// isLiteral: an IP address in place of a name.
func isLiteral(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func admits(entry, host, port string) bool {
	name, allowed := splitEntry(entry)
	if allowed != port && allowed != "*" {
		return false
	}
	if suffix, ok := strings.CutPrefix(name, "."); ok {
		return !isLiteral(host) && strings.HasSuffix(host, "."+suffix)
	}
	if a, err := netip.ParseAddr(name); err == nil {
		b, err := netip.ParseAddr(host)
		return err == nil && a == b
	}
	return name == host
}

// splitEntry takes an entry of Hosts apart; the name comes back in lower case and without brackets.
func splitEntry(entry string) (name, port string) {
	entry = strings.ToLower(entry)
	if inner, ok := strings.CutPrefix(entry, "["); ok {
		name, rest, _ := strings.Cut(inner, "]")
		return name, strings.TrimPrefix(rest, ":")
	}
	name, port, _ = strings.Cut(entry, ":")
	return name, port
}

// validate names the entries of Hosts that could never admit anything, or that say something else than
// they seem to.
func (p AddressPolicy) validate() []error {
	var errs []error
	for _, entry := range p.Hosts {
		name, port := splitEntry(entry)
		bracketed := strings.HasPrefix(entry, "[")
		switch {
		case bracketed && !strings.Contains(entry, "]"):
			errs = append(errs, fmt.Errorf("allowed host %s: a bracket is missing", quote(entry)))
		case !isLiteral(name) && (bracketed || !isDNSName(strings.TrimPrefix(name, "."))):
			errs = append(errs, fmt.Errorf("allowed host %s: a name, .suffix or IP literal is expected (an IPv6 one in brackets)", quote(entry)))
		case port != "" && port != "*" && !isPort(port), strings.HasSuffix(entry, ":"):
			errs = append(errs, fmt.Errorf("allowed host %s: the port is a number or *", quote(entry)))
		}
	}
	return errs
}

// isDNSName: letters, digits and hyphens, and a last label that no resolver reads as part of an IPv4 address
// ("127.1", "0x7f.1").
func isDNSName(host string) bool {
	if len(host) > 253 {
		return false
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if !consistsOf(label, func(c byte) bool { return isAlphanumeric(c) || c == '-' }) {
			return false
		}
		last = label
	}
	return !isDigit(last[0])
}
