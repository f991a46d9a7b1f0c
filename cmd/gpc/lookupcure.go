package main

import (
	"errors"
	"strings"

	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// directoryCure says what to do about an error of the directory.
func directoryCure(err error) string {
	var e *sdslookup.Error
	if !errors.As(err, &e) {
		return ""
	}
	overHTTP := strings.HasPrefix(e.Server, "https:")
	var revoked *mtls.Revoked
	switch {
	case errors.Is(err, sdslookup.ErrInvalid) && strings.Contains(err.Error(), "interaction ID"):
		return "an interaction id is as in urn:nhs:names:services:gpconnect:fhir:rest:read:metadata-1"
	case errors.Is(err, sdslookup.ErrInvalid):
		return "an ODS code is 3 to 12 letters and digits, as in A12345"
	case errors.Is(err, sdslookup.ErrNotFound):
		return cureOfMiss(e)
	case errors.Is(err, sdslookup.ErrNotKnown):
		return "this kind of directory does not hold that; sds.ldap does"
	case errors.Is(err, sdslookup.ErrAmbiguous):
		return cureOfSeveral(e)
	case errors.Is(err, sdslookup.ErrAddressRefused) && e.Reason == sdslookup.HostNotAllowed:
		return "if the address is right, name its host in sds.allow_hosts; if not, report the ODS code to the directory's service desk"
	case errors.Is(err, sdslookup.ErrAddressRefused):
		return "the directory's record is wrong, and no setting makes it right; report the ODS code to the directory's service desk"
	case errors.As(err, &revoked):
		return "the directory shows a certificate that its authority has withdrawn; do not go round it, report it to the directory's service desk"
	case errors.Is(err, sdslookup.ErrTLS) && overHTTP:
		return "the service's certificate is of an authority that is not trusted here; sds.fhir_ca names others than the machine's"
	case errors.Is(err, sdslookup.ErrTLS):
		return "check the profile's cert, key and ca against the directory's environment"
	case errors.Is(err, sdslookup.ErrRefused) && overHTTP:
		return "check the application's key: sds.api_key_env names the variable that holds it"
	case errors.Is(err, sdslookup.ErrRefused):
		return "ask the directory's service desk whether this endpoint may search it"
	case errors.Is(err, sdslookup.ErrUnavailable) && overHTTP:
		return "check sds.fhir and the network, then try again"
	case errors.Is(err, sdslookup.ErrUnavailable):
		return "check sds.ldap and the network (the directory is reached over HSCN only), then try again"
	}
	return ""
}

func cureOfMiss(e *sdslookup.Error) string {
	if e.Step == sdslookup.StepOwn {
		return "check the organisation's ODS code and its supplier's (--manufacturer); not every consumer's system is registered"
	}
	switch e.Reason {
	case sdslookup.Closed:
		return "trace the patient again: PDS knows the practice that has taken over"
	case sdslookup.NotEnabled:
		return "the practice's system does not offer this; `gpc lookup` without --capability lists what it does"
	case sdslookup.NoASID, sdslookup.Incomplete:
		return "the directory's records of the practice are not complete; report its ODS code to the directory's service desk"
	case sdslookup.NotPinned:
		return "correct the practice's key in sds.party_keys, or take it out"
	}
	return "check the ODS code; trace the patient again, for practices close and merge"
}

// cureOfSeveral: a party key can be pinned only where it tells the answers
// apart.
func cureOfSeveral(e *sdslookup.Error) string {
	const report = "the directory holds several answers where one is allowed, and nothing was guessed; report the ODS code to the directory's service desk"
	if e.Step == sdslookup.StepOwn {
		return "the organisation has several systems; name the supplier of the one meant with --manufacturer"
	}
	for _, c := range e.Candidates {
		if e.Step == sdslookup.StepMHS && !strings.EqualFold(c.PartyKey, e.Candidates[0].PartyKey) {
			return report + ". Until it is mended, sds.party_keys can name the right one by its party key"
		}
	}
	return report
}
