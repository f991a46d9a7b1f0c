package sandbox

import "strings"

// The registry is what the proxy knows of the directory: it is read from the directory's
// own entries, so that the two cannot disagree.
type registry struct {
	systems   map[string]system   // by ASID
	addresses map[string][]string // by party key in lower case and interaction
	practices map[string]practice // by ODS code
}

// A system is an accredited system.
type system struct {
	asid, ods, partyKey, fqdn string
	interactions              map[string]bool
}

func newRegistry(d *directory, practices []practice) *registry {
	r := &registry{systems: map[string]system{}, addresses: map[string][]string{}, practices: map[string]practice{}}
	for _, e := range d.entries {
		for _, class := range e.values["objectclass"] {
			switch class {
			case "nhsAs":
				s := system{asid: e.one("uniqueIdentifier"), ods: e.one("nhsIDCode"), partyKey: e.one("nhsMHSPartyKey"),
					fqdn: e.one("nhsMhsFQDN"), interactions: map[string]bool{}}
				for _, i := range e.values["nhsassvcia"] {
					s.interactions[i] = true
				}
				r.systems[s.asid] = s
			case "nhsMhs":
				key := addressKey(e.one("nhsMHSPartyKey"), e.one("nhsMhsSvcIA"))
				r.addresses[key] = append(r.addresses[key], e.values["nhsmhsendpoint"]...)
			}
		}
	}
	for _, p := range practices {
		r.practices[p.ODS] = p
	}
	return r
}

// endpoints are the addresses the directory gives for a receiver and an interaction; none
// if the receiver is not registered for it.
func (r *registry) endpoints(to, interaction string) []string {
	s, ok := r.systems[to]
	if !ok || !s.interactions[interaction] {
		return nil
	}
	return r.addresses[addressKey(s.partyKey, interaction)]
}

func addressKey(partyKey, interaction string) string {
	return strings.ToLower(partyKey) + " " + interaction
}
