package main

import (
	"errors"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/profile"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// cures says what to do about an error, the most particular first. They are
// chosen by what the error is, never by its words.
var cures = [...]struct {
	of   error
	cure string
}{
	{record.ErrWrongPatient, "do not use this answer; report the trace id to the practice's supplier as a clinical safety incident"},
	{fhir.ErrNHSNumber, "check the number against its source; it is ten digits of which the last is a check digit"},
	{client.NoPatientConsent, "the patient has dissented from sharing; tell the user, and do not try again"},
	{client.NoOrganisationConsent, "the practice does not share; ask the practice"},
	{client.AccessDenied, "GP Connect or this capability is switched off at the practice; ask the practice"},
	{client.NoRelationship, "the practice sees no legitimate relationship between you and the patient"},
	{client.PatientNotFound, "the practice does not say why (unknown, inactive, deceased, sensitive or not registered there); trace the patient again and compare the practice"},
	{client.SenderCheckFailed, "the proxy does not accept Ssp-From: check the originator's asid, and that the certificate is the one registered for it in this environment"},
	{client.ReceiverCheckFailed, "the practice's system is not registered for this interaction; look it up again with `gpc lookup`"},
	{client.SharingCheckFailed, "there is no sharing agreement between your organisation and the practice; this is governance, not configuration"},
	{client.EndpointVaries, "the proxy knows another address than the directory gave; look the practice up again"},
	{sdslookup.ErrInvalid, "an ODS code is 3 to 12 letters and digits, as in A12345"},
	{sdslookup.ErrNotFound, "check the ODS code; trace the patient again, for practices close and merge"},
	{sdslookup.ErrAmbiguous, "the directory holds several answers where one is allowed; nothing was guessed. Report the ODS code to the directory's service desk"},
	{sdslookup.ErrAddressRefused, "the directory gave an address that the profile does not allow; if it is right, name its host in sds.allow_hosts"},
	{sdslookup.ErrTLS, "check the profile's cert, key and ca against the directory's environment"},
	{sdslookup.ErrUnavailable, "check sds.ldap and the network (the directory is reached over HSCN only), then try again"},
	{client.ErrCertificate, "check the profile's cert, key and ca: the certificate must be issued by Spine for this environment, with its sub CA in the same file"},
	{client.ErrVetoed, "the journal of calls must be writable; nothing is sent without it"},
	{client.ErrUnreadable, "save the answer with -v and report the trace id to the practice's supplier"},
	{client.ErrNoAnswer, "try again later; if it stays, report the trace id to the service desk of the layer that is named"},
}

func cureFor(err error) string {
	var usage *usageError
	var none *noConfig
	var configuration *profile.Problem
	var certificate *mtls.Problem
	switch {
	case errors.As(err, &usage):
		return usage.cure
	case errors.As(err, &none):
		return "`gpc config init` writes a configuration; without one, `gpc --profile sandbox …` asks a practice of synthetic people"
	case errors.As(err, &configuration):
		return configuration.Cure
	case errors.As(err, &certificate):
		return certificate.Cure
	}
	for _, c := range cures {
		if errors.Is(err, c.of) {
			return c.cure
		}
	}
	return ""
}
