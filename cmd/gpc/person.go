package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
)

// personFlags are who is to be registered: by the trace, or by a file.
type personFlags struct {
	file  string
	given *client.Patient
}

func (p *personFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "person", "", "who is to be registered: a `file` as `gpc patient find -f json` writes it, - for stdin (the trace says it)")
}

func (p *personFlags) fromStdin() bool { return p.file == "-" }

// read reads the file, before anything is sent.
func (p *personFlags) read(a *app) error {
	if p.file == "" {
		return nil
	}
	data, err := readInput(a, p.file)
	if err != nil {
		return err
	}
	p.given = new(client.Patient)
	if err := json.Unmarshal(data, p.given); err != nil {
		return &usageError{"the file of --person is no patient", "it is an object with nhs_number, family, given, gender, birth_date, addresses, telecoms"}
	}
	return nil
}

// registration is what may be said of the patient to the practice: what the file says, or
// else the trace.
func (p *personFlags) registration(at *located) (client.Registration, error) {
	switch {
	case p.given != nil:
		return fromPerson(p.given, at.number)
	case at.trace == nil:
		return client.Registration{}, &usageError{"nobody says who is to be registered", "a profile with PDS finds out by the trace; without one --person names a file"}
	}
	d := at.trace.Demographics
	name := d.Name()
	return client.Registration{
		NHSNumber: at.number, Family: name.Family, Given: name.Given, Prefix: name.Prefix, Gender: d.Gender, BirthDate: d.BirthDate,
	}, nil
}

// fromPerson takes what a registration may have; an address or a telephone number of
// another use is left out.
func fromPerson(p *client.Patient, n fhir.NHSNumber) (client.Registration, error) {
	if p.NHSNumber != "" && p.NHSNumber != n.Digits() {
		return client.Registration{}, &usageError{"--person is somebody else than --nhs", "give the file of the patient who is meant"}
	}
	r := client.Registration{NHSNumber: n, Family: p.Family, Given: p.Given, Prefix: p.Prefix, Gender: p.Gender, BirthDate: p.BirthDate}
	for _, use := range []struct {
		name string
		into **fhir.Address
	}{{"home", &r.Home}, {"temp", &r.Temp}} {
		if i := slices.IndexFunc(p.Addresses, func(a fhir.Address) bool { return a.Use == use.name }); i >= 0 {
			*use.into = &p.Addresses[i]
		}
	}
	for _, use := range []struct {
		system, name string
		into         *string
	}{
		{"phone", "home", &r.Phones.Home}, {"phone", "work", &r.Phones.Work}, {"phone", "mobile", &r.Phones.Mobile},
		{"phone", "temp", &r.Phones.Temp}, {"email", "", &r.Email},
	} {
		for _, t := range p.Telecoms {
			if t.System != use.system || use.name != "" && t.Use != use.name {
				continue
			}
			if *use.into != "" && *use.into != t.Value {
				return r, &usageError{fmt.Sprintf("--person has several of %s %s", use.system, use.name), "a registration may have one of each"}
			}
			*use.into = t.Value
		}
	}
	return r, nil
}
