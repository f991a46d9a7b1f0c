package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// Demographics are what PDS holds about a person. The members are those of a line of
// people.json; the second half, of PDS alone, takes what State says where it is empty.
type demographics struct {
	NHS      string   `json:"nhs"`
	Practice string   `json:"practice"` // ODS code; "" is registered nowhere
	State    string   `json:"state"`    // ordinary, no-consent, sensitive, deceased, inactive, superseded, not-registered, invalidated
	Note     string   `json:"note"`
	Family   string   `json:"family"`
	Given    []string `json:"given"`
	Prefix   []string `json:"prefix"`
	Gender   string   `json:"gender"`
	Born     string   `json:"born"`
	Postcode string   `json:"postcode"`
	Deceased string   `json:"deceased"` // YYYY-MM-DD
	Moved    string   `json:"moved"`    // ODS code of the practice by now, where Practice has the record still

	Address         []string `json:"address"`
	Phone           string   `json:"phone"`
	Email           string   `json:"email"`
	Formerly        string   `json:"formerly"`        // an earlier family name
	Since           string   `json:"since"`           // of the registration
	Until           string   `json:"until"`           // of the registration, the last day
	Notified        string   `json:"notified"`        // of the death: 1 informally, 2 formally, U taken back
	Verification    string   `json:"verification"`    // of the NHS number; "" is 01, verified
	Confidentiality string   `json:"confidentiality"` // U, R, V
	SupersededBy    string   `json:"superseded_by"`   // the NHS number that replaces this one
	Removal         string   `json:"removal"`         // reason of removal from registration, such as SCT
	RemovedOn       string   `json:"removed_on"`
	Version         string   `json:"version"`

	own bool // from a file of one's own
}

// settle fills in what the state says.
func (d *demographics) settle() {
	fill := func(member *string, value string) {
		if *member == "" {
			*member = value
		}
	}
	switch d.State {
	case "sensitive":
		fill(&d.Confidentiality, "R")
	case "deceased":
		fill(&d.Deceased, "2025-11-30")
	case "inactive":
		fill(&d.Until, "2025-03-31")
	case "not-registered":
		d.Practice = ""
	}
	if d.Moved != "" {
		d.Practice = d.Moved
	}
	if d.Deceased != "" {
		fill(&d.Notified, "2")
	}
	fill(&d.Confidentiality, "U")
	fill(&d.Verification, "01")
	fill(&d.Since, max(d.Born, "2014-04-01"))
}

func (d *demographics) version() string {
	if d.Version == "" {
		return "1"
	}
	return d.Version
}

// A register is everybody whom PDS knows, by NHS number. A person from a bundle of one's
// own is read when first asked for.
type register struct {
	byNumber map[string]func() *demographics
	numbers  []string // sorted
}

func (r *register) put(nhs string, read func() *demographics) {
	if _, ok := r.byNumber[nhs]; !ok {
		at, _ := slices.BinarySearch(r.numbers, nhs)
		r.numbers = slices.Insert(r.numbers, at, nhs)
	}
	r.byNumber[nhs] = read
}

// find is nil for who is unknown.
func (r *register) find(nhs string) *demographics {
	if read := r.byNumber[nhs]; read != nil {
		return read()
	}
	return nil
}

// another is somebody else who can be read without restriction.
func (r *register) another(than *demographics) *demographics {
	for _, n := range r.numbers {
		if d := r.find(n); d != nil && d.NHS != than.NHS && d.State == "ordinary" && d.Confidentiality == "U" && d.SupersededBy == "" {
			return d
		}
	}
	return than
}

// all are those that can be found by a search: records that were invalidated or merged
// cannot.
func (r *register) all() []*demographics {
	var found []*demographics
	for _, n := range r.numbers {
		if d := r.find(n); d != nil && d.State != "invalidated" && d.SupersededBy == "" {
			found = append(found, d)
		}
	}
	return found
}

// newRegister reads who PDS knows: the practices' people and those of the official suite,
// those of pds.json, those of a file of one's own, those of a folder of bundles. The later
// replace the earlier.
func newRegister(data fs.FS, own []demographics, ps *people, practices map[string]practice) (*register, error) {
	r := &register{byNumber: map[string]func() *demographics{}}
	for _, name := range []string{"people.json", "assurance.json", "pds.json"} {
		b, err := fs.ReadFile(data, name)
		if errors.Is(err, fs.ErrNotExist) && name != "people.json" {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox: reading %s: %w", name, err)
		}
		var all []demographics
		if err := json.Unmarshal(b, &all); err != nil {
			return nil, fmt.Errorf("sandbox: reading %s: %w", name, err)
		}
		r.putAll(all)
	}
	r.putAll(own)
	for _, n := range ps.numbers {
		if p := ps.byNumber[n]; p.file != "" {
			r.put(n, sync.OnceValue(func() *demographics {
				raw, err := os.ReadFile(p.file)
				if err != nil {
					return nil
				}
				return demographicsOf(raw, n, practices)
			}))
		}
	}
	return r, nil
}

func (r *register) putAll(all []demographics) {
	for _, d := range all {
		d.settle()
		r.put(d.NHS, func() *demographics { return &d })
	}
}
