package sandbox

import "strings"

// awkwardHost is where the awkward organisations' addresses are; nobody answers there.
const awkwardHost = "awkward.sandbox.example"

// addAwkward registers organisations whose records a client must not guess about, for every
// interaction. Only Z00006, Z00009 and Z00010 have an unambiguous answer.
//
//	Z00001  two accredited systems under the party key: ambiguous
//	Z00002  an accredited system and no message handling record: not a provider
//	Z00003  a message handling record and no accredited system: a fault in the data
//	Z00004  two message handling records for one interaction: ambiguous
//	Z00005  two addresses in one message handling record, one ending in a slash: ambiguous
//	Z00006  the two records spell the party key in different case: the same key
//	Z00007  an address that is no URL
//	Z00008  an address without TLS, and an accredited system whose client is another
//	Z00009  found, and no sharing agreement with anybody: the proxy refuses
//	Z00010  found, and a sharing agreement with the first consumer only
//	CONS1   a consumer with two systems of two manufacturers
func (d *directory) addAwkward(rows []row) {
	var all []string
	for _, r := range rows {
		all = append(all, r.interaction)
	}
	for i, a := range awkwardSystems() {
		d.put(accreditedSystem(a.asid, a.ods, a.partyKey, a.manufacturer, all))
		if a.client != "" {
			d.entries[len(d.entries)-1].values["nhsasclient"] = []string{a.client}
		}
		if i == 0 || awkwardSystems()[i-1].ods != a.ods {
			d.put(awkwardOrganisation(a.ods))
		}
	}
	d.put(awkwardOrganisation("Z00003"))
	for _, a := range awkwardHandlers() {
		for j, r := range rows {
			var addresses []string
			for _, at := range a.addresses {
				addresses = append(addresses, strings.ReplaceAll(at, "{root}", a.ods+"/STU3/1/"+capabilityPath(r.root)))
			}
			d.put(messageHandler(a.id+"-"+string(rune('a'+j)), a.ods, a.partyKey, r.interaction, addresses...))
		}
	}
}

func awkwardOrganisation(ods string) *entry {
	return newEntry("uniqueIdentifier="+ods+",ou=Organisations,o=nhs", "objectClass", "top", "objectClass", "nhsOrg",
		"uniqueIdentifier", ods, "nhsIDCode", ods, "o", "Awkward Organisation "+ods, "nhsOrgTypeCode", "OTHER", "nhsOrgOpenDate", "20200101")
}

type awkwardSystem struct{ ods, asid, partyKey, manufacturer, client string }

// awkwardSystems are in the order of their organisations.
func awkwardSystems() []awkwardSystem {
	return []awkwardSystem{
		{"Z00001", "300000000011", "Z00001-6000001", "YGAWK", ""},
		{"Z00001", "300000000012", "Z00001-6000001", "YGAWK", ""},
		{"Z00002", "300000000021", "Z00002-6000002", "YGAWK", ""},
		{"Z00004", "300000000041", "Z00004-6000004", "YGAWK", ""},
		{"Z00005", "300000000051", "Z00005-6000005", "YGAWK", ""},
		{"Z00006", "300000000061", "z00006-600000a", "YGAWK", ""},
		{"Z00007", "300000000071", "Z00007-6000007", "YGAWK", ""},
		{"Z00008", "300000000081", "Z00008-6000008", "YGAWK", "Z00999"},
		{"Z00009", noAgreementASID, "Z00009-6000009", "YGAWK", ""},
		{"Z00010", firstOnlyASID, "Z00010-6000010", "YGAWK", ""},
		{"CONS1", "400000000018", "CONS1-6100001", "YGCON", ""},
		{"CONS1", "400000000026", "CONS1-6100002", "YGOTH", ""},
	}
}

type awkwardHandler struct {
	id, ods, partyKey string
	addresses         []string
}

func awkwardHandlers() []awkwardHandler {
	const root = "https://" + awkwardHost + "/{root}"
	return []awkwardHandler{
		{"a001", "Z00001", "Z00001-6000001", []string{root}},
		{"a003", "Z00003", "Z00003-6000003", []string{root}},
		{"a004", "Z00004", "Z00004-6000004", []string{"https://one." + awkwardHost + "/{root}"}},
		{"b004", "Z00004", "Z00004-6000004", []string{"https://two." + awkwardHost + "/{root}"}},
		{"a005", "Z00005", "Z00005-6000005", []string{root + "/", "https://" + awkwardHost + "/second"}},
		{"a006", "Z00006", "Z00006-600000A", []string{root}},
		{"a007", "Z00007", "Z00007-6000007", []string{"not a url"}},
		{"a008", "Z00008", "Z00008-6000008", []string{"http://" + awkwardHost + "/{root}"}},
		{"a009", "Z00009", "Z00009-6000009", []string{root}},
		{"a010", "Z00010", "Z00010-6000010", []string{root}},
	}
}

// capabilityPath is the end of a service root.
func capabilityPath(c capability) string {
	switch c {
	case structured:
		return "gpconnect/structured"
	case documents:
		return "gpconnect/documents"
	}
	return "gpconnect"
}
