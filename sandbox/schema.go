package sandbox

import "strings"

// equality is an attribute's EQUALITY matching rule.
type equality int

const (
	noEquality equality = iota // an equality filter on it is Undefined and matches nothing
	caseExact
	caseIgnore
)

// attributeTypes are the attributes of the directory in the case the schema declares, which
// is the case they are answered in, whatever case was asked for. None has a SUBSTR or
// ORDERING rule.
func attributeTypes() map[string]equality {
	return map[string]equality{
		"objectClass": caseIgnore, // objectIdentifierMatch
		"o":           caseIgnore,
		"ou":          caseIgnore,

		"uniqueIdentifier": caseIgnore,
		"nhsIDCode":        caseExact,

		"nhsMHSPartyKey":        caseIgnore,
		"nhsMHSEndPoint":        caseExact,
		"nhsMhsSvcIA":           caseExact,
		"nhsAsSvcIA":            caseExact,
		"nhsMhsCPAId":           caseExact,
		"nhsProductName":        caseIgnore,
		"nhsProductVersion":     caseIgnore,
		"nhsAsClient":           caseIgnore,
		"nhsMhsManufacturerOrg": caseIgnore,

		"nhsMHsSN":                       noEquality,
		"nhsMHsIN":                       noEquality,
		"nhsMhsFQDN":                     noEquality,
		"nhsMHSIsAuthenticated":          noEquality,
		"nhsProductKey":                  noEquality,
		"nhsRequestorURP":                noEquality,
		"nhsDateRequested":               noEquality,
		"nhsApproverURP":                 noEquality,
		"nhsDateApproved":                noEquality,
		"nhsDNSApprover":                 noEquality,
		"nhsDateDNSApproved":             noEquality,
		"nhsEPInteractionType":           noEquality,
		"nhsContractPropertyTemplateKey": noEquality,

		"postalAddress":     caseIgnore,
		"postalCode":        caseIgnore,
		"nhsOrgTypeCode":    caseExact,
		"nhsOrgOpenDate":    noEquality,
		"nhsOrgCloseDate":   noEquality,
		"nhsOCSSuccessor":   noEquality,
		"nhsOCSPredecessor": caseExact,

		"namingContexts":       noEquality,
		"supportedLDAPVersion": noEquality,
	}
}

// A schema finds an attribute type by its name in any case.
type schema map[string]attributeType

type attributeType struct {
	name  string
	match equality
}

func newSchema() schema {
	s := schema{}
	for name, match := range attributeTypes() {
		s[strings.ToLower(name)] = attributeType{name, match}
	}
	return s
}

// equal compares an asserted value with a stored one by the attribute's rule.
func (a attributeType) equal(asserted, stored string) bool {
	switch a.match {
	case caseExact:
		return prepared(asserted) == prepared(stored)
	case caseIgnore:
		return strings.EqualFold(prepared(asserted), prepared(stored))
	}
	return false
}

// prepared drops what RFC 4518 calls insignificant: outer spaces, and all but one of inner
// ones.
func prepared(value string) string {
	if !strings.Contains(value, " ") {
		return value
	}
	return strings.Join(strings.Fields(value), " ")
}
