package sandbox

// elementOrder is the order of the elements in XML, by resource type or, within a resource,
// by the name of the element that holds them. Records are stored in order, so only what the
// sandbox makes itself is listed. The map is small and XML is rare: it is made when needed.
func elementOrder() map[string]string {
	return map[string]string{
		"Patient":             "identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address contact communication generalPractitioner managingOrganization",
		"Practitioner":        "identifier active name telecom address gender birthDate qualification communication",
		"PractitionerRole":    "identifier active period practitioner organization code specialty location healthcareService telecom",
		"Organization":        "identifier active type name alias telecom address partOf contact endpoint",
		"Location":            "identifier status operationalStatus name alias description mode type telecom address physicalType position managingOrganization partOf",
		"HealthcareService":   "identifier active providedBy category type specialty location name comment extraDetails photo telecom",
		"Slot":                "identifier serviceCategory serviceType specialty appointmentType schedule status start end overbooked comment",
		"Schedule":            "identifier active serviceCategory serviceType specialty actor planningHorizon comment",
		"Appointment":         "identifier status serviceCategory serviceType specialty appointmentType reason indication priority description supportingInformation start end minutesDuration slot created comment incomingReferral participant requestedPeriod",
		"DocumentReference":   "masterIdentifier identifier status docStatus type class subject created indexed author authenticator custodian relatesTo description securityLabel content context",
		"Binary":              "contentType securityContext content",
		"Bundle":              "identifier type total link entry signature",
		"OperationOutcome":    "issue",
		"List":                "identifier status mode title code subject encounter date source orderedBy note entry emptyReason",
		"CapabilityStatement": "url version name title status experimental date publisher contact description useContext jurisdiction purpose copyright kind instantiates software implementation fhirVersion acceptUnknown format patchFormat implementationGuide profile rest messaging document",

		"meta":            "versionId lastUpdated profile security tag",
		"identifier":      "use type system value period assigner",
		"name":            "use text family given prefix suffix period",
		"telecom":         "system value use rank period",
		"address":         "use type text line city district state postalCode country period",
		"coding":          "system version code display userSelected",
		"valuePeriod":     "start end",
		"period":          "start end",
		"planningHorizon": "start end",
		"participant":     "type actor required status",
		"issue":           "severity code details diagnostics location expression",
		"details":         "coding text",
		"entry":           "link fullUrl resource search request response flag deleted date item",
		"attachment":      "contentType language data url size hash title creation",
		"software":        "name version releaseDate",
		"rest":            "mode documentation security resource interaction searchParam operation",
		"resource":        "type profile documentation interaction versioning readHistory updateCreate conditionalCreate searchInclude searchRevInclude searchParam",
		"searchParam":     "name definition type documentation",
		"operation":       "name definition",
	}
}
