package sandbox

import (
	"fmt"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// truth is the three-valued logic of RFC 4511 section 4.5.1.7: only True matches, and the
// negation of Undefined is Undefined.
type truth int

const (
	isFalse truth = iota
	isUndefined
	isTrue
)

// The choices of a Filter, which are also its tags.
const (
	filterAnd ber.Tag = iota
	filterOr
	filterNot
	filterEquality
	filterSubstrings
	filterGreaterOrEqual
	filterLessOrEqual
	filterPresent
	filterApprox
	filterExtensible
)

// A filter is a parsed search filter.
type filter struct {
	kind  ber.Tag
	attr  string
	key   string // attr in lower case
	value string // the asserted value; for substrings as it is written, with its stars
	of    []filter
}

func parseFilter(p *ber.Packet) (filter, error) {
	f := filter{kind: p.Tag}
	if p.ClassType != ber.ClassContext || p.Tag > filterExtensible {
		return f, errBER
	}
	switch p.Tag {
	case filterAnd, filterOr, filterNot:
		for _, c := range p.Children {
			inner, err := parseFilter(c)
			if err != nil {
				return f, err
			}
			f.of = append(f.of, inner)
		}
		if p.Tag == filterNot && len(f.of) != 1 {
			return f, errBER
		}
	case filterPresent:
		f.attr = text(p)
	case filterExtensible:
		f.attr, f.value = "", "extensible"
	default:
		if len(p.Children) != 2 {
			return f, errBER
		}
		f.attr = text(p.Children[0])
		if p.Tag == filterSubstrings {
			f.value = substrings(p.Children[1])
		} else {
			f.value = text(p.Children[1])
		}
	}
	f.key = strings.ToLower(f.attr)
	return f, nil
}

// substrings writes initial, any and final pieces with their stars.
func substrings(p *ber.Packet) string {
	var b strings.Builder
	for i, c := range p.Children {
		if c.Tag != 0 || i > 0 {
			b.WriteString("*")
		}
		b.WriteString(escapeValue(text(c)))
		if c.Tag != 2 && i == len(p.Children)-1 {
			b.WriteString("*")
		}
	}
	return b.String()
}

// match evaluates the filter for an entry. Ordering, approximate, substring and extensible
// assertions have no matching rule in this schema and are Undefined.
func (f filter) match(e *entry, s schema) truth {
	switch f.kind {
	case filterAnd:
		result := isTrue
		for _, inner := range f.of {
			if result = min(result, inner.match(e, s)); result == isFalse {
				break
			}
		}
		return result
	case filterOr:
		result := isFalse
		for _, inner := range f.of {
			result = max(result, inner.match(e, s))
		}
		return result
	case filterNot:
		return isTrue - f.of[0].match(e, s)
	}
	attribute, known := s[f.key]
	if !known {
		return isUndefined
	}
	values := e.values[f.key]
	switch {
	case f.kind == filterPresent:
		return truthOf(len(values) > 0)
	case f.kind != filterEquality || attribute.match == noEquality:
		return isUndefined
	}
	for _, v := range values {
		if attribute.equal(f.value, v) {
			return isTrue
		}
	}
	return isFalse
}

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

// String writes the filter as RFC 4515 does, for the history.
func (f filter) String() string {
	var b strings.Builder
	f.write(&b)
	return b.String()
}

func (f filter) write(b *strings.Builder) {
	b.WriteString("(")
	switch f.kind {
	case filterAnd, filterOr, filterNot:
		b.WriteByte("&|!"[f.kind])
		for _, inner := range f.of {
			inner.write(b)
		}
	case filterPresent:
		b.WriteString(f.attr + "=*")
	case filterSubstrings:
		b.WriteString(f.attr + "=" + f.value)
	case filterExtensible:
		b.WriteString("extensible")
	default:
		b.WriteString(f.attr + map[ber.Tag]string{filterEquality: "=", filterGreaterOrEqual: ">=", filterLessOrEqual: "<=", filterApprox: "~="}[f.kind])
		b.WriteString(escapeValue(f.value))
	}
	b.WriteString(")")
}

// escapeValue writes an assertion value so that it can be read back (RFC 4515 section 3).
func escapeValue(v string) string {
	var b strings.Builder
	for i := range len(v) {
		switch c := v[i]; {
		case c == '*' || c == '(' || c == ')' || c == '\\' || c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, "\\%02x", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
