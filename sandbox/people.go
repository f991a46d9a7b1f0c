package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// A person is somebody a practice may be asked about.
type person struct {
	NHS      string `json:"nhs"`
	Practice string `json:"practice"` // ODS code; "" is every practice
	Bundle   string `json:"bundle"`   // file of the record; "" for people who are never answered
	State    string `json:"state"`    // ordinary, no-consent, sensitive, deceased, inactive, superseded, not-registered

	Family   string   `json:"family"`
	Given    []string `json:"given"`
	Prefix   []string `json:"prefix"`
	Gender   string   `json:"gender"`
	Born     string   `json:"born"` // YYYY-MM-DD
	Postcode string   `json:"postcode"`
	Deceased string   `json:"deceased"` // YYYY-MM-DD
	Moved    string   `json:"moved"`    // ODS code of the practice that PDS names by now, if it is not the one with the record

	Warnings []string `json:"warnings"` // list warnings, on every list of the record

	file string // path of a bundle of one's own, served as it stands
	load func() (*chart, error)
}

// people are those that the sandbox knows, by NHS number.
type people struct {
	byNumber map[string]*person
	numbers  []string // sorted
}

// readPeople reads people.json, and assurance.json if it is there: those whom the official
// provider test suite asks about. The records are read when they are first asked for.
func readPeople(data fs.FS) (*people, error) {
	var all []*person
	for _, file := range []string{"people.json", "assurance.json"} {
		b, err := fs.ReadFile(data, file)
		if file != "people.json" && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox: reading the people: %w", err)
		}
		var some []*person
		if err := json.Unmarshal(b, &some); err != nil {
			return nil, fmt.Errorf("sandbox: reading the people: %w", err)
		}
		all = append(all, some...)
	}
	ps := &people{byNumber: map[string]*person{}}
	for _, p := range all {
		if p.Bundle != "" {
			p.load = sync.OnceValues(func() (*chart, error) { return p.record(data) })
		}
		ps.put(p)
	}
	return ps, nil
}

func (ps *people) put(p *person) {
	if _, ok := ps.byNumber[p.NHS]; !ok {
		at, _ := slices.BinarySearch(ps.numbers, p.NHS)
		ps.numbers = slices.Insert(ps.numbers, at, p.NHS)
	}
	ps.byNumber[p.NHS] = p
}

// find is the person a practice may speak about, or the Spine code it answers with: who is
// sensitive, deceased, inactive, elsewhere or unknown is not found, and nobody can tell which.
func (ps *people) find(nhs, ods string) (*person, string) {
	p := ps.byNumber[nhs]
	switch {
	case p == nil || p.Practice != "" && p.Practice != ods:
		return nil, "PATIENT_NOT_FOUND"
	case p.State == "no-consent":
		return nil, "NO_PATIENT_CONSENT"
	case p.State != "ordinary" || p.load == nil && p.file == "":
		return nil, "PATIENT_NOT_FOUND"
	}
	return p, ""
}

// another is somebody else who has a record, of the same practice if there is one.
func (ps *people) another(than *person) *person {
	var found *person
	for _, n := range ps.numbers {
		p := ps.byNumber[n]
		if p == than || p.State != "ordinary" || p.load == nil {
			continue
		}
		if p.Practice == than.Practice {
			return p
		}
		if found == nil {
			found = p
		}
	}
	if found == nil {
		return than
	}
	return found
}

// addFolder serves every file of a folder that is a Bundle with one Patient with a valid NHS
// number, at every practice. The first file by name wins; tell hears of all others.
func (ps *people) addFolder(folder string, tell func(string)) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("sandbox: reading the data folder: %w", err)
	}
	from := map[string]string{}
	for _, f := range files {
		path := filepath.Join(folder, f.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			tell(f.Name() + ": not served: a folder")
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			tell(f.Name() + ": not served: it cannot be read")
			continue
		}
		nhs, why := onlyPatient(raw)
		switch {
		case why != "":
			tell(f.Name() + ": not served: " + why)
			continue
		case from[nhs] != "":
			tell(f.Name() + ": not served: " + from[nhs] + " is about the same patient")
			continue
		case ps.byNumber[nhs] != nil:
			tell(f.Name() + ": replaces the sandbox's own patient " + nhs)
		}
		from[nhs] = f.Name()
		ps.put(&person{NHS: nhs, State: "ordinary", file: path})
	}
	return nil
}
