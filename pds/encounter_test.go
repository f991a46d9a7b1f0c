package pds_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/pds"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sdslookup"
)

var (
	_ client.Gate     = (*pds.Gate)(nil)
	_ pds.Tracer      = (*pds.Client)(nil)
	_ pds.TokenSource = (*pds.SignedJWT)(nil)
)

// directory counts who asks it.
type directory struct{ asked int }

func (d *directory) Endpoint(context.Context, string, sdslookup.Interaction) (sdslookup.Endpoint, error) {
	d.asked++
	return sdslookup.Endpoint{Address: "https://surgery.example/STU3/1/gpconnect/structured", ASID: "999999999999", PartyKey: "B82617-1"}, nil
}

// TestRefusedIsNotSent: of a call that the gate refuses nothing reaches directory or
// proxy, and the reason comes through the client's error. Of one that it admits, both
// hear.
func TestRefusedIsNotSent(t *testing.T) {
	for want, edit := range map[pds.Reason]func(object){
		"": func(object) {}, pds.Sensitive: with("meta", security("R")), pds.Deceased: died,
		pds.Superseded: movedTo(otherDigits), pds.OtherPractice: with("generalPractitioner", list{registered("A20047", "", "")}),
	} {
		c := newClock()
		tracer, _ := surgeries(t, c, edit)
		proxy := newPeer(t, c, func(int, seen) reply { return reply{http.StatusNotFound, nil, outcome("PATIENT_NOT_FOUND")} })
		d := new(directory)
		gpc, err := client.New(client.Config{
			ProxyURL: proxy.URL, TLS: proxy.tls(), Directory: d, Issuer: "https://consumer.example/",
			Device: client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "1"},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(gpc.Close)
		gate := newGate(t, pds.GateConfig{Tracer: tracer, Now: c.Now})
		e, err := gpc.Encounter(client.Organisation{ODS: "A11111", Name: "Example", ASID: "200000000359"},
			client.Practitioner{ID: "u-1", Family: "Doe", LocalSystem: "https://consumer.example/Id/user"}, gate)
		if err != nil {
			t.Fatal(err)
		}
		practice, err := e.Practice(surgery)
		if err != nil {
			t.Fatal(err)
		}
		_, err = practice.StructuredRecord(t.Context(), number(t, digits), record.Full())
		if want == "" {
			if errors.Is(err, pds.ErrRefused) || d.asked != 1 || len(proxy.requests()) != 1 {
				t.Errorf("admitted: got %v, directory asked %d times, proxy %d times", err, d.asked, len(proxy.requests()))
			}
			continue
		}
		expectRefusal(t, err, want)
		if d.asked != 0 || len(proxy.requests()) != 0 {
			t.Errorf("%s: directory asked %d times, proxy %d times, want neither", string(want), d.asked, len(proxy.requests()))
		}
	}
}
