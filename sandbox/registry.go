package sandbox

import "strings"

// The registry is what the proxy knows of the directory: it is read from the directory's
// own entries, so that the two cannot disagree.
type registry struct {
	systems   map[string]system     // by ASID
	endpoints map[string][]endpoint // by party key in lower case and interaction
	practices map[string]practice   // by ODS code
	names     map[string]bool       // in the certificates of those who are registered
}

// An endpoint is an address of a message handling record, as it stands there.
type endpoint struct{ address, cpa string }

// A system is an accredited system.
type system struct {
	asid, ods, partyKey, fqdn string
	interactions              map[string]bool
}

func newRegistry(d *directory, practices []practice) *registry {
	r := &registry{systems: map[string]system{}, endpoints: map[string][]endpoint{}, practices: map[string]practice{}, names: map[string]bool{}}
	for _, e := range d.entries {
		r.names[e.one("nhsMhsFQDN")] = true
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
				key := endpointKey(e.one("nhsMHSPartyKey"), e.one("nhsMhsSvcIA"))
				for _, a := range e.values["nhsmhsendpoint"] {
					r.endpoints[key] = append(r.endpoints[key], endpoint{a, e.one("nhsMhsCPAId")})
				}
			}
		}
	}
	delete(r.names, "")
	for _, p := range practices {
		r.practices[p.ODS] = p
	}
	return r
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
