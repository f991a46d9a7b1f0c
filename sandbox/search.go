package sandbox

import (
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// Result codes of RFC 4511, those in use here.
const (
	ldapSuccess            = 0
	ldapProtocolError      = 2
	ldapSizeLimitExceeded  = 4
	ldapAuthMethodUnknown  = 7
	ldapReferral           = 10
	ldapCriticalExtension  = 12
	ldapNoSuchObject       = 32
	ldapInvalidCredentials = 49
	ldapBusy               = 51
	ldapUnwillingToPerform = 53
)

// The scopes of a search.
const (
	scopeBase = iota
	scopeOne
	scopeSub
)

// A search is a parsed SearchRequest.
type search struct {
	base       string
	scope      int
	sizeLimit  int
	typesOnly  bool
	filter     filter
	attributes []string
}

func parseSearch(p *ber.Packet) (search, error) {
	var q search
	if len(p.Children) != 8 {
		return q, errBER
	}
	c := p.Children
	q.base = text(c[0])
	var ok [3]bool
	q.scope, ok[0] = number(c[1])
	q.sizeLimit, ok[1] = number(c[3])
	q.typesOnly, ok[2] = c[5].Value.(bool)
	if ok != [3]bool{true, true, true} || q.scope < scopeBase || q.scope > scopeSub || q.sizeLimit < 0 {
		return q, errBER
	}
	var err error
	if q.filter, err = parseFilter(c[6]); err != nil {
		return q, err
	}
	for _, a := range c[7].Children {
		q.attributes = append(q.attributes, text(a))
	}
	return q, nil
}

// line is the search as the history tells it: base, scope, filter.
func (q search) line() string {
	return q.base + " " + [...]string{"base", "one", "sub"}[q.scope] + " " + q.filter.String()
}

// find answers a search: the entries, a result code, and a word about it.
func (d *directory) find(q search) (found []*entry, code int, why string) {
	base := normalDN(q.base)
	if base == "" && q.scope == scopeBase {
		if q.filter.match(d.root, d.schema) == isTrue {
			found = append(found, d.root)
		}
		return found, ldapSuccess, ""
	}
	known := base == ""
	for _, e := range d.entries {
		known = known || e.norm == base
		if !within(e.norm, base, q.scope) || q.filter.match(e, d.schema) != isTrue {
			continue
		}
		if q.sizeLimit > 0 && len(found) == q.sizeLimit {
			return found, ldapSizeLimitExceeded, "more entries than the size limit"
		}
		found = append(found, e)
	}
	if !known {
		return nil, ldapNoSuchObject, "no such base"
	}
	return found, ldapSuccess, ""
}

// within says whether an entry is in the scope of a base, both normalised.
func within(dn, base string, scope int) bool {
	switch scope {
	case scopeBase:
		return dn == base
	case scopeOne:
		_, parent, _ := strings.Cut(dn, ",")
		return parent == base && dn != ""
	}
	return dn == base || base == "" || strings.HasSuffix(dn, ","+base)
}

// normalDN drops insignificant spaces and case. The names of this tree need no escapes; a
// name with one matches nothing, which is the truth.
func normalDN(dn string) string {
	if strings.TrimSpace(dn) == "" {
		return ""
	}
	parts := strings.Split(dn, ",")
	for i, p := range parts {
		name, value, _ := strings.Cut(p, "=")
		parts[i] = strings.ToLower(strings.TrimSpace(name) + "=" + prepared(strings.TrimSpace(value)))
	}
	return strings.Join(parts, ",")
}

// present is the SearchResultEntry of e with the attributes that were asked for.
func (d *directory) present(e *entry, q search) *ber.Packet {
	list := sequence()
	for _, name := range e.names {
		if !asked(name, q.attributes) {
			continue
		}
		values := tagged(ber.ClassUniversal, ber.TagSet)
		if !q.typesOnly {
			for _, v := range d.of(e, name) {
				values.AppendChild(octets(v))
			}
		}
		list.AppendChild(sequence(octets(d.spelled(d.schema[name].name)), values))
	}
	return tagged(ber.ClassApplication, opSearchEntry, octets(e.dn), list)
}

// asked says whether a requested list names an attribute: an empty list and "*" are all,
// "1.1" is none.
func asked(name string, list []string) bool {
	if len(list) == 0 {
		return true
	}
	for _, a := range list {
		if a == "*" || strings.EqualFold(a, name) {
			return true
		}
	}
	return false
}
