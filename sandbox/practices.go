package sandbox

import (
	"encoding/json"
	"fmt"
	"io/fs"
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
	return decodePractices(b)
}

func decodePractices(b []byte) ([]practice, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("sandbox: reading the practices: %w", err)
	}
	all := make([]practice, len(raw))
	for i := range raw {
		p := &all[i]
		p.Enabled = true
		if err := json.Unmarshal(raw[i], p); err != nil {
			return nil, fmt.Errorf("sandbox: reading practice %d: %w", i+1, err)
		}
		if !isODS(p.ODS) || !isASID(p.ASID) || p.PartyKey == "" {
			return nil, fmt.Errorf("sandbox: practice %d (%q) has no ODS code, ASID or party key", i+1, p.ODS)
		}
	}
	return all, nil
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
