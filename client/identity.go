package client

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// Unknown stands in the audit token for a smartcard id that the user has not.
const Unknown = "UNK"

// Organisation is who asks: the organisation from which the request
// originates, not the one that hosts the software. Its ASID goes into
// Ssp-From and its ODS code and name into the token, so that the two can
// never disagree.
type Organisation struct {
	ODS   string
	Name  string
	ASID  string // 12 digits: this organisation's, with this system
	Type  string // GPConnect-OrganisationType-1: "gp-practice", "urgent-care"; optional
	Phone string // for booking; optional

	// Manufacturer is the ODS code of the consumer system's supplier. Where there
	// is no ASID, the directory is asked for that of this organisation with this
	// supplier's system (SDS overview, "consumer ASID").
	Manufacturer string
}

// Practitioner is the person at the screen. It must be the logged-on user,
// never a generic one.
type Practitioner struct {
	ID               string // the token's sub
	Family           string
	Given, Prefix    []string
	SDSUserID        string // empty is UNK
	SDSRoleProfileID string // empty is UNK
	LocalSystem      string // URL that names the identifiers of the consumer's own users
	LocalID          string // empty is ID
}

// Device is the consumer's system as the token names it.
type Device struct {
	System  string // URL that names the identifiers
	ID      string
	Model   string
	Version string
}

func (o Organisation) check() (wrong []error) {
	if _, err := sdslookup.ParseODS(o.ODS); err != nil {
		wrong = append(wrong, fmt.Errorf("the asking organisation: %w", err))
	}
	switch {
	case o.ASID == "" && o.Manufacturer == "":
		wrong = append(wrong, errors.New("the asking organisation has neither an ASID nor a manufacturer to look it up by"))
	case o.ASID != "" && !isASID(o.ASID):
		wrong = append(wrong, errors.New("the asking organisation's ASID is not 12 digits"))
	}
	if _, err := sdslookup.ParseODS(o.Manufacturer); o.Manufacturer != "" && err != nil {
		wrong = append(wrong, fmt.Errorf("the system's manufacturer: %w", err))
	}
	if strings.TrimSpace(o.Name) == "" {
		wrong = append(wrong, errors.New("the asking organisation has no name"))
	}
	return wrong
}

func (p Practitioner) check() (wrong []error) {
	if strings.TrimSpace(p.ID) == "" {
		wrong = append(wrong, errors.New("the user has no id"))
	}
	if strings.TrimSpace(p.Family) == "" {
		wrong = append(wrong, errors.New("the user has no family name"))
	}
	if !isURL(p.LocalSystem) {
		wrong = append(wrong, errors.New("the user's local system is not an http(s) URL"))
	}
	return wrong
}

func (d Device) check() (wrong []error) {
	if !isURL(d.System) {
		wrong = append(wrong, errors.New("the device's system is not an http(s) URL"))
	}
	for _, member := range [...]struct{ name, value string }{{"id", d.ID}, {"model", d.Model}, {"version", d.Version}} {
		if strings.TrimSpace(member.value) == "" {
			wrong = append(wrong, fmt.Errorf("the device has no %s", member.name))
		}
	}
	return wrong
}

// localID is the user's id in the consumer's own system.
func (p Practitioner) localID() string {
	if p.LocalID == "" {
		return p.ID
	}
	return p.LocalID
}

func isASID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

func orUnknown(s string) string {
	if s == "" {
		return Unknown
	}
	return s
}
