package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// places is a directory that answers at once.
type places int

func (hosts places) Endpoint(_ context.Context, code string, _ sdslookup.Interaction) (sdslookup.Endpoint, error) {
	n := number("/https://host/" + code)
	return sdslookup.Endpoint{
		Address: fmt.Sprintf("https://host-%d.example/%s/STU3/1/gpconnect", n%int(hosts), code),
		ASID:    fmt.Sprintf("%012d", n), PartyKey: code,
	}, nil
}

// child makes the search and says what it found.
func child() error {
	var t task
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.Roots)
	c, err := client.New(client.Config{
		ProxyURL: t.Proxy, TLS: &tls.Config{RootCAs: roots}, Directory: places(t.Hosts), Issuer: "https://consumer.example/",
		Device: client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "manyslots", Version: "1"},
	})
	if err != nil {
		return err
	}
	defer c.Close()
	e, err := c.Encounter(
		client.Organisation{ODS: "A11111", Name: "Example Org", ASID: "200000000359", Type: "urgent-care"},
		client.Practitioner{ID: "u-1", Family: "Doe", LocalSystem: "https://consumer.example/Id/user"})
	if err != nil {
		return err
	}
	r, err := search(e, t)
	if err != nil {
		return err
	}
	r.Resident, r.CPU = used()
	return json.NewEncoder(os.Stdout).Encode(r)
}

func search(e *client.Encounter, t task) (r report, err error) {
	all := func(yield func(string) bool) {
		for n := range t.Practices {
			if !yield(ods(n)) {
				return
			}
		}
	}
	began := time.Now()
	q := client.SlotsBetween(began.Add(24*time.Hour), began.Add(8*24*time.Hour))
	seen := make([]bool, t.Practices)
	for found, err := range e.SearchSlots(context.Background(), all, q, client.Sweep{Concurrent: t.Concurrent, PerHost: t.Concurrent}) {
		if seen[found.Index] || found.ODS != ods(found.Index) {
			return r, fmt.Errorf("%s came twice, or under another's number", found.ODS)
		}
		seen[found.Index] = true
		switch {
		case err == nil:
			r.Answered++
			r.Slots += len(found.Slots)
		case errors.Is(err, client.ErrNoAnswer):
			r.Failed++
		default:
			return r, err
		}
	}
	r.Took = time.Since(began)
	return r, nil
}
