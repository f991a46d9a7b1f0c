package sandbox

import (
	"slices"
	"strings"
)

// The registry is what the proxy knows of the directory: it is read from the directory's
// own entries, so that the two cannot disagree.
type registry struct {
	systems   map[string]system     // by ASID
	endpoints map[string][]endpoint // by party key in lower case and interaction
	practices map[string]practice   // by ODS code
	hosts     map[string][]string   // names in certificates, by party key in lower case
	names     map[string]bool       // all of them
}

// An endpoint is an address of a message handling record, as it stands there.
type endpoint struct{ address, cpa string }

// A system is an accredited system.
type system struct {
	asid, ods, partyKey string
	interactions        map[string]bool
}

func newRegistry(d *directory, practices []practice) *registry {
	r := &registry{systems: map[string]system{}, endpoints: map[string][]endpoint{}, practices: map[string]practice{}, hosts: map[string][]string{}, names: map[string]bool{}}
	for _, e := range d.entries {
		for _, class := range e.values["objectclass"] {
			switch class {
			case "nhsAs":
				s := system{asid: e.one("uniqueIdentifier"), ods: e.one("nhsIDCode"), partyKey: e.one("nhsMHSPartyKey"), interactions: map[string]bool{}}
				for _, i := range e.values["nhsassvcia"] {
					s.interactions[i] = true
				}
				r.systems[s.asid] = s
			case "nhsMhs":
				party, fqdn := strings.ToLower(e.one("nhsMHSPartyKey")), e.one("nhsMhsFQDN")
				r.hosts[party], r.names[fqdn] = append(r.hosts[party], fqdn), true
				key := endpointKey(party, e.one("nhsMhsSvcIA"))
				for _, a := range e.values["nhsmhsendpoint"] {
					r.endpoints[key] = append(r.endpoints[key], endpoint{a, e.one("nhsMhsCPAId")})
				}
			}
		}
	}
	for _, p := range practices {
		r.practices[p.ODS] = p
	}
	return r
}

// owns says whether a name in a certificate is registered for a system: its message handling
// records have the same party key.
func (r *registry) owns(s system, name string) bool {
	return slices.Contains(r.hosts[strings.ToLower(s.partyKey)], name)
}

// of is what the directory gives for a receiver and an interaction; nothing if the receiver
// is not registered for it.
func (r *registry) of(to, interaction string) []endpoint {
	s, ok := r.systems[to]
	if !ok || !s.interactions[interaction] {
		return nil
	}
	return r.endpoints[endpointKey(s.partyKey, interaction)]
}

func endpointKey(partyKey, interaction string) string {
	return strings.ToLower(partyKey) + " " + interaction
}
