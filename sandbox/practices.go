package sandbox

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// A practice is an organisation that answers GP Connect calls.
type practice struct {
	ODS          string   `json:"ods"`
	Name         string   `json:"name"`
	ASID         string   `json:"asid"`
	PartyKey     string   `json:"party_key"`
	Manufacturer string   `json:"manufacturer"`
	Product      string   `json:"product"`
	Address      []string `json:"address"`
	City         string   `json:"city"`
	Postcode     string   `json:"postcode"`
	Phone        string   `json:"phone"`
	Enabled      bool     `json:"enabled"`  // false: registered, and refuses every call; true where the file does not say
	Disabled     []string `json:"disabled"` // parameters of clinical areas that are switched off
	Opened       string   `json:"opened"`   // YYYYMMDD
	Closed       string   `json:"closed"`
	Successor    string   `json:"successor"`
}

// readPractices reads practices.json. A practice that cannot be registered is an error: the
// file is part of the program.
func readPractices(data fs.FS) ([]practice, error) {
	b, err := fs.ReadFile(data, "practices.json")
	if err != nil {
		return nil, fmt.Errorf("sandbox: reading the practices: %w", err)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("sandbox: reading the practices: %w", err)
	}
	all := make([]practice, len(raw))
	for i := range raw {
		all[i].Enabled = true
		if err := json.Unmarshal(raw[i], &all[i]); err != nil {
			return nil, fmt.Errorf("sandbox: reading practice %d: %w", i+1, err)
		}
		if wrong := all[i].judge(); wrong != "" {
			return nil, fmt.Errorf("sandbox: practice %d: %s", i+1, wrong)
		}
	}
	return all, nil
}

// judge says what is wrong with a practice.
func (p practice) judge() string {
	switch {
	case !isODS(p.ODS):
		return "ods is not an ODS code: three to twelve capital letters and digits"
	case !isASID(p.ASID):
		return "asid is not twelve digits"
	case p.PartyKey == "":
		return "party_key is missing"
	}
	for name, day := range map[string]string{"opened": p.Opened, "closed": p.Closed} {
		if _, err := time.Parse("20060102", day); day != "" && err != nil {
			return name + " is not a day as YYYYMMDD"
		}
	}
	for _, name := range p.Disabled {
		if !slices.ContainsFunc(clinicalAreas(), func(a area) bool { return a.parameter == name }) {
			return fmt.Sprintf("disabled: %q is no parameter of a clinical area, such as includeReferrals", name)
		}
	}
	return ""
}

// A consumer is an organisation that may call practices; the client's certificate is theirs.
type consumer struct {
	ods, asid, partyKey, manufacturer, name, kind, phone string
}

// consumers are two, so that a client that mixes them up is found out. The first is the one
// the written configuration asks as.
func consumers() []consumer {
	return []consumer{
		{"A11111", "200000000359", "A11111-8211111", "YGCON", "Sandbox Urgent Care", "urgent-care", "01632 960111"},
		{"B22222", "200000000367", "B22222-8222222", "YGCON", "Sandbox Federation Hub", "gp-practice", "01632 960222"},
	}
}

// unshared are practices that have no data-sharing agreement with a consumer, by ASID:
// the directory knows them, the proxy refuses the pair.
func unshared(from, to string) bool {
	switch to {
	case noAgreementASID:
		return true
	case firstOnlyASID:
		return from != consumers()[0].asid
	}
	return false
}

const (
	noAgreementASID = "300000000098" // Z00009
	firstOnlyASID   = "300000000106" // Z00010
)
