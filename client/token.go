package client

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenLife is exp − iat; the specification allows no other value.
const tokenLife = 300 * time.Second

// directCare is the only reason_for_request outside migration.
const directCare = "directcare"

// Claims are the audit token's, of GP Connect 1.x ("Cross organisation audit
// and provenance"). It is not jwt.RegisteredClaims because aud must be a
// string there, never an array.
type Claims struct {
	Issuer       string             `json:"iss"`
	Subject      string             `json:"sub"`
	Audience     string             `json:"aud"`
	Expires      int64              `json:"exp"` // seconds since 1970
	Issued       int64              `json:"iat"`
	Reason       string             `json:"reason_for_request"`
	Scope        Scope              `json:"requested_scope"`
	Device       claimsDevice       `json:"requesting_device"`
	Organisation claimsOrganisation `json:"requesting_organization"`
	Practitioner claimsPractitioner `json:"requesting_practitioner"`
}

type claimsIdentifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type claimsDevice struct {
	ResourceType string             `json:"resourceType"`
	Identifier   []claimsIdentifier `json:"identifier"`
	Model        string             `json:"model"`
	Version      string             `json:"version"`
}

type claimsOrganisation struct {
	ResourceType string             `json:"resourceType"`
	Identifier   []claimsIdentifier `json:"identifier"`
	Name         string             `json:"name"`
}

type claimsPractitioner struct {
	ResourceType string             `json:"resourceType"`
	ID           string             `json:"id"`
	Identifier   []claimsIdentifier `json:"identifier"`
	Name         []claimsName       `json:"name"`
}

type claimsName struct {
	Family string   `json:"family"`
	Given  []string `json:"given,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
}

// newClaims fills every claim. aud is the service root exactly as the
// directory gave it.
func newClaims(issuer string, d Device, o Organisation, p Practitioner, aud string, scope Scope, now time.Time) Claims {
	local := p.LocalID
	if local == "" {
		local = p.ID
	}
	return Claims{
		Issuer: issuer, Subject: p.ID, Audience: aud,
		Issued: now.Unix(), Expires: now.Add(tokenLife).Unix(),
		Reason: directCare, Scope: scope,
		Device: claimsDevice{
			ResourceType: "Device", Model: d.Model, Version: d.Version,
			Identifier: []claimsIdentifier{{d.System, d.ID}},
		},
		Organisation: claimsOrganisation{
			ResourceType: "Organization", Name: o.Name,
			Identifier: []claimsIdentifier{{"https://fhir.nhs.uk/Id/ods-organization-code", o.ODS}},
		},
		Practitioner: claimsPractitioner{
			ResourceType: "Practitioner", ID: p.ID,
			Identifier: []claimsIdentifier{
				{"https://fhir.nhs.uk/Id/sds-user-id", orUnknown(p.SDSUserID)},
				{"https://fhir.nhs.uk/Id/sds-role-profile-id", orUnknown(p.SDSRoleProfileID)},
				{p.LocalSystem, local},
			},
			Name: []claimsName{{p.Family, p.Given, p.Prefix}},
		},
	}
}

// sign encodes the token: alg none, an empty signature, and so a dot at its
// end. The name is the library's; nothing is signed.
func (c Claims) sign() (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodNone, c).SignedString(jwt.UnsafeAllowNoneSignatureType)
}

// The methods of jwt.Claims, which the library asks for but does not use when
// it encodes.

func (c Claims) GetExpirationTime() (*jwt.NumericDate, error) {
	return jwt.NewNumericDate(time.Unix(c.Expires, 0)), nil
}

func (c Claims) GetIssuedAt() (*jwt.NumericDate, error) {
	return jwt.NewNumericDate(time.Unix(c.Issued, 0)), nil
}

func (c Claims) GetNotBefore() (*jwt.NumericDate, error) { return nil, nil }

func (c Claims) GetIssuer() (string, error) { return c.Issuer, nil }

func (c Claims) GetSubject() (string, error) { return c.Subject, nil }

func (c Claims) GetAudience() (jwt.ClaimStrings, error) { return jwt.ClaimStrings{c.Audience}, nil }
