package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// step is something that a lookup did: wait for a connection, make a search,
// or remember.
type step struct {
	Step       string    `json:"step"`
	Server     string    `json:"server,omitempty"`
	Base       string    `json:"base,omitempty"`
	Filter     string    `json:"filter,omitempty"`
	Attributes []string  `json:"attributes,omitempty"`
	Candidates []weighed `json:"candidates,omitempty"`
	Took       float64   `json:"took_ms"`
	Error      string    `json:"error,omitempty"`
	search     *sdslookup.Search
}

const connectionStep = "connection"

// weighed is an answer of the directory, and what became of it.
type weighed struct {
	Record   string `json:"record"`
	Address  string `json:"address,omitempty"`
	PartyKey string `json:"party_key,omitempty"`
	ASID     string `json:"asid,omitempty"`
	Taken    bool   `json:"taken"`
	Why      string `json:"why"`
}

// trace keeps what a lookup does.
func (f *found) trace() *sdslookup.Trace {
	return &sdslookup.Trace{
		Connected: func(c sdslookup.Connect) {
			f.Steps = append(f.Steps, step{Step: connectionStep, Server: c.Server, Took: milliseconds(c.Took), Error: text(c.Err)})
		},
		Searched: func(s sdslookup.Search) {
			made := step{Step: string(s.Step), Server: s.Server, Base: s.Base, Filter: s.Filter, Attributes: s.Attributes, Took: milliseconds(s.Took), Error: text(s.Err), search: &s}
			for _, c := range s.Candidates {
				made.Candidates = append(made.Candidates, weighed{c.Record, c.Address, c.PartyKey, c.ASID, c.Taken, c.Why})
			}
			f.Steps = append(f.Steps, made)
		},
		Remembered: func(r sdslookup.Remembered) {
			f.Steps = append(f.Steps, step{Step: fmt.Sprintf("remembered for %v", r.Age.Round(time.Second))})
		},
	}
}

func (s step) print(b *bytes.Buffer) {
	if s.search == nil {
		fmt.Fprintf(b, "%-10s %s\n", s.Step, s.Server)
	} else {
		printSearch(b, *s.search)
	}
	if s.Error != "" && len(s.Candidates) == 0 {
		fmt.Fprintf(b, "  failed   %s\n", s.Error)
	}
	took := "took"
	if s.Step == connectionStep {
		took = "waited" // for the one connection, which all questions share
	}
	fmt.Fprintf(b, "  %-8s %v\n\n", took, time.Duration(s.Took*float64(time.Millisecond)).Round(time.Microsecond))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
