package client

import (
	"errors"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// tokenLife is exp − iat; the specification allows no other value.
const tokenLife = 300 * time.Second

// The reasons for a request. Migration is for the migrate interactions alone.
const (
	directCare = "directcare"
	migration  = "migration"
)

// audience07 is the token's aud in GP Connect 0.7, whoever is asked.
const audience07 = "https://authorize.fhir.nhs.net/token"

// odsSystem07 is that of ODS codes in GP Connect 0.7.
const odsSystem07 = "http://fhir.nhs.net/Id/ods-organization-code"

// Claims are the audit token's ("Cross organisation audit and provenance"): of
// GP Connect 1.x, or, for a DSTU2 interaction, of 0.7, whose Practitioner is
// shaped otherwise and which names the record. Its aud is a string, never an
// array.
type Claims struct {
	Issuer       string             `json:"iss"`
	Subject      string             `json:"sub"`
	Audience     string             `json:"aud"`
	Expires      int64              `json:"exp"` // seconds since 1970
	Issued       int64              `json:"iat"`
	Reason       string             `json:"reason_for_request"`
	Scope        Scope              `json:"requested_scope"`
	Record       *claimsRecord      `json:"requested_record,omitempty"` // 0.7 only
	Device       claimsDevice       `json:"requesting_device"`
	Organisation claimsOrganisation `json:"requesting_organization"`
	Practitioner claimsPractitioner `json:"requesting_practitioner"`
}

type claimsIdentifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type claimsRecord struct {
	ResourceType string             `json:"resourceType"`
	Identifier   []claimsIdentifier `json:"identifier"`
}

type claimsDevice struct {
	ResourceType string             `json:"resourceType"`
	ID           string             `json:"id,omitempty"` // 0.7 only
	Identifier   []claimsIdentifier `json:"identifier"`
	Model        string             `json:"model"`
	Version      string             `json:"version"`
}

type claimsOrganisation struct {
	ResourceType string             `json:"resourceType"`
	ID           string             `json:"id,omitempty"` // 0.7 only
	Identifier   []claimsIdentifier `json:"identifier"`
	Name         string             `json:"name"`
}

type claimsPractitioner struct {
	ResourceType string             `json:"resourceType"`
	ID           string             `json:"id"`
	Identifier   []claimsIdentifier `json:"identifier"`
	Name         any                `json:"name"`                       // []claimsName, or in 0.7 one claimsName07
	Role         []claimsRole       `json:"practitionerRole,omitempty"` // 0.7 only
}

type claimsName struct {
	Family string   `json:"family"`
	Given  []string `json:"given,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
}

type claimsName07 struct {
	Family []string `json:"family"`
	Given  []string `json:"given,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
}

type claimsRole struct {
	Role struct {
		Coding []claimsCode `json:"coding"`
	} `json:"role"`
}

type claimsCode struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// claims fills every claim for one attempt.
func (k *call) claims(now time.Time) Claims {
	if k.row.FHIR == "DSTU2" {
		return k.claims07(now)
	}
	p := k.practitioner
	c := k.commonClaims(now, fhir.ODSOrganisationSystem)
	c.Audience = k.endpoint.Address // as the directory gave it, without the proxy
	c.Practitioner = claimsPractitioner{
		ResourceType: "Practitioner", ID: p.ID,
		Identifier: []claimsIdentifier{
			{fhir.SDSUserSystem, orUnknown(p.SDSUserID)},
			{fhir.SDSRoleProfileSystem, orUnknown(p.SDSRoleProfileID)},
			{p.LocalSystem, p.localID()},
		},
		Name: []claimsName{{p.Family, p.Given, p.Prefix}},
	}
	return c
}

// claims07 are those of access record HTML 0.7.
func (k *call) claims07(now time.Time) Claims {
	p := k.practitioner
	c := k.commonClaims(now, odsSystem07)
	c.Audience = audience07
	c.Device.ID, c.Organisation.ID = "1", "1"
	c.Record = &claimsRecord{"Organization", []claimsIdentifier{{odsSystem07, k.ods}}}
	if !k.patient.IsZero() {
		c.Record = &claimsRecord{"Patient", []claimsIdentifier{{fhir.NHSNumberSystemDSTU2, k.patient.Digits()}}}
	}
	role := claimsRole{}
	role.Role.Coding = []claimsCode{{"http://fhir.nhs.net/ValueSet/sds-job-role-name-1", Unknown}}
	c.Practitioner = claimsPractitioner{
		ResourceType: "Practitioner", ID: p.ID,
		Identifier: []claimsIdentifier{
			{"http://fhir.nhs.net/sds-user-id", orUnknown(p.SDSUserID)}, // without /Id/, deliberately
			{p.LocalSystem, p.localID()},
		},
		Name: claimsName07{[]string{p.Family}, p.Given, p.Prefix},
		Role: []claimsRole{role},
	}
	return c
}

func (k *call) commonClaims(now time.Time, odsSystem string) Claims {
	o, d := k.organisation, k.client.config.Device
	return Claims{
		Issuer: k.client.config.Issuer, Subject: k.practitioner.ID,
		Issued: now.Unix(), Expires: now.Add(tokenLife).Unix(),
		Reason: k.reason(), Scope: k.row.Scope,
		Device: claimsDevice{
			ResourceType: "Device", Model: d.Model, Version: d.Version,
			Identifier: []claimsIdentifier{{d.System, d.ID}},
		},
		Organisation: claimsOrganisation{
			ResourceType: "Organization", Name: o.Name,
			Identifier: []claimsIdentifier{{odsSystem, o.ODS}},
		},
	}
}

// reason is reason_for_request.
func (k *call) reason() string {
	if k.row.ID == MigrateStructuredRecord || k.row.ID == MigrateDocument {
		return migration
	}
	return directCare
}

// lint holds the claims against the rules that providers check; what it finds
// is a fault of gpc's or of the configuration, and nothing is sent.
func (c Claims) lint() error {
	var wrong []error
	rule := func(broken bool, words string) {
		if broken {
			wrong = append(wrong, errors.New("the audit token: "+words))
		}
	}
	rule(c.Subject == "" || c.Subject != c.Practitioner.ID, "sub must be the practitioner's id")
	rule(c.Expires-c.Issued != int64(tokenLife/time.Second), "exp must be iat + 300")
	rule(!isURL(c.Issuer), "iss must be a URL")
	rule(!isURL(c.Audience), "aud must be the service root")
	rule(strings.TrimSpace(c.Organisation.Name) == "", "the organisation has no name")
	for _, list := range [][]claimsIdentifier{c.Device.Identifier, c.Organisation.Identifier, c.Practitioner.Identifier} {
		for _, i := range list {
			rule(!isURL(i.System), "each identifier's system must be a URL")
			rule(strings.TrimSpace(i.Value) == "", "each identifier must have a value; of a smartcard it is UNK where there is none")
		}
	}
	return errors.Join(wrong...)
}
