package sdslookup

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
)

const (
	servicesBase      = "ou=services,o=nhs"
	organisationsBase = "ou=organisations,o=nhs"
	sizeLimit         = 50 // far more than an unambiguous answer has
)

// query is one search. Filters have no spaces between their terms: RFC 4515 has none, though the
// specification prints some.
type query struct {
	step       Step
	base       string
	filter     string
	attributes []string
	limit      int
}

// mhsQuery is step 1 of the SDS overview.
func mhsQuery(ods string, id Interaction) query {
	return query{StepMHS, servicesBase,
		all(equal("nhsIDCode", ods), equal("objectClass", "nhsMhs"), equal("nhsMhsSvcIA", string(id))),
		[]string{"nhsMhsEndPoint", "nhsMhsPartyKey"}, sizeLimit}
}

// asQuery is step 2. An AS record may carry a party key that begins with another organisation's code.
func asQuery(ods, partyKey string) query {
	return query{StepAS, servicesBase,
		all(equal("nhsIDCode", ods), equal("objectClass", "nhsAs"), equal("nhsMHSPartyKey", partyKey)),
		[]string{"uniqueIdentifier"}, sizeLimit}
}

// ownQuery finds a consumer's own ASID. The manufacturer is recommended, since an organisation may run
// several consumer systems.
func ownQuery(q OwnQuery) query {
	terms := []string{equal("nhsIDCode", q.ODS), equal("objectClass", "nhsAs"), equal("nhsAsSvcIA", string(q.Interaction))}
	if q.Manufacturer != "" {
		terms = append(terms, equal("nhsMhsManufacturerOrg", q.Manufacturer))
	}
	return query{StepOwn, servicesBase, all(terms...), []string{"uniqueIdentifier", "nhsMhsPartyKey"}, sizeLimit}
}

func organisationQuery(ods string) query {
	return query{StepOrganisation, organisationsBase, equal("uniqueIdentifier", ods),
		[]string{"uniqueIdentifier", "nhsIDCode", "o", "postalCode", "nhsOrgTypeCode", "nhsOrgOpenDate", "nhsOrgCloseDate", "nhsOcsSuccessor"}, sizeLimit}
}

// anyRecordQuery asks whether an organisation has any record at all; one is enough.
func anyRecordQuery(ods string) query {
	return query{StepServices, servicesBase, equal("nhsIDCode", ods), []string{"uniqueIdentifier"}, 1}
}

func all(terms ...string) string { return "(&" + strings.Join(terms, "") + ")" }

func equal(attribute, value string) string {
	return "(" + attribute + "=" + ldap.EscapeFilter(value) + ")"
}
