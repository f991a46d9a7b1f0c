package sandbox

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// An entry is one object of the directory.
type entry struct {
	dn     string
	norm   string              // dn normalised, see normalDN
	names  []string            // attribute names in lower case, in the order they are answered
	values map[string][]string // by lower-case name
}

func newEntry(dn string, pairs ...string) *entry {
	e := &entry{dn: dn, norm: normalDN(dn), values: map[string][]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.add(pairs[i], pairs[i+1])
	}
	return e
}

func (e *entry) add(name, value string) {
	if value == "" {
		return
	}
	name = strings.ToLower(name)
	if _, ok := e.values[name]; !ok {
		e.names = append(e.names, name)
	}
	e.values[name] = append(e.values[name], value)
}

func (e *entry) one(name string) string {
	if v := e.values[strings.ToLower(name)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// A directory is the tree under o=nhs.
type directory struct {
	schema  schema
	entries []*entry
	root    *entry                   // the root DSE
	spelled func(name string) string // the case an attribute name is answered in
	moved   func(string) string      // where an address is by now
}

func newDirectory(practices []practice, rows []row, d differences) *directory {
	dir := &directory{schema: newSchema(), spelled: d.attributeName, moved: func(address string) string { return address }}
	dir.root = newEntry("", "objectClass", "top", "namingContexts", "o=nhs", "supportedLDAPVersion", "3")
	dir.put(newEntry("o=nhs", "objectClass", "organization", "o", "nhs"))
	for _, ou := range []string{"Services", "Organisations"} {
		dir.put(newEntry("ou="+ou+",o=nhs", "objectClass", "organizationalUnit", "ou", ou))
	}
	for i, p := range practices {
		dir.addPractice(i, p, rows, d)
	}
	for _, c := range consumers() {
		dir.addConsumer(c, rows)
	}
	dir.addAwkward(rows)
	return dir
}

// of are an entry's values of an attribute, by its lower-case name, as the directory tells
// them now.
func (d *directory) of(e *entry, name string) []string {
	if name != "nhsmhsendpoint" {
		return e.values[name]
	}
	var now []string
	for _, address := range e.values[name] {
		now = append(now, d.moved(address))
	}
	return now
}

func (d *directory) put(e *entry) { d.entries = append(d.entries, e) }

// addPractice registers one practice: an organisation, one message handling record for each
// interaction (nhsMhsSvcIA is single-valued), one accredited system with all of them. A
// closed practice is an organisation only.
func (d *directory) addPractice(i int, p practice, rows []row, diff differences) {
	d.put(organisation(p))
	if p.Closed != "" {
		return
	}
	var all []string
	for j, r := range rows {
		all = append(all, r.interaction)
		d.put(messageHandler(fmt.Sprintf("%08x%012x", 0x5b000000+i, j), p.ODS, p.PartyKey, r.interaction, diff.serviceRoot(p.ODS, r.root)))
	}
	own := accreditedSystem(p.ASID, p.ODS, p.PartyKey, p.Manufacturer, all)
	own.add("nhsProductName", p.Product)
	d.put(own)
	if diff.on("second-system") {
		// A practice that also consumes: another system, another party key, the same
		// interactions, and no message handling record (SDS overview, why MHS comes first).
		d.put(accreditedSystem(fmt.Sprintf("8%011d", 76543210000+i), p.ODS, p.ODS+"-"+strconv.Itoa(9700000+i), "YGOTH", all))
	}
}

func (d *directory) addConsumer(c consumer, rows []row) {
	d.put(newEntry("uniqueIdentifier="+c.ods+",ou=Organisations,o=nhs", "objectClass", "top", "objectClass", "nhsOrg",
		"uniqueIdentifier", c.ods, "nhsIDCode", c.ods, "o", c.name, "nhsOrgTypeCode", "OTHER", "nhsOrgOpenDate", "20190401"))
	var all []string
	for _, r := range rows {
		all = append(all, r.interaction)
	}
	d.put(accreditedSystem(c.asid, c.ods, c.partyKey, c.manufacturer, all))
	// Its own message handling record has the name in its certificate, and no interaction of GP
	// Connect (SDS, registration of a consumer): whoever looks it up as a practice finds nothing.
	d.put(messageHandler("5c000000"+c.asid, c.ods, c.partyKey, "urn:nhs:names:services:nrl:DocumentReference.read", "https://"+consumerFQDN+"/"))
}

func organisation(p practice) *entry {
	return newEntry("uniqueIdentifier="+p.ODS+",ou=Organisations,o=nhs",
		"objectClass", "top", "objectClass", "nhsOrg", "objectClass", "nhsGPPractice",
		"uniqueIdentifier", p.ODS, "nhsIDCode", p.ODS, "o", p.Name,
		"postalAddress", strings.Join(append(p.Address[:len(p.Address):len(p.Address)], p.City), "$"),
		"postalCode", p.Postcode, "nhsOrgTypeCode", "PRACTICE",
		"nhsOrgOpenDate", p.Opened, "nhsOrgCloseDate", p.Closed, "nhsOCSSuccessor", p.Successor)
}

// approval is what every service record says of how it came to be.
var approval = []string{
	"nhsProductKey", "10999",
	"nhsRequestorURP", "uniqueIdentifier=1,uid=1,ou=people,o=nhs", "nhsDateRequested", "20260105093000",
	"nhsApproverURP", "uniqueIdentifier=2,uid=2,ou=people,o=nhs", "nhsDateApproved", "20260106100000",
}

func accreditedSystem(asid, ods, partyKey, manufacturer string, interactions []string) *entry {
	e := newEntry("uniqueIdentifier="+asid+",ou=Services,o=nhs", "objectClass", "top", "objectClass", "nhsAs",
		"uniqueIdentifier", asid, "nhsIDCode", ods, "nhsMHSPartyKey", partyKey, "nhsAsClient", ods,
		"nhsMhsManufacturerOrg", manufacturer, "nhsProductVersion", "1")
	for _, i := range interactions {
		e.add("nhsAsSvcIA", i)
	}
	for i := 0; i < len(approval); i += 2 {
		e.add(approval[i], approval[i+1])
	}
	return e
}

func messageHandler(id, ods, partyKey, interaction string, addresses ...string) *entry {
	service := strings.TrimSuffix(gpconnect, ":")
	name, ok := strings.CutPrefix(interaction, gpconnect)
	if !ok {
		last := strings.LastIndexByte(interaction, ':')
		service, name = interaction[:last], interaction[last+1:]
	}
	e := newEntry("uniqueIdentifier="+id+",ou=Services,o=nhs", "objectClass", "top", "objectClass", "nhsMhs",
		"uniqueIdentifier", id, "nhsIDCode", ods, "nhsMHSPartyKey", partyKey, "nhsMhsSvcIA", interaction,
		"nhsMHsSN", service, "nhsMHsIN", name, "nhsMhsCPAId", id, "nhsMHSIsAuthenticated", "none",
		"nhsEPInteractionType", "FHIR", "nhsContractPropertyTemplateKey", "14",
		"nhsDNSApprover", "uniqueIdentifier=2,uid=2,ou=people,o=nhs", "nhsDateDNSApproved", "20260106100001")
	for _, a := range addresses {
		e.add("nhsMHSEndPoint", a)
	}
	if len(addresses) > 0 {
		e.add("nhsMhsFQDN", cmp.Or(host(addresses[0]), awkwardHost))
	}
	for i := 0; i < len(approval); i += 2 {
		e.add(approval[i], approval[i+1])
	}
	return e
}

// host is the name in an https address, "" if there is none.
func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	h, _, _ := strings.Cut(rest, "/")
	return h
}
